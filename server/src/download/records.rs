//! The keys of directory records (PS3.3 F.5), taken from the objects.

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// A kind of record and the keys it has; `type 1` keys come with what stands in where an object has none.
struct Kind {
    name: &'static str,
    keys: &'static [(Tag, VR, Option<&'static str>)],
}

const NO_DATE: Option<&str> = Some("19000101");
const NO_TIME: Option<&str> = Some("000000");
const NO_NUMBER: Option<&str> = Some("1");

const PATIENT: Kind = Kind {
    name: "PATIENT",
    keys: &[(tags::PATIENT_NAME, VR::PN, None), (tags::PATIENT_ID, VR::LO, Some("INCONNU"))],
};

const STUDY: Kind = Kind {
    name: "STUDY",
    keys: &[
        (tags::STUDY_DATE, VR::DA, NO_DATE),
        (tags::STUDY_TIME, VR::TM, NO_TIME),
        (tags::ACCESSION_NUMBER, VR::SH, None),
        (tags::STUDY_DESCRIPTION, VR::LO, None),
        (tags::STUDY_INSTANCE_UID, VR::UI, None),
        (tags::STUDY_ID, VR::SH, NO_NUMBER),
    ],
};

const SERIES: Kind = Kind {
    name: "SERIES",
    keys: &[
        (tags::MODALITY, VR::CS, Some("OT")),
        (tags::SERIES_INSTANCE_UID, VR::UI, None),
        (tags::SERIES_NUMBER, VR::IS, NO_NUMBER),
    ],
};

const IMAGE: Kind = Kind { name: "IMAGE", keys: &[(tags::INSTANCE_NUMBER, VR::IS, NO_NUMBER)] };

const REPORT: Kind = Kind {
    name: "SR DOCUMENT",
    keys: &[
        (tags::CONTENT_DATE, VR::DA, NO_DATE),
        (tags::CONTENT_TIME, VR::TM, NO_TIME),
        (tags::INSTANCE_NUMBER, VR::IS, NO_NUMBER),
        (tags::CONCEPT_NAME_CODE_SEQUENCE, VR::SQ, None),
        (tags::COMPLETION_FLAG, VR::CS, Some("PARTIAL")),
        (tags::VERIFICATION_FLAG, VR::CS, Some("UNVERIFIED")),
    ],
};

const KEY_OBJECTS: Kind = Kind {
    name: "KEY OBJECT DOC",
    keys: &[
        (tags::CONTENT_DATE, VR::DA, NO_DATE),
        (tags::CONTENT_TIME, VR::TM, NO_TIME),
        (tags::INSTANCE_NUMBER, VR::IS, NO_NUMBER),
        (tags::CONCEPT_NAME_CODE_SEQUENCE, VR::SQ, None),
    ],
};

const PRESENTATION: Kind = Kind {
    name: "PRESENTATION",
    keys: &[
        (tags::REFERENCED_SERIES_SEQUENCE, VR::SQ, None),
        (tags::INSTANCE_NUMBER, VR::IS, NO_NUMBER),
        (tags::CONTENT_LABEL, VR::CS, Some("UNNAMED")),
        (tags::CONTENT_DESCRIPTION, VR::LO, None),
        (tags::PRESENTATION_CREATION_DATE, VR::DA, NO_DATE),
        (tags::PRESENTATION_CREATION_TIME, VR::TM, NO_TIME),
        (tags::CONTENT_CREATOR_NAME, VR::PN, None),
    ],
};

const DOCUMENT: Kind = Kind {
    name: "ENCAP DOC",
    keys: &[
        (tags::CONTENT_DATE, VR::DA, Some("")),
        (tags::CONTENT_TIME, VR::TM, Some("")),
        (tags::INSTANCE_NUMBER, VR::IS, NO_NUMBER),
        (tags::CONCEPT_NAME_CODE_SEQUENCE, VR::SQ, None),
        (tags::DOCUMENT_TITLE, VR::ST, None),
        (tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT, VR::LO, Some("application/octet-stream")),
    ],
};

/// A record that is not yet linked to others.
pub(super) fn patient(object: &InMemDicomObject) -> InMemDicomObject {
    record(&PATIENT, object)
}

/// As [`patient`].
pub(super) fn study(object: &InMemDicomObject) -> InMemDicomObject {
    record(&STUDY, object)
}

/// As [`patient`].
pub(super) fn series(object: &InMemDicomObject) -> InMemDicomObject {
    record(&SERIES, object)
}

/// What a record says of its file.
pub(super) struct FileId<'a> {
    /// Its path, one component each.
    pub(super) path: [String; 4],
    /// Transfer syntax.
    pub(super) transfer_syntax: &'a str,
}

/// The record of an object; `None` where the kind of object has none of its own: the file is on the medium all the same.
pub(super) fn leaf(
    object: &InMemDicomObject,
    has_pixels: bool,
    file: &FileId<'_>,
) -> Option<InMemDicomObject> {
    let class = text(object, tags::SOP_CLASS_UID);
    let mut record = record(leaf_kind(&class, has_pixels)?, object);
    let path = PrimitiveValue::Strs(file.path.to_vec().into());
    record.put(DataElement::new(tags::REFERENCED_FILE_ID, VR::CS, path));
    let instance = text(object, tags::SOP_INSTANCE_UID);
    for (tag, value) in [
        (tags::REFERENCED_SOP_CLASS_UID_IN_FILE, class.as_str()),
        (tags::REFERENCED_SOP_INSTANCE_UID_IN_FILE, instance.as_str()),
        (tags::REFERENCED_TRANSFER_SYNTAX_UID_IN_FILE, file.transfer_syntax),
    ] {
        record.put(DataElement::new(tag, VR::UI, value));
    }
    Some(record)
}

fn leaf_kind(class: &str, has_pixels: bool) -> Option<&'static Kind> {
    let storage = class.strip_prefix("1.2.840.10008.5.1.4.1.1.")?;
    match storage {
        _ if has_pixels => Some(&IMAGE),
        "88.59" => Some(&KEY_OBJECTS),
        _ if storage.starts_with("88.") => Some(&REPORT),
        _ if storage.starts_with("11.") => Some(&PRESENTATION),
        _ if storage.starts_with("104.") => Some(&DOCUMENT),
        _ => None,
    }
}

fn record(kind: &Kind, object: &InMemDicomObject) -> InMemDicomObject {
    let mut record = InMemDicomObject::new_empty();
    record.put(DataElement::new(tags::DIRECTORY_RECORD_TYPE, VR::CS, kind.name));
    // What was read is Unicode, whatever the object was written in.
    record.put(DataElement::new(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"));
    for (tag, vr, stand_in) in kind.keys {
        let is_said = |element: &&dicom_object::mem::InMemElement| match vr {
            VR::SQ => element.items().is_some_and(|items| !items.is_empty()),
            _ => element.to_str().is_ok_and(|text| !text.trim().is_empty()),
        };
        match object.get(*tag).filter(is_said) {
            Some(element) => record.put(element.clone()),
            None if *vr == VR::SQ => None,
            None => {
                let value = PrimitiveValue::from(stand_in.unwrap_or_default());
                record.put(DataElement::new(*tag, *vr, value))
            }
        };
    }
    record
}

/// The text of an element, without padding.
pub(super) fn text(object: &InMemDicomObject, tag: Tag) -> String {
    let value = object.get(tag).and_then(|element| element.to_str().ok());
    value.map(|text| text.trim_end_matches(['\0', ' ']).to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_object_has_its_record_or_none() {
        let name = |storage: &str, has_pixels| {
            let class = format!("1.2.840.10008.5.1.4.1.1.{storage}");
            leaf_kind(&class, has_pixels).map(|kind| kind.name)
        };
        assert_eq!(name("2", true), Some("IMAGE"));
        assert_eq!(name("88.33", false), Some("SR DOCUMENT"));
        assert_eq!(name("88.59", false), Some("KEY OBJECT DOC"));
        assert_eq!(name("11.1", false), Some("PRESENTATION"));
        assert_eq!(name("104.1", false), Some("ENCAP DOC"));
        assert_eq!(name("9.1.1", false), None);
    }
}
