//! Away to a provider and back: what is asked for, what counts once, who is told what.

use axum::http::{Method, StatusCode};
use url::Url;

use crate::{
    house::{EXAM, LINK, OTHER_SITE},
    identity_peer::{Town, leave},
};

fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    let mut found = url.query_pairs().filter(|(known, _)| known == name);
    let value = found.next().map(|(_, value)| value.into_owned());
    assert!(found.next().is_none(), "{name} twice in {url}");
    value
}

#[tokio::test]
async fn item_1_and_24_the_request_asks_for_what_it_must_and_no_more() {
    let extra = "extra_parameters = { kc_idp_hint = \"hospital\" }";
    let Some(town) = Town::with("", extra, "").await else { return };
    for (kind, issuer, scope, level) in [
        ("psc", &town.peer.psc, "openid scope_all", "eidas1"),
        ("franceconnect", &town.peer.franceconnect, "openid identite_pivot", "eidas2"),
    ] {
        let mut browser = town.visitor().await;
        let first = leave(&mut browser, kind, 1).await.location().to_owned();
        let second = leave(&mut browser, kind, 1).await.location().to_owned();
        assert!(first.starts_with(issuer.as_str()), "{first}");
        let get = |name: &str| parameter(&first, name).unwrap_or_default();
        assert_eq!(get("response_type"), "code");
        assert_eq!(get("scope"), scope);
        assert_eq!(get("acr_values"), level);
        assert_eq!(get("code_challenge_method"), "S256");
        assert_eq!(get("code_challenge").len(), 43);
        let back = format!("https://vi1.349.example.fr/connexion/{kind}/retour");
        assert_eq!(get("redirect_uri"), back);
        for name in ["state", "nonce"] {
            assert_eq!(get(name).len(), 43, "256 bits");
        }
        for name in ["state", "nonce", "code_challenge"] {
            assert_ne!(Some(get(name)), parameter(&second, name), "{name} is fresh each time");
        }
        let hint = parameter(&first, "kc_idp_hint");
        assert_eq!(hint.as_deref(), (kind == "psc").then_some("hospital"));
    }
}

#[tokio::test]
async fn item_2_a_way_back_counts_once_and_for_ten_minutes() {
    let Some(town) = Town::new().await else { return };
    let mut browser = town.visitor().await;
    let back = town.way_back(&mut browser, "psc", "radiologist").await;
    assert_eq!(browser.get(&back).await.location(), "/examen/1");
    let (logins, journal) = (town.count("login").await, town.house.journal().len());
    let again = browser.get(&back).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert_eq!(town.count("login").await, logins);
    assert_eq!(town.house.journal()[journal]["reason"], "oidc_state");

    let mut late = town.visitor().await;
    let back = town.way_back(&mut late, "psc", "radiologist").await;
    town.house.wait_seconds(600);
    assert_eq!(late.get(&back).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(late.get("/examen/1").await.location(), "/entree/1");
    assert_eq!(town.count("login").await, logins);
}

#[tokio::test]
async fn item_3_the_way_back_of_another_browser_or_site_is_refused() {
    let Some(town) = Town::new().await else { return };
    let mut attacker = town.visitor().await;
    let back = town.way_back(&mut attacker, "psc", "radiologist").await;
    let mut victim = town.visitor().await;
    assert_eq!(victim.get(&back).await.status, StatusCode::BAD_REQUEST);
    let mut stranger = town.house.browser();
    assert_eq!(stranger.get(&back).await.status, StatusCode::BAD_REQUEST);
    let mut elsewhere = attacker.clone();
    elsewhere.host = OTHER_SITE.to_owned();
    assert_eq!(elsewhere.get(&back).await.status, StatusCode::BAD_REQUEST);
    let other_provider = back.replace("/psc/", "/franceconnect/");
    assert_eq!(attacker.get(&other_provider).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(town.count("login").await, 0);
    // Nobody else used it up.
    assert_eq!(attacker.get(&back).await.location(), "/examen/1");
}

/// The way back with another issuer, or none.
fn with_issuer(back: &str, issuer: Option<&str>) -> String {
    let mut url = Url::parse(&format!("https://x{back}")).unwrap();
    let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    assert!(pairs.iter().any(|(name, _)| name == "iss"), "{back}");
    pairs.retain(|(name, _)| name != "iss");
    pairs.extend(issuer.map(|issuer| ("iss".to_owned(), issuer.to_owned())));
    url.query_pairs_mut().clear().extend_pairs(pairs);
    format!("{}?{}", url.path(), url.query().unwrap())
}

#[tokio::test]
async fn item_4_the_answer_names_its_issuer() {
    let Some(town) = Town::new().await else { return };
    let slash = format!("{}/", town.peer.psc);
    for issuer in [None, Some("https://evil.example"), Some(&town.peer.franceconnect), Some(&slash)]
    {
        let mut browser = town.visitor().await;
        let back = town.way_back(&mut browser, "psc", "radiologist").await;
        let answer = browser.get(&with_issuer(&back, issuer)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{issuer:?}");
        let last = town.house.journal().pop().unwrap();
        assert_eq!(last["reason"], "oidc_response_issuer");
    }
}

#[tokio::test]
async fn item_6_a_provider_with_another_name_is_not_used() {
    let Some(town) = Town::new().await else { return };
    for (kind, issuer) in [("psc", &town.peer.psc), ("franceconnect", &town.peer.franceconnect)] {
        town.peer.fault(issuer, "other_issuer").await;
        let mut browser = town.visitor().await;
        let answer = leave(&mut browser, kind, 1).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.header("retry-after").is_some());
    }
}

#[tokio::test]
async fn item_11_a_provider_that_is_down_lets_nobody_in() {
    let Some(town) = Town::new().await else { return };
    let mut browser = town.visitor().await;
    let back = town.way_back(&mut browser, "psc", "radiologist").await;
    town.peer.fault(&town.peer.psc, "down").await;
    let answer = browser.get(&back).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text().contains("ne répond pas"), "{}", answer.text());
    assert_eq!(browser.get("/examen/1").await.location(), "/entree/1");
    // The others still work.
    let code = town.house.grant(EXAM).await;
    assert_eq!(browser.enter(1, &code, crate::house::BORN).await.location(), "/examen/1");
}

#[tokio::test]
async fn item_12_giving_up_leads_back_to_the_card() {
    let Some(town) = Town::new().await else { return };
    for kind in ["psc", "franceconnect"] {
        let mut browser = town.visitor().await;
        let answer = town.log_in(&mut browser, kind, "cancel").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.text().contains("Vous n’avez pas terminé"), "{}", answer.text());
        assert_eq!(browser.get("/examen/1").await.location(), "/entree/1");
    }
}

#[tokio::test]
async fn item_14_nothing_in_the_answer_says_where_to_go() {
    let Some(town) = Town::new().await else { return };
    let mut browser = town.visitor().await;
    let back = town.way_back(&mut browser, "psc", "radiologist").await;
    let back = format!("{back}&retour=https://evil.example&redirect_uri=//evil.example");
    assert_eq!(browser.get(&back).await.location(), "/examen/1");
    let goodbye = browser.get("/au-revoir?suite=https://evil.example&state=x").await;
    assert_eq!(goodbye.status, StatusCode::OK);
    assert!(!goodbye.text().contains("evil.example"));
    let answer = browser.get("/au-revoir/fournisseur?suite=https://evil.example").await;
    assert_eq!(answer.location(), "/au-revoir");
}

#[tokio::test]
async fn item_36_no_page_of_somebody_else_starts_a_login() {
    let Some(town) = Town::new().await else { return };
    let mut browser = town.visitor().await;
    for origin in ["cross-site", "same-site", "none"] {
        let headers = [("sec-fetch-site", origin)];
        let answer = browser.send(Method::GET, "/connexion/psc/1", &headers, None).await;
        assert_eq!(answer.location(), "/entree/1", "{origin}");
    }
    assert_eq!(town.count("oidc_pending").await, 0);
    assert_eq!(leave(&mut browser, "psc", 9).await.status, StatusCode::NOT_FOUND);
    assert_eq!(leave(&mut browser, "google", 1).await.status, StatusCode::NOT_FOUND);
    assert_eq!(leave(&mut town.house.browser(), "psc", 1).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn item_65_and_66_departures_are_limited_and_bounded() {
    let Some(town) = Town::with("[session]\nlinks_per_address = 14", "", "").await else { return };
    let mut browser = town.visitor().await;
    for _ in 0..13 {
        assert_eq!(leave(&mut browser, "psc", 1).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(town.count("oidc_pending").await, 8);
    assert_eq!(leave(&mut browser, "psc", 1).await.status, StatusCode::TOO_MANY_REQUESTS);
    town.house.wait_seconds(600);
    negatoscope_server::housekeeping::tidy(&town.house.state).await;
    assert_eq!(town.count("oidc_pending").await, 0);
}

#[tokio::test]
async fn another_name_of_the_site_is_answered_to() {
    let Some(town) = Town::new().await else { return };
    let mut browser = town.house.browser();
    browser.host = "vi1b.349.example.fr".to_owned();
    browser.get(LINK).await;
    let departure = leave(&mut browser, "psc", 1).await.location().to_owned();
    let redirect = parameter(&departure, "redirect_uri").unwrap();
    assert_eq!(redirect, "https://vi1b.349.example.fr/connexion/psc/retour");
    let back = town.peer.log_in(&departure, "radiologist").await;
    assert_eq!(browser.get(&back).await.location(), "/examen/1");
}
