//! Exams of so many frames.

use viewer_core::exam::{ExamSummary, Image, ImageFormat, Patient, SampleKind, Series, Study};
use viewer_core::fetch::FrameKey;

/// Series of so many images each, all with frames of so many pixels a side.
pub(crate) fn exam(series: &[u32], side: u32) -> ExamSummary {
    let of = |&images: &u32| Series {
        formats: vec![format(side)],
        images: (0..images).map(|_| Image { frames: 1, ..Image::default() }).collect(),
        ..Series::default()
    };
    ExamSummary {
        patient: Patient::default(),
        study: Study::default(),
        series: series.iter().map(of).collect(),
        joined: Vec::new(),
    }
}

/// Bytes of a decoded frame of [`exam`].
pub(crate) fn frame_bytes(side: u32) -> u64 {
    u64::from(side) * u64::from(side) * 2
}

pub(crate) fn key(series: u32, image: u32) -> FrameKey {
    FrameKey { series, image, frame: 0 }
}

fn format(side: u32) -> ImageFormat {
    ImageFormat {
        transfer_syntax_uid: "1.2.840.10008.1.2.4.80".into(),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".into(),
        rows: side,
        columns: side,
        samples_per_pixel: 1,
        photometric_interpretation: "MONOCHROME2".into(),
        bits_allocated: 16,
        bits_stored: 12,
        high_bit: 11,
        signed: false,
        planar: false,
        samples: SampleKind::Integer,
        padding: None,
        spacing: None,
        aspect_ratio: None,
        lossy: None,
    }
}
