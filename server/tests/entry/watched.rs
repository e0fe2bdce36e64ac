//! What monitoring reads: metrics for the operator, health for the network, neither about people.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use http_body_util::BodyExt;
use negatoscope_server::tls::Certificate;
use rcgen::{CertificateParams, KeyPair};
use serde_json::json;
use time::OffsetDateTime;
use tower::ServiceExt;

use crate::house::{ADMIN_TOKEN, BORN, EXAM, House, LINK, SITE};

async fn metrics(house: &House, token: &str) -> (StatusCode, String) {
    let request = Request::builder()
        .uri("/metrics")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap();
    let (parts, body) = house.admin().0.oneshot(request).await.unwrap().into_parts();
    let text = body.collect().await.unwrap().to_bytes().to_vec();
    (parts.status, String::from_utf8(text).unwrap())
}

#[tokio::test]
async fn metrics_count_and_name_nobody() {
    let house = House::new().await;
    let code = house.grant(EXAM).await;
    let mut browser = house.browser();
    browser.get(LINK).await;
    browser.enter(1, &code, ("1", "1", "1901")).await;
    browser.enter(1, &code, BORN).await;
    browser.get("/nowhere/1.2.3").await;
    let (status, text) = metrics(&house, ADMIN_TOKEN).await;
    assert_eq!(status, StatusCode::OK);
    for line in [
        format!("negatoscope_events_total{{site=\"{SITE}\",event=\"login\",way=\"code\"}} 1"),
        format!("negatoscope_events_total{{site=\"{SITE}\",event=\"refusal\",way=\"code\"}} 1"),
        format!("negatoscope_up{{site=\"{SITE}\",check=\"source\"}} 1"),
        format!("negatoscope_up{{site=\"{SITE}\",check=\"database\"}} 1"),
        format!("negatoscope_sessions{{site=\"{SITE}\"}} 1"),
        "negatoscope_requests_total{route=\"/entree/{number}/{provider}\",status=\"403\"} 1"
            .to_owned(),
        "negatoscope_requests_total{route=\"(none)\",status=\"404\"} 1".to_owned(),
        "negatoscope_request_duration_seconds_count 4".to_owned(),
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line} is not in\n{text}");
    }
    let cookie = &browser.cookies["__Host-negatoscope"];
    for secret in [EXAM, &code, "LEF", "0.0.0.0", "1.2.3", cookie] {
        assert!(!text.contains(secret), "{secret} is in\n{text}");
    }
}

#[tokio::test]
async fn metrics_are_for_the_administration_only() {
    let house = House::new().await;
    assert_eq!(metrics(&house, "another-token").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(house.visitor().await.get("/metrics").await.status, StatusCode::NOT_FOUND);
}

/// A certificate of `SITE` that ends in so many days.
fn certificate(days: i64) -> Arc<Certificate> {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([SITE.to_owned()]).unwrap();
    params.not_after = OffsetDateTime::now_utc() + time::Duration::hours(days * 24 + 12);
    let chain = params.self_signed(&key).unwrap().pem();
    Arc::new(Certificate::from_pem(chain.as_bytes(), key.serialize_pem().as_bytes()).unwrap())
}

#[tokio::test]
async fn health_and_metrics_tell_when_the_certificate_ends() {
    let house = House::with("[server.tls]\ncertificate = \"c\"\nkey = \"k\"").await;
    let mut browser = house.browser();
    let check = |answer: serde_json::Value| answer["checks"][2].clone();
    let answer = browser.get("/health/ready").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(check(answer.json()), json!({ "name": "certificate", "status": "DOWN" }));

    let ten_days = certificate(10);
    house.state.certificates.set(&[SITE.to_owned()], &ten_days);
    house.wait_seconds(5);
    let answer = browser.get("/health/ready").await;
    assert_eq!(answer.status, StatusCode::OK);
    let up = json!({ "name": "certificate", "status": "UP", "data": { "days_left": 10 } });
    assert_eq!(check(answer.json()), up);
    let line = format!(
        "negatoscope_certificate_not_after_seconds{{site=\"{SITE}\"}} {}",
        ten_days.not_after
    );
    let (_, text) = metrics(&house, ADMIN_TOKEN).await;
    assert!(text.lines().any(|shown| shown == line), "{line} is not in\n{text}");

    house.wait_minutes(11 * 24 * 60);
    let answer = browser.get("/health/ready").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(check(answer.json())["status"], "DOWN");
}

#[tokio::test]
async fn a_provider_that_is_away_is_told_and_the_site_stays_ready() {
    // Nobody listens on port 1.
    let identity = "[site.identity.psc]\nissuer = \"http://127.0.0.1:1/realm\"\n\
        client = { id = \"x\", auth = \"client_secret_basic\", secret_env = \"PATH\" }";
    let house = House::with_identity("", identity).await;
    let answer = house.browser().get("/health/ready").await;
    assert_eq!(answer.status, StatusCode::OK, "there is the code");
    let down = json!({ "name": "psc", "status": "DOWN", "data": { "required": false } });
    assert_eq!(answer.json()["checks"][2], down);
}
