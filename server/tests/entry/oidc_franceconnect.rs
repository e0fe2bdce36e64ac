//! Patients by FranceConnect: their own exam, and nobody else's.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use serde_json::json;

use crate::{
    browser::{Answer, Browser},
    house::{BORN, DATELESS_EXAM, EXAM, LINK, SECOND_EXAM},
    identity_peer::{Town, leave},
};

#[tokio::test]
async fn item_23_and_27_a_patient_sees_the_linked_exam_and_no_other() {
    let Some(town) = Town::new().await else { return };
    let mut browser = town.visitor().await;
    assert_eq!(town.log_in(&mut browser, "franceconnect", "elise").await.location(), "/examen/1");
    assert_eq!(browser.get("/api/examen/1").await.json()["study"]["study_instance_uid"], EXAM);
    for path in [
        format!("/dicomweb/studies/{SECOND_EXAM}/metadata"),
        format!("/dicomweb/studies/{EXAM}.1/metadata"),
        format!("/dicomweb/studies/{SECOND_EXAM}/series/1.1/instances/1.1.1/frames/1"),
        "/api/examen/2".to_owned(),
    ] {
        assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let line = town.house.journal()[0].clone();
    let subject = line["subject"].as_str().unwrap();
    assert!(subject.starts_with("fc:") && subject.len() == 35, "{subject}");
    assert_eq!(line["reason"], "acr=eidas2 amr=");
    assert_eq!(line["way"], "franceconnect");
    assert_eq!(line["studies"], json!([EXAM]));
    for name in ["LEFEVRE", "Élise", "1974"] {
        assert!(!line.to_string().contains(name), "{name}");
    }
}

/// All that an outsider sees of an answer.
fn seen(answer: &Answer) -> (StatusCode, Vec<(String, Vec<u8>)>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "set-cookie");
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    (answer.status, headers, answer.text())
}

async fn arrive(town: &Town, link: &str, person: &str) -> (Answer, Duration) {
    let mut browser = town.house.browser();
    assert_eq!(browser.get(link).await.location(), "/entree/1");
    let back = town.way_back(&mut browser, "franceconnect", person).await;
    let start = Instant::now();
    (browser.get(&back).await, start.elapsed())
}

#[tokio::test]
async fn item_26_every_refusal_is_the_same_page_after_the_same_time() {
    let floor = Duration::from_millis(1500);
    let Some(town) = Town::with("refusal_milliseconds = 1500", "", "").await else { return };
    let link = |study: &str| format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID={study}");
    let table = [
        ("other_patient", LINK.to_owned(), "twin"),
        ("patient_undecided", LINK.to_owned(), "presumed"),
        ("other_patient", link(SECOND_EXAM), "elise"),
        ("patient_undecided", link(DATELESS_EXAM), "elise"),
        ("unknown_exam", link("1.2.250.1.99"), "elise"),
        ("unknown_exam", LINK.replace("ACN1", "ACN2"), "elise"),
    ];
    let mut refusals = Vec::new();
    for (reason, link, person) in table {
        let (answer, time) = arrive(&town, &link, person).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{reason}");
        assert_eq!(town.house.journal().pop().unwrap()["reason"], reason);
        assert!(time >= floor, "{reason}: {time:?}");
        refusals.push(seen(&answer));
    }
    town.house.source.damaged.store(true, Ordering::Relaxed);
    refusals.push(seen(&arrive(&town, LINK, "elise").await.0));
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]));
    let page = &refusals[0].2;
    for words in ["votre propre compte rendu", "code d’accès", "01 02 03 04 05"] {
        assert!(page.contains(words), "what to do next: {words}");
    }
    for word in ["nom", "sexe", "naissance est", "LEFEVRE", "Emma"] {
        assert!(!page.contains(&format!(" {word} ")), "{word}");
    }
}

#[tokio::test]
async fn item_65_wrong_patients_are_counted_per_address() {
    let lines = "tries_per_address = 2";
    let Some(town) = Town::with(lines, "", "").await else { return };
    for _ in 0..2 {
        assert_eq!(arrive(&town, LINK, "elise").await.0.location(), "/examen/1", "not counted");
        assert_eq!(arrive(&town, LINK, "twin").await.0.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(arrive(&town, LINK, "elise").await.0.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn item_7_no_pivot_identity_is_no_identity() {
    let Some(town) = Town::new().await else { return };
    assert_eq!(arrive(&town, LINK, "nobody").await.0.status, StatusCode::FORBIDDEN);
    assert_eq!(town.house.journal().pop().unwrap()["reason"], "oidc_claims");
}

#[tokio::test]
async fn item_34_logout_ends_it_here_and_is_offered_there() {
    let Some(town) = Town::new().await else { return };
    let mut browser = town.visitor().await;
    assert_eq!(town.log_in(&mut browser, "franceconnect", "elise").await.location(), "/examen/1");
    let mut copy = browser.clone();
    let goodbye = browser.post("/deconnexion", "").await.location().to_owned();
    assert_eq!(copy.get("/api/examen/1").await.status, StatusCode::UNAUTHORIZED);
    let page = browser.get(&goodbye).await.text();
    assert!(page.contains("Se déconnecter aussi de FranceConnect"), "{page}");
    let leave = goodbye.replace("/au-revoir?", "/au-revoir/fournisseur?");
    let there = browser.get(&leave).await.location().to_owned();
    assert!(there.starts_with(&format!("{}/session/end?id_token_hint=", town.peer.franceconnect)));
}

#[tokio::test]
async fn item_67_the_card_offers_the_ways_of_the_site_in_both_languages() {
    let Some(town) = Town::new().await else { return };
    let mut browser = town.visitor().await;
    let french = browser.get("/entree/1").await.text();
    for words in [
        "S’identifier avec FranceConnect",
        "Qu’est-ce que FranceConnect\u{a0}?",
        "S’identifier avec Pro Santé Connect",
        "id=\"code\"",
    ] {
        assert!(french.contains(words), "{words}");
    }
    browser.post("/langue", "langue=en&retour=/entree/1").await;
    let english = browser.get("/entree/1").await.text();
    assert!(english.contains("Log in with Pro Santé Connect"), "{english}");
    let personal = browser.get("/donnees-personnelles").await.text();
    assert!(personal.contains("FranceConnect"), "{personal}");
    let only_code = crate::house::House::new().await;
    let mut browser: Browser = only_code.browser();
    browser.get(LINK).await;
    let page = browser.get("/entree/1").await.text();
    assert!(!page.contains("FranceConnect") && !page.contains("Santé Connect"), "{page}");
    assert_eq!(leave(&mut browser, "psc", 1).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_site_may_do_without_codes() {
    let Some(town) = Town::new().await else { return };
    let identity = town.peer.identity("", "");
    let identity = identity.replacen("answer_seconds", "access_code = false\nanswer_seconds", 1);
    let house = crate::house::House::with_identity("", &identity).await;
    let mut browser = house.browser();
    browser.get(LINK).await;
    assert!(!browser.get("/entree/1").await.text().contains("id=\"code\""));
    let code = house.grant(EXAM).await;
    assert_eq!(browser.enter(1, &code, BORN).await.status, StatusCode::NOT_FOUND);
}
