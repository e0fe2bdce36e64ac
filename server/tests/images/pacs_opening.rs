//! How much a PACS is asked for while exams are opened, and what does not wait for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use negatoscope_phantom::SeriesKind;
use negatoscope_server::clock::Clock;
use negatoscope_server::reports::Screened;
use negatoscope_server::source::pacs::Pacs;
use negatoscope_server::source::{InstanceRef, Source};
use negatoscope_server::store::Store;
use viewer_core::exam::ExamSummary;

use crate::fake_pacs::{FakePacs, Quirks};
use crate::setup::{app, get, instance_path, phantoms};

const FRAME: &str = r#"multipart/related; type="application/octet-stream"; transfer-syntax=*"#;

fn study() -> &'static str {
    &phantoms().exam.study_instance_uid
}

/// How often each path was asked for.
fn counts(requests: &[(String, String)]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for (path, _) in requests {
        *counts.entry(path.split('?').next().unwrap()).or_default() += 1;
    }
    counts
}

/// A source as handlers get it, without what was rejected.
async fn screened(pacs: Arc<Pacs>) -> (Arc<dyn Source>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let pool = Store::open(folder.path()).await.unwrap().pool;
    (Arc::new(Screened::new(pacs, "vi1.test".into(), pool, Clock::system())), folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exam_is_opened_with_one_request_for_each_series_however_many_open_it() {
    let fake = FakePacs::start(Quirks::default()).await;
    let (source, _folder) = screened(fake.open()).await;
    let app = app(source, &[study()]);
    let thumbnail = |index: usize| {
        let series = &phantoms().exam.series[index].series_instance_uid;
        format!("/dicomweb/studies/{}/series/{series}/thumbnail", study())
    };
    let mut paths: Vec<String> = (0..phantoms().exam.series.len()).map(thumbnail).collect();
    paths.extend(["/api/examen/1", "/api/examen/1/1/debut"].map(str::to_owned));
    paths
        .extend((0..3).map(|number| format!("{}/frames/1", instance_path(SeriesKind::Mr, number))));
    let answers = paths.iter().cycle().take(paths.len() * 3).map(|path| get(&app, path, "*/*"));
    for answer in join_all(answers).await {
        assert_eq!(answer.status, 200);
    }
    let requests = fake.requests();
    let mut counts = counts(&requests);
    // Overlays are read where they are drawn, each from its own image.
    counts.retain(|path, _| path.contains("/frames/") || !path.contains("/instances/"));
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    let of = |end: &str| counts.keys().filter(|path| path.ends_with(end)).count();
    assert_eq!((of("/series"), of("/metadata")), (1, phantoms().exam.series.len()), "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_one_visitor_has_seen_is_not_asked_for_by_the_next() {
    let fake = FakePacs::start(Quirks::default()).await;
    let path = format!("{}/frames/1", instance_path(SeriesKind::Ct, 2));
    let mut options = fake.options();
    for (budget, expected) in [(1 << 20, 1), (0, 3)] {
        options.cache_bytes = budget;
        let pacs = Pacs::open(&options).unwrap();
        let (first, second) = (app(pacs.clone(), &[study()]), app(pacs.clone(), &[study()]));
        let frame = get(&first, &path, FRAME).await;
        assert_eq!(get(&first, &path, FRAME).await.parts(), frame.parts());
        assert_eq!(get(&second, &path, FRAME).await.parts(), frame.parts());
        let requests = fake.requests();
        assert_eq!(requests.iter().filter(|(path, _)| path.contains("/frames/")).count(), expected);
        let stranger = app(pacs, &[&phantoms().other.study_instance_uid]);
        assert_eq!(get(&stranger, &path, FRAME).await.status, 404, "kept or not");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_series_and_its_frames_wait_for_no_other() {
    let exam = &phantoms().exam;
    let other_series = exam.series[1..].iter().map(|series| series.series_instance_uid.clone());
    let quirks = Quirks { withholds: other_series.collect(), ..Quirks::default() };
    let fake = FakePacs::start(quirks).await;
    let pacs = fake.open();
    let app = app(pacs.clone(), &[study()]);
    let whole = tokio::spawn(async move { pacs.summary(study()).await });
    let answer = get(&app, "/api/examen/1/1/debut", "*/*").await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["x-whole"]),
        (200, &"false".parse().unwrap())
    );
    let beginning: ExamSummary = serde_json::from_slice(&answer.body).unwrap();
    let first = &exam.series[0];
    let path = |number: usize| format!("{}/frames/1", instance_path(first.kind, number));
    assert_eq!(get(&app, &path(0), FRAME).await.status, 200);
    assert!(!whole.is_finished());

    fake.behave(Quirks::default());
    whole.abort();
    let answer = get(&app, "/api/examen/1", "*/*").await;
    assert_eq!(&answer.headers["x-whole"], "true");
    let whole: ExamSummary = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(beginning.patient, whole.patient);
    assert_eq!(beginning.series, whole.series[..beginning.series.len()]);
    let is_first = |series: &viewer_core::exam::Series| {
        series.series_instance_uid == first.series_instance_uid
    };
    assert_eq!(
        whole.series.iter().filter(|series| is_first(series)).count(),
        beginning.series.len()
    );
    let answer = get(&app, "/api/examen/1/1/debut", "*/*").await;
    assert_eq!(&answer.headers["x-whole"], "true", "the whole is here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_another_series_waits_for_the_exam() {
    let fake = FakePacs::start(Quirks::default()).await;
    let series = phantoms().exam.series(SeriesKind::Us).unwrap();
    let at = InstanceRef {
        study: study().to_owned(),
        series: series.series_instance_uid.clone(),
        instance: series.sop_instance_uids[0].clone(),
    };
    fake.open().frame(&at, 1).await.unwrap();
    let requests = fake.requests();
    let metadata = requests.iter().filter(|(path, _)| path.ends_with("/metadata")).count();
    assert_eq!(metadata, phantoms().exam.series.len(), "all of one patient, or nothing is shown");
}
