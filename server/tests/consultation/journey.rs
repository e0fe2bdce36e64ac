//! From the call to the last frame, through a real identity provider; and the ways that must stay shut.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use negatoscope_phantom::Exam;
use negatoscope_server::consultation;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::house::{House, SECRET};
use crate::identity_peer::{Peer as Provider, leave};
use crate::manifest::Manifest;
use crate::network::{KOS, Network, form, kos, phantoms, port};
use crate::peer::{Peer, Quirks};

const AS_STORED: &str = r#"multipart/related; type="application/octet-stream"; transfer-syntax=*"#;

pub(crate) struct Street {
    pub(crate) house: House,
    provider: Provider,
    pub(crate) peer: Peer,
}

impl Street {
    /// `None` where there is no provider: the test is skipped, unless it must not be.
    pub(crate) async fn new() -> Option<Self> {
        Self::with(Quirks::default()).await
    }

    /// With a box that behaves like this.
    pub(crate) async fn with(quirks: Quirks) -> Option<Self> {
        Self::of(&phantoms().exam, quirks, ("", "")).await
    }

    /// With a box that has this exam, and more lines of the site and of `[server]`.
    pub(crate) async fn of(exam: &Exam, quirks: Quirks, more: (&str, &str)) -> Option<Self> {
        let provider = Provider::start(&json!({}), None)?;
        let network = Arc::new(Network::new());
        let peer = network.peer(&[exam], quirks);
        let identity = provider.identity("heartbeat_seconds = 60", "");
        let house = House::serving(network, &[port(&peer.url)], &identity, more).await;
        Some(Self { house, provider, peer })
    }

    /// A browser that opened a call.
    pub(crate) async fn called(&self) -> Browser {
        let answer = self.house.call(SECRET, &form(&phantoms().exam)).await;
        let path = answer.location().strip_prefix("https://vi1.349.example.fr").unwrap().to_owned();
        let mut browser = self.house.browser();
        assert_eq!(browser.get(&path).await.location(), "/entree/1");
        browser
    }

    pub(crate) async fn log_in(&self, browser: &mut Browser, kind: &str, person: &str) -> Answer {
        let departure = leave(browser, kind, 1).await.location().to_owned();
        let back = self.provider.log_in(&departure, person).await;
        browser.get(&back).await
    }
}

pub(crate) fn instance(series: usize, number: usize) -> String {
    let of = &phantoms().exam.series[series];
    format!(
        "/dicomweb/studies/{}/series/{}/instances/{}",
        phantoms().exam.study_instance_uid,
        of.series_instance_uid,
        of.sop_instance_uids[number]
    )
}

pub(crate) async fn frame(browser: &mut Browser, instance: &str) -> Answer {
    browser.send(Method::GET, &format!("{instance}/frames/1"), &[("accept", AS_STORED)], None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_professional_sees_the_skeleton_and_then_the_exam_in_the_normal_viewer() {
    let Some(street) = Street::new().await else { return };
    let (house, exam) = (&street.house, &phantoms().exam);
    let mut browser = street.called().await;
    assert_eq!(
        street.log_in(&mut browser, "psc", "radiologist").await.location(),
        "/consultation/1"
    );
    let empty = browser.get("/consultation/1").await.text();
    assert!(empty.contains(&exam.birth_name) && empty.contains("Aucun examen"), "{empty}");
    assert!(empty.contains("né(e) le 12/03/1974"), "{empty}");
    // In English months are words; whoever changes the language stays on the page.
    let form = |lang: &str| format!("langue={lang}&retour=%2Fconsultation%2F1");
    assert_eq!(browser.post("/langue", &form("en")).await.location(), "/consultation/1");
    let english = browser.get("/consultation/1").await.text();
    assert!(english.contains("born 12 Mar 1974"), "{english}");
    browser.post("/langue", &form("fr")).await;
    let unlisted = exam.series[0].sop_instance_uids[1].clone();
    let mut manifest = Manifest::new(exam, KOS, &street.peer.url);
    manifest.without = vec![unlisted];
    let strangers = Manifest::new(&phantoms().other, "1.2.250.1.97.9", &street.peer.url);
    let page = house.bring(&browser, 1, &[manifest.write(), strangers.write()]).await;
    assert_eq!(page.status, StatusCode::OK);
    let page = page.text();
    for words in ["L’examen a été ajouté", "concerne un autre patient", "/examen/1#1"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(street.peer.asked().is_empty(), "the skeleton is there before any image is asked for");
    let told = browser.get("/api/consultation/1").await.json();
    let series = told["exams"][0]["series"].as_array().unwrap();
    assert_eq!((told["exams"].as_array().unwrap().len(), series.len()), (1, exam.series.len()));
    // The viewer's own addresses.
    let summary = browser.get("/api/examen/1").await;
    assert_eq!(summary.status, StatusCode::OK, "{}", summary.text());
    assert_eq!(summary.header("x-studies"), Some("1"));
    assert_eq!(summary.json()["study"]["study_instance_uid"], exam.study_instance_uid.as_str());
    let picture = frame(&mut browser, &instance(1, 0)).await;
    assert_eq!(picture.status, StatusCode::OK);
    // The site has this very exam with all of its images; what a manifest does not list is not there all the same.
    assert_eq!(frame(&mut browser, &instance(0, 1)).await.status, StatusCode::NOT_FOUND);
    let asked = street.peer.asked();
    assert_eq!(asked.len(), exam.series.len());
    let bearer = asked[0].authorization.strip_prefix("Bearer ").unwrap();
    assert!(
        bearer.len() > 20 && asked.iter().all(|one| one.authorization == asked[0].authorization)
    );
    for seen in [&page, &summary.text(), &told.to_string()] {
        assert!(!seen.contains(bearer), "the token stays on the server");
    }
    let told = browser.get("/api/consultation/1").await.json();
    let states = told["exams"][0]["progress"].as_array().unwrap().iter();
    assert!(states.clone().all(|series| series["state"] == "whole"), "{told}");
    let journal = house.journal();
    let login = journal.iter().find(|(event, _)| event == "login").unwrap();
    assert!(login.1.contains("profession=10") && login.1.ends_with("consultation"), "{login:?}");
    for reason in ["consultation_manifest added", "consultation_manifest other_patient"] {
        assert!(journal.iter().any(|(_, of)| of == reason), "{reason}: {journal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_renewed_and_shared_with_the_heart_beat() {
    let Some(street) = Street::new().await else { return };
    let mut browser = street.called().await;
    street.log_in(&mut browser, "psc", "radiologist").await;
    let page = street.house.bring(&browser, 1, &[kos(&street.peer.url)]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(frame(&mut browser, &instance(0, 0)).await.status, StatusCode::OK);
    // Both use a refresh token that is good once.
    street.house.wait_seconds(119);
    let beat = negatoscope_server::auth::oidc::heartbeat::beat(&street.house.state);
    let address = instance(1, 0);
    let (answer, ()) = tokio::join!(frame(&mut browser, &address), beat);
    assert_eq!(answer.status, StatusCode::OK);
    let tokens: Vec<String> =
        street.peer.asked().into_iter().map(|one| one.authorization).collect();
    assert_ne!(tokens.first(), tokens.last(), "two minutes later it is another one");
    assert_eq!(
        browser.get("/api/consultation/1").await.status,
        StatusCode::OK,
        "and the session lives"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn other_professions_patients_and_other_people_stay_outside() {
    let Some(street) = Street::new().await else { return };
    let mut browser = street.called().await;
    let refused = street.log_in(&mut browser, "psc", "podiatrist").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let patient = street.log_in(&mut browser, "franceconnect", "elise").await;
    assert_eq!(patient.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/consultation/1").await.location(), "/entree/1");
    // One of two situations may: nothing to choose.
    assert_eq!(
        street.log_in(&mut browser, "psc", "two_places").await.location(),
        "/consultation/1"
    );
    street.house.bring(&browser, 1, &[kos(&street.peer.url)]).await;
    assert_eq!(browser.get("/api/examen/1").await.status, StatusCode::OK);
    let mut other = street.called().await;
    assert_eq!(street.log_in(&mut other, "psc", "radiologist").await.location(), "/consultation/1");
    let told: Value = other.get("/api/consultation/1").await.json();
    assert_eq!(told["exams"], json!([]), "another session, another consultation");
    assert_eq!(other.get("/api/examen/1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(frame(&mut other, &instance(0, 0)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_there_before_the_exam_is() {
    let Some(street) = Street::new().await else { return };
    let mut browser = street.called().await;
    street.log_in(&mut browser, "psc", "radiologist").await;
    street.house.bring(&browser, 1, &[kos(&street.peer.url)]).await;
    let page = browser.get("/examen/1").await.text();
    let picture = r#"<img class="arriving-picture" alt="Une image reçue, en lecture simple" src=""#;
    let (_, address) = page.split_once(picture).unwrap();
    let (address, _) = address.split_once('"').unwrap();
    assert!(page.contains("modulepreload\" href=\"/assets/arriving.js"), "{page}");
    let name = &phantoms().exam.birth_name;
    let who = format!("<strong>{name}</strong> Élise · F · né(e) le 12/03/1974</h1>");
    assert!(
        page.contains(&who) && page.contains("non destinée au diagnostic</p></header>"),
        "{page}"
    );
    assert!(!page.contains(r#"<i id=""#), "there is one exam");
    let picture = browser.get(&address.replace("&#38;", "&")).await;
    assert_eq!(picture.status, StatusCode::OK, "{}", picture.text());
    assert_eq!(picture.header("content-type"), Some("image/jpeg"));
    assert!(picture.body.starts_with(&[0xFF, 0xD8]), "a JPEG");
    let told = browser.get("/api/consultation/1").await.json();
    let series = told["exams"][0]["progress"].as_array().unwrap().iter();
    assert_eq!(series.map(|one| one["arrived"].as_u64().unwrap()).sum::<u64>(), 1, "{told}");
    assert_eq!(street.peer.asked().len(), 1, "the rest is on nobody's way");
    // With a second exam, whose address the server does not see, the picture can be hidden before any script runs.
    let study_instance_uid = "1.2.250.1.99.1".to_owned();
    let second = Exam { study_instance_uid, ..phantoms().exam.clone() };
    let second = Manifest::new(&second, "1.2.250.1.97.7", &street.peer.url).write();
    street.house.bring(&browser, 1, &[second]).await;
    assert!(
        browser.get("/examen/1").await.text().contains(r#"<i id="2" hidden></i><div id="app""#)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_session_everything_ends() {
    let Some(street) = Street::new().await else { return };
    let (mut browser, mut idle) = (street.called().await, street.called().await);
    for one in [&mut browser, &mut idle] {
        street.log_in(one, "psc", "radiologist").await;
        street.house.bring(one, 1, &[kos(&street.peer.url)]).await;
        assert_eq!(frame(one, &instance(0, 0)).await.status, StatusCode::OK);
    }
    let consultations = &street.house.state.consultations;
    assert_eq!(consultations.count(), 2);
    let mut kept = browser.clone();
    browser.post("/deconnexion", "").await;
    assert_eq!(frame(&mut kept, &instance(0, 0)).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(consultations.count(), 1, "at once");
    consultation::prune(&street.house.state).await;
    assert_eq!(consultations.count(), 1, "the other session lives");
    street.house.wait_seconds(5 * 3600);
    consultation::prune(&street.house.state).await;
    assert_eq!(consultations.count(), 0);
    assert_eq!(frame(&mut idle, &instance(0, 0)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn receiving_is_stopped_and_resumed_from_the_page() {
    let quirks = Quirks { holds_at: Some(1), ..Quirks::default() };
    let Some(street) = Street::with(quirks).await else { return };
    let mut browser = street.called().await;
    street.log_in(&mut browser, "psc", "radiologist").await;
    street.house.bring(&browser, 1, &[kos(&street.peer.url)]).await;
    let counts = phantoms().exam.series.iter().map(|series| series.files.len());
    let (long, _) = counts.enumerate().max_by_key(|(_, count)| *count).unwrap();
    assert_eq!(frame(&mut browser, &instance(long, 0)).await.status, StatusCode::OK);
    let page = browser.get("/consultation/1").await.text();
    let (stop, resume) = ("/consultation/1/arret/1", "/consultation/1/reprise/1");
    assert!(page.contains(stop) && !page.contains(resume), "{page}");
    assert_eq!(browser.post(stop, "").await.location(), "/consultation/1");
    let page = browser.get("/consultation/1").await.text();
    assert!(page.contains("Arrêtée à votre demande : 1 sur"), "{page}");
    assert!(page.contains(resume) && !page.contains(stop), "{page}");
    let asked = street.peer.asked().len();
    let missing = frame(&mut browser, &instance(long, 1)).await;
    assert!(missing.status.is_server_error(), "{}", missing.status);
    assert_eq!(frame(&mut browser, &instance(long, 0)).await.status, StatusCode::OK);
    assert_eq!(street.peer.asked().len(), asked, "the box is not asked for more");
    for elsewhere in
        ["/consultation/1/arret/2", "/consultation/1/arret/0", "/consultation/2/reprise/1"]
    {
        assert_eq!(browser.post(elsewhere, "").await.status, StatusCode::NOT_FOUND, "{elsewhere}");
    }
    assert_eq!(browser.post(resume, "").await.location(), "/examen/1#1");
    // One for the stream that was stopped.
    street.peer.shared.gate.add_permits(2);
    assert_eq!(frame(&mut browser, &instance(long, 1)).await.status, StatusCode::OK);
}
