//! How an image was made: tube voltage and exposure (PS3.3 C.8.7.2, C.8.15.3.8, C.8.15.3.9), times of a
//! magnetic resonance sequence (C.8.3.1, C.8.13.5.1, C.8.13.5.2).

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::functional_groups::FrameGroups;
use crate::exam::Technique;

/// Beyond this no value of ours is one.
const MOST: f64 = 1e7;

/// Reads it from an object; of a multi-frame one what all its frames have in common.
pub(super) fn read(object: &InMemDicomObject) -> Technique {
    let frames = FrameGroups::all(object);
    let of_frames = frames.iter().map(|frame| of_frame(object, Some(frame)));
    of_frames.reduce(|a, b| a.in_common(&b)).unwrap_or_else(|| of_frame(object, None))
}

fn of_frame(object: &InMemDicomObject, frame: Option<&FrameGroups<'_>>) -> Technique {
    let in_group = |sequence: Tag| frame.and_then(|frame| frame.item(sequence)).unwrap_or(object);
    let above_zero = |value: Option<f64>| value.filter(|value| *value > 0.0 && *value < MOST);
    let details = in_group(tags::CTX_RAY_DETAILS_SEQUENCE);
    let exposure = in_group(tags::CT_EXPOSURE_SEQUENCE);
    let timing = in_group(tags::MR_TIMING_AND_RELATED_PARAMETERS_SEQUENCE);
    let echo = in_group(tags::MR_ECHO_SEQUENCE);
    let echo_time = echo.float(tags::EFFECTIVE_ECHO_TIME).or_else(|| echo.float(tags::ECHO_TIME));
    Technique {
        peak_voltage_kv: above_zero(details.float(tags::KVP).or_else(|| object.float(tags::KVP))),
        exposure_mas: above_zero(exposure_mas(exposure)),
        repetition_time_ms: above_zero(timing.float(tags::REPETITION_TIME)),
        echo_time_ms: above_zero(echo_time),
        inversion_time_ms: above_zero(object.float(tags::INVERSION_TIME)),
    }
}

/// Three attributes say it: in mA·s to any digit, in µA·s, in whole mA·s.
fn exposure_mas(object: &InMemDicomObject) -> Option<f64> {
    object
        .float(tags::EXPOSURE_INM_AS)
        .or_else(|| object.float(tags::EXPOSURE_INU_AS).map(|exposure| exposure / 1000.0))
        .or_else(|| object.float(tags::EXPOSURE))
}
