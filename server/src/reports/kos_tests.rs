//! Manifests and rejection notes, as DICOM JSON.

use serde_json::json;

use super::*;

fn document(title: &str) -> Value {
    json!({
        "00080016": { "vr": "UI", "Value": [KEY_OBJECT_SELECTION] },
        "00080018": { "vr": "UI", "Value": ["1.2.9"] },
        "00080050": { "vr": "SH" },
        "00100010": { "vr": "PN", "Value": [{ "Alphabetic": "LEFEVRE^ANNE-MARIE^^^ " }] },
        "00100030": { "vr": "DA", "Value": ["19740312"] },
        "00100040": { "vr": "CS", "Value": ["F"] },
        "00104000": { "vr": "LT", "Value": ["2a004\n"] },
        "0040A043": { "vr": "SQ", "Value": [{
            "00080100": { "vr": "SH", "Value": [title] },
            "00080102": { "vr": "SH", "Value": ["DCM"] } }] },
        "0040A370": { "vr": "SQ", "Value": [{
            "0020000D": { "vr": "UI", "Value": ["1.2.3\n      "] },
            "00080050": { "vr": "SH", "Value": ["ACN103 "] },
            "00080051": { "vr": "SQ", "Value": [{
                "00400032": { "vr": "UT", "Value": ["\n      1.2.250.1.925"] } }] } }] },
        "0040A375": { "vr": "SQ", "Value": [{
            "0020000D": { "vr": "UI", "Value": ["1.2.3"] },
            "00081115": { "vr": "SQ", "Value": [
                { "00081199": { "vr": "SQ", "Value": [
                    { "00081155": { "vr": "UI", "Value": ["1.2.3.1"] } },
                    { "00081155": { "vr": "UI", "Value": ["not a UID"] } } ] } },
                { "00081199": { "vr": "SQ", "Value": [
                    { "00081155": { "vr": "UI", "Value": ["1.2.3.2"] } } ] } } ] } }] },
    })
}

#[test]
fn a_manifest_names_its_exam_and_patient() {
    let KeyObject::Manifest(exams, _) = read(&document("113030")) else { panic!("no manifest") };
    let expected = Exam {
        study: "1.2.3".to_owned(),
        accession: Some(AccessionNumber {
            number: "ACN103".to_owned(),
            root: Some("1.2.250.1.925".to_owned()),
        }),
        traits: Traits {
            birth_name: Some("LEFEVRE".to_owned()),
            first_name: Some("ANNE-MARIE".to_owned()),
            birth_date: Some("19740312".to_owned()),
            sex: Some("F".to_owned()),
            birth_place: Some("2A004".to_owned()),
        },
        retention_end: None,
    };
    assert_eq!(exams, [expected]);
}

#[test]
fn the_accession_number_is_that_of_the_study() {
    let mut object = document("113030");
    object["0040A370"]["Value"][0]["0020000D"]["Value"][0] = json!("1.2.4");
    let KeyObject::Manifest(exams, _) = read(&object) else { panic!("no manifest") };
    assert_eq!(exams[0].accession, None, "a request of another study says nothing");
    object["0040A370"]["Value"][0]["0020000D"] = json!({ "vr": "UI" });
    let KeyObject::Manifest(exams, _) = read(&object) else { panic!("no manifest") };
    assert_eq!(exams[0].accession.as_ref().unwrap().number, "ACN103");
}

#[test]
fn four_titles_reject_and_others_do_not() {
    let instances = ["1.2.3.1", "1.2.3.2"].map(|uid| ("1.2.3".to_owned(), uid.to_owned()));
    let expected = Rejection { note: "1.2.9".to_owned(), instances: instances.to_vec() };
    for title in ["113001", "113037", "113038", "113039"] {
        assert_eq!(read(&document(title)), KeyObject::Rejection(expected.clone()), "{title}");
    }
    for title in ["113000", "113010", "113013", ""] {
        assert_eq!(read(&document(title)), KeyObject::Other, "{title}");
    }
    let mut private = document("113001");
    private["0040A043"]["Value"][0]["00080102"]["Value"][0] = json!("99LOCAL");
    assert_eq!(read(&private), KeyObject::Other, "a code of another scheme");
    let mut image = document("113001");
    image["00080016"]["Value"][0] = json!("1.2.840.10008.5.1.4.1.1.2");
    assert_eq!(read(&image), KeyObject::Other, "another SOP class");
    assert_eq!(read(&json!([])), KeyObject::Other);
}
