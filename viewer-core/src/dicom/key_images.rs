//! Key Object Selection documents (PS3.3 A.35.4, C.17.6) that pick images out for somebody to look at.

use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use crate::base::limits::{MAX_DOCUMENT_IMAGES, MAX_DOCUMENT_TEXT_CHARS, MAX_FRAMES};
use crate::exam::{ImageReference, KeyImages};

/// Titles (PS3.16 CID 7010) that do not say "look at these": rejections and quality issues, manifests and lists of what an
/// exam holds, frames to be shown together.
const NOT_FOR_READERS: [&str; 12] = [
    "113001", "113010", "113030", "113031", "113032", "113033", "113034", "113035", "113036",
    "113037", "113038", "113039",
];
/// The provisional title of manifests (IHE MADO).
const MADO: &str = "MADOTEMP001";

/// The images that a document picks out; `None` for any other object, and for lists that are not for readers.
#[must_use]
pub fn key_images(object: &InMemDicomObject) -> Option<KeyImages> {
    if object.text(tags::SOP_CLASS_UID)? != uids::KEY_OBJECT_SELECTION_DOCUMENT_STORAGE {
        return None;
    }
    let title = object.items(tags::CONCEPT_NAME_CODE_SEQUENCE).first();
    let of_title = |tag| title.and_then(|title| title.text(tag)).unwrap_or_default();
    let (code, scheme) = (of_title(tags::CODE_VALUE), of_title(tags::CODING_SCHEME_DESIGNATOR));
    let is_of_dicom = scheme == "DCM";
    if code == MADO || (is_of_dicom && NOT_FOR_READERS.contains(&code.as_str())) {
        return None;
    }
    let content = object.items(tags::CONTENT_SEQUENCE);
    let images: Vec<ImageReference> =
        content.iter().filter_map(image).take(MAX_DOCUMENT_IMAGES).collect();
    // Some writers list the images as evidence only.
    let images = if images.is_empty() { evidence(object) } else { images };
    Some(KeyImages {
        title_code: if is_of_dicom { code } else { String::new() },
        title: of_title(tags::CODE_MEANING),
        description: content.iter().find_map(description).unwrap_or_default(),
        images,
    })
}

fn image(item: &InMemDicomObject) -> Option<ImageReference> {
    let is_image = item.text(tags::VALUE_TYPE)? == "IMAGE";
    reference(item.items(tags::REFERENCED_SOP_SEQUENCE).first().filter(|_| is_image)?)
}

/// An item of a Referenced SOP or Referenced Image Sequence with its frames.
pub(super) fn reference(item: &InMemDicomObject) -> Option<ImageReference> {
    let sop_instance_uid = item.text(tags::REFERENCED_SOP_INSTANCE_UID)?;
    let frames = item.integers(tags::REFERENCED_FRAME_NUMBER).into_iter();
    let frames = frames.filter_map(|frame| u32::try_from(frame).ok());
    let frames = frames.filter(|frame| (1..=MAX_FRAMES).contains(frame)).collect();
    Some(ImageReference { sop_instance_uid, frames })
}

fn evidence(object: &InMemDicomObject) -> Vec<ImageReference> {
    let studies = object.items(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE).iter();
    studies
        .flat_map(|study| study.items(tags::REFERENCED_SERIES_SEQUENCE))
        .flat_map(|series| series.items(tags::REFERENCED_SOP_SEQUENCE))
        .filter_map(reference)
        .take(MAX_DOCUMENT_IMAGES)
        .collect()
}

/// Key Object Description (113012).
fn description(item: &InMemDicomObject) -> Option<String> {
    let name = item.items(tags::CONCEPT_NAME_CODE_SEQUENCE).first()?;
    let is_description = item.text(tags::VALUE_TYPE)? == "TEXT"
        && name.text(tags::CODE_VALUE).as_deref() == Some("113012");
    is_description.then(|| short_text(item, tags::TEXT_VALUE)).flatten()
}

/// A text as long as anybody reads.
pub(super) fn short_text(object: &InMemDicomObject, tag: Tag) -> Option<String> {
    Some(object.whole_text(tag)?.chars().take(MAX_DOCUMENT_TEXT_CHARS).collect())
}
