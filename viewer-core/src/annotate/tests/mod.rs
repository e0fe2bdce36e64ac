mod editing;
mod geometry;
mod region;
mod storing;

use super::*;
use crate::exam::{
    DisplayAttributes, ExamSummary, Image, ImageFormat, ImagePlane, ModalityTransform, Patient,
    SampleKind, Series, Spacing, SpacingSource, Study,
};
use crate::geometry::Affine2;
use crate::measure::{Measured, Unit};
use crate::viewport::{ImageGeometry, ViewPresentation, Zoom, resolve};

const COLUMNS: u32 = 64;
const ROWS: u32 = 48;
pub(super) const IMAGE: &str = "1.2.3";

fn format(spacing_mm: Option<[f64; 2]>) -> ImageFormat {
    ImageFormat {
        transfer_syntax_uid: String::new(),
        sop_class_uid: String::new(),
        rows: ROWS,
        columns: COLUMNS,
        samples_per_pixel: 1,
        photometric_interpretation: "MONOCHROME2".into(),
        bits_allocated: 16,
        bits_stored: 16,
        high_bit: 15,
        signed: true,
        planar: false,
        samples: SampleKind::Integer,
        padding: Some([-2000.0, -2000.0]),
        spacing: spacing_mm.map(|[between_rows_mm, between_columns_mm]| Spacing {
            between_rows_mm,
            between_columns_mm,
            source: SpacingSource::PixelSpacing,
        }),
        aspect_ratio: None,
        lossy: None,
    }
}

/// A plane that leans in all directions.
pub(super) fn leaning() -> ImagePlane {
    let (s, c) = 0.4_f64.sin_cos();
    let (t, d) = 0.3_f64.sin_cos();
    ImagePlane {
        position_mm: [-31.0, 57.0, -612.5],
        row_direction: [c, s, 0.0],
        column_direction: [-s * d, c * d, t],
        thickness_mm: Some(2.0),
    }
}

/// An exam of one image; HU are the stored values halved, less 100.
pub(super) fn exam(spacing_mm: Option<[f64; 2]>, plane: Option<ImagePlane>) -> ExamSummary {
    let image = Image {
        sop_instance_uid: IMAGE.into(),
        frames: 1,
        displays: vec![0],
        planes: plane.into_iter().collect(),
        ..Image::default()
    };
    let display = DisplayAttributes {
        modality: ModalityTransform::Rescale { slope: 0.5, intercept: -100.0 },
        unit: "HU".into(),
        windows: Vec::new(),
        voi_luts: Vec::new(),
        inverse_presentation: false,
        presentation_lut: None,
        palette: None,
    };
    let series = Series {
        frame_of_reference_uid: Some("9.9".into()),
        formats: vec![format(spacing_mm)],
        displays: vec![display],
        images: vec![image],
        ..Series::default()
    };
    let (patient, study) = (Patient::default(), Study::default());
    ExamSummary { patient, study, series: vec![series], joined: Vec::new() }
}

fn facts(exam: &ExamSummary) -> ImageFacts<'_> {
    ImageFacts::find(exam, IMAGE, 0).expect("the image")
}

fn map(exam: &ExamSummary, turns: u8, mirrored: bool, zoom: f64) -> [Affine2; 2] {
    let geometry = ImageGeometry::of(&exam.series[0].formats[0]);
    let presentation = ViewPresentation {
        zoom: Zoom::FromFit(zoom),
        center: [0.4, 0.7],
        quarter_turns: turns,
        mirrored,
    };
    let view = resolve(&geometry, [701, 499], &presentation);
    [view.canvas_from_image, view.image_from_canvas]
}

fn only(values: &[Value]) -> Measured {
    match values {
        [Value::Measured(_, found), ..] => *found,
        other => panic!("{other:?}"),
    }
}
