//! Hosts: the right site or nothing at all.

use axum::http::StatusCode;
use serde_json::json;

use crate::{
    browser::Browser,
    house::{House, LINK, OTHER_SITE, SITE},
};

#[tokio::test]
async fn an_unknown_host_gets_421_and_nothing_else() {
    let house = House::new().await;
    for host in [
        "vi3.349.example.fr",
        "localhost",
        "127.0.0.1",
        "vi1.349.example.fr.evil.example",
        "[::1]:80",
    ] {
        for path in
            ["/", LINK, "/health", "/health/live", "/assets/boot.1a.js", "/nowhere", "/api/session"]
        {
            let mut browser = Browser::new(house.router.clone(), host);
            let answer = browser.get(path).await;
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}{path}");
            assert!(answer.body.is_empty(), "{host}{path}");
            assert!(browser.cookies.is_empty(), "{host}{path}");
        }
    }
}

#[tokio::test]
async fn each_host_shows_its_own_centre() {
    let house = House::new().await;
    let table = [
        (SITE, "01 02 03 04 05"),
        ("VI1.349.EXAMPLE.fr:8443", "01 02 03 04 05"),
        ("vi1b.349.example.fr.", "01 02 03 04 05"),
        (OTHER_SITE, "06 07 08 09 10"),
    ];
    for (host, contact) in table {
        let page = Browser::new(house.router.clone(), host).get("/").await;
        assert_eq!(page.status, StatusCode::OK, "{host}");
        assert!(page.text().contains(contact), "{host}: {}", page.text());
    }
}

#[tokio::test]
async fn health_tells_the_state_and_no_names() {
    let house = House::new().await;
    let up = json!({ "status": "UP", "checks": [
        { "name": "source", "status": "UP" }, { "name": "database", "status": "UP" } ] });
    for path in ["/health", "/health/ready"] {
        let answer = house.browser().get(path).await;
        assert_eq!((answer.status, answer.json()), (StatusCode::OK, up.clone()));
    }
    house.source.down.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(
        house.browser().get("/health").await.json(),
        up,
        "answers are kept for a few seconds"
    );
    house.wait_seconds(5);
    let answer = house.browser().get("/health/ready").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["status"], "DOWN");
    assert_eq!(answer.json()["checks"][0], json!({ "name": "source", "status": "DOWN" }));
    let live = house.browser().get("/health/live").await;
    assert_eq!((live.status, live.json()["status"].clone()), (StatusCode::OK, json!("UP")));
    let mut other = Browser::new(house.router.clone(), OTHER_SITE);
    assert_eq!(
        other.get("/health/ready").await.status,
        StatusCode::OK,
        "the other site's source is up"
    );
}
