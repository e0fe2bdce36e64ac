//! A list of trusted boxes that is not renewed while images come.

use axum::http::StatusCode;
use time::Duration;

use crate::journey::{Street, frame, instance};
use crate::network::{kos, phantoms};
use crate::peer::Quirks;
use crate::retrieval::long_series;

#[tokio::test(flavor = "multi_thread")]
async fn when_the_list_expires_what_came_stays_nobody_is_asked_and_a_fresh_list_goes_on() {
    // The stream breaks in the third object, when the test says so.
    let quirks = Quirks { holds_at: Some(2), cut: Some((2, 1)), ..Quirks::default() };
    let Some(street) = Street::with(quirks).await else { return };
    let mut browser = street.called().await;
    street.log_in(&mut browser, "psc", "radiologist").await;
    street.house.bring(&browser, 1, &[kos(&street.peer.url)]).await;
    let long = long_series();
    for number in [0, 1] {
        assert_eq!(frame(&mut browser, &instance(long, number)).await.status, StatusCode::OK);
    }
    let (house, asked) = (&street.house, street.peer.asked().len());
    let publisher = &house.network.publisher;
    publisher.wait(Duration::days(7));
    street.peer.shared.gate.add_permits(1);
    let missing = frame(&mut browser, &instance(long, 2)).await;
    assert_eq!(missing.status, StatusCode::BAD_GATEWAY);
    let other = (long + 1) % phantoms().exam.series.len();
    assert_eq!(frame(&mut browser, &instance(other, 0)).await.status, StatusCode::BAD_GATEWAY);
    for number in [0, 1] {
        assert_eq!(frame(&mut browser, &instance(long, number)).await.status, StatusCode::OK);
    }
    assert_eq!(street.peer.asked().len(), asked, "no further request");
    let told = browser.get("/api/consultation/1").await.json();
    let states: Vec<_> = told["exams"][0]["progress"].as_array().unwrap().iter().collect();
    assert!(states.iter().all(|series| series["state"] == "list_expired"), "{told}");
    let page = browser.get("/consultation/1").await.text();
    assert!(page.contains("2 sur") && page.contains("depuis une semaine"), "{page}");
    // The same list, published still: that is what makes it fresh.
    publisher.revoke(&[]);
    house.state.trust_list.get().unwrap().round().await.unwrap();
    street.peer.change(|quirks| quirks.holds_at = None);
    browser.post("/consultation/1/reprise/1", "").await;
    for number in 0..phantoms().exam.series[long].files.len() {
        assert_eq!(frame(&mut browser, &instance(long, number)).await.status, StatusCode::OK);
    }
    assert_eq!(browser.get("/api/examen/1").await.status, StatusCode::OK);
    let told = browser.get("/api/consultation/1").await.json();
    let states = told["exams"][0]["progress"].as_array().unwrap();
    assert!(states.iter().all(|series| series["state"] == "whole"), "{told}");
}
