//! Pages: headers, language, words.

use axum::http::StatusCode;

use crate::house::{House, LINK};

const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; font-src 'self'; \
    form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

#[tokio::test]
async fn item_38_39_every_answer_carries_the_security_headers() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    let paths = [
        LINK,
        "/",
        "/aide",
        "/entree/1",
        "/examen/1",
        "/api/session",
        "/api/examen/1",
        "/dicomweb/studies",
        "/assets/boot.1a.js",
        "/assets/nothing",
        "/nowhere",
        "/health",
        "/IHEInvokeImageDisplay",
    ];
    for path in paths {
        let answer = browser.get(path).await;
        let expected = [
            ("content-security-policy", POLICY),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ];
        for (name, value) in expected {
            assert_eq!(answer.header(name), Some(value), "{path} {name}");
        }
        assert!(
            answer.header("permissions-policy").is_some_and(|policy| policy.contains("camera=()")),
            "{path}"
        );
        assert_eq!(answer.header("strict-transport-security"), None, "{path}: only under TLS");
        let cache = answer.header("cache-control").unwrap();
        let is_asset = path == "/assets/boot.1a.js";
        assert_eq!(cache.contains("no-store"), !is_asset, "{path}: {cache}");
        assert_eq!(answer.header("server"), None, "{path}");
    }
}

#[tokio::test]
async fn item_43_pages_hold_nothing_inline_and_nothing_from_elsewhere() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    browser.get("/IHEInvokeImageDisplay?requestType=STUDY&studyUID=1.9").await;
    for path in [
        "/",
        "/aide",
        "/accessibilite",
        "/donnees-personnelles",
        "/au-revoir",
        "/entree/2",
        "/examen/1",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let text = answer.text();
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
        for forbidden in [
            "<style",
            "style=",
            " onclick",
            " onload",
            "http://",
            "https://",
            "javascript:",
            "entry.",
        ] {
            let found = text
                .match_indices(forbidden)
                .find(|(at, _)| !text[at.saturating_sub(8)..].starts_with("/assets/entry."));
            assert_eq!(found, None, "{path}: {forbidden}");
        }
        let scripts = text.matches("<script").count();
        assert_eq!(scripts, usize::from(path == "/examen/1"), "{path}");
    }
}

#[tokio::test]
async fn language_follows_the_browser_and_then_the_visitor() {
    let house = House::new().await;
    let mut browser = house.browser();
    browser.get(LINK).await;
    assert!(browser.get("/entree/1").await.text().contains("<html lang=\"fr\">"));
    browser.headers.push(("accept-language", "en-US,en;q=0.9".to_owned()));
    let page = browser.get("/entree/1").await.text();
    assert!(page.contains("<html lang=\"en\">") && page.contains("Date of birth"));
    let answer = browser.post("/langue", "langue=fr&retour=%2Fentree%2F1").await;
    assert_eq!(answer.location(), "/entree/1");
    let cookie = answer.header("set-cookie").unwrap().to_owned();
    assert!(
        cookie.starts_with("langue=fr; ") && cookie.contains("Secure; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    assert!(browser.get("/entree/1").await.text().contains("Date de naissance"));
    let away = browser.post("/langue", "langue=en&retour=https%3A%2F%2Fevil.example").await;
    assert_eq!(away.location(), "/");
    let away = browser.post("/langue", "langue=xx&retour=%2F%2Fevil.example").await;
    assert_eq!(away.location(), "/");
}

#[tokio::test]
async fn pages_name_the_centre_and_how_to_reach_it() {
    let house = House::new().await;
    for path in ["/accessibilite", "/donnees-personnelles", "/aide"] {
        let text = house.browser().get(path).await.text();
        assert!(text.contains("01 02 03 04 05"), "{path}");
        assert!(text.contains("Visionneuse non destinée au diagnostic"), "{path}");
        assert!(!text.contains("%{"), "{path}: a placeholder was not filled in");
    }
}

#[tokio::test]
async fn the_card_is_a_form_that_works_without_script() {
    let house = House::new().await;
    let mut browser = house.browser();
    browser.get(LINK).await;
    let card = browser.get("/entree/1").await.text();
    assert!(card.contains("<form method=\"post\" action=\"/entree/1/code\""));
    for name in ["code", "jour", "mois", "annee"] {
        assert!(card.contains(&format!("<label for=\"{name}\">")), "{name} has no label");
        assert!(
            card.contains(&format!("<input id=\"{name}\" name=\"{name}\"")),
            "{name} has no field"
        );
    }
    let style = card.split("href=\"").find(|part| part.starts_with("/assets/entry.")).unwrap();
    let style = browser.get(style.split('"').next().unwrap()).await;
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(style.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert!(style.text().contains("prefers-color-scheme: dark"));
}

#[tokio::test]
async fn item_37_hsts_is_sent_where_the_visitor_is_encrypted() {
    let house = House::new().await;
    let mut browser = house.browser();
    // Without a peer address nobody is a trusted proxy.
    browser.headers.push(("x-forwarded-proto", "https".to_owned()));
    assert_eq!(browser.get("/").await.header("strict-transport-security"), None);
    // From one that is believed: for at least a year.
    browser.headers.push(("x-forwarded-for", "192.0.2.1".to_owned()));
    let answer = browser.get("/").await;
    let policy = answer.header("strict-transport-security").unwrap();
    let seconds = policy.strip_prefix("max-age=").unwrap().split(';').next().unwrap();
    assert!(seconds.parse::<u64>().unwrap() >= 365 * 86_400, "{policy}");
}

/// No other page may read anything, whatever it asks for.
#[tokio::test]
async fn item_40_no_other_origin_is_let_in() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    let headers = [
        ("origin", "https://vi2.349.example.fr"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "x-a"),
    ];
    for path in ["/", "/api/examen/1", "/dicomweb/studies", "/assets/boot.1a.js", "/health"] {
        for method in [axum::http::Method::GET, axum::http::Method::OPTIONS] {
            let answer = browser.send(method.clone(), path, &headers, None).await;
            let mut names = answer.headers.keys().map(axum::http::HeaderName::as_str);
            let found = names.find(|name| name.starts_with("access-control-"));
            assert_eq!(found, None, "{method} {path}");
        }
    }
}
