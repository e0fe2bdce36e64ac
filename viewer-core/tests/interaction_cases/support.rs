//! Small exams to try the viewer's state on.

use std::sync::Arc;

use viewer_core::command::Command;
use viewer_core::exam::{
    Cine, DisplayAttributes, ExamSummary, Image, ImageFormat, ModalityTransform, Patient,
    SampleKind, Series, Spacing, SpacingSource, Study, VoiFunction, VoiWindow,
};
use viewer_core::fetch::FrameKey;
use viewer_core::session::Session;

/// A CT-like format.
pub(crate) fn format(columns: u32, rows: u32) -> ImageFormat {
    ImageFormat {
        transfer_syntax_uid: "1.2.840.10008.1.2.1".into(),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".into(),
        rows,
        columns,
        samples_per_pixel: 1,
        photometric_interpretation: "MONOCHROME2".into(),
        bits_allocated: 16,
        bits_stored: 16,
        high_bit: 15,
        signed: true,
        planar: false,
        samples: SampleKind::Integer,
        padding: None,
        spacing: Some(Spacing {
            between_rows_mm: 0.5,
            between_columns_mm: 0.5,
            source: SpacingSource::PixelSpacing,
        }),
        aspect_ratio: None,
        lossy: None,
    }
}

/// One window, rescaled to HU.
pub(crate) fn attributes() -> DisplayAttributes {
    DisplayAttributes {
        modality: ModalityTransform::Rescale { slope: 1.0, intercept: -1024.0 },
        unit: "HU".into(),
        windows: vec![window(40.0, 400.0)],
        voi_luts: Vec::new(),
        inverse_presentation: false,
        presentation_lut: None,
        palette: None,
    }
}

/// Neither rescale nor window.
pub(crate) fn unscaled() -> DisplayAttributes {
    DisplayAttributes {
        modality: ModalityTransform::Rescale { slope: 1.0, intercept: 0.0 },
        windows: Vec::new(),
        ..attributes()
    }
}

pub(crate) fn window(center: f64, width: f64) -> VoiWindow {
    VoiWindow { center, width, function: VoiFunction::Linear, explanation: String::new() }
}

/// A series whose images have so many frames each.
pub(crate) fn series(modality: &str, frames: &[u32]) -> Series {
    let image = |&frames: &u32| Image {
        frames,
        displays: vec![0],
        cine: (frames > 1).then_some(Cine { frame_time_ms: 40.0 }),
        ..Image::default()
    };
    Series {
        modality: modality.into(),
        series_instance_uid: format!("1.2.3.{}", frames.len()),
        formats: vec![format(512, 512)],
        displays: vec![attributes()],
        images: frames.iter().map(image).collect(),
        ..Series::default()
    }
}

pub(crate) fn exam(series: Vec<Series>) -> Arc<ExamSummary> {
    let patient = Patient {
        birth_name: "LEFÈVRE".into(),
        given_names: "Élise".into(),
        birth_date: Some("19740312".into()),
        sex: Some("F".into()),
        patient_id: "FANTOME-0001".into(),
    };
    let study = Study {
        study_instance_uid: "1.2.3".into(),
        date: Some("20261104".into()),
        description: "Thorax".into(),
        accession_number: "DEMO0001".into(),
        institution: "Centre".into(),
        ..Study::default()
    };
    Arc::new(ExamSummary { patient, study, series, joined: Vec::new() })
}

/// A CT of `n` images, then a loop of 5 frames, then three radiographs.
pub(crate) fn mixed_exam(n: usize) -> Arc<ExamSummary> {
    exam(vec![series("CT", &vec![1; n]), series("US", &[5]), series("CR", &[1, 1, 1])])
}

pub(crate) fn key(series: u32, image: u32, frame: u32) -> FrameKey {
    FrameKey { series, image, frame }
}

/// A session of the mixed exam with a canvas.
pub(crate) fn session() -> Session {
    let mut session = Session::new(mixed_exam(20));
    session.apply(Command::ResizeCanvas { pane: 0, size_px: [800, 600] });
    session
}
