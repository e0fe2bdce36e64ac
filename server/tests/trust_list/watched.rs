//! What monitoring reads of the list.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use negatoscope_server::assets::Assets;
use negatoscope_server::audit::Audit;
use negatoscope_server::router;
use negatoscope_server::sites::{Site, Sites};
use negatoscope_server::sources;
use negatoscope_server::state::{AppState, Parts};
use serde_json::Value;
use time::Duration;
use tower::ServiceExt as _;

use crate::forge::Forge;
use crate::pki::now;
use crate::publisher::Publisher;

async fn state(publisher: &Publisher) -> AppState {
    let images = publisher.folder.path().join("x");
    std::fs::create_dir_all(&images).unwrap();
    let config = publisher.configuration(
        &publisher.table("localhost", true),
        "source = { archive = { path = \"x\" } }",
    );
    let site = &config.sites[0];
    let source = sources::serve(site, &config.server.state, None).await.unwrap();
    let mut sites = Sites::default();
    sites.add(&site.hosts, Site::new(site, source, None));
    let audit = Audit::open(&config.audit_folder(), publisher.clock()).unwrap();
    let parts = Parts { sites, assets: Assets::default(), audit, clock: publisher.clock() };
    let state = AppState::new(&config, parts).await.unwrap();
    state.trust_list.get_or_init(|| publisher.keeper());
    state
}

/// Status, and what is said of the list.
async fn ready(state: &AppState) -> (StatusCode, Value) {
    let request = Request::builder().uri("/health/ready").header("host", "vi1.example");
    let request = request.body(Body::empty()).unwrap();
    let answer = router::build(state).oneshot(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let told: Value = serde_json::from_slice(&body).unwrap();
    let checks = told["checks"].as_array().unwrap();
    let list = checks.iter().find(|check| check["name"] == "trust_list").unwrap();
    (status, list.clone())
}

#[tokio::test]
async fn item_57_health_and_metrics_tell_how_old_the_list_is() {
    let publisher = Publisher::of(Forge::default().document());
    let state = state(&publisher).await;
    let keeper = Arc::clone(state.trust_list.get().unwrap());
    let metric = "negatoscope_trust_list_confirmed_seconds ";
    let (_, list) = ready(&state).await;
    assert_eq!((&list["status"], &list["data"]["age"]), (&"DOWN".into(), &"none".into()));
    assert!(!state.metrics.tell(&state).await.unwrap().contains(metric));
    keeper.round().await.unwrap();
    for (wait, status, age) in [
        (Duration::minutes(1), "UP", "fresh"),
        (Duration::hours(49), "UP", "old"),
        (Duration::days(5), "DOWN", "too_old"),
    ] {
        publisher.wait(wait);
        let (answer, list) = ready(&state).await;
        assert_eq!((&list["status"], &list["data"]["age"]), (&status.into(), &age.into()));
        assert_eq!(answer, StatusCode::OK, "exams are shown all the same");
    }
    let told = state.metrics.tell(&state).await.unwrap();
    let line = format!("{metric}{}", now().unix_timestamp());
    assert!(told.contains(&line), "{told}");
    assert!(told.contains("negatoscope_up{site=\"vi1.example\",check=\"trust_list\"} 0"), "{told}");
}
