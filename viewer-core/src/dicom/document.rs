//! Objects without pictures: what they are, and the file that one of them carries.

use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::{key_images, presentation_state, sop_class_name};
use crate::exam::{Document, DocumentKind};

/// All storage classes of structured reports begin with it.
const STRUCTURED_REPORTS: &str = "1.2.840.10008.5.1.4.1.1.88.";
/// A reader may begin behind this many other bytes (PDF 32000-1, annex H.3, note 13).
const LATEST_START: usize = 1024;
const PDF_START: &[u8] = b"%PDF-";

/// An object that is no image, as it is listed.
#[must_use]
pub fn document(object: &InMemDicomObject, series: String, instance: String) -> Document {
    let class = object.text(tags::SOP_CLASS_UID).unwrap_or_default();
    let key_images = key_images(object);
    let state = presentation_state(object);
    let kind = match class.as_str() {
        _ if key_images.is_some() => DocumentKind::KeyImages,
        _ if state.is_some() => DocumentKind::Presentation,
        uids::ENCAPSULATED_PDF_STORAGE => DocumentKind::Pdf,
        uids::KEY_OBJECT_SELECTION_DOCUMENT_STORAGE => DocumentKind::Other,
        class if class.starts_with(STRUCTURED_REPORTS) => DocumentKind::Report,
        _ => DocumentKind::Other,
    };
    Document {
        kind,
        series,
        instance,
        class: sop_class_name(&class),
        title: title(object),
        description: object.text(tags::SERIES_DESCRIPTION).unwrap_or_default(),
        date: first(object, [tags::PRESENTATION_CREATION_DATE, tags::CONTENT_DATE]),
        time: first(object, [tags::PRESENTATION_CREATION_TIME, tags::CONTENT_TIME]),
        key_images,
        images: state.map(|state| state.images),
    }
}

/// Document Title, else the meaning of its code, else Content Description or Label.
fn title(object: &InMemDicomObject) -> String {
    let code = object.items(tags::CONCEPT_NAME_CODE_SEQUENCE).first();
    let meaning = || code.and_then(|code| code.text(tags::CODE_MEANING));
    let own = || first(object, [tags::CONTENT_DESCRIPTION, tags::CONTENT_LABEL]);
    object.text(tags::DOCUMENT_TITLE).or_else(meaning).unwrap_or_else(own)
}

/// The first of some attributes that says something.
fn first(object: &InMemDicomObject, tags: [Tag; 2]) -> String {
    tags.into_iter().find_map(|tag| object.text(tag)).unwrap_or_default()
}

/// Whether an object says that it carries a PDF (PS3.3 A.45.1).
#[must_use]
pub fn is_pdf(object: &InMemDicomObject) -> bool {
    let media_type = object.text(tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT).unwrap_or_default();
    object.text(tags::SOP_CLASS_UID).is_some_and(|class| class == uids::ENCAPSULATED_PDF_STORAGE)
        && (media_type.is_empty() || media_type.eq_ignore_ascii_case("application/pdf"))
}

/// Where a PDF begins in the bytes of a document; `None` where they are none, whatever the object says.
#[must_use]
pub fn pdf_start(document: &[u8]) -> Option<usize> {
    let start = document.get(..LATEST_START).unwrap_or(document);
    start.windows(PDF_START.len()).position(|window| window == PDF_START)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pdf_begins_where_it_says_so_and_near_the_start() {
        assert_eq!(pdf_start(b"%PDF-1.7 ..."), Some(0));
        assert_eq!(pdf_start(b"\xEF\xBB\xBF%PDF-1.4"), Some(3));
        assert_eq!(pdf_start(b"<html>"), None);
        assert_eq!(pdf_start(b"%PDF"), None);
        let late = [vec![b' '; LATEST_START - 4], PDF_START.to_vec()].concat();
        assert_eq!(pdf_start(&late), None);
        assert_eq!(pdf_start(&late[1..]), Some(LATEST_START - 5));
    }
}
