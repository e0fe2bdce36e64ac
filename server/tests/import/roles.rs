//! Who may import, by what the page asks: professionals of the configured professions, and nobody else.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use negatoscope_server::source::archive::{Archive, ArchiveOptions, Location};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::browser::Browser;
use crate::house::{House, SITE};
use crate::orthanc::Orthanc;
use crate::setup::{by_web, phantom, taken};

const BASE: &str = "/api/examen/1/import";

struct Stand {
    house: House,
    browser: Browser,
    _index: TempDir,
}

impl Stand {
    async fn new(target: &str) -> Self {
        let import = format!("[site.import]\nprofessions = [\"10\", \"21\"]\n{target}");
        let house = House::with_identity("", &import).await;
        let index = tempfile::tempdir().unwrap();
        let location = Location::Folder(phantom().folder().to_owned());
        let options = ArchiveOptions::new(SITE, location, index.path().to_owned());
        let archive = Archive::open(&options).await.unwrap();
        archive.scan().await.unwrap();
        house.source.archive.set(archive).ok().unwrap();
        let exam = &phantom().exam;
        let (code, _) = house.grant_on(SITE, &[&exam.study_instance_uid], None).await;
        let mut browser = house.browser();
        let study = &exam.study_instance_uid;
        let link = format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID={study}&idCDA=1.2.9");
        browser.get(&link).await;
        let (year, rest) = exam.birth_date.split_at(4);
        let (month, day) = rest.split_at(2);
        assert_eq!(browser.enter(1, &code, (day, month, year)).await.location(), "/examen/1");
        Self { house, browser, _index: index }
    }

    /// Makes the visitor somebody who came in otherwise, in a profession.
    async fn becomes(&self, visitor: &str, way: &str, profession: Option<&str>) {
        let pool = &self.house.state.store.pool;
        sqlx_execute(
            pool,
            "UPDATE opened_exam SET visitor = ?, way = ?, subject = 'psc:8991'",
            &[visitor, way],
        )
        .await;
        let login: String =
            sqlx::query_scalar("SELECT id FROM login").fetch_one(pool).await.unwrap();
        negatoscope_server::import::remember_profession(pool, &login, 1, profession).await.unwrap();
    }

    async fn ask(&self, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let cookies: Vec<String> =
            self.browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder().uri(path).header(header::HOST, SITE);
        let request = request.header(header::COOKIE, cookies.join("; "));
        let request = match body {
            None => request.body(Body::empty()),
            Some(body) => request
                .method("POST")
                .header("sec-fetch-site", "same-origin")
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string())),
        };
        let response = self.house.router.clone().oneshot(request.unwrap()).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    async fn offer(&self) -> Value {
        let (status, offer) = self.ask(BASE, None).await;
        assert_eq!(status, StatusCode::OK);
        offer
    }
}

async fn sqlx_execute(pool: &sqlx::SqlitePool, query: &'static str, values: &[&str]) {
    let query = values.iter().fold(sqlx::query(query), |query, value| query.bind(*value));
    query.execute(pool).await.unwrap();
}

fn wanted() -> Value {
    let local = json!({ "patient": { "id": "L1", "name": "LEFEVRE^ELISE" } });
    json!({ "target": "PACS", "study": phantom().exam.study_instance_uid, "local": local })
}

/// With the identity once more, as somebody typed it, and the name of a dry run.
fn confirmed(again: &str, token: &Value) -> Value {
    let mut confirmed = wanted();
    confirmed["again"] = json!({ "patient": { "id": again, "name": "LEFEVRE^ELISE" } });
    confirmed["token"] = token.clone();
    confirmed
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_configured_professions_import_and_patients_never() {
    let stand = Stand::new(&by_web("http://127.0.0.1:9/x")).await;
    let no = json!({ "import": false, "targets": [] });
    let cases = [
        ("patient", "code", None),
        ("patient", "franceconnect", Some("10")),
        ("representative", "franceconnect", Some("10")),
        ("professional", "code", Some("10")),
        ("professional", "psc", None),
        ("professional", "psc", Some("60")),
    ];
    for (visitor, way, profession) in cases {
        stand.becomes(visitor, way, profession).await;
        assert_eq!(stand.offer().await, no, "{visitor} {way} {profession:?}");
        let question = json!({ "target": "PACS", "patient_id": "L1" });
        let requests = [
            (format!("{BASE}/plan"), wanted()),
            (format!("{BASE}/candidates"), question),
            (BASE.to_owned(), confirmed("L1", &json!(""))),
            (format!("{BASE}s/x/cancel"), json!({})),
            (format!("{BASE}s/x/resume"), json!({})),
        ];
        for (path, body) in requests {
            let (status, _) = stand.ask(&path, Some(&body)).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{visitor} {way} {profession:?}: {path}");
        }
        assert_eq!(stand.ask(&format!("{BASE}s"), None).await.0, StatusCode::FORBIDDEN);
    }
    for profession in ["10", "21"] {
        stand.becomes("professional", "psc", Some(profession)).await;
        assert_eq!(stand.offer().await, json!({ "import": true, "targets": ["PACS"] }));
    }
    assert_eq!(stand.ask("/api/examen/2/import", None).await.0, StatusCode::NOT_FOUND);
    let mut stranger = Stand::new(
        "[[site.import.target]]\nname = \"PACS\"\npacs = { url = \"http://127.0.0.1:9\" }\n",
    )
    .await;
    stranger.browser.cookies.clear();
    assert_eq!(stranger.ask(BASE, None).await.0, StatusCode::UNAUTHORIZED);
    let lines = stand.house.journal();
    assert!(lines.iter().all(|line| line["event"] != "exported" && line["event"] != "queried"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_shown_confirmed_twice_and_watched() {
    let Some(orthanc) = Orthanc::start().await else { return };
    let stand = Stand::new(&by_web(&orthanc.url())).await;
    stand.becomes("professional", "psc", Some("10")).await;
    let (status, told) = stand.ask(&format!("{BASE}/plan"), Some(&wanted())).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    let count = phantom().instances().len();
    assert_eq!(told["instances"], count);
    let keywords: Vec<&str> = told["changes"][0]["attributes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["keyword"].as_str().unwrap())
        .collect();
    assert!(keywords.contains(&"PatientID") && keywords.contains(&"OriginalAttributesSequence"));
    for refused in [confirmed("L2", &told["token"]), confirmed("L1", &json!("another"))] {
        let (status, problem) = stand.ask(BASE, Some(&refused)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    }
    let mut foreign = wanted();
    foreign["study"] = json!("1.2.3");
    assert_eq!(stand.ask(&format!("{BASE}/plan"), Some(&foreign)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(taken(&orthanc).await, 0, "nothing was sent so far");
    let (status, started) = stand.ask(BASE, Some(&confirmed("L1", &told["token"]))).await;
    assert_eq!((status, &started["instances"]), (StatusCode::ACCEPTED, &json!(count)), "{started}");
    let path = format!("{BASE}s/{}", started["job"].as_str().unwrap());
    let mut shown = Value::Null;
    for _ in 0..600 {
        shown = stand.ask(&path, None).await.1;
        if shown["progress"]["state"] != "running" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(shown["progress"]["steps"], json!({ "confirmed": count }), "{shown}");
    let question = json!({ "target": "PACS", "patient_id": "L1" });
    let (_, known) = stand.ask(&format!("{BASE}/candidates"), Some(&question)).await;
    assert_eq!(known[0]["name"], "LEFEVRE^ELISE");
    let events: Vec<_> = stand.house.journal().iter().map(|line| line["event"].clone()).collect();
    for event in ["exported", "imported", "queried"] {
        assert!(events.contains(&json!(event)), "{event}: {events:?}");
    }
    // Somebody else with the same exam sees nothing of it.
    let pool = &stand.house.state.store.pool;
    sqlx_execute(pool, "UPDATE import_job SET subject = ?", &["psc:8992"]).await;
    assert_eq!(stand.ask(&path, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(stand.ask(&format!("{BASE}s"), None).await.1, json!([]));
}
