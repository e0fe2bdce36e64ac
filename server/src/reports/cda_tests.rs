//! CDA documents, made here.

use super::*;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:ps3-20="urn:dicom-org:ps3-20">
<templateId root="1.2.250.1.213.1.1.1.1"/>
<id root="1.2.250.1.213.1.1.8" extension="A71024_6"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>
<setId root="1.2.250.1.213.1.1.8" extension="SET"/>
<recordTarget><patientRole><id root="1.2.250.1.213.1.4.10" extension="274036312345678"/><patient>
<name><given>MARIE</given><given qualifier="BR">ANNE</given><given qualifier="BR">ANNE MARIE</given>
<family qualifier="SP">MARTIN</family><family qualifier="BR">LEFÈVRE &amp; FILS</family></name>
<administrativeGenderCode code="F"/><birthTime value="19740312"/>
<birthplace><place><addr><county>51215</county></addr></place></birthplace>
</patient></patientRole></recordTarget>
<inFulfillmentOf><order><id extension="P1" root="1.2.5"/>
<ps3-20:accessionNumber root="1.2.250.1.925" extension="ACN103"/></order></inFulfillmentOf>
<documentationOf><serviceEvent><id root="1.2.3.4"/><id root="1.2.9" extension="12"/></serviceEvent></documentationOf>
<relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.250.1.213.1.1.8" extension="A71023"/></parentDocument></relatedDocument>
<relatedDocument typeCode="APND"><parentDocument><id root="1.2.7"/></parentDocument></relatedDocument>
"#;
const BODY: &str = r#"<component><structuredBody><component><section>
<id root="9.9.9"/><entry><act><templateId root="x"/><id root="1.2.3.5"/>
<code code="113014" codeSystem="1.2.840.10008.2.16.4"/></act></entry>
<entry><act><id root="1.2.3.6"/><code code="113015" codeSystem="1.2.840.10008.2.16.4"/></act></entry>
<entry><observation><text><reference value="https://vi1.example/IHEInvokeImageDisplay?requestType=STUDY&amp;studyUID=1.2.3.7&amp;idCDA=x"/></text></observation></entry>
</section></component></structuredBody></component></ClinicalDocument>"#;

fn document() -> String {
    format!("{HEAD}{BODY}")
}

#[test]
fn a_report_names_itself_what_it_replaces_its_exams_and_patient() {
    let facts = read(document().as_bytes()).unwrap();
    let report = facts.report.unwrap();
    assert_eq!(report.id, ReportId::parse("1.2.250.1.213.1.1.8^A71024_6").unwrap());
    assert_eq!(report.replaces, [ReportId::parse("1.2.250.1.213.1.1.8.A71023").unwrap()]);
    assert_eq!(report.studies, ["1.2.3.4", "1.2.3.5", "1.2.3.7"]);
    let accession = report.accession.unwrap();
    assert_eq!(
        (accession.number.as_str(), accession.root.as_deref()),
        ("ACN103", Some("1.2.250.1.925"))
    );
    assert_eq!(report.flags, Flags::default());
    assert_eq!(facts.exams.len(), 3);
    let expected = Traits {
        birth_name: Some("LEFÈVRE & FILS".to_owned()),
        first_name: Some("ANNE".to_owned()),
        birth_date: Some("19740312".to_owned()),
        sex: Some("F".to_owned()),
        birth_place: Some("51215".to_owned()),
    };
    assert_eq!(facts.exams[0].traits, expected);
}

#[test]
fn masking_codes_are_read() {
    let text = document().replace(r#"code="N" "#, r#"code="MASQUE_PS" "#);
    let flags = read(text.as_bytes()).unwrap().report.unwrap().flags;
    assert_eq!(flags, Flags { masked_professional: Some(true), ..Flags::default() });
}

#[test]
fn hostile_or_other_xml_is_refused() {
    let doctype = document().replacen('\n', "\n<!DOCTYPE x [<!ENTITY e \"x\">]>\n", 1);
    assert_eq!(read(doctype.as_bytes()), Err(CdaError::DocType));
    let entity = document().replace("LEF", "&unknown;");
    assert!(matches!(read(entity.as_bytes()), Err(CdaError::Syntax(_))));
    let deep = format!("{HEAD}{}", "<a>".repeat(MAX_DEPTH));
    assert_eq!(read(deep.as_bytes()), Err(CdaError::TooLarge));
    let wide = format!("{HEAD}{}", "<a/>".repeat(MAX_ELEMENTS));
    assert_eq!(read(wide.as_bytes()), Err(CdaError::TooLarge));
    assert_eq!(read(b"<html xmlns='urn:hl7-org:v3'/>"), Err(CdaError::NotCda));
    assert_eq!(read(b"<ClinicalDocument/>"), Err(CdaError::NotCda));
    assert_eq!(read(b""), Err(CdaError::NotCda));
    assert_eq!(read(b"<ClinicalDocument xmlns='urn:hl7-org:v3'/>"), Err(CdaError::NoId));
    assert!(matches!(read(HEAD.as_bytes()), Err(CdaError::Syntax(_))));
    assert!(matches!(
        read(document().replace("</act>", "</art>").as_bytes()),
        Err(CdaError::Syntax(_))
    ));
}

#[test]
fn no_cut_makes_it_panic_or_lie() {
    let text = document();
    for length in (0..text.len() - 1).filter(|length| text.is_char_boundary(*length)) {
        assert!(read(&text.as_bytes()[..length]).is_err(), "{length}");
    }
}
