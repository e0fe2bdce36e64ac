//! Messages of a RIS, made here.

use super::*;

const CDA: &str = r#"<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2.5" extension="R1"/>
<documentationOf><serviceEvent><id root="1.2.3"/></serviceEvent></documentationOf></ClinicalDocument>"#;

fn message(kind: &str, status: &str, more: &str) -> Vec<u8> {
    let cda = STANDARD.encode(CDA);
    format!(
        "MSH|^~\\&|RIS|SITE|PFI|PFI|20261126101500||{kind}|M1|P|2.5||||||UNICODE UTF-8\r\
         PID|||P1^^^SITE^PI||MARTIN^MARIE^^^^^D~LEFÈVRE^ANNE^^^^^L||19740312|F|||1 RUE^^REIMS^^51100^FRA^H~^^^^^^BDL^^51215\r\
         ORC|NW\rOBR|1||F1|18748-4^CR^LN|||20261120\r\
         OBX|1|ED|18748-4^CR^LN||^TEXT^XML^Base64^{cda}||||||{status}\r{more}"
    )
    .into_bytes()
}

fn flag(name: &str, value: &str) -> String {
    format!("OBX|2|CE|{name}^x^MetaDMPMSS||{value}^^expandedYes-NoIndicator||||||F\r")
}

#[test]
fn a_report_comes_in_its_message() {
    let facts = read(&message("ORU^R01^ORU_R01", "F", "")).unwrap();
    let report = facts.report.unwrap();
    assert_eq!((report.id.id.as_str(), report.studies), ("1.2.5.R1", vec!["1.2.3".to_owned()]));
    assert_eq!(report.flags, Flags::default());
    let expected = Traits {
        birth_name: Some("LEFÈVRE".to_owned()),
        first_name: Some("ANNE".to_owned()),
        birth_date: Some("19740312".to_owned()),
        sex: Some("F".to_owned()),
        birth_place: Some("51215".to_owned()),
    };
    assert_eq!(
        facts.exams,
        [Exam {
            study: "1.2.3".to_owned(),
            accession: None,
            traits: expected,
            retention_end: None
        }]
    );
}

#[test]
fn flags_are_read_under_every_name_they_have() {
    let of = |more: &str| {
        let facts = read(&message("MDM^T02^MDM_T02", "F", more)).unwrap();
        facts.report.unwrap().flags
    };
    let unmasked = Flags { masked_professional: Some(false), ..Flags::default() };
    assert_eq!(of(&flag("MASQUE_PS", "N")), unmasked);
    let masked = Flags { masked_professional: Some(true), ..Flags::default() };
    assert_eq!(of(&(flag("MASQUE_PS", "Y") + &flag("DESTDMP", "Y"))), masked);
    let hidden = Flags { invisible_patient: Some(true), ..unmasked };
    assert_eq!(of(&(flag("INVISIBLE_PATIENT", "Y") + &flag("MASQUE_PS", "N"))), hidden);
    for name in [
        "INVISIBLE_REPRESENTANTS_LEGAUX",
        "INVISIBLE_REPRENSANTS_LEGAUX",
        "INVISIBLE_REP_LEGAUX",
        "CONNEXION_SECRETE",
    ] {
        assert_eq!(of(&flag(name, "Y")).invisible_representatives, Some(true), "{name}");
    }
}

#[test]
fn a_deleted_report_is_withdrawn() {
    for (kind, status, more) in [
        ("ORU^R01^ORU_R01", "D", ""),
        ("MDM^T04^MDM_T02", "D", ""),
        ("MDM^T11^MDM_T01", "F", ""),
        ("MDM^T02^MDM_T02", "F", "TXA|1||||||||||||||||||CA\r"),
    ] {
        let facts = read(&message(kind, status, more)).unwrap();
        assert_eq!(facts.withdrawn.unwrap().id, "1.2.5.R1", "{kind}");
        assert!(facts.report.is_none() && facts.exams.is_empty(), "{kind}");
    }
}

#[test]
fn a_document_that_is_no_cda_is_named_by_its_header() {
    let text = "MSH|^~\\&|RIS|S|P|P|20261126||MDM^T10^MDM_T02|M|P|2.6||||||UNICODE UTF-8\r\
        TXA|1|CR|AP|||||||||R2^RIS^1.2.5^ISO|R1^RIS^1.2.5^ISO\r\
        OBR|1|||||||||||||||||ACN7^RIS^1.2.9^ISO\rZDS|1.2.3^RIS^Application^DICOM\r\
        OBX|1|ED|x||^AP^PDF^Base64^JVBERi0=||||||F\r";
    let facts = read(text.as_bytes()).unwrap();
    let report = facts.report.unwrap();
    assert_eq!((report.id.id.as_str(), report.replaces[0].id.as_str()), ("1.2.5.R2", "1.2.5.R1"));
    assert_eq!(report.studies, ["1.2.3"]);
    let accession = AccessionNumber { number: "ACN7".to_owned(), root: Some("1.2.9".to_owned()) };
    assert_eq!(report.accession, Some(accession));
}

#[test]
fn an_order_tells_how_long_images_are_kept() {
    let order = |quantity: &str| {
        let address = STANDARD.encode(
            "https://vi1.example/IHEInvokeImageDisplay?requestType=STUDY&studyUID=1.2.4&accessionNumber=A1",
        );
        let text = format!(
            "MSH|^~\\&|RIS|S|P|P|20261126||OMI^O23^OMI_O23|M|P|2.5.1||||||8859/1\r\
             TQ1|1|||||{quantity}\rOBR|1||||||20261120\r\
             OBX|1|ED|URL_PARTIELLE_VIEWER^x||^TEXT^^Base64^{address}\r\
             IPC|ACN1^RIS^1.2.9^ISO|R|1.2.3^RIS\r"
        );
        read(text.as_bytes()).unwrap()
    };
    let facts = order("10^d");
    assert!(facts.report.is_none());
    let studies: Vec<&str> = facts.exams.iter().map(|exam| exam.study.as_str()).collect();
    assert_eq!(studies, ["1.2.3", "1.2.4"]);
    let end = time::macros::datetime!(2026-11-30 00:00 UTC).unix_timestamp();
    assert_eq!(facts.exams[0].retention_end, Some(end));
    assert_eq!(order("10").exams[0].retention_end, Some(end));
    assert_eq!(order("10^h").exams[0].retention_end, None);
    assert_eq!(order("").exams[0].retention_end, None);
    assert!(order("99999999").exams[0].retention_end.is_some(), "however long, it is a date");
}

#[test]
fn what_is_broken_is_refused() {
    let admission = String::from_utf8(message("ADT^A01", "F", "")).unwrap();
    assert!(matches!(read(admission.as_bytes()), Err(ImportError::Hl7(Hl7Error::MessageType))));
    let cut =
        String::from_utf8(message("ORU^R01", "F", "")).unwrap().replace("Base64^", "Base64^!");
    assert!(matches!(read(cut.as_bytes()), Err(ImportError::Hl7(Hl7Error::Document))));
    let no_cda = String::from_utf8(message("ORU^R01", "F", "")).unwrap();
    let no_cda = no_cda.replace(&STANDARD.encode(CDA), &STANDARD.encode("<html/>"));
    assert!(matches!(read(no_cda.as_bytes()), Err(ImportError::Cda(_))));
}
