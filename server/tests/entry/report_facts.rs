//! Who sees what, over the real router: links judged by what the site knows of their reports.

use axum::http::StatusCode;
use negatoscope_server::reports::{Change, Flags, VisitorKind};
use serde_json::{Value, json};

use crate::{
    browser::{Answer, Browser},
    house::{BORN, EXAM, House, LINK, ROOT, SECOND_EXAM, SITE},
};

const SUMMARY: &str = "/api/examen/1";

/// The report that `LINK` names.
fn report() -> Value {
    json!({ "report": "1.2.3", "studies": [EXAM], "accession": { "number": "ACN1", "root": ROOT } })
}

fn with(mut facts: Value, key: &str, value: Value) -> Value {
    facts[key] = value;
    facts
}

fn hidden(flag: &str) -> Value {
    with(report(), "visibility", json!({ flag: true }))
}

/// Clicks a link and proves to be the patient of `EXAM`.
async fn enter(house: &House, link: &str) -> (Browser, Answer) {
    let code = house.grant(EXAM).await;
    let mut browser = house.browser();
    assert_eq!(browser.get(link).await.location(), "/entree/1", "a link leads to the card: {link}");
    let answer = browser.enter(1, &code, BORN).await;
    (browser, answer)
}

fn hide_from_patient() -> Change {
    let flags = Flags { invisible_patient: Some(true), ..Flags::default() };
    Change { flags, retention_end: None }
}

fn link_with(id: &str) -> String {
    LINK.replace("idCDA=1.2.3", &format!("idCDA={id}"))
}

fn last_reason(house: &House) -> String {
    house.journal().last().unwrap()["reason"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_link_that_agrees_opens_its_exam() {
    let house = House::new().await;
    house.import(report()).await;
    let (mut browser, answer) = enter(&house, LINK).await;
    assert_eq!(answer.location(), "/examen/1");
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::OK);
}

/// Item 26 for what is known of reports: the same page, whatever is wrong.
#[tokio::test]
async fn item_26_every_reason_has_the_same_page_and_time() {
    let slow = "refusal_milliseconds = 300";
    let mut pages = Vec::new();
    let cases = [
        ("unknown_report", report(), link_with("9.9.9")),
        (
            "contradiction",
            report(),
            LINK.replace("ACN1", "ACN1&x=1").replace("idCDA=1.2.3", "idCDA=9.1"),
        ),
        ("invisible_patient", hidden("invisible_patient"), LINK.to_owned()),
        ("depublished", report(), LINK.to_owned()),
    ];
    for (expected, facts, link) in cases {
        let house = House::with(slow).await;
        house.import(facts).await;
        let other = json!({ "report": "9.1", "studies": [SECOND_EXAM] });
        house.import(other).await;
        if expected == "depublished" {
            assert!(house.state.reports.set_depublished(SITE, "1.2.3", true, 1).await.unwrap());
        }
        let start = std::time::Instant::now();
        let (mut browser, answer) = enter(&house, &link).await;
        assert!(start.elapsed().as_millis() >= 300, "{expected}");
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{expected}");
        assert!(answer.text().contains("Examen non disponible"), "{}", answer.text());
        assert_eq!(last_reason(&house), expected);
        assert_eq!(browser.get(SUMMARY).await.status, StatusCode::UNAUTHORIZED, "{expected}");
        pages.push(answer.text());
    }
    assert!(pages.iter().all(|page| *page == pages[0]));
}

#[tokio::test]
async fn a_report_hidden_from_professionals_is_not_hidden_from_its_patient() {
    let house = House::new().await;
    for flag in ["masked_professional", "invisible_representatives"] {
        house.import(hidden(flag)).await;
        assert_eq!(enter(&house, LINK).await.1.location(), "/examen/1", "{flag}");
    }
}

#[tokio::test]
async fn an_old_link_leads_to_the_report_that_took_its_place() {
    let house = House::new().await;
    house.import(report()).await;
    let successor = with(report(), "report", json!("1.2.3^B"));
    house.import(with(successor, "replaces", json!(["1.2.3"]))).await;
    assert_eq!(enter(&house, LINK).await.1.location(), "/examen/1");
    assert!(house.state.reports.set_depublished(SITE, "1.2.3.B", true, 1).await.unwrap());
    assert_eq!(enter(&house, LINK).await.1.status, StatusCode::NOT_FOUND);
    assert_eq!(last_reason(&house), "depublished", "the successor counts");
}

#[tokio::test]
async fn withdrawing_a_report_ends_access_at_once() {
    let house = House::new().await;
    house.import(report()).await;
    let (mut browser, _) = enter(&house, LINK).await;
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::OK);
    house.state.reports.set_depublished(SITE, "1.2.3", true, 1).await.unwrap();
    let instance = format!("/dicomweb/studies/{EXAM}/series/1.1/instances/1.1.1");
    house.source.asked.lock().unwrap().clear();
    for path in [
        SUMMARY.to_owned(),
        "/api/examen/1/1".to_owned(),
        format!("/dicomweb/studies/{EXAM}"),
        format!("/dicomweb/studies/{EXAM}/metadata"),
        format!("{instance}/frames/1"),
        format!("{instance}/rendered"),
        instance,
    ] {
        assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(house.source.asked.lock().unwrap().is_empty(), "the source is not even asked");
    assert_eq!(browser.get("/dicomweb/studies").await.json(), json!([]));
    for page in ["/examen/1", "/entree/1"] {
        let answer = browser.get(page).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{page}");
        assert!(answer.text().contains("Examen non disponible"), "{page}");
    }
    house.state.reports.set_depublished(SITE, "1.2.3", false, 1).await.unwrap();
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::OK, "the session itself is alive");
}

/// What another process changes is seen when the judgement is two seconds old.
#[tokio::test]
async fn a_change_of_another_process_counts_within_seconds() {
    let house = House::new().await;
    house.import(report()).await;
    let (mut browser, _) = enter(&house, LINK).await;
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::OK);
    let other = negatoscope_server::reports::Reports::new(house.state.store.pool.clone());
    let change = hide_from_patient();
    assert!(other.set_visibility(SITE, "1.2.3", &change, 1).await.unwrap());
    house.wait_seconds(2);
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn after_the_retention_there_is_a_clean_page() {
    let house = House::new().await;
    house.import(with(report(), "retention_end", json!("2020-01-01"))).await;
    let (_, answer) = enter(&house, LINK).await;
    assert_eq!(answer.status, StatusCode::GONE);
    assert!(answer.text().contains("Images qui ne sont plus conservées"), "{}", answer.text());
    assert_eq!(last_reason(&house), "retention_over");
}

/// The usual case: the images are gone from the archive, the code on the paper is not.
#[tokio::test]
async fn images_that_are_gone_after_their_retention_are_no_riddle() {
    let house = House::new().await;
    let gone = "1.2.250.1.77";
    let facts = json!({
        "report": "1.2.4", "studies": [gone], "accession": { "number": "ACN7" },
        "retention_end": "2020-01-01", "patient": { "birth_date": "19740312" },
    });
    let (code, _) = house.grant_on(SITE, &[gone], None).await;
    let link = format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID={gone}&idCDA=1.2.4");
    let mut browser = house.browser();
    browser.get(&link).await;
    let before = browser.enter(1, &code, BORN).await;
    assert_eq!(before.status, StatusCode::FORBIDDEN, "nothing is known of it");
    house.import(facts).await;
    assert_eq!(browser.enter(1, &code, BORN).await.status, StatusCode::GONE);
    let wrong = browser.enter(1, &code, ("13", "03", "1974")).await;
    assert_eq!((wrong.status, wrong.text()), (before.status, before.text()));
}

#[tokio::test]
async fn a_site_may_require_reports() {
    let house = House::with("").await;
    assert_eq!(enter(&house, LINK).await.1.location(), "/examen/1", "optional by default");
    let strict = House::requiring_reports().await;
    let (_, answer) = enter(&strict, LINK).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(last_reason(&strict), "unknown_report");
    strict.import(report()).await;
    assert_eq!(enter(&strict, LINK).await.1.location(), "/examen/1");
    let bare = format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID={EXAM}");
    assert_eq!(enter(&strict, &bare).await.1.location(), "/examen/1", "its report is known");
}

/// Facts of one site say nothing on another.
#[tokio::test]
async fn facts_stay_on_their_site() {
    let house = House::new().await;
    house.import_on(crate::house::OTHER_SITE, &hidden("invisible_patient")).await;
    assert_eq!(enter(&house, LINK).await.1.location(), "/examen/1");
}

#[tokio::test]
async fn the_same_version_again_does_not_publish_what_was_withdrawn() {
    let house = House::new().await;
    let version = |version: &str| with(report(), "report", json!(format!("1.2.3_{version}")));
    house.import(version("2")).await;
    house.state.reports.set_depublished(SITE, "1.2.3", true, 1).await.unwrap();
    for again in ["2", "1"] {
        house.import(version(again)).await;
        assert_eq!(enter(&house, LINK).await.1.status, StatusCode::NOT_FOUND, "{again}");
    }
    house.import(version("3")).await;
    assert_eq!(enter(&house, LINK).await.1.location(), "/examen/1");
    let known = house.state.reports.get(SITE, "1.2.3").await.unwrap().unwrap();
    assert_eq!(known.version.as_deref(), Some("3"));
}

/// A session of a professional is judged as one.
#[tokio::test]
async fn a_professional_is_judged_as_one() {
    let house = House::new().await;
    house.import(report()).await;
    let (mut browser, _) = enter(&house, LINK).await;
    sqlx::query("UPDATE opened_exam SET visitor = ?")
        .bind(VisitorKind::Professional.name())
        .execute(&house.state.store.pool)
        .await
        .unwrap();
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::OK);
    house.import(hidden("masked_professional")).await;
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::NOT_FOUND);
    house.import(hidden("invisible_patient")).await;
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::NOT_FOUND, "what is not said stays");
    let flags = Flags {
        masked_professional: Some(false),
        invisible_patient: Some(true),
        ..Flags::default()
    };
    let change = Change { flags, retention_end: None };
    house.state.reports.set_visibility(SITE, "1.2.3", &change, 1).await.unwrap();
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::OK);
}
