//! The exam summary over HTTP.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use negatoscope_server::source::Source;
use viewer_core::exam::ExamSummary;

use crate::setup::{app, get, open_folder, phantom_app, phantoms, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_gives_the_summary_of_its_exam() {
    let (app, opened) = phantom_app().await;
    let answer = get(&app, "/api/examen/1", "*/*").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["cache-control"], "private, no-store");
    assert_eq!(answer.headers["x-studies"], "1");
    let found: ExamSummary = serde_json::from_slice(&answer.body).unwrap();
    let study = &phantoms().exam.study_instance_uid;
    assert_eq!(found, *opened.archive.summary(study).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_compressed_where_the_client_takes_it() {
    let (app, _opened) = phantom_app().await;
    let plain = get(&app, "/api/examen/1", "*/*").await;
    assert!(plain.headers.get("content-encoding").is_none());
    for coding in ["br", "gzip"] {
        let request = Request::get("/api/examen/1").header("accept-encoding", coding);
        let packed = send(&app, request.body(Body::empty()).unwrap()).await;
        assert_eq!(packed.headers["content-encoding"], coding);
        assert!(packed.body.len() * 2 < plain.body.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn visits_that_were_not_opened_are_unknown() {
    let (app, _opened) = phantom_app().await;
    for path in ["2", "0", "x", "-1", "99999999999999999999", "1/2", "1/0", "1/x"] {
        let answer = get(&app, &format!("/api/examen/{path}"), "*/*").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_of_several_studies_numbers_them() {
    let opened = open_folder(phantoms().folder()).await;
    let (exam, other) = (&phantoms().exam, &phantoms().other);
    let app = app(opened.archive.clone(), &[&exam.study_instance_uid, &other.study_instance_uid]);
    for (path, study) in [("1", exam), ("1/1", exam), ("1/2", other)] {
        let answer = get(&app, &format!("/api/examen/{path}"), "*/*").await;
        assert_eq!(answer.headers["x-studies"], "2");
        assert_eq!(answer.json()["study"]["study_instance_uid"], study.study_instance_uid);
    }
}
