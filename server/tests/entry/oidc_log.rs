//! What logins at providers leave in the technical log of the program: nothing about anybody.

use std::io::Write;

use negatoscope_phantom::{Scale, generate};
use serde_json::json;

use crate::{
    identity_peer::Peer,
    program_serves::{Program, Visitor, write_config},
};

#[tokio::test]
async fn item_62_the_log_holds_no_name_identifier_code_or_token() {
    let Some(peer) = Peer::start(&json!({}), None) else { return };
    let folder = tempfile::tempdir().unwrap();
    let exam = generate(&folder.path().join("dicom"), Scale::tiny()).unwrap();
    let config = write_config(folder.path());
    let mut file = std::fs::OpenOptions::new().append(true).open(&config).unwrap();
    file.write_all(peer.identity("heartbeat_seconds = 1", "").as_bytes()).unwrap();
    let program = Program::start(&config);
    let mut visitor = Visitor::new(&program.address);
    while visitor.get("/health/ready").await.text().await.unwrap().contains("indexed") {}
    let study = &exam.study_instance_uid;
    let link = format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID={study}");
    let mut secrets = vec![study.clone(), exam.birth_name.clone(), exam.birth_date.clone()];
    for (kind, person, fault) in [
        ("psc", "radiologist", ""),
        ("franceconnect", "elise", ""),
        ("psc", "radiologist", "bad_signature"),
        ("franceconnect", "elise", "userinfo_other_subject"),
        ("franceconnect", "twin", ""),
    ] {
        let mut visitor = Visitor::new(&program.address);
        assert_eq!(visitor.is_led_to(&link, None).await, "/entree/1");
        let departure = visitor.is_led_to(&format!("/connexion/{kind}/1"), None).await;
        let back = peer.log_in(&departure, person).await;
        let issuer = if kind == "psc" { &peer.psc } else { &peer.franceconnect };
        if !fault.is_empty() {
            peer.fault(issuer, fault).await;
        }
        let answer = visitor.get(&back).await;
        assert_eq!(answer.status().is_redirection(), fault.is_empty() && person != "twin");
        let values = back.split(['?', '&']).skip(1).filter_map(|pair| pair.split_once('='));
        secrets
            .extend(values.filter(|(name, _)| *name != "iss").map(|(_, value)| value.to_owned()));
    }
    let (journal, log) = program.stop(&folder.path().join("state/audit"));
    assert!(journal.contains("psc:899700000001") && journal.contains("other_patient"), "{journal}");
    assert!(log.contains("/connexion/{provider}/retour"), "{log}");
    let people = ["899700000001", "LEFEVRE", "RADIO", "Emma", "75107", "fc:", "eyJ"];
    for secret in secrets.iter().map(String::as_str).chain(people) {
        let found = log.lines().find(|line| line.contains(secret));
        assert_eq!(found, None, "{secret} is in the log");
    }
}
