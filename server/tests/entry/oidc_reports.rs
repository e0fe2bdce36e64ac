//! What a site knows of its reports, for people who prove who they are at a provider.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use negatoscope_server::reports::{Change, Flags};
use serde_json::{Value, json};

use crate::{
    browser::{Answer, Browser},
    house::{EXAM, LINK, ROOT, SITE},
    identity_peer::Town,
};

const SUMMARY: &str = "/api/examen/1";

/// The report that `LINK` names.
fn report() -> Value {
    json!({ "report": "1.2.3", "studies": [EXAM], "accession": { "number": "ACN1", "root": ROOT } })
}

fn hidden(flag: &str) -> Value {
    let mut report = report();
    report["visibility"] = json!({ flag: true });
    report
}

/// Clicks a link and logs in at a provider; how long the answer to the way back took.
async fn arrive(town: &Town, link: &str, who: (&str, &str)) -> (Browser, Answer, Duration) {
    let mut browser = town.house.browser();
    assert_eq!(browser.get(link).await.location(), "/entree/1", "{link}");
    let back = town.way_back(&mut browser, who.0, who.1).await;
    let start = Instant::now();
    let answer = browser.get(&back).await;
    (browser, answer, start.elapsed())
}

/// All that an outsider sees of a refusal.
fn seen(answer: &Answer) -> (StatusCode, Vec<(String, Vec<u8>)>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "set-cookie");
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    (answer.status, headers, answer.text())
}

/// The page of what is closed, at its time, with its line in the journal and nothing granted.
async fn closed(town: &Town, link: &str, who: (&str, &str), reason: &str) -> Answer {
    let (mut browser, answer, time) = arrive(town, link, who).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{reason}");
    assert!(answer.text().contains("Examen non disponible"), "{reason}: {}", answer.text());
    assert!(time >= Duration::from_millis(1500), "{reason}: {time:?}");
    let line = town.house.journal().pop().unwrap();
    let told = [&line["event"], &line["reason"], &line["way"]];
    assert_eq!(told, ["refusal", reason, who.0]);
    assert_eq!(line["session"].as_str().map(str::len), Some(16), "{line}");
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::UNAUTHORIZED, "{reason}");
    assert_eq!(town.count("login").await + town.count("oidc_login").await, 0, "{reason}");
    answer
}

/// Item 26 for professionals: what is hidden from them looks like what does not exist.
#[tokio::test]
async fn item_26_a_masked_report_is_closed_for_a_professional() {
    let Some(town) = Town::with("refusal_milliseconds = 1500", "", "").await else { return };
    let radiologist = ("psc", "radiologist");
    let absent = LINK.replace("ACN1", "ACN2");
    let mut pages = vec![seen(&closed(&town, &absent, radiologist, "unknown_exam").await)];
    town.house.import(hidden("masked_professional")).await;
    pages.push(seen(&closed(&town, LINK, radiologist, "masked_professional").await));
    let other_report = LINK.replace("idCDA=1.2.3", "idCDA=9.9.9");
    pages.push(seen(&closed(&town, &other_report, radiologist, "unknown_report").await));
    town.house.state.reports.set_depublished(SITE, "1.2.3", true, 1).await.unwrap();
    pages.push(seen(&closed(&town, LINK, radiologist, "depublished").await));
    assert!(pages.iter().all(|page| *page == pages[0]));
    town.house.state.reports.set_depublished(SITE, "1.2.3", false, 1).await.unwrap();
    let (_, answer, _) = arrive(&town, LINK, ("franceconnect", "elise")).await;
    assert_eq!(answer.location(), "/examen/1", "its patient may see it");
}

#[tokio::test]
async fn an_invisible_report_is_closed_for_a_patient() {
    let Some(town) = Town::with("refusal_milliseconds = 1500", "", "").await else { return };
    town.house.import(hidden("invisible_patient")).await;
    let elise = ("franceconnect", "elise");
    let invisible = seen(&closed(&town, LINK, elise, "invisible_patient").await);
    let other_report = LINK.replace("idCDA=1.2.3", "idCDA=9.9.9");
    assert_eq!(seen(&closed(&town, &other_report, elise, "unknown_report").await), invisible);
    let (mut browser, answer, _) = arrive(&town, LINK, ("psc", "radiologist")).await;
    assert_eq!(answer.location(), "/examen/1", "a professional may see it");
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::OK);
    let stranger = arrive(&town, LINK, ("franceconnect", "twin")).await.1;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN, "somebody else learns nothing of it");
    assert!(!stranger.text().contains("Examen non disponible"));
}

#[tokio::test]
async fn a_report_masked_later_closes_the_session_of_the_professional() {
    let Some(town) = Town::new().await else { return };
    town.house.import(report()).await;
    let (mut browser, answer, _) = arrive(&town, LINK, ("psc", "radiologist")).await;
    assert_eq!(answer.location(), "/examen/1");
    let line = town.house.journal().pop().unwrap();
    assert_eq!([&line["event"], &line["way"]], ["login", "psc"]);
    let (mut patient, _, _) = arrive(&town, LINK, ("franceconnect", "elise")).await;
    let flags = Flags { masked_professional: Some(true), ..Flags::default() };
    let change = Change { flags, retention_end: None };
    town.house.state.reports.set_visibility(SITE, "1.2.3", &change, 1).await.unwrap();
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/examen/1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(patient.get(SUMMARY).await.status, StatusCode::OK);
}

/// Who was logged in before on this browser is gone only when somebody else comes in.
#[tokio::test]
async fn a_closed_exam_leaves_the_login_as_it_is() {
    let Some(town) = Town::new().await else { return };
    town.house.import(report()).await;
    let (mut browser, _, _) = arrive(&town, LINK, ("franceconnect", "elise")).await;
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::OK);
    town.house.import(hidden("masked_professional")).await;
    let back = town.way_back(&mut browser, "psc", "radiologist").await;
    assert_eq!(browser.get(&back).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::OK);
    let line = town.house.journal().pop().unwrap();
    assert_eq!(line["reason"], "masked_professional");
    assert_eq!(line["subject"], "psc:899700000001");
}

/// Item 25: homonyms born the same day are told apart where the report says where its patient was born.
#[tokio::test]
async fn item_25_the_birth_place_is_that_of_the_report() {
    let Some(town) = Town::new().await else { return };
    let born_in = |place: &str| {
        let mut facts = report();
        facts["patient"] = json!({ "birth_place": place });
        facts
    };
    town.house.import(born_in("69381")).await;
    let (_, answer, _) = arrive(&town, LINK, ("franceconnect", "elise")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(town.house.journal().pop().unwrap()["reason"], "other_patient");
    town.house.import(born_in("75107")).await;
    let (_, answer, _) = arrive(&town, LINK, ("franceconnect", "elise")).await;
    assert_eq!(answer.location(), "/examen/1");
}

/// The images are gone from the archive: the right patient reads why, a stranger learns nothing.
#[tokio::test]
async fn images_gone_after_their_retention_are_told_to_their_patient() {
    let Some(town) = Town::new().await else { return };
    let gone = "1.2.250.1.77";
    let link = format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID={gone}&idCDA=1.2.4");
    let patient = ("franceconnect", "elise");
    assert_eq!(arrive(&town, &link, patient).await.1.status, StatusCode::FORBIDDEN);
    town.house
        .import(json!({
            "report": "1.2.4", "studies": [gone], "accession": { "number": "ACN7" },
            "retention_end": "2020-01-01",
            "patient": { "birth_name": "LEFEVRE", "first_name": "ELISE", "birth_date": "19740312", "sex": "F" },
        }))
        .await;
    let (_, answer, _) = arrive(&town, &link, patient).await;
    assert_eq!(answer.status, StatusCode::GONE);
    assert!(answer.text().contains("Images qui ne sont plus conservées"), "{}", answer.text());
    let stranger = arrive(&town, &link, ("franceconnect", "twin")).await.1;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN);
    let professional = arrive(&town, &link, ("psc", "radiologist")).await.1;
    assert_eq!(professional.status, StatusCode::GONE);
}
