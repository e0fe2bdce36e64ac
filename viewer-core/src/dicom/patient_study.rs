//! Patient, General Study and General Series modules (PS3.3 C.7.1.1, C.7.2.1, C.7.3.1).

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::{date_time, person_name};
use crate::exam::{Patient, SeriesAttributes, Study};

pub(super) fn patient(object: &InMemDicomObject) -> Patient {
    let name = object.whole_text(tags::PATIENT_NAME).unwrap_or_default();
    let (family, given_names) = person_name::split(&name);
    // The birth name has its own attribute where the patient bears another name.
    let at_birth = object.whole_text(tags::PATIENT_BIRTH_NAME).unwrap_or_default();
    let (birth_family, _) = person_name::split(&at_birth);
    Patient {
        birth_name: if birth_family.is_empty() { family } else { birth_family },
        given_names,
        birth_date: object.text(tags::PATIENT_BIRTH_DATE).and_then(|text| date_time::date(&text)),
        sex: object.text(tags::PATIENT_SEX).filter(|sex| matches!(sex.as_str(), "F" | "M" | "O")),
        patient_id: object.whole_text(tags::PATIENT_ID).unwrap_or_default(),
    }
}

pub(super) fn study(object: &InMemDicomObject, study_instance_uid: String) -> Study {
    Study {
        study_instance_uid,
        date: object.text(tags::STUDY_DATE).and_then(|text| date_time::date(&text)),
        time: object.text(tags::STUDY_TIME).and_then(|text| date_time::time(&text)),
        description: object.whole_text(tags::STUDY_DESCRIPTION).unwrap_or_default(),
        accession_number: object.text(tags::ACCESSION_NUMBER).unwrap_or_default(),
        institution: object.whole_text(tags::INSTITUTION_NAME).unwrap_or_default(),
        is_local: false,
    }
}

/// Universal Entity ID of Issuer of Accession Number Sequence (0008,0051).
pub(super) fn accession_issuer(object: &InMemDicomObject) -> Option<String> {
    let issuer = object.items(tags::ISSUER_OF_ACCESSION_NUMBER_SEQUENCE).first()?;
    issuer.text(tags::UNIVERSAL_ENTITY_ID)
}

/// `L` or `R`, by the first of two attributes that is there.
pub(super) fn side(object: &InMemDicomObject, [first, second]: [Tag; 2]) -> Option<String> {
    let found = object.text(first).or_else(|| object.text(second));
    found.filter(|side| matches!(side.as_str(), "L" | "R"))
}

pub(super) fn series(object: &InMemDicomObject, series_instance_uid: String) -> SeriesAttributes {
    let number = object.integer(tags::SERIES_NUMBER);
    SeriesAttributes {
        series_instance_uid,
        number: number.and_then(|number| i32::try_from(number).ok()),
        modality: object.text(tags::MODALITY).unwrap_or_default(),
        description: object.whole_text(tags::SERIES_DESCRIPTION).unwrap_or_default(),
        body_part: object.text(tags::BODY_PART_EXAMINED).unwrap_or_default(),
        laterality: side(object, [tags::LATERALITY, tags::IMAGE_LATERALITY]),
        frame_of_reference_uid: object.text(tags::FRAME_OF_REFERENCE_UID),
    }
}
