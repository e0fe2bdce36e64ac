//! The contextual call: who may, what it must say, and the address it is answered with.

use std::sync::Arc;

use axum::http::StatusCode;

use crate::house::{House, SECRET};
use crate::manifest::Manifest;
use crate::network::{KOS, Network, form, kos, phantoms};

async fn house(more: &str) -> House {
    House::new(Arc::new(Network::new()), &[443], "", more).await
}

/// The path of an address of the site.
fn path(location: &str) -> String {
    location.strip_prefix("https://vi1.349.example.fr").unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_answered_with_an_address_that_works_once() {
    let house = house("").await;
    let answer = house.call(SECRET, &form(&phantoms().exam)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let path = path(answer.location());
    let name = path.strip_prefix("/consultation/appel/").unwrap();
    let shape: Vec<usize> = name.split('-').map(str::len).collect();
    assert_eq!((shape, &name[14..15]), (vec![8, 4, 4, 4, 12], "4"), "{name}");
    assert!(answer.body.is_empty() && !path.contains(&phantoms().exam.birth_name));
    let mut browser = house.browser();
    assert_eq!(browser.get(&path).await.location(), "/entree/1");
    let card = browser.get("/entree/1").await;
    assert_eq!(card.status, StatusCode::OK);
    let text = card.text();
    assert!(text.contains("/connexion/psc/1") && !text.contains("name=\"code\""), "{text}");
    assert!(!text.contains(&phantoms().exam.birth_name), "nobody is told whom it is about");
    for again in [&mut browser, &mut house.browser()] {
        assert_eq!(again.get(&path).await.status, StatusCode::GONE);
    }
    let journal = house.journal();
    assert!(
        journal.contains(&("facts_imported".to_owned(), "contextual_call".to_owned())),
        "{journal:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_is_good_for_a_short_time_only() {
    let house = house("call_seconds = 30").await;
    let answer = house.call(SECRET, &form(&phantoms().exam)).await;
    let path = path(answer.location());
    house.wait_seconds(31);
    assert_eq!(house.browser().get(&path).await.status, StatusCode::GONE);
    let unknown = "/consultation/appel/00000000-0000-4000-8000-000000000000";
    assert_eq!(house.browser().get(unknown).await.status, StatusCode::GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_wrong_is_told_which_field() {
    let house = house("").await;
    let good = form(&phantoms().exam);
    for (form, status, field) in [
        (good.replacen("Patient.gender", "Patient.sex", 1), StatusCode::BAD_REQUEST, "Patient.sex"),
        (good.replacen("&PatientID=", "&x=", 1), StatusCode::BAD_REQUEST, "x"),
        (
            good.replacen("PatientIDIssuer=", "situation=", 1),
            StatusCode::BAD_REQUEST,
            "PatientIDIssuer",
        ),
        (good.replacen("=51215", "=", 1), StatusCode::BAD_REQUEST, "Address.district"),
        (good.replacen("=true", "=false", 1), StatusCode::FORBIDDEN, "InformationEtConsentement"),
        (format!("{good}&PatientID=2"), StatusCode::BAD_REQUEST, "PatientID"),
    ] {
        let answer = house.call(SECRET, &form).await;
        assert_eq!(answer.status, status, "{form}");
        let told = answer.json();
        assert_eq!(told["field"], field, "{told}");
        assert!(told["fr"].as_str().unwrap().contains(field), "{told}");
        assert!(!answer.text().contains(&phantoms().exam.birth_name));
    }
    let json = ("application/json", b"{}".to_vec());
    let bearer = format!("Bearer {SECRET}");
    let answer = house.post("/appel-contextuel", &[("authorization", &bearer)], json).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let large = format!("{good}&Situation={}", "x".repeat(20_000));
    assert!(house.call(SECRET, &large).await.status.is_client_error());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_has_the_secret_and_comes_from_the_right_network_may_call() {
    let house = house("").await;
    for secret in ["", "another-secret-of-calls-that-is-long-enough"] {
        let answer = house.call(secret, &form(&phantoms().exam)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.json()["error"], "call_token");
    }
    let refused = ("refusal".to_owned(), "call_token".to_owned());
    assert_eq!(house.journal().into_iter().filter(|line| *line == refused).count(), 2);
    let most = house.state.access_code.tries_per_address;
    for _ in 2..most {
        assert_eq!(house.call("x", "").await.status, StatusCode::UNAUTHORIZED);
    }
    let answer = house.call(SECRET, &form(&phantoms().exam)).await;
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (StatusCode::TOO_MANY_REQUESTS, Some("too_many_calls")),
        "not even with the right one, after so many wrong ones"
    );
    let elsewhere = self::house("call_networks = [\"192.0.2.0/24\"]").await;
    let answer = elsewhere.call(SECRET, &form(&phantoms().exam)).await;
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (StatusCode::FORBIDDEN, Some("call_network"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_may_add_manifests_of_its_patient_until_the_call_is_opened() {
    let house = house("").await;
    let answer = house.call(SECRET, &form(&phantoms().exam)).await;
    let address = path(answer.location());
    let manifests = format!("{address}/manifestes");
    let bearer = format!("Bearer {SECRET}");
    let add = async |headers: &[(&str, &str)], bytes: Vec<u8>| {
        house.post(&manifests, headers, ("application/dicom", bytes)).await
    };
    let own = [("authorization", bearer.as_str())];
    let taken = add(&own, kos("https://localhost/x")).await;
    assert_eq!(
        (taken.status, &taken.json()["outcome"]),
        (StatusCode::OK, &"added".into()),
        "{}",
        taken.text()
    );
    let strangers = Manifest::new(&phantoms().other, KOS, "https://localhost/x").write();
    for (bytes, error) in [(strangers, "other_patient"), (b"junk".to_vec(), "not_dicom")] {
        let refused = add(&own, bytes).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.json()["error"], error);
    }
    assert_eq!(add(&[], kos("https://localhost/x")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.browser().get(&address).await.location(), "/entree/1");
    assert_eq!(add(&own, kos("https://localhost/x")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_a_professional_gets_in() {
    let house = house("").await;
    let answer = house.call(SECRET, &form(&phantoms().exam)).await;
    let mut browser = house.browser();
    browser.get(&path(answer.location())).await;
    let code = browser.post("/entree/1/code", "code=ABCD&jour=1&mois=1&annee=2000").await;
    assert_eq!(code.status, StatusCode::NOT_FOUND, "no code opens a consultation");
    assert_eq!(browser.get("/consultation/1").await.location(), "/entree/1");
    assert_eq!(browser.get("/api/consultation/1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/api/examen/1").await.status, StatusCode::UNAUTHORIZED);
    let answer = house.bring(&browser, 1, &[kos("https://localhost/x")]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    // From elsewhere, even with the cookie.
    let forged = browser
        .send(
            axum::http::Method::POST,
            "/consultation",
            &[("sec-fetch-site", "cross-site")],
            Some(""),
        )
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.post("/consultation", "").await.location(), "/entree/2");
    assert!(browser.get("/consultation").await.text().contains("action=\"/consultation\""));
}
