//! Sessions: cookie, rotation, limits, other sites, logout, forms from elsewhere.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::{
    browser::Browser,
    house::{BORN, EXAM, House, LINK, OTHER_SITE, SECOND_EXAM},
};

const COOKIE: &str = "__Host-negatoscope";
const SUMMARY: &str = "/api/examen/1";

async fn is_in(browser: &mut Browser) -> bool {
    let answer = browser.get(SUMMARY).await;
    if answer.status == StatusCode::OK {
        return true;
    }
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.json(), json!({ "error": "session" }));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    false
}

#[tokio::test]
async fn item_32_the_cookie_is_locked_down() {
    let house = House::new().await;
    let answer = house.browser().get(LINK).await;
    let cookie = answer.header("set-cookie").unwrap();
    let parts: Vec<&str> = cookie.split("; ").collect();
    assert!(parts[0].starts_with("__Host-negatoscope=") && parts[0].len() >= 19 + 22, "{cookie}");
    for flag in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(parts.contains(&flag), "{flag}: {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn item_31_login_gives_a_new_cookie_and_the_old_one_is_worthless() {
    let house = House::new().await;
    let code = house.grant(EXAM).await;
    let mut browser = house.browser();
    browser.get(LINK).await;
    let mut before = browser.clone();
    browser.enter(1, &code, BORN).await;
    assert_ne!(browser.cookies[COOKIE], before.cookies[COOKIE]);
    assert!(is_in(&mut browser).await);
    assert!(!is_in(&mut before).await);
    assert_eq!(before.get("/examen/1").await.location(), "/entree/1");
}

#[tokio::test]
async fn an_idle_session_ends_and_leads_back_after_login() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    for _ in 0..3 {
        house.wait_minutes(14);
        assert!(is_in(&mut browser).await, "images are activity");
    }
    house.wait_minutes(14);
    let session = browser.get("/api/session").await;
    assert_eq!(session.json(), json!({ "expires_in_s": 60 }));
    house.wait_minutes(1);
    assert!(!is_in(&mut browser).await, "asking for the time left is no activity");
    assert_eq!(browser.get("/api/session").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get("/examen/1").await.location(), "/entree/1");
    let card = browser.get("/entree/1").await;
    assert!(card.text().contains("Votre session a pris fin"));
    let code = house.grant(EXAM).await;
    assert_eq!(browser.enter(1, &code, BORN).await.location(), "/examen/1");
    assert!(is_in(&mut browser).await);
}

#[tokio::test]
async fn staying_prolongs_up_to_the_absolute_limit() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    for _ in 0..4 {
        house.wait_minutes(10);
        let answer = browser.post("/api/session", "").await;
        assert_eq!(answer.json(), json!({ "expires_in_s": 900 }));
    }
    house.wait_minutes(10);
    // 50 minutes after login: 10 are left, however active the visitor.
    assert_eq!(browser.post("/api/session", "").await.json(), json!({ "expires_in_s": 600 }));
    house.wait_minutes(9);
    assert!(is_in(&mut browser).await);
    assert_eq!(browser.get("/api/session").await.json(), json!({ "expires_in_s": 60 }));
    house.wait_minutes(1);
    assert!(!is_in(&mut browser).await);
}

#[tokio::test]
async fn item_34_and_42_logout_kills_the_session_and_clears_the_browser() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    let mut copy = browser.clone();
    let answer = browser.post("/deconnexion", "").await;
    assert_eq!(answer.location(), "/au-revoir");
    assert_eq!(answer.header("clear-site-data"), Some("\"cache\", \"storage\""));
    assert!(browser.cookies.is_empty());
    let removal: Vec<_> =
        answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let expected = "__Host-negatoscope=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax";
    assert!(removal.contains(&expected), "{removal:?}");
    assert!(!is_in(&mut copy).await, "the old cookie is dead");
    assert_eq!(copy.get("/examen/1").await.location(), "/entree/1");
    assert_eq!(copy.get("/entree/1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/au-revoir").await.status, StatusCode::OK);
    let last = house.journal().pop().unwrap();
    assert_eq!((last["event"].as_str(), last["studies"][0].as_str()), (Some("logout"), Some(EXAM)));
}

#[tokio::test]
async fn revoking_a_code_takes_the_exam_away_at_once() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    let what = negatoscope_server::auth::codes::Withdraw::Study(EXAM.to_owned());
    let pool = &house.state.store.pool;
    assert_eq!(
        negatoscope_server::auth::codes::revoke(pool, OTHER_SITE, &what, 1).await.unwrap(),
        0
    );
    assert!(is_in(&mut browser).await);
    assert_eq!(
        negatoscope_server::auth::codes::revoke(pool, crate::house::SITE, &what, 1).await.unwrap(),
        1
    );
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/examen/1").await.location(), "/entree/1");
}

#[tokio::test]
async fn a_session_is_good_for_its_site_only() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    // A browser would not send it; somebody with the cookie might.
    browser.host = OTHER_SITE.to_owned();
    assert!(!is_in(&mut browser).await);
    assert_eq!(browser.get("/examen/1").await.location(), "/entree/1");
    assert_eq!(browser.get("/entree/1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        browser.get(&format!("/dicomweb/studies/{EXAM}/metadata")).await.status,
        StatusCode::UNAUTHORIZED
    );
    browser.host = "VI1B.349.example.fr.:443".to_owned();
    assert!(is_in(&mut browser).await, "another name of the same site");
}

#[tokio::test]
async fn a_session_opens_its_exams_and_no_other() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    assert_eq!(browser.get("/api/examen/1").await.json()["patient"]["birth_name"], "LEFÈVRE");
    assert_eq!(browser.get("/api/examen/2").await.status, StatusCode::NOT_FOUND);
    house.source.asked.lock().unwrap().clear();
    let path = format!("/dicomweb/studies/{SECOND_EXAM}/metadata");
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
    assert!(house.source.asked.lock().unwrap().is_empty(), "the source is not even asked");
    // A second exam is added by its own link and code; the first stays.
    let second = format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID={SECOND_EXAM}");
    assert_eq!(browser.get(&second).await.location(), "/entree/2");
    let code = house.grant(SECOND_EXAM).await;
    assert_eq!(browser.enter(2, &code, ("1", "1", "2001")).await.location(), "/examen/2");
    assert_eq!(browser.get("/examen/1").await.status, StatusCode::OK);
    assert_eq!(
        browser.get("/api/examen/2").await.json()["study"]["study_instance_uid"],
        SECOND_EXAM
    );
}

#[tokio::test]
async fn without_session_every_image_route_says_401() {
    let house = House::new().await;
    let frame = format!("/dicomweb/studies/{EXAM}/series/1.1/instances/1.1.1/frames/1");
    for path in ["/api/session", "/api/examen/1", "/api/examen/1/1", &frame, "/dicomweb/studies"] {
        let answer = house.browser().get(path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(answer.json(), json!({ "error": "session" }), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
    for cookie in ["x", "AAAAAAAAAAAAAAAAAAAAAA", "../../etc/passwd", "' OR 1=1 --"] {
        let mut browser = house.browser();
        browser.cookies.insert(COOKIE.to_owned(), cookie.to_owned());
        assert!(!is_in(&mut browser).await, "{cookie}");
    }
}

#[tokio::test]
async fn item_41_forms_from_elsewhere_are_refused() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    let attempts: [&[(&str, &str)]; 5] = [
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", "same-site"), ("origin", "https://vi2.349.example.fr")],
        &[("origin", "https://vi2.349.example.fr")],
        &[("origin", "null")],
        &[],
    ];
    for headers in attempts {
        for path in ["/deconnexion", "/langue", "/entree/1/code", "/api/session"] {
            let answer =
                browser.send(Method::POST, path, headers, Some("langue=en&retour=/")).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
    }
    assert!(is_in(&mut browser).await);
    let own = [("origin", "https://vi1.349.example.fr")];
    assert_eq!(
        browser.send(Method::POST, "/deconnexion", &own, Some("")).await.location(),
        "/au-revoir"
    );
}

#[tokio::test]
async fn old_things_are_forgotten() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    let pool = &house.state.store.pool;
    let count = |table: &'static str| async move {
        sqlx::query_scalar::<_, i64>(&format!("SELECT COUNT(*) FROM {table}"))
            .fetch_one(pool)
            .await
            .unwrap()
    };
    // Somebody else clicked and went away; our visitor stays active.
    house.browser().get(LINK).await;
    for _ in 0..4 {
        house.wait_minutes(14);
        assert!(is_in(&mut browser).await);
    }
    negatoscope_server::housekeeping::tidy(&house.state).await;
    assert_eq!((count("login").await, count("opened_exam").await, count("visit").await), (1, 1, 2));
    house.wait_minutes(12 * 60);
    negatoscope_server::housekeeping::tidy(&house.state).await;
    assert_eq!((count("login").await, count("opened_exam").await, count("visit").await), (0, 0, 0));
    assert_eq!(count("exam_tries").await, 0);
}
