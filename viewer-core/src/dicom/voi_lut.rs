//! VOI LUT module and Frame VOI LUT macro (PS3.3 C.11.2, C.7.6.16.2.10).

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::functional_groups::FrameGroups;
use super::image_pixel::is_signed;
use super::lookup_table;
use crate::exam::{LookupTable, ModalityTransform, VoiFunction, VoiWindow};

/// Windows of a frame in the order of the file; impossible ones are left out.
pub(super) fn windows(
    object: &InMemDicomObject,
    groups: Option<&FrameGroups<'_>>,
) -> Vec<VoiWindow> {
    let source = source(object, groups);
    let function = match source.text(tags::VOILUT_FUNCTION).as_deref() {
        Some("LINEAR_EXACT") => VoiFunction::LinearExact,
        Some("SIGMOID") => VoiFunction::Sigmoid,
        _ => VoiFunction::Linear,
    };
    let explanations = source.texts(tags::WINDOW_CENTER_WIDTH_EXPLANATION);
    let pairs = source
        .floats(tags::WINDOW_CENTER)
        .into_iter()
        .zip(source.floats(tags::WINDOW_WIDTH))
        .enumerate();
    pairs
        .filter(|&(_, (_, width))| is_possible(width, function))
        .map(|(index, (center, width))| VoiWindow {
            center,
            width,
            function,
            explanation: explanations.get(index).cloned().unwrap_or_default(),
        })
        .collect()
}

/// C.11.2.1.2.1: at least 1 for LINEAR; C.11.2.1.3: above 0 for the others.
fn is_possible(width: f64, function: VoiFunction) -> bool {
    if function == VoiFunction::Linear { width >= 1.0 } else { width > 0.0 }
}

/// VOI LUTs of a frame; broken ones are left out.
pub(super) fn tables(
    object: &InMemDicomObject,
    groups: Option<&FrameGroups<'_>>,
    modality: &ModalityTransform,
) -> Vec<LookupTable> {
    let signed_input = can_be_negative(object, modality);
    let items = source(object, groups).items(tags::VOILUT_SEQUENCE);
    items.iter().filter_map(|item| lookup_table::item(item, signed_input)).collect()
}

/// Whether a modality value, the input of a VOI LUT, can be negative: then the first value mapped is
/// signed (C.11.2.1.1).
fn can_be_negative(object: &InMemDicomObject, modality: &ModalityTransform) -> bool {
    let ModalityTransform::Rescale { slope, intercept } = modality else { return false };
    let values = 2_f64.powi(object.unsigned(tags::BITS_STORED).unwrap_or(16).min(32).into());
    let lowest = if is_signed(object) { -values / 2.0 } else { 0.0 };
    [lowest, lowest + values - 1.0].iter().any(|stored| slope * stored + intercept < 0.0)
}

fn source<'a>(
    object: &'a InMemDicomObject,
    groups: Option<&FrameGroups<'a>>,
) -> &'a InMemDicomObject {
    groups.and_then(|g| g.item(tags::FRAME_VOILUT_SEQUENCE)).unwrap_or(object)
}
