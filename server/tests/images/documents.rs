//! Key images, reports and PDF of an exam over HTTP.

use axum::Router;
use axum::http::StatusCode;
use negatoscope_phantom::{Exam, Scale, SeriesKind, generate_documents};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::setup::{Opened, app, get, open_folder, phantoms};

struct Stand {
    app: Router,
    exam: Exam,
    _opened: Opened,
    _files: TempDir,
}

async fn stand() -> Stand {
    let files = tempfile::tempdir().unwrap();
    let exam = generate_documents(files.path(), Scale::tiny()).unwrap();
    let opened = open_folder(files.path()).await;
    let app = app(opened.archive.clone(), &[&exam.study_instance_uid]);
    Stand { app, exam, _opened: opened, _files: files }
}

impl Stand {
    fn path(&self, kind: SeriesKind) -> String {
        let series = self.exam.series(kind).unwrap();
        let (series, instance) = (&series.series_instance_uid, &series.sop_instance_uids[0]);
        format!("/api/examen/1/1/documents/{series}/{instance}")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exam_lists_its_documents_and_key_images() {
    let stand = stand().await;
    let answer = get(&stand.app, "/api/examen/1/1/documents", "*/*").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["cache-control"], "private, no-store");
    let found = answer.json();
    assert_eq!(found["is_cut"], false);
    let of_kind = |kind: &str| -> Vec<Value> {
        let all = found["documents"].as_array().unwrap();
        all.iter().filter(|document| document["kind"] == kind).cloned().collect()
    };
    let [report, pdf] = ["report", "pdf"].map(|kind| of_kind(kind)[0].clone());
    assert_eq!(report["title"], "Diagnostic imaging report");
    assert_eq!(pdf["title"], "Compte rendu de scanner");
    assert_eq!(pdf["class"], "Encapsulated PDF Storage");
    let key = &of_kind("key_images")[0]["key_images"];
    assert_eq!(key["title_code"], "113000");
    assert_eq!(key["description"], "Nodule du lobe supérieur droit");
    let ct = &stand.exam.series(SeriesKind::Ct).unwrap().sop_instance_uids;
    let expected: Vec<Value> =
        [1, 4, 6].map(|slice: usize| json!({ "sop_instance_uid": ct[slice] })).to_vec();
    assert_eq!(key["images"], Value::from(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_served_as_its_content() {
    let stand = stand().await;
    let report = get(&stand.app, &stand.path(SeriesKind::Report), "*/*").await;
    assert_eq!(report.status, StatusCode::OK);
    let report = report.json();
    assert_eq!((&report["is_complete"], &report["is_verified"]), (&json!(true), &json!(false)));
    let items = report["items"].as_array().unwrap();
    let length = items.iter().find(|item| item["name"] == "Length").unwrap();
    assert_eq!(
        (&length["depth"], &length["value"], &length["unit"]),
        (&json!(1), &json!("12.5"), &json!("mm"))
    );
    let pdf = get(&stand.app, &stand.path(SeriesKind::Pdf), "*/*").await;
    assert_eq!(pdf.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_presentation_is_listed_with_its_images_and_served_in_our_terms() {
    let stand = stand().await;
    let slice = &stand.exam.series(SeriesKind::Ct).unwrap().sop_instance_uids[4];
    let listed = get(&stand.app, "/api/examen/1/1/documents", "*/*").await.json();
    let listed = listed["documents"].as_array().unwrap().iter();
    let listed = listed.clone().find(|document| document["title"] == "Nodule entouré").unwrap();
    assert_eq!((&listed["kind"], &listed["time"]), (&json!("presentation"), &json!("101500")));
    assert_eq!(listed["images"], json!([{ "sop_instance_uid": slice }]));
    let path = format!("{}/presentation", stand.path(SeriesKind::Presentation));
    let state = get(&stand.app, &path, "*/*").await.json();
    assert_eq!((&state["label"], &state["creator"]), (&json!("NODULE"), &json!("MARTIN Anne")));
    assert_eq!((&state["quarter_turns"], &state["is_mirrored"]), (&json!(3), &json!(true)));
    let look = &state["looks"][0];
    assert_eq!(look["images"], json!([{ "sop_instance_uid": slice }]));
    let window = json!({ "center": 50.0, "width": 350.0, "function": "LINEAR" });
    assert_eq!((&look["what"]["window"], &look["what"]["invert"]), (&window, &json!(true)));
    assert_eq!(look["what"]["left_out"], json!([]));
    assert_eq!(state["areas"][0]["what"]["edges"], json!([8.0, 8.0, 56.0, 56.0]));
    assert_eq!(state["left_out"], json!([]));
    let report = format!("{}/presentation", stand.path(SeriesKind::Report));
    let report = get(&stand.app, &report, "*/*").await;
    assert_eq!(report.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// The table is longer than what metadata has in itself: it is fetched, and comes worked out for its image.
#[tokio::test(flavor = "multi_thread")]
async fn curves_of_a_presentation_come_as_one_table_for_each_image() {
    let stand = stand().await;
    let slices = &stand.exam.series(SeriesKind::Ct).unwrap().sop_instance_uids;
    let path = format!("{}/presentation", stand.path(SeriesKind::Curves));
    let state = get(&stand.app, &path, "*/*").await.json();
    assert_eq!(state["left_out"], json!([]));
    let looks = state["looks"].as_array().unwrap();
    let look = |slice: usize| {
        let images = json!([{ "sop_instance_uid": slices[slice] }]);
        &looks.iter().find(|look| look["images"] == images).unwrap()["what"]
    };
    // 1 − (0.6·y + 0.4·y²) of 65535, with y = ((HU + 300) / 800)² in 4096 and then 1024 steps.
    let grey = |y: f64| {
        let step = ((y * y * 4095.0).round() / 4095.0 * 1023.0).round() / 1023.0;
        (1.0 - (0.6 + 0.4 * step) * step) * 65_535.0
    };
    let curve = &look(4)["table"];
    assert_eq!((&curve["first_mapped"], &curve["bits"]), (&json!(-300), &json!(16)));
    let entries = curve["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 801);
    for at in [0, 1, 100, 400, 799, 800] {
        let (found, expected) = (entries[at].as_f64().unwrap(), grey(at as f64 / 800.0));
        assert!((found - expected).abs() <= 1.0, "{found} {expected} at {at}");
    }
    let sigmoid = &look(5)["table"];
    let entries = sigmoid["entries"].as_array().unwrap();
    let first = sigmoid["first_mapped"].as_i64().unwrap();
    let at = |hu: i64| entries[usize::try_from(hu - first).unwrap()].as_u64().unwrap();
    // At its centre half of the grey: 1 − (0.6 · 0.5 + 0.4 · 0.25).
    assert!(at(40).abs_diff(39_321) < 100, "{}", at(40));
    assert!(at(-1000) > 65_000 && at(2000) < 100, "{} {}", at(-1000), at(2000));
    assert!(looks.iter().all(|look| look["what"]["invert"] == false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_presentation_of_colours_is_listed_and_served() {
    let stand = stand().await;
    let listed = get(&stand.app, "/api/examen/1/1/documents", "*/*").await.json();
    let listed = listed["documents"].as_array().unwrap().clone();
    let listed = listed.iter().find(|document| document["title"] == "Doppler entouré").unwrap();
    let image = &stand.exam.series(SeriesKind::Us).unwrap().sop_instance_uids[0];
    let named = json!([{ "sop_instance_uid": image, "frames": [3] }]);
    assert_eq!((&listed["kind"], &listed["images"]), (&json!("presentation"), &named));
    let path = format!("{}/presentation", stand.path(SeriesKind::ColourPresentation));
    let state = get(&stand.app, &path, "*/*").await.json();
    assert_eq!((&state["quarter_turns"], &state["left_out"]), (&json!(1), &json!([])));
    let untouched = json!({ "invert": false, "overlays_hidden": false, "left_out": [] });
    assert_eq!(state["looks"], json!([{ "images": named, "what": untouched }]));
    let [red, green, blue] = [0, 1, 2].map(|at| state["shutter"]["rgb"][at].as_u64().unwrap());
    assert!(green > 100 && green > 2 * red && green > 2 * blue, "{red} {green} {blue}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_is_served_as_a_pdf_that_can_do_nothing() {
    let stand = stand().await;
    let pdf = get(&stand.app, &format!("{}/pdf", stand.path(SeriesKind::Pdf)), "*/*").await;
    assert_eq!((pdf.status, pdf.content_type()), (StatusCode::OK, "application/pdf"));
    assert!(pdf.body.starts_with(b"%PDF-1.4"));
    assert_eq!(pdf.headers["x-content-type-options"], "nosniff");
    assert!(pdf.headers["content-disposition"].to_str().unwrap().starts_with("inline"));
    let policy = pdf.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    let report = get(&stand.app, &format!("{}/pdf", stand.path(SeriesKind::Report)), "*/*").await;
    assert_eq!(report.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_of_exams_that_were_not_opened_are_unknown() {
    let stand = stand().await;
    let path = stand.path(SeriesKind::Pdf);
    for from in ["/1/2/", "/2/1/", "/1/0/", "/x/1/"] {
        for end in ["", "/pdf"] {
            let path = format!("{}{end}", path.replacen("/1/1/", from, 1));
            assert_eq!(get(&stand.app, &path, "*/*").await.status, StatusCode::NOT_FOUND, "{path}");
        }
        let list = format!("/api/examen{from}documents");
        assert_eq!(get(&stand.app, &list, "*/*").await.status, StatusCode::NOT_FOUND, "{list}");
    }
    // Of another exam, whatever the address says.
    let opened = open_folder(phantoms().folder()).await;
    let other = app(opened.archive.clone(), &[&phantoms().exam.study_instance_uid]);
    assert_eq!(get(&other, &path, "*/*").await.status, StatusCode::NOT_FOUND);
    let none = get(&other, "/api/examen/1/1/documents", "*/*").await.json();
    assert_eq!(none, json!({ "documents": [], "is_cut": false }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_only_says_that_it_is_a_pdf_is_not_served() {
    let files = tempfile::tempdir().unwrap();
    let exam = generate_documents(files.path(), Scale::tiny()).unwrap();
    let series = exam.series(SeriesKind::Pdf).unwrap();
    let file = &series.files[0];
    let bytes = std::fs::read(file).unwrap();
    let at = bytes.windows(5).position(|bytes| bytes == b"%PDF-").unwrap();
    let mut page = bytes.clone();
    page[at..at + 5].copy_from_slice(b"<html");
    std::fs::write(file, page).unwrap();
    let opened = open_folder(files.path()).await;
    let app = app(opened.archive.clone(), &[&exam.study_instance_uid]);
    let (series, instance) = (&series.series_instance_uid, &series.sop_instance_uids[0]);
    let path = format!("/api/examen/1/1/documents/{series}/{instance}/pdf");
    assert_eq!(get(&app, &path, "*/*").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}
