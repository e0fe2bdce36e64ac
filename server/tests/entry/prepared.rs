//! Exams that are got ready when their link is clicked, and what their page holds then.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::http::{HeaderMap, Method, StatusCode};
use negatoscope_server::source::Source;
use serde_json::json;
use viewer_core::exam::{ExamSummary, Image, Series};

use crate::{
    browser::Answer,
    house::{EXAM, House, LINK, SITE},
};

/// An exam that nobody has.
const UNKNOWN: &str = "/IHEInvokeImageDisplay?requestType=STUDY&studyUID=1.2.250.9.9";
/// Longer than any click waits for its turn.
const A_WHILE: Duration = Duration::from_millis(1500);

async fn house_that_prepares() -> House {
    let house = House::new().await;
    house.source.prepares.store(true, Ordering::Relaxed);
    house
}

fn asked(house: &House) -> Vec<String> {
    std::mem::take(&mut house.source.asked.lock().unwrap())
}

/// What an answer tells, but for the cookie.
fn told(answer: &Answer) -> (StatusCode, HeaderMap, String) {
    let mut headers = answer.headers.clone();
    headers.remove("set-cookie");
    (answer.status, headers, answer.text())
}

#[tokio::test]
async fn a_clicked_exam_is_got_ready_after_the_answer_and_an_unknown_one_is_not() {
    let house = house_that_prepares().await;
    let (mut one, mut other) = (house.browser(), house.browser());
    let known = one.get(LINK).await;
    assert_eq!(asked(&house), [""; 0], "the answer waits for nothing");
    assert_eq!(told(&known), told(&other.get(UNKNOWN).await));
    tokio::time::sleep(A_WHILE).await;
    let mut asked = asked(&house);
    asked.sort_unstable();
    assert_eq!(asked, [&format!("prepare {EXAM}"), &format!("study {EXAM}"), "study 1.2.250.9.9"]);
    assert_eq!(told(&one.get("/entree/1").await), told(&other.get("/entree/1").await));
}

#[tokio::test]
async fn an_exam_that_would_not_be_opened_is_not_got_ready() {
    let house = house_that_prepares().await;
    house.import(json!({ "report": "1.2.3", "studies": [EXAM] })).await;
    house.state.reports.set_depublished(SITE, "1.2.3", true, 1).await.unwrap();
    house.browser().get(LINK).await;
    tokio::time::sleep(A_WHILE).await;
    let asked = asked(&house);
    assert!(asked.iter().all(|question| !question.starts_with("prepare")), "{asked:?}");
}

#[tokio::test]
async fn a_site_or_source_that_prepares_nothing_is_not_even_asked() {
    let quiet = House::new().await;
    quiet.browser().get(LINK).await;
    let off = House::with_site("prepare = false\n").await;
    off.source.prepares.store(true, Ordering::Relaxed);
    off.browser().get(LINK).await;
    tokio::time::sleep(A_WHILE).await;
    assert_eq!((asked(&quiet), asked(&off)), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn a_few_clicks_of_each_address_are_followed_up() {
    const FOLLOWED: usize = 12;
    let house = house_that_prepares().await;
    let mut prepared = 0;
    for _ in 0..20 {
        for _ in 0..10 {
            assert_eq!(house.browser().get(LINK).await.status, StatusCode::SEE_OTHER);
        }
        tokio::time::sleep(A_WHILE).await;
        let asked = asked(&house);
        prepared += asked.iter().filter(|question| question.starts_with("prepare")).count();
        if prepared >= FOLLOWED {
            break;
        }
    }
    tokio::time::sleep(A_WHILE).await;
    assert_eq!((prepared, asked(&house)), (FOLLOWED, Vec::new()));
}

#[tokio::test]
async fn what_is_in_memory_stands_in_the_page() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    let mut exam = ExamSummary::clone(&*house.source.summary(EXAM).await.unwrap());
    exam.patient.given_names = "</script><script>alert(1)</script>".to_owned();
    let formats = serde_json::from_value(json!([{
        "transfer_syntax_uid": "1.2.840.10008.1.2.1", "sop_class_uid": "", "rows": 1, "columns": 1,
        "samples_per_pixel": 1, "photometric_interpretation": "MONOCHROME2", "bits_allocated": 8,
        "bits_stored": 8, "high_bit": 7, "signed": false, "planar": false, "samples": "integer",
        "padding": null, "spacing": null, "aspect_ratio": null, "lossy": null,
    }]));
    exam.series.push(Series {
        series_instance_uid: "1.2".to_owned(),
        formats: formats.unwrap(),
        images: vec![Image { sop_instance_uid: "1.3".to_owned(), frames: 1, ..Image::default() }],
        ..Series::default()
    });
    *house.source.at_hand.lock().unwrap() = Some(Arc::new(exam.clone()));

    let answer = browser.get("/examen/1").await;
    let page = answer.text();
    let (_, rest) = page.split_once("id=\"negatoscope-exam\" data-studies=\"1\">").unwrap();
    let (text, _) = rest.split_once("</script>").unwrap();
    assert_eq!(serde_json::from_str::<ExamSummary>(text).unwrap(), exam);
    assert!(!page.contains("alert(1)</script>"), "{page}");
    assert!(!page.contains("/api/examen"), "not asked for a second time");
    let first = format!("/dicomweb/studies/{EXAM}/series/1.2/instances/1.3/frames/1/rendered");
    let named = format!("name=\"negatoscope-first-picture\" content=\"{first}?accept=image/png\"");
    assert_eq!(page.matches(&named).count(), 1, "{page}");
    let asked = format!("<link rel=\"preload\" as=\"image\" href=\"{first}?accept=image/png\"");
    assert_eq!(page.matches(&asked).count(), 1, "{page}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(!policy.contains("unsafe-inline"), "data needs no permission");
    let packed = browser.send(Method::GET, "/examen/1", &[("accept-encoding", "br")], None).await;
    assert_eq!(packed.header("content-encoding"), Some("br"));

    let mut stranger = house.browser();
    stranger.get(LINK).await;
    let card = stranger.get("/examen/1").await;
    assert_eq!(card.location(), "/entree/1");
    assert!(!card.text().contains(EXAM), "only who was let in");
}
