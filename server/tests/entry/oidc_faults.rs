//! Providers that answer wrongly: each answer is refused, by both, with the reason in the journal.

use axum::http::StatusCode;

use crate::identity_peer::Town;

/// Logs in with a fault at each provider; tells status and the journal's reason.
async fn with_fault(town: &Town, kind: &str, fault: &str) -> (StatusCode, String) {
    let (issuer, person) = match kind {
        "psc" => (&town.peer.psc, "radiologist"),
        _ => (&town.peer.franceconnect, "elise"),
    };
    let mut browser = town.visitor().await;
    let back = town.way_back(&mut browser, kind, person).await;
    town.peer.fault(issuer, fault).await;
    let answer = browser.get(&back).await;
    let is_in = browser.get("/api/examen/1").await.status == StatusCode::OK;
    assert_eq!(is_in, answer.status == StatusCode::SEE_OTHER, "{kind} {fault}");
    let last = town.house.journal().pop().unwrap();
    (answer.status, last["reason"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn item_5_every_wrong_id_token_is_refused() {
    let Some(town) = Town::new().await else { return };
    let table = [
        ("bad_nonce", "oidc_nonce"),
        ("no_nonce", "oidc_nonce"),
        ("bad_audience", "oidc_audience"),
        ("more_audiences", "oidc_audience"),
        ("bad_party", "oidc_audience"),
        ("bad_issuer", "oidc_issuer"),
        ("no_issuer", "oidc_id_token"),
        ("slash_issuer", "oidc_issuer"),
        ("expired", "oidc_time"),
        ("no_expiry", "oidc_id_token"),
        ("future", "oidc_time"),
        ("none", "oidc_signature"),
        ("hs256", "oidc_signature"),
        ("other_algorithm", "oidc_signature"),
        ("bad_signature", "oidc_signature"),
        ("unknown_key", "oidc_signature"),
        ("bad_access_token", "oidc_access_token"),
        ("garbage", "oidc_id_token"),
        ("missing", "oidc_id_token"),
        ("other_subject", "oidc_userinfo_subject"),
    ];
    for kind in ["psc", "franceconnect"] {
        for (fault, reason) in table {
            let found = with_fault(&town, kind, fault).await;
            assert_eq!(found, (StatusCode::FORBIDDEN, reason.to_owned()), "{kind} {fault}");
        }
    }
    assert_eq!(town.count("login").await, 0);
}

#[tokio::test]
async fn item_7_weaker_means_than_asked_for_are_refused_with_words() {
    let Some(town) = Town::new().await else { return };
    for kind in ["psc", "franceconnect"] {
        for fault in ["low_level", "no_level"] {
            let found = with_fault(&town, kind, fault).await;
            assert_eq!(found, (StatusCode::FORBIDDEN, "oidc_level".to_owned()), "{kind} {fault}");
        }
    }
    let mut browser = town.visitor().await;
    let answer = town.log_in(&mut browser, "franceconnect", "elise_weak").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("moyen renforcé"), "{}", answer.text());
}

#[tokio::test]
async fn item_7_a_site_may_explicitly_take_eidas1() {
    let Some(town) = Town::with("", "", "min_acr = \"eidas1\"").await else { return };
    let mut browser = town.visitor().await;
    let answer = town.log_in(&mut browser, "franceconnect", "elise_weak").await;
    assert_eq!(answer.location(), "/examen/1");
}

#[tokio::test]
async fn item_9_and_23_user_information_is_the_same_persons_and_signed_for_us() {
    let Some(town) = Town::new().await else { return };
    let table = [
        ("franceconnect", "userinfo_other_subject", "oidc_userinfo_subject"),
        ("franceconnect", "userinfo_bad_signature", "oidc_userinfo_signature"),
        ("franceconnect", "userinfo_other_audience", "oidc_userinfo_signature"),
        ("franceconnect", "userinfo_none", "oidc_userinfo_signature"),
        ("franceconnect", "userinfo_plain", "oidc_userinfo_signature"),
        ("psc", "userinfo_other_subject", "oidc_userinfo_subject"),
    ];
    for (kind, fault, reason) in table {
        let found = with_fault(&town, kind, fault).await;
        assert_eq!(found, (StatusCode::FORBIDDEN, reason.to_owned()), "{kind} {fault}");
    }
    // Pro Santé Connect may sign or not.
    assert_eq!(with_fault(&town, "psc", "userinfo_signed").await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn item_10_new_keys_are_looked_for_at_most_once_a_minute() {
    let Some(town) = Town::new().await else { return };
    let path = "/protocol/openid-connect/certs";
    let asked = async || town.peer.asked(&town.peer.psc, path).await;
    assert_eq!(with_fault(&town, "psc", "unknown_key").await.0, StatusCode::FORBIDDEN);
    assert_eq!(asked().await, 1);
    for _ in 0..3 {
        assert_eq!(with_fault(&town, "psc", "unknown_key").await.0, StatusCode::FORBIDDEN);
    }
    assert_eq!(asked().await, 1, "the keys are younger than a minute");
    town.house.wait_seconds(60);
    assert_eq!(with_fault(&town, "psc", "new_key").await.0, StatusCode::SEE_OTHER);
    assert_eq!(asked().await, 2);
    assert_eq!(with_fault(&town, "psc", "unknown_key").await.0, StatusCode::FORBIDDEN);
    assert_eq!(asked().await, 2);
}

#[tokio::test]
async fn item_16_clocks_may_differ_by_a_minute_not_by_five() {
    let Some(town) = Town::new().await else { return };
    for kind in ["psc", "franceconnect"] {
        for fault in ["expired_a_little", "future_a_little"] {
            assert_eq!(with_fault(&town, kind, fault).await.0, StatusCode::SEE_OTHER, "{fault}");
        }
        for fault in ["expired", "future"] {
            assert_eq!(with_fault(&town, kind, fault).await.0, StatusCode::FORBIDDEN, "{fault}");
        }
    }
}
