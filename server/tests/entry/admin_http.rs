//! The administration's interface: who gets in, and what a RIS can do.

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode},
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::house::{EXAM, House, ROOT, SECOND_EXAM, SITE};

struct Ris {
    router: Router,
    token: String,
}

impl Ris {
    fn of(house: &House) -> Self {
        let (router, token) = house.admin();
        Self { router, token: token.to_owned() }
    }

    async fn send(&self, method: Method, path: &str, body: &[u8]) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .body(Body::from(body.to_vec()))
            .unwrap();
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status, serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn import(&self, body: &[u8]) -> (StatusCode, Value) {
        self.send(Method::POST, &format!("/v1/sites/{SITE}/facts"), body).await
    }
}

fn report() -> Vec<u8> {
    json!({ "report": "1.2.3^A", "studies": [EXAM], "accession": { "number": "ACN1", "root": ROOT } })
        .to_string()
        .into_bytes()
}

#[tokio::test]
async fn a_report_is_taken_in_shown_hidden_and_withdrawn() {
    let house = House::new().await;
    let ris = Ris::of(&house);
    let (status, applied) = ris.import(&report()).await;
    assert_eq!((status, &applied["report"]), (StatusCode::OK, &json!("1.2.3.A")));
    let path = format!("/v1/sites/{SITE}/reports/1.2.3%5EA");
    let (status, shown) = ris.send(Method::GET, &path, b"").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&shown["studies"], &shown["depublished"]), (&json!([EXAM]), &json!(false)));

    let change = json!({ "invisible_patient": true, "retention_end": "2040-01-01" }).to_string();
    let (status, _) = ris.send(Method::PATCH, &path, change.as_bytes()).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(
        ris.send(Method::POST, &format!("{path}/depublish"), b"").await.0,
        StatusCode::NO_CONTENT
    );
    let (_, study) = ris.send(Method::GET, &format!("/v1/sites/{SITE}/studies/{EXAM}"), b"").await;
    let shown = &study["reports"][0];
    assert_eq!((&shown["invisible_patient"], &shown["depublished"]), (&json!(true), &json!(true)));
    assert_eq!(study["exam"]["accession"]["number"], "ACN1");
    assert_eq!(
        ris.send(Method::POST, &format!("{path}/publish"), b"").await.0,
        StatusCode::NO_CONTENT
    );

    let events: Vec<Value> = house.journal().iter().map(|line| line["event"].clone()).collect();
    let expected = ["facts_imported", "report_changed", "report_changed", "report_changed"];
    assert_eq!(events, expected);
    let reasons: Vec<Value> = house.journal().iter().map(|line| line["reason"].clone()).collect();
    assert_eq!(
        reasons,
        ["json", "invisible_patient=true retention_end", "depublished", "published"]
    );
    assert!(house.journal().iter().all(|line| line["report"] == "1.2.3.A"));
}

#[tokio::test]
async fn messages_and_documents_are_told_apart() {
    let house = House::new().await;
    let ris = Ris::of(&house);
    let cda = format!(
        "\u{feff}<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><id root=\"1.2.9\"/><documentationOf>\
         <serviceEvent><id root=\"{SECOND_EXAM}\"/></serviceEvent></documentationOf></ClinicalDocument>"
    );
    let (status, applied) = ris.import(cda.as_bytes()).await;
    assert_eq!((status, &applied["report"]), (StatusCode::OK, &json!("1.2.9")));
    let order = format!(
        "\x0bMSH|^~\\&|R|S|P|P|20261126||OMI^O23|1|P|2.5\rTQ1|1|||||3650^d\rIPC|ACN2||{SECOND_EXAM}\r\x1c\r"
    );
    let (status, applied) = ris.import(order.as_bytes()).await;
    assert_eq!((status, &applied["studies"]), (StatusCode::OK, &json!([SECOND_EXAM])));
    // A report that names its exam by the accession number of that order.
    let by_number = |number: &str| {
        format!(
            "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><id root=\"1.2.8\"/><inFulfillmentOf><order>\
             <accessionNumber extension=\"{number}\"/></order></inFulfillmentOf></ClinicalDocument>"
        )
    };
    let (status, answer) = ris.import(by_number("ACN99").as_bytes()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
    assert_eq!(ris.import(by_number("ACN2").as_bytes()).await.0, StatusCode::OK);
    let path = format!("/v1/sites/{SITE}/reports/1.2.8");
    let (_, shown) = ris.send(Method::GET, &path, b"").await;
    assert_eq!(shown["studies"], json!([SECOND_EXAM]));
    for (body, expected) in [
        ("", "not a DICOM file"),
        ("%PDF-1.7", "not a DICOM file"),
        ("<!DOCTYPE x><ClinicalDocument/>", "document type declaration"),
        ("MSH|", "does not begin with MSH"),
        (r#"{"report":"1.2"}"#, "names no exam"),
        (r#"{"studies":["x"]}"#, "not UIDs"),
        (r#"{"studies":["1.2"],"patient":{"name":"DUPONT"}}"#, "Data error in line 1"),
    ] {
        let (status, answer) = ris.import(body.as_bytes()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let sentence = answer["error"].as_str().unwrap();
        assert!(sentence.contains(expected) && !sentence.contains("DUPONT"), "{body}: {sentence}");
    }
    let large = vec![b' '; negatoscope_server::reports::MAX_IMPORT + 1];
    assert_eq!(ris.import(&large).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn without_the_token_there_is_nothing() {
    let house = House::new().await;
    let mut ris = Ris::of(&house);
    ris.import(&report()).await;
    let path = format!("/v1/sites/{SITE}/reports/1.2.3.A");
    let right = ris.token.clone();
    for token in ["", "wrong", &right[1..], &format!("{right}x"), &right.to_uppercase()] {
        ris.token = token.to_owned();
        for path in [path.as_str(), "/v1/sites/nowhere/reports/1", "/nothing"] {
            let (status, answer) = ris.send(Method::GET, path, b"").await;
            let refused = [StatusCode::UNAUTHORIZED, StatusCode::TOO_MANY_REQUESTS];
            assert!(refused.contains(&status), "{token} {path}: {answer}");
        }
    }
    let refusals = house.journal().iter().filter(|line| line["event"] == "admin_refused").count();
    assert_eq!(refusals, 10, "no more are tried, and none of these hits the disk");
    ris.token = right;
    assert_eq!(ris.send(Method::GET, &path, b"").await.0, StatusCode::TOO_MANY_REQUESTS);
    house.wait_minutes(1);
    assert_eq!(ris.send(Method::GET, &path, b"").await.0, StatusCode::OK);
}

#[tokio::test]
async fn item_70_a_new_token_counts_at_once_and_an_open_file_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::new().await;
    let mut ris = Ris::of(&house);
    ris.import(&report()).await;
    let path = format!("/v1/sites/{SITE}/reports/1.2.3.A");
    let file = house.folder.path().join("token");
    std::fs::write(&file, "another-token-that-nobody-guesses-9876\n").unwrap();
    assert_eq!(ris.send(Method::GET, &path, b"").await.0, StatusCode::UNAUTHORIZED);
    ris.token = "another-token-that-nobody-guesses-9876".to_owned();
    assert_eq!(ris.send(Method::GET, &path, b"").await.0, StatusCode::OK);
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    assert_eq!(ris.send(Method::GET, &path, b"").await.0, StatusCode::SERVICE_UNAVAILABLE);
    let refused = negatoscope_server::admin::check_token_file(&file).unwrap_err().to_string();
    assert!(refused.contains("chmod 600"), "{refused}");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::write(&file, "short").unwrap();
    assert_eq!(ris.send(Method::GET, &path, b"").await.0, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn unknown_sites_and_reports_are_404() {
    let house = House::new().await;
    let ris = Ris::of(&house);
    let (status, _) = ris.send(Method::POST, "/v1/sites/vi9.example/facts", &report()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    for path in ["reports/9.9", "studies/9.9", "studies/x"] {
        let path = format!("/v1/sites/{SITE}/{path}");
        assert_eq!(ris.send(Method::GET, &path, b"").await.0, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["reports/9.9/depublish", "reports/9.9/publish"] {
        let path = format!("/v1/sites/{SITE}/{path}");
        assert_eq!(ris.send(Method::POST, &path, b"").await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let path = format!("/v1/sites/{SITE}/rejections/1.2");
    assert_eq!(ris.send(Method::DELETE, &path, b"").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn item_35_the_administration_ends_sessions() {
    let house = House::new().await;
    let ris = Ris::of(&house);
    let path = format!("/v1/sites/{SITE}/sessions");
    assert_eq!(ris.send(Method::GET, &path, b"").await.1, json!({ "sessions": [] }));
    let mut browsers = [house.visitor().await, house.visitor().await, house.visitor().await];
    let (_, told) = ris.send(Method::GET, &path, b"").await;
    assert_eq!(told["sessions"].as_array().unwrap().len(), 3);
    let first = &told["sessions"][0];
    assert_eq!(
        (&first["expires_in_s"], &first["exams"][0]["studies"]),
        (&json!(900), &json!([EXAM]))
    );

    let subject = first["exams"][0]["subject"].as_str().unwrap();
    let (_, ended) = ris.send(Method::DELETE, &format!("{path}?subject={subject}"), b"").await;
    assert_eq!(ended, json!({ "ended": 1 }));
    let line = house.journal().pop().unwrap();
    assert_eq!(line["event"], "logout");
    assert_eq!(
        (&line["reason"], &line["session"]),
        (&json!("ended_by_administration"), &first["session"])
    );
    let (_, told) = ris.send(Method::GET, &path, b"").await;
    let second = told["sessions"][0]["session"].as_str().unwrap();
    let (_, ended) = ris.send(Method::DELETE, &format!("{path}?session={second}"), b"").await;
    assert_eq!(ended, json!({ "ended": 1 }));
    let mut live = 0;
    for browser in &mut browsers {
        live += usize::from(browser.get("/api/session").await.status == StatusCode::OK);
    }
    assert_eq!(live, 1);
    let nobody = ris.send(Method::DELETE, &format!("{path}?person=x"), b"").await.0;
    assert_eq!(nobody, StatusCode::BAD_REQUEST, "a slip of the pen must not end everything");
    let elsewhere = format!("/v1/sites/{}/sessions", crate::house::OTHER_SITE);
    assert_eq!(ris.send(Method::DELETE, &elsewhere, b"").await.1, json!({ "ended": 0 }));
    assert_eq!(ris.send(Method::DELETE, &path, b"").await.1, json!({ "ended": 1 }));
}
