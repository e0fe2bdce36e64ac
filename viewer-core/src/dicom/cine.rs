//! Cine and Multi-frame modules (PS3.3 C.7.6.5, C.7.6.6).

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use crate::exam::Cine;

/// Milliseconds per frame, by the first that is there: Recommended Display Frame Rate, Frame Time, the
/// mean of Frame Time Vector (whose first value is 0 by definition), Cine Rate.
pub(super) fn read(object: &InMemDicomObject, frames: u32) -> Option<Cine> {
    if frames < 2 {
        return None;
    }
    let rate = |tag| object.float(tag).filter(|&per_second| per_second > 0.0).map(|r| 1000.0 / r);
    let vector = object.floats(tags::FRAME_TIME_VECTOR);
    let increments = vector.get(1..).unwrap_or_default();
    let mean = increments.iter().sum::<f64>() / increments.len() as f64;
    rate(tags::RECOMMENDED_DISPLAY_FRAME_RATE)
        .or_else(|| object.float(tags::FRAME_TIME))
        .filter(|&time| time > 0.0)
        .or(Some(mean))
        .filter(|&time| time > 0.0)
        .or_else(|| rate(tags::CINE_RATE))
        .filter(|time| time.is_finite())
        .map(|frame_time_ms| Cine { frame_time_ms })
}
