//! From the call of another centre's exam to the local PACS: the professional leaves when all is here, and nothing else is imported.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use dicom_core::VR;
use dicom_dictionary_std::tags;
use http_body_util::BodyExt as _;
use negatoscope_server::import::{self, Progress, Queue, State, Step};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::browser::Browser;
use crate::house::SITE;
use crate::journey::Street;
use crate::manifest::Manifest;
use crate::network::{KOS, kos, phantoms};
use crate::orthanc::{Orthanc, TITLE, free_port};
use crate::peer::Quirks;
use crate::retrieval::{long_series, of_another_patient};

const BASE: &str = "/api/examen/1/import";

/// `[site.import]` into an Orthanc at this port.
fn lines(professions: &str, port: u16) -> String {
    format!("[site.import]\nprofessions = [{professions}]\n{}", target(port))
}

pub(crate) fn target(port: u16) -> String {
    format!(
        "[[site.import.target]]\nname = \"PACS\"\n\
         dimse = {{ host = \"127.0.0.1\", port = {port}, called_title = \"{TITLE}\", calling_title = \"N\", answer_seconds = 10 }}\n"
    )
}

async fn ask(street: &Street, browser: &Browser, path: &str, body: Option<&Value>) -> (u16, Value) {
    let cookies = browser.cookies.iter().map(|(name, value)| format!("{name}={value}"));
    let request = Request::builder().uri(path).header(header::HOST, SITE);
    let request = request.header(header::COOKIE, cookies.collect::<Vec<_>>().join("; "));
    let request = match body {
        None => request.body(Body::empty()),
        Some(body) => request
            .method("POST")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string())),
    };
    let answer = street.house.router.clone().oneshot(request.unwrap()).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

fn wanted() -> Value {
    let local = json!({ "patient": { "id": "L1", "name": "LEFEVRE^ELISE" } });
    json!({ "target": "PACS", "study": phantoms().exam.study_instance_uid, "local": local })
}

fn confirmed(token: &Value) -> Value {
    let mut confirmed = wanted();
    confirmed["again"] = confirmed["local"].clone();
    confirmed["token"] = token.clone();
    confirmed
}

/// What an Orthanc has, by SOP Instance UID, and how many objects it has taken.
pub(crate) async fn stored(orthanc: &Orthanc) -> (BTreeMap<String, Vec<u8>>, usize) {
    let root = orthanc.url().replace("/dicom-web", "");
    let ask = async |path: &str| reqwest::get(format!("{root}{path}")).await.unwrap();
    let ids: Vec<String> = ask("/instances").await.json().await.unwrap();
    let mut found = BTreeMap::new();
    for id in ids {
        let file = ask(&format!("/instances/{id}/file")).await.bytes().await.unwrap().to_vec();
        found.insert(uid(&file), file);
    }
    let changes: Value = ask("/changes?limit=100000").await.json().await.unwrap();
    let changes = changes["Changes"].as_array().unwrap().iter();
    (found, changes.filter(|change| change["ChangeType"] == "NewInstance").count())
}

fn text(file: &[u8], name: &str) -> String {
    let object = dicom_object::from_reader(file).unwrap();
    let text = object.element_by_name(name).unwrap().to_str().unwrap().into_owned();
    text.trim_end_matches(['\0', ' ']).to_owned()
}

fn uid(file: &[u8]) -> String {
    text(file, "SOPInstanceUID")
}

/// Whether each object is the phantom's, with its pixels and under the local identity.
pub(crate) fn are_the_phantoms(stored: &BTreeMap<String, Vec<u8>>) {
    let series = &phantoms().exam.series;
    let files = series.iter().flat_map(|it| it.sop_instance_uids.iter().zip(&it.files));
    let originals: BTreeMap<_, _> = files.collect();
    for (uid, file) in stored {
        let pixels = |bytes: &[u8]| {
            let object = dicom_object::from_reader(bytes).unwrap();
            object.element_by_name("PixelData").ok().map(|pixels| pixels.value().clone())
        };
        let original = std::fs::read(originals[uid]).unwrap();
        assert_eq!(pixels(file), pixels(&original), "{uid}");
        assert_eq!(text(file, "PatientID"), "L1");
    }
}

async fn until(street: &Street, id: &str, far: impl Fn(&Progress) -> bool) -> Progress {
    let queue = Queue::new(street.house.state.store.pool.clone());
    let job = queue.get(SITE, id).await.unwrap();
    for _ in 0..3000 {
        let progress = queue.progress(&job).await.unwrap();
        if far(&progress) {
            return progress;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{:?}", queue.progress(&job).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_professional_imports_what_the_manifest_lists_and_leaves_when_it_is_here() {
    let port = free_port();
    let Some(mut orthanc) = Orthanc::start_dimse_on(port).await else { return };
    let (exam, other, long) = (&phantoms().exam, &phantoms().other, long_series());
    // Somebody else's object, junk, one under right UIDs of another patient, and one that is not listed.
    let change = [(tags::PATIENT_BIRTH_DATE, VR::DA, "19010101")];
    let spoiled = of_another_patient(exam, long, &change);
    let strays = vec![std::fs::read(&other.series[0].files[0]).unwrap(), b"no object".to_vec()];
    let quirks = Quirks { strays, ..Quirks::default() };
    let Some(street) = Street::of(&spoiled, quirks, (&lines("\"10\"", port), "")).await else {
        return;
    };
    let mut browser = street.called().await;
    street.log_in(&mut browser, "psc", "radiologist").await;
    let [foreign, unlisted] = [0, 1].map(|number| &exam.series[long].sop_instance_uids[number]);
    let mut manifest = Manifest::new(exam, KOS, &street.peer.url);
    manifest.without = vec![unlisted.clone()];
    street.house.bring(&browser, 1, &[manifest.write()]).await;
    let offer = ask(&street, &browser, BASE, None).await;
    assert_eq!(offer, (200, json!({ "import": true, "targets": ["PACS"] })));
    let plan = format!("{BASE}/plan");
    let (status, told) = ask(&street, &browser, &plan, Some(&wanted())).await;
    assert_eq!(status, 200, "{told}");
    let all: BTreeSet<&String> = exam.series.iter().flat_map(|it| &it.sop_instance_uids).collect();
    let listed = all.len() - 1;
    assert_eq!((&told["instances"], &told["duplicates"]), (&json!(listed), &json!(0)), "{told}");
    assert_eq!(told["impossible"][0]["instance"], foreign.as_str(), "{told}");
    assert_eq!(told["impossible"][0]["code"], "missing", "{told}");
    let mut chosen = wanted();
    chosen["choice"] = json!({ "instances": [unlisted] });
    assert_eq!(ask(&street, &browser, &plan, Some(&chosen)).await.0, 422, "not listed, not there");
    // The target goes away, the objects come all the same, and so does the end of the session.
    orthanc.kill();
    let (status, started) = ask(&street, &browser, BASE, Some(&confirmed(&told["token"]))).await;
    assert_eq!((status, &started["instances"]), (202, &json!(listed)), "{started}");
    let id = started["job"].as_str().unwrap();
    let path = format!("{BASE}s/{id}");
    until(&street, id, |progress| progress.here == listed as u64 - 1).await;
    let (_, shown) = ask(&street, &browser, &path, None).await;
    assert_eq!(
        (&shown["whence"], &shown["progress"]["state"]),
        (&json!("localhost"), &json!("running"))
    );
    nobody_else_sees(&street, &path).await;
    browser.post("/deconnexion", "").await;
    assert_eq!(street.house.state.consultations.count(), 1, "that of somebody else");
    let asked = street.peer.asked().len();
    let orthanc = Orthanc::start_dimse_on(port).await.unwrap();
    let ended = until(&street, id, |progress| progress.state != State::Running).await;
    assert_eq!(ended.count(Step::Confirmed) as usize, listed - 1);
    assert_eq!(ended.failures.values().sum::<u64>(), 1, "{ended:?}");
    assert_eq!(street.peer.asked().len(), asked, "the box is not asked without a session");
    let (found, taken) = stored(&orthanc).await;
    let expected = all.into_iter().filter(|uid| *uid != foreign && *uid != unlisted);
    assert_eq!(found.keys().collect::<BTreeSet<_>>(), expected.collect());
    assert_eq!(taken, found.len(), "each once");
    are_the_phantoms(&found);
    says_whence(&street);
    is_seen_again(&street, id).await;
    std::fs::remove_file(&spoiled.series[long].files[0]).unwrap();
}

/// The lines of the journal about what came and went.
fn says_whence(street: &Street) {
    let lines = street.house.journal();
    for event in ["exported", "imported"] {
        let of = |line: &&(String, String)| {
            line.0 == event && line.1.starts_with("target=PACS whence=localhost")
        };
        assert!(lines.iter().any(|line| of(&line)), "{event}: {lines:?}");
    }
}

/// Somebody else with the same exam, who came with the same manifest.
async fn nobody_else_sees(street: &Street, path: &str) {
    let mut other = street.called().await;
    street.log_in(&mut other, "psc", "two_places").await;
    street.house.bring(&other, 1, &[kos(&street.peer.url)]).await;
    assert_eq!(ask(street, &other, &format!("{BASE}s"), None).await, (200, json!([])));
    for (path, body) in [
        (path.to_owned(), None),
        (format!("{path}/cancel"), Some(json!({}))),
        (format!("{path}/resume"), Some(json!({}))),
    ] {
        assert_eq!(ask(street, &other, &path, body.as_ref()).await.0, 404, "{path}");
    }
}

/// The same person, later, with the manifest and without; a day later nothing is left on the disk.
async fn is_seen_again(street: &Street, id: &str) {
    let mut later = street.called().await;
    street.log_in(&mut later, "psc", "radiologist").await;
    assert_eq!(ask(street, &later, &format!("{BASE}s"), None).await, (200, json!([])));
    street.house.bring(&later, 1, &[kos(&street.peer.url)]).await;
    let (_, all) = ask(street, &later, &format!("{BASE}s"), None).await;
    assert_eq!(
        (all[0]["job"].as_str(), &all[0]["progress"]["state"]),
        (Some(id), &json!("partial"))
    );
    let state = &street.house.state;
    let folder = state.store.folder.join("imports").join(id);
    std::fs::create_dir_all(&folder).unwrap();
    import::prune(state, state.clock.seconds() + 25 * 3600).await.unwrap();
    assert!(!folder.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profession_that_may_look_and_not_import_never_gets_it() {
    let more = lines("\"60\"", free_port());
    let quirks = Quirks::default();
    let Some(street) = Street::of(&phantoms().exam, quirks, (&more, "")).await else { return };
    let mut browser = street.called().await;
    // A midwife elsewhere, but not here and now.
    street.log_in(&mut browser, "psc", "two_places").await;
    street.house.bring(&browser, 1, &[kos(&street.peer.url)]).await;
    assert_eq!(browser.get("/api/examen/1").await.status, StatusCode::OK);
    let offer = ask(&street, &browser, BASE, None).await;
    assert_eq!(offer, (200, json!({ "import": false, "targets": [] })));
    for (path, body) in [
        (format!("{BASE}/plan"), wanted()),
        (format!("{BASE}/candidates"), json!({ "target": "PACS", "patient_id": "L1" })),
        (BASE.to_owned(), confirmed(&json!(""))),
        (format!("{BASE}s/x/resume"), json!({})),
    ] {
        assert_eq!(ask(&street, &browser, &path, Some(&body)).await.0, 403, "{path}");
    }
    let mut patient = street.called().await;
    street.log_in(&mut patient, "franceconnect", "elise").await;
    assert_eq!(ask(&street, &patient, BASE, None).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_what_is_still_coming_says_how_much_is_here() {
    let Some(orthanc) = Orthanc::start().await else { return };
    let quirks = Quirks { holds_at: Some(1), ..Quirks::default() };
    let site = format!(
        "[site.import]\nprofessions = [\"10\"]\n[[site.import.target]]\nname = \"PACS\"\npacs = {{ url = \"{}\" }}\n",
        orthanc.url()
    );
    let more = (site.as_str(), "request_seconds = 6");
    let Some(street) = Street::of(&phantoms().exam, quirks, more).await else { return };
    let mut browser = street.called().await;
    street.log_in(&mut browser, "psc", "radiologist").await;
    street.house.bring(&browser, 1, &[kos(&street.peer.url)]).await;
    let plan = format!("{BASE}/plan");
    let (status, told) = ask(&street, &browser, &plan, Some(&wanted())).await;
    assert_eq!(status, 202, "{told}");
    let [here, all] =
        ["here", "instances"].map(|name| told["arriving"][name].as_u64().unwrap() as usize);
    let count: usize = phantoms().exam.series.iter().map(|series| series.files.len()).sum();
    assert!((1..count).contains(&here) && all == count, "{told}");
    street.peer.shared.gate.add_permits(1000);
    for _ in 0..20 {
        let (status, told) = ask(&street, &browser, &plan, Some(&wanted())).await;
        if status == 200 {
            assert_eq!((&told["instances"], &told["impossible"]), (&json!(count), &json!([])));
            return;
        }
    }
    panic!("it never came");
}
