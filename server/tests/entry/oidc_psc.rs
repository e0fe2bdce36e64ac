//! Professionals by Pro Santé Connect: who gets in, as whom, for how long.

use axum::http::StatusCode;
use rcgen::{CertificateParams, DistinguishedName, DnType, Issuer, KeyPair};
use serde_json::json;
use tempfile::TempDir;
use url::Url;

use crate::{
    house::{EXAM, House, LINK, SECOND_EXAM},
    identity_peer::{Peer, Town, leave},
};

const SUMMARY: &str = "/api/examen/1";

#[tokio::test]
async fn item_13_and_60_a_professional_sees_the_exam_and_leaves_a_trace() {
    let Some(town) = Town::new().await else { return };
    let mut browser = town.visitor().await;
    let before = browser.cookies.clone();
    let departure = leave(&mut browser, "psc", 1).await;
    let back = town.peer.log_in(departure.location(), "radiologist").await;
    let arrival = browser.get(&back).await;
    assert_eq!(arrival.location(), "/examen/1");
    assert_ne!(browser.cookies, before, "item 31: a new cookie");
    let summary = browser.get(SUMMARY).await;
    assert_eq!(summary.json()["study"]["study_instance_uid"], EXAM);
    let shell = browser.get("/examen/1").await;
    let line = town.house.journal()[0].clone();
    assert_eq!(
        (line["event"].as_str(), line["subject"].as_str()),
        (Some("login"), Some("psc:899700000001"))
    );
    assert_eq!(line["studies"], json!([EXAM]));
    assert_eq!(line["way"], "psc");
    let how = line["reason"].as_str().unwrap();
    assert_eq!(how, "acr=eidas1 amr=pwd+mfa profession=10 speciality=SM44 place=F11");
    // Neither token nor secret reaches the browser.
    let kept: (String, String) = sqlx::query_as("SELECT id_token, refresh_token FROM oidc_login")
        .fetch_one(&town.house.state.store.pool)
        .await
        .unwrap();
    for answer in [&departure, &arrival, &summary, &shell] {
        let seen = format!("{:?} {}", answer.headers, String::from_utf8_lossy(&answer.body));
        for token in [kept.0.as_str(), kept.1.as_str(), "eyJ"] {
            assert!(!seen.contains(token), "{token}");
        }
    }
}

#[tokio::test]
async fn item_17_without_practice_refused_with_the_reason() {
    let Some(town) = Town::new().await else { return };
    let mut browser = town.visitor().await;
    let answer = town.log_in(&mut browser, "psc", "no_practice").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("aucune situation d’exercice"), "{}", answer.text());
    assert_eq!(town.house.journal().pop().unwrap()["reason"], "no_practice");
    let answer = town.log_in(&mut browser, "psc", "no_id").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(town.house.journal().pop().unwrap()["reason"], "oidc_claims");
    assert_eq!(town.count("login").await, 0);
}

#[tokio::test]
async fn item_18_several_situations_are_a_choice() {
    let Some(town) = Town::new().await else { return };
    let mut browser = town.visitor().await;
    let answer = town.log_in(&mut browser, "psc", "two_places").await;
    assert_eq!(answer.location(), "/connexion/psc/situation");
    assert_eq!(browser.get("/examen/1").await.location(), "/entree/1", "not in yet");
    let page = browser.get("/connexion/psc/situation").await.text();
    for words in ["Médecin", "CLINIQUE DU PARC", "Infirmier", "CABINET &#60;B&#62;"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    for wrong in ["", "situation=", "situation=2", "situation=-1", "situation=0x"] {
        let answer = browser.post("/connexion/psc/situation", wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let mut stranger = town.visitor().await;
    let answer = stranger.post("/connexion/psc/situation", "situation=1").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer = browser.post("/connexion/psc/situation", "situation=1").await;
    assert_eq!(answer.location(), "/examen/1");
    let how = town.house.journal().pop().unwrap()["reason"].as_str().unwrap().to_owned();
    assert!(how.contains("profession=60") && how.ends_with("place=F11"), "{how}");
    let again = browser.post("/connexion/psc/situation", "situation=0").await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "a choice is made once");
}

#[tokio::test]
async fn item_19_only_the_professions_of_the_list() {
    let Some(town) = Town::with("", "professions = [\"10\"]", "").await else { return };
    let mut browser = town.visitor().await;
    let answer = town.log_in(&mut browser, "psc", "podiatrist").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("votre profession"), "{}", answer.text());
    assert_eq!(town.house.journal().pop().unwrap()["reason"], "profession");
    // One of two situations is left: nothing to choose.
    assert_eq!(town.log_in(&mut browser, "psc", "two_places").await.location(), "/examen/1");
}

#[tokio::test]
async fn item_20_the_session_ends_with_the_one_at_the_provider() {
    let Some(town) = Town::with("", "heartbeat_seconds = 60", "").await else { return };
    let mut browser = town.visitor().await;
    assert_eq!(town.log_in(&mut browser, "psc", "radiologist").await.location(), "/examen/1");
    let beat = || negatoscope_server::auth::oidc::heartbeat::beat(&town.house.state);
    let is_in = async |browser: &mut crate::browser::Browser| {
        browser.get(SUMMARY).await.status == StatusCode::OK
    };
    for _ in 0..2 {
        town.house.wait_seconds(60);
        beat().await;
        assert!(is_in(&mut browser).await, "the refresh token is renewed on the server");
        assert_eq!(beaten(&town).await, 1);
    }
    // A provider that does not answer is waited for, three beats long.
    town.peer.fault(&town.peer.psc, "down").await;
    for _ in 0..2 {
        town.house.wait_seconds(60);
        beat().await;
        assert!(is_in(&mut browser).await);
    }
    town.peer.fault(&town.peer.psc, "none_of_these").await;
    town.house.wait_seconds(10);
    beat().await;
    assert!(is_in(&mut browser).await, "it answers again");
    assert_eq!(beaten(&town).await, 1);
    // The refresh token is worth nothing any more: logged out over there.
    sqlx::query("UPDATE oidc_login SET refresh_token = 'revoked'")
        .execute(&town.house.state.store.pool)
        .await
        .unwrap();
    town.house.wait_seconds(60);
    beat().await;
    assert!(!is_in(&mut browser).await);
    let last = town.house.journal().pop().unwrap();
    assert_eq!(last["reason"], "provider_session_ended");
    assert_eq!(last["subject"], "psc:899700000001");
    let login = town.house.journal()[0].clone();
    for same in ["way", "session", "studies"] {
        assert_eq!(last[same], login[same], "{same}");
        assert!(!last[same].is_null(), "{same}");
    }
}

#[tokio::test]
async fn item_20_three_missed_beats_end_the_session() {
    let Some(town) = Town::with("", "heartbeat_seconds = 30", "").await else { return };
    let mut browser = town.visitor().await;
    assert_eq!(town.log_in(&mut browser, "psc", "radiologist").await.location(), "/examen/1");
    town.peer.fault(&town.peer.psc, "down").await;
    for still_in in [true, true, false] {
        town.house.wait_seconds(30);
        negatoscope_server::auth::oidc::heartbeat::beat(&town.house.state).await;
        assert_eq!(browser.get(SUMMARY).await.status == StatusCode::OK, still_in);
    }
}

/// A certificate authority with the provider's certificate and one for the client.
fn certificates(folder: &TempDir) -> serde_json::Value {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let root = authority.self_signed(&authority_key).unwrap();
    std::fs::write(path("ca.pem"), root.pem()).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    for (file, name) in [("server", "127.0.0.1"), ("client", "mtls")] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        std::fs::write(path(&format!("{file}.pem")), certificate.pem()).unwrap();
        std::fs::write(path(&format!("{file}.key")), key.serialize_pem()).unwrap();
    }
    json!({ "tls": { "key": path("server.key"), "cert": path("server.pem"), "ca": path("ca.pem") } })
}

#[tokio::test]
async fn item_21_secret_in_the_form_and_private_key_jwt() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let folder = tempfile::tempdir().unwrap();
    let key = KeyPair::generate().unwrap();
    let raw = key.public_key_raw();
    let coordinate = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let jwk = json!({ "client_jwk": { "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "ours",
        "x": coordinate(&raw[1..33]), "y": coordinate(&raw[33..65]) } });
    let file = folder.path().join("client.key");
    std::fs::write(&file, key.serialize_pem()).unwrap();
    let Some(peer) = Peer::start(&jwk, None) else { return };
    let signing = format!(
        "client = {{ id = \"jwt\", auth = \"private_key_jwt\", key_file = {file:?}, key_id = \"ours\" }}"
    );
    let mut town = Town { house: House::new().await, peer };
    for client in [town.peer.posting_client(), signing] {
        let lines = format!("{client}\nheartbeat_seconds = 20");
        town.house = House::with_identity("", &town.peer.identity(&lines, "")).await;
        logs_in_and_beats(&town).await;
    }
}

#[tokio::test]
async fn item_21_mutual_tls() {
    let folder = tempfile::tempdir().unwrap();
    let settings = certificates(&folder);
    let path = |name: &str| folder.path().join(name);
    let authority = std::fs::read_to_string(path("ca.pem")).unwrap();
    let Some(peer) = Peer::start(&settings, Some(&authority)) else { return };
    assert!(peer.psc.starts_with("https://"), "{}", peer.psc);
    let lines = format!(
        "ca_file = {:?}\nheartbeat_seconds = 20\nclient = {{ id = \"mtls\", auth = \"tls_client_auth\", \
         certificate_file = {:?}, key_file = {:?} }}",
        path("ca.pem"),
        path("client.pem"),
        path("client.key")
    );
    let house = House::with_identity("", &peer.identity(&lines, "")).await;
    logs_in_and_beats(&Town { house, peer }).await;
}

/// Code, refresh and introspection: all three prove who the client is.
async fn logs_in_and_beats(town: &Town) {
    let mut browser = town.visitor().await;
    assert_eq!(town.log_in(&mut browser, "psc", "radiologist").await.location(), "/examen/1");
    town.house.wait_seconds(20);
    negatoscope_server::auth::oidc::heartbeat::beat(&town.house.state).await;
    assert_eq!(beaten(town).await, 1);
}

/// Logins that the provider vouched for at this very moment.
async fn beaten(town: &Town) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM oidc_login WHERE checked = ?")
        .bind(town.house.state.clock.seconds())
        .fetch_one(&town.house.state.store.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn item_22_logout_is_offered_at_the_provider_and_needs_no_state_back() {
    let Some(town) = Town::new().await else { return };
    let mut browser = town.visitor().await;
    assert_eq!(town.log_in(&mut browser, "psc", "radiologist").await.location(), "/examen/1");
    let goodbye = browser.post("/deconnexion", "").await.location().to_owned();
    assert!(goodbye.starts_with("/au-revoir?suite="), "{goodbye}");
    assert_eq!(town.count("login").await, 0, "item 34: over on the server");
    assert_eq!(town.count("oidc_login").await, 0);
    let page = browser.get(&goodbye).await.text();
    assert!(page.contains("Se déconnecter aussi de Pro Santé Connect"), "{page}");
    assert!(!page.contains("eyJ"), "no token in the page");
    let leave = goodbye.replace("/au-revoir?", "/au-revoir/fournisseur?");
    assert!(page.contains(&leave), "{page}");
    let url = Url::parse(browser.get(&leave).await.location()).unwrap();
    let get =
        |name: &str| url.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned();
    assert!(url.path().ends_with("/protocol/openid-connect/logout"), "{url}");
    assert!(get("id_token_hint").starts_with("eyJ"));
    assert_eq!(get("post_logout_redirect_uri"), "https://vi1.349.example.fr/au-revoir");
    assert!(get("state").len() >= 22);
    assert_eq!(browser.get(&leave).await.location(), "/au-revoir", "once only");
    for back in ["/au-revoir", "/au-revoir?state=x", "/au-revoir?state=%00%ff&suite"] {
        assert_eq!(browser.get(back).await.status, StatusCode::OK, "{back}");
    }
}

#[tokio::test]
async fn item_8_another_person_on_the_same_browser_starts_anew() {
    let Some(town) = Town::new().await else { return };
    let mut browser = town.visitor().await;
    assert_eq!(town.log_in(&mut browser, "psc", "radiologist").await.location(), "/examen/1");
    let second = format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID={SECOND_EXAM}");
    assert_eq!(browser.get(&second).await.location(), "/entree/2");
    let departure = leave(&mut browser, "psc", 2).await.location().to_owned();
    let back = town.peer.log_in(&departure, "radiologist").await;
    assert_eq!(browser.get(&back).await.location(), "/examen/2");
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::OK, "the same person keeps both");
    let departure = leave(&mut browser, "psc", 2).await.location().to_owned();
    let back = town.peer.log_in(&departure, "podiatrist").await;
    assert_eq!(browser.get(&back).await.location(), "/examen/2");
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::NOT_FOUND, "somebody else does not");
    assert_eq!(town.count("login").await, 1);
}

#[tokio::test]
async fn an_exam_that_is_not_there_is_not_available_to_a_professional() {
    let Some(town) = Town::new().await else { return };
    let mut browser = town.house.browser();
    browser.get(&LINK.replace("ACN1", "ACN2")).await;
    let answer = town.log_in(&mut browser, "psc", "radiologist").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.text().contains("Examen non disponible"), "{}", answer.text());
    assert_eq!(town.house.journal().pop().unwrap()["reason"], "unknown_exam");
}

#[tokio::test]
async fn item_33_a_professional_has_thirty_minutes_and_four_hours() {
    let Some(town) = Town::new().await else { return };
    let mut browser = town.visitor().await;
    assert_eq!(town.log_in(&mut browser, "psc", "radiologist").await.location(), "/examen/1");
    let left = async |browser: &mut crate::browser::Browser| {
        browser.post("/api/session", "").await.json()["expires_in_s"].as_i64()
    };
    assert_eq!(left(&mut browser).await, Some(1800));
    for _ in 0..9 {
        town.house.wait_minutes(25);
        assert!(left(&mut browser).await.is_some());
    }
    assert_eq!(left(&mut browser).await, Some(900), "225 minutes of 240 are over");
    town.house.wait_minutes(15);
    assert_eq!(left(&mut browser).await, None);
}
