use dicom_core::dicom_value;

use super::*;

const STUDY: &str = "1.2.250.1.59.40211.1";

fn text(object: &InMemDicomObject, tag: Tag) -> String {
    object.get(tag).map(|element| element.to_str().unwrap().into_owned()).unwrap_or_default()
}

/// A CT of Élise Lefèvre with her name in every place where names are found.
fn identified() -> InMemDicomObject {
    let reference = InMemDicomObject::from_element_iter([
        DataElement::new(tags::REFERENCED_SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.2"),
        DataElement::new(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, STUDY),
        DataElement::new(tags::OPERATORS_NAME, VR::PN, "LEFEVRE^ELISE"),
        DataElement::new(Tag(0x0009, 0x0010), VR::LO, "LEFEVRE"),
    ]);
    let mut object = InMemDicomObject::from_element_iter([
        DataElement::new(tags::SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.2"),
        DataElement::new(tags::STUDY_INSTANCE_UID, VR::UI, STUDY),
        DataElement::new(tags::PATIENT_NAME, VR::PN, "LEFEVRE^ELISE"),
        DataElement::new(tags::PATIENT_ID, VR::LO, "LEFEVRE-1974"),
        DataElement::new(tags::PATIENT_BIRTH_DATE, VR::DA, "19740312"),
        DataElement::new(tags::STUDY_DATE, VR::DA, "20260312"),
        DataElement::new(tags::STUDY_DESCRIPTION, VR::LO, "Scanner de Mme LEFEVRE"),
        DataElement::new(tags::IMAGE_COMMENTS, VR::LT, "LEFEVRE"),
        DataElement::new(tags::ROWS, VR::US, dicom_value!(U16, 64)),
    ]);
    let references = DataSetSequence::from(vec![reference]);
    object.put(DataElement::new(tags::REFERENCED_IMAGE_SEQUENCE, VR::SQ, references));
    object
}

#[test]
fn nothing_says_whose_it_is() {
    let anonymiser = Anonymiser::new(false);
    let object = anonymiser.object(identified(), true).unwrap();
    let dump = format!("{object:?}");
    // Whole dates: four digits may well stand in a UID made of a random number.
    for trace in ["LEFEVRE", "-1974", "19740312", "20260312", STUDY] {
        assert!(!dump.contains(trace), "{trace} in {dump}");
    }
    assert_eq!(text(&object, tags::PATIENT_NAME), "ANONYME");
    assert_eq!(text(&object, tags::PATIENT_IDENTITY_REMOVED), "YES");
    assert_eq!(text(&object, tags::ROWS), "64");
    let code = object.get(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE).unwrap();
    assert_eq!(text(&code.items().unwrap()[0], tags::CODE_VALUE), "113100");
}

#[test]
fn uids_are_others_and_still_belong_together() {
    let anonymiser = Anonymiser::new(false);
    let object = anonymiser.object(identified(), true).unwrap();
    let study = text(&object, tags::STUDY_INSTANCE_UID);
    assert!(study.starts_with("2.25.") && study.len() <= 64, "{study}");
    let items = object.get(tags::REFERENCED_IMAGE_SEQUENCE).unwrap().items().unwrap();
    assert_eq!(text(&items[0], tags::REFERENCED_SOP_INSTANCE_UID), study);
    assert_eq!(text(&items[0], tags::REFERENCED_SOP_CLASS_UID), "1.2.840.10008.5.1.4.1.1.2");
    let other_copy = Anonymiser::new(false).object(identified(), true).unwrap();
    assert_ne!(text(&other_copy, tags::STUDY_INSTANCE_UID), study);
    assert_ne!(text(&other_copy, tags::PATIENT_ID), text(&object, tags::PATIENT_ID));
}

#[test]
fn pictures_that_may_show_a_name_are_left_out_unless_they_are_asked_for() {
    let mut burned = identified();
    burned.put(DataElement::new(tags::BURNED_IN_ANNOTATION, VR::CS, "YES"));
    let strict = Anonymiser::new(false);
    assert_eq!(strict.object(burned.clone(), true).unwrap_err(), LeftOut::Pixels);
    assert_eq!(strict.object(identified(), false).unwrap_err(), LeftOut::Content);
    assert!(Anonymiser::new(true).object(burned, true).is_ok());
}
