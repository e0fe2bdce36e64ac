//! What is not granted does not exist, whatever route it is asked by.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::{Extension, Router};
use negatoscope_phantom::SeriesKind;
use negatoscope_server::access::Access;
use negatoscope_server::{dicomweb, exam};

use crate::setup::{app, get, instance_path, open_folder, phantom_app, phantoms, send};

/// Every route for one instance.
fn routes(study: &str, series: &str, instance: &str) -> Vec<String> {
    let study = format!("/dicomweb/studies/{study}");
    let series = format!("{study}/series/{series}");
    let stretch = format!("{series}/frames?frames={instance}/1");
    let instance = format!("{series}/instances/{instance}");
    let below = ["", "/metadata", "/series", "/instances"].map(|tail| format!("{study}{tail}"));
    let series =
        ["", "/metadata", "/instances", "/thumbnail"].map(|tail| format!("{series}{tail}"));
    let instance = [
        "",
        "/metadata",
        "/attributes",
        "/frames/1",
        "/rendered",
        "/frames/1/rendered",
        "/thumbnail",
        "/bulkdata/7FE00010",
    ]
    .map(|tail| format!("{instance}{tail}"));
    below.into_iter().chain(series).chain([stretch]).chain(instance).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exam_of_somebody_else_answers_like_one_that_does_not_exist() {
    let (app, _opened) = phantom_app().await;
    let other = &phantoms().other;
    let series = &other.series[0];
    let real = routes(
        &other.study_instance_uid,
        &series.series_instance_uid,
        &series.sop_instance_uids[0],
    );
    let unknown = routes("1.2.3", "1.2.3.4", "1.2.3.4.5");
    for (real, unknown) in real.iter().zip(&unknown) {
        let (refused, unknown) = (get(&app, real, "*/*").await, get(&app, unknown, "*/*").await);
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{real}");
        assert_eq!(refused.status, unknown.status);
        assert_eq!(refused.body, unknown.body);
        assert_eq!(refused.headers, unknown.headers);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn series_of_another_exam_are_not_reached_through_a_granted_one() {
    let (app, _opened) = phantom_app().await;
    let (exam, other) = (&phantoms().exam, &phantoms().other);
    let series = &other.series[0];
    let granted = &exam.study_instance_uid;
    for path in routes(granted, &series.series_instance_uid, &series.sop_instance_uids[0]) {
        if !path.contains(&series.series_instance_uid) {
            continue;
        }
        assert_eq!(get(&app, &path, "*/*").await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // The instance under the wrong series of the same study, too.
    let wrong_series = instance_path(SeriesKind::Ct, 0).replace(
        &exam.series(SeriesKind::Ct).unwrap().series_instance_uid,
        &exam.series(SeriesKind::Cr).unwrap().series_instance_uid,
    );
    let answer = get(&app, &format!("{wrong_series}/frames/1"), "*/*").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_has_none_of_it() {
    let empty = tempfile::tempdir().unwrap();
    let opened = open_folder(empty.path()).await;
    // Even a session that names the study sees its own site's source only.
    let app = app(opened.archive.clone(), &[&phantoms().exam.study_instance_uid]);
    let path = instance_path(SeriesKind::Ct, 0);
    for tail in ["", "/metadata", "/frames/1", "/rendered", "/thumbnail", "/bulkdata/7FE00010"] {
        let answer = get(&app, &format!("{path}{tail}"), "*/*").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{tail}");
    }
    assert_eq!(get(&app, "/api/examen/1", "*/*").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&app, "/dicomweb/studies", "*/*").await.json(), serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_there_is_nothing() {
    let app: Router = Router::new().merge(dicomweb::routes()).merge(exam::routes());
    let study = &phantoms().exam.study_instance_uid;
    for path in routes(study, "1.2", "1.3")
        .iter()
        .map(String::as_str)
        .chain(["/dicomweb/studies", "/api/examen/1"])
    {
        assert_eq!(get(&app, path, "*/*").await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_without_exams_sees_none() {
    let opened = open_folder(phantoms().folder()).await;
    let access = Access {
        site: "x".into(),
        login: "login".into(),
        source: opened.archive.clone(),
        visits: [].into(),
    };
    let app: Router = Router::new().merge(dicomweb::routes()).layer(Extension(access));
    let answer = get(&app, "/dicomweb/instances", "*/*").await;
    assert_eq!(answer.json(), serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_and_headers() {
    let (app, _opened) = phantom_app().await;
    let path = instance_path(SeriesKind::Ct, 0);
    let request = |method: Method| {
        Request::builder()
            .method(method)
            .uri(&path)
            .header("accept", "application/dicom")
            .body(Body::empty())
    };
    let options = send(&app, request(Method::OPTIONS).unwrap()).await;
    assert_eq!(options.status, StatusCode::NO_CONTENT);
    assert_eq!(options.headers["allow"], "GET, HEAD, OPTIONS");
    let head = send(&app, request(Method::HEAD).unwrap()).await;
    let get = send(&app, request(Method::GET).unwrap()).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.headers["content-length"], get.body.len().to_string());
    assert_eq!(get.headers["cache-control"], "private, no-store");
    assert!(get.headers.get("etag").is_none());
    let delete = send(&app, request(Method::DELETE).unwrap()).await;
    assert_eq!(delete.status, StatusCode::METHOD_NOT_ALLOWED);
}
