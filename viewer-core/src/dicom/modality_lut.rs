//! Modality LUT module and Pixel Value Transformation macro (PS3.3 C.11.1, C.7.6.16.2.9).

use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::functional_groups::FrameGroups;
use super::image_pixel::is_signed;
use super::{lookup_table, quantity};
use crate::exam::ModalityTransform;

/// Stored → modality values of one frame.
pub(super) struct Modality {
    pub(super) transform: ModalityTransform,
    /// Unit as written, `HU` for CT that does not say.
    pub(super) unit: String,
    /// Whether the file's own transform is impossible (slope 0, not a number) and was not applied:
    /// windows of the file are then in a unit that cannot be had.
    pub(super) is_broken: bool,
}

/// Reads the transform of a frame, or of the whole object where it has no functional groups.
pub(super) fn read(object: &InMemDicomObject, groups: Option<&FrameGroups<'_>>) -> Modality {
    let of_frame = groups.and_then(|g| g.item(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE));
    let source = of_frame.unwrap_or(object);
    if let Some(table) = modality_table(object) {
        let unit = object
            .items(tags::MODALITY_LUT_SEQUENCE)
            .first()
            .and_then(|item| item.text(tags::MODALITY_LUT_TYPE))
            .filter(|unit| unit != "US");
        let transform = ModalityTransform::Lut(table);
        return Modality { transform, unit: unit.unwrap_or_default(), is_broken: false };
    }
    let stated =
        [tags::RESCALE_SLOPE, tags::RESCALE_INTERCEPT].map(|tag| source.text(tag).is_some());
    let slope = source.float(tags::RESCALE_SLOPE);
    let intercept = source.float(tags::RESCALE_INTERCEPT);
    let is_broken =
        stated.contains(&true) && (slope.is_none_or(|s| s == 0.0) || intercept.is_none());
    match (slope, intercept) {
        (Some(slope), Some(intercept)) if !is_broken => Modality {
            transform: ModalityTransform::Rescale { slope, intercept },
            unit: quantity::unit(object, source),
            is_broken,
        },
        _ => Modality {
            transform: ModalityTransform::Rescale { slope: 1.0, intercept: 0.0 },
            unit: String::new(),
            is_broken,
        },
    }
}

/// The Modality LUT, except of angiograms whose values are logarithmic or for display: there it
/// leads back to X-ray intensity and is not meant for display (C.8.7.1.1.2).
fn modality_table(object: &InMemDicomObject) -> Option<crate::exam::LookupTable> {
    let is_angiogram = object.text(tags::SOP_CLASS_UID).is_some_and(|uid| {
        uid == uids::X_RAY_ANGIOGRAPHIC_IMAGE_STORAGE
            || uid == uids::X_RAY_RADIOFLUOROSCOPIC_IMAGE_STORAGE
    });
    let relationship = object.text(tags::PIXEL_INTENSITY_RELATIONSHIP);
    if is_angiogram && matches!(relationship.as_deref(), Some("LOG" | "DISP")) {
        return None;
    }
    let item = object.items(tags::MODALITY_LUT_SEQUENCE).first()?;
    lookup_table::item(item, is_signed(object))
}
