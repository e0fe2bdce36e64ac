//! Objects, metadata and bulk data over HTTP against the files they come from.

use std::collections::BTreeMap;
use std::fs;

use axum::http::StatusCode;
use negatoscope_phantom::SeriesKind;
use serde_json::{Value, json};

use crate::setup::{file_of, get, instance_path, phantom_app, phantoms, pixel_data};

const FILES: &str = r#"multipart/related; type="application/dicom"; transfer-syntax=*"#;

fn series_path(kind: SeriesKind) -> String {
    let series = phantoms().exam.series(kind).unwrap();
    format!("{}/series/{}", study_path(), series.series_instance_uid)
}

fn study_path() -> String {
    format!("/dicomweb/studies/{}", phantoms().exam.study_instance_uid)
}

#[tokio::test(flavor = "multi_thread")]
async fn files_come_back_byte_for_byte() {
    let (app, _opened) = phantom_app().await;
    for kind in [SeriesKind::Ct, SeriesKind::Mr, SeriesKind::Cr, SeriesKind::Us] {
        let expected = fs::read(file_of(kind, 0)).unwrap();
        let single = get(&app, &instance_path(kind, 0), "application/dicom").await;
        assert_eq!(single.body, expected);
        assert_eq!(single.headers["content-length"], expected.len().to_string());
        let parts = get(&app, &instance_path(kind, 0), FILES).await.parts();
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].1, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_and_a_study_come_with_all_their_files() {
    let (app, _opened) = phantom_app().await;
    let exam = &phantoms().exam;
    let files = |kind| exam.series(kind).unwrap().files.iter().map(|file| fs::read(file).unwrap());
    let mut expected: Vec<Vec<u8>> = files(SeriesKind::Mr).collect();
    let mut found: Vec<Vec<u8>> =
        bodies(get(&app, &series_path(SeriesKind::Mr), FILES).await.parts());
    expected.sort();
    found.sort();
    assert!(found == expected, "{} files of {}", found.len(), expected.len());

    let mut expected: Vec<Vec<u8>> =
        exam.series.iter().flat_map(|series| files(series.kind)).collect();
    let parts = get(&app, &study_path(), "*/*").await.parts();
    assert!(
        parts.iter().all(|part| part.0.starts_with("application/dicom; transfer-syntax=1.2.840."))
    );
    let mut found = bodies(parts);
    expected.sort();
    found.sort();
    assert!(found == expected, "{} files of {}", found.len(), expected.len());
}

fn bodies(parts: Vec<(String, Vec<u8>)>) -> Vec<Vec<u8>> {
    parts.into_iter().map(|part| part.1).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_not_transcoded() {
    let (app, _opened) = phantom_app().await;
    let little = "application/dicom; transfer-syntax=1.2.840.10008.1.2.1";
    let refused = get(&app, &instance_path(SeriesKind::Us, 0), little).await;
    assert_eq!(refused.status, StatusCode::NOT_ACCEPTABLE);
    assert!(refused.detail().contains("1.2.840.10008.1.2.4.50"));
    assert_eq!(get(&app, &instance_path(SeriesKind::Ct, 0), little).await.status, StatusCode::OK);
    let zip = get(&app, &study_path(), "application/zip").await;
    assert_eq!(zip.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_has_the_attributes_of_the_file() {
    let (app, _opened) = phantom_app().await;
    let answer = get(&app, &format!("{}/metadata", instance_path(SeriesKind::Mr, 1)), "*/*").await;
    assert_eq!(answer.content_type(), "application/dicom+json");
    let metadata = answer.json();
    let [metadata] = metadata.as_array().unwrap().as_slice() else { panic!("one instance") };
    let exam = &phantoms().exam;
    // ISO 8859-1 in the file, Unicode here.
    let name = format!("{}^{}", exam.birth_name, exam.given_name);
    assert_eq!(metadata["00100010"]["Value"][0]["Alphabetic"], name);
    assert_eq!(metadata["00100030"], json!({ "vr": "DA", "Value": [exam.birth_date] }));
    assert_eq!(metadata["00280010"], json!({ "vr": "US", "Value": [64] }));
    assert_eq!(metadata["00083002"]["Value"], json!(["1.2.840.10008.1.2.5"]));
    let uri = format!("{}/bulkdata/7FE00010", instance_path(SeriesKind::Mr, 1));
    assert_eq!(metadata["7FE00010"], json!({ "vr": "OW", "BulkDataURI": uri }));
    assert!(metadata.as_object().unwrap().keys().all(|tag| !tag.starts_with("0002")));
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_of_a_study_holds_each_instance_once() {
    let (app, _opened) = phantom_app().await;
    let answer = get(&app, &format!("{}/metadata", study_path()), "application/dicom+json").await;
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for object in answer.json().as_array().unwrap() {
        let uid = object["00080018"]["Value"][0].as_str().unwrap();
        *found.entry(uid.to_owned()).or_default() += 1;
    }
    let expected: BTreeMap<String, usize> = phantoms()
        .exam
        .series
        .iter()
        .flat_map(|series| series.sop_instance_uids.iter().map(|uid| (uid.clone(), 1)))
        .collect();
    assert_eq!(found, expected);
    let xml = get(&app, &format!("{}/metadata", study_path()), "application/dicom+xml").await;
    assert_eq!(xml.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_data_is_the_value() {
    let (app, _opened) = phantom_app().await;
    let path = format!("{}/bulkdata/7FE00010", instance_path(SeriesKind::Ct, 0));
    let expected = pixel_data(&file_of(SeriesKind::Ct, 0)).remove(0);
    let single = get(&app, &path, "application/octet-stream").await;
    assert_eq!(single.body, expected);
    let parts =
        get(&app, &path, r#"multipart/related; type="application/octet-stream""#).await.parts();
    let little = "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1";
    assert_eq!(parts, [(little.to_owned(), expected)]);

    let loop_path = format!("{}/bulkdata/7FE00010", instance_path(SeriesKind::Us, 0));
    let encapsulated = get(&app, &loop_path, "application/octet-stream").await;
    assert!(encapsulated.content_type().ends_with("transfer-syntax=1.2.840.10008.1.2.4.50"));
    let file = fs::read(file_of(SeriesKind::Us, 0)).unwrap();
    assert!(encapsulated.body.starts_with(&[0xFE, 0xFF, 0x00, 0xE0]), "item of the offset table");
    assert!(encapsulated.body.ends_with(&[0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]), "delimiter");
    assert!(file.windows(encapsulated.body.len()).any(|window| window == encapsulated.body));

    for unknown in ["00091001", "nonsense", "00081140.1.00081150"] {
        let path = format!("{}/bulkdata/{unknown}", instance_path(SeriesKind::Ct, 0));
        assert_eq!(get(&app, &path, "*/*").await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_is_compressed_where_the_client_takes_it() {
    let (app, _opened) = phantom_app().await;
    let request = axum::http::Request::get(format!("{}/metadata", study_path()))
        .header("accept-encoding", "gzip")
        .body(axum::body::Body::empty())
        .unwrap();
    let answer = crate::setup::send(&app, request).await;
    assert_eq!(answer.headers["content-encoding"], "gzip");
    let mut text = String::new();
    let mut unpacked = flate2::read::GzDecoder::new(&answer.body[..]);
    std::io::Read::read_to_string(&mut unpacked, &mut text).unwrap();
    let plain = get(&app, &format!("{}/metadata", study_path()), "*/*").await;
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), plain.json());
}
