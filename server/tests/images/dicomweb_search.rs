//! QIDO-RS finds what is granted, and only that.

use axum::http::StatusCode;
use negatoscope_phantom::SeriesKind;
use serde_json::{Value, json};

use crate::setup::{app, get, open_folder, phantom_app, phantoms};

fn values(answer: &Value, tag: &str) -> Vec<Value> {
    answer.as_array().unwrap().iter().map(|object| object[tag]["Value"][0].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_granted_study_is_found_with_its_counts() {
    let (app, _opened) = phantom_app().await;
    let exam = &phantoms().exam;
    let found = get(&app, "/dicomweb/studies", "application/dicom+json").await.json();
    let [study] = found.as_array().unwrap().as_slice() else { panic!("one study: {found}") };
    let instances: usize = exam.series.iter().map(|series| series.files.len()).sum();
    assert_eq!(study["0020000D"]["Value"], json!([exam.study_instance_uid]));
    assert_eq!(study["00080050"]["Value"], json!([exam.accession_number]));
    assert_eq!(study["00080061"]["Value"], json!(["CR", "CT", "MR", "US"]));
    assert_eq!(study["00201206"]["Value"], json!([exam.series.len()]));
    assert_eq!(study["00201208"]["Value"], json!([instances]));
    let url = format!("/dicomweb/studies/{}", exam.study_instance_uid);
    assert_eq!(study["00081190"], json!({ "vr": "UR", "Value": [url] }));
    assert!(study.get("00080060").is_none() && study.get("00081030").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_match_by_name_and_by_number() {
    let (app, _opened) = phantom_app().await;
    let exam = &phantoms().exam;
    let name = format!("{}*", exam.birth_name.to_lowercase());
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    for (query, count) in [
        (format!("PatientName={encoded}"), 1),
        (format!("00100030={}", exam.birth_date), 1),
        (format!("StudyDate={}-", exam.study_date), 1),
        ("StudyDate=-19000101".to_owned(), 0),
        ("PatientID=somebody".to_owned(), 0),
        (format!("StudyInstanceUID={}", phantoms().other.study_instance_uid), 0),
        ("ModalitiesInStudy=MR".to_owned(), 1),
        ("ModalitiesInStudy=XA".to_owned(), 0),
    ] {
        let found = get(&app, &format!("/dicomweb/studies?{query}"), "*/*").await.json();
        assert_eq!(found.as_array().unwrap().len(), count, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn series_and_instances() {
    let (app, _opened) = phantom_app().await;
    let exam = &phantoms().exam;
    let study = format!("/dicomweb/studies/{}", exam.study_instance_uid);
    let series = get(&app, &format!("{study}/series?Modality=CT"), "*/*").await.json();
    let mut expected = vec![
        json!(exam.series(SeriesKind::Ct).unwrap().series_instance_uid),
        json!(exam.series(SeriesKind::SharpCt).unwrap().series_instance_uid),
    ];
    let mut found = values(&series, "0020000E");
    found.sort_by_key(Value::to_string);
    expected.sort_by_key(Value::to_string);
    assert_eq!(found, expected);

    let ct = exam.series(SeriesKind::Ct).unwrap();
    let path = format!("{study}/series/{}/instances", ct.series_instance_uid);
    let all = get(&app, &path, "*/*").await.json();
    assert_eq!(all.as_array().unwrap().len(), ct.files.len());
    let uid = &ct.sop_instance_uids[3];
    let one = get(&app, &format!("{path}?SOPInstanceUID={uid}"), "*/*").await.json();
    assert_eq!(values(&one, "00080018"), [json!(uid)]);
    assert_eq!(values(&one, "00280010"), [json!(64)]);
    assert!(one[0].get("00280030").is_none());
    let path = format!("{path}?SOPInstanceUID={uid}&includefield=PixelSpacing,00200032");
    let with_fields = get(&app, &path, "*/*").await.json();
    assert!(with_fields[0]["00280030"]["Value"].is_array());
    assert!(with_fields[0]["00200032"]["Value"].is_array());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_cover_all_results_once() {
    let (app, _opened) = phantom_app().await;
    let path = format!("/dicomweb/studies/{}/instances", phantoms().exam.study_instance_uid);
    let all = values(&get(&app, &path, "*/*").await.json(), "00080018");
    let mut paged = Vec::new();
    for offset in (0..).step_by(5) {
        let page = get(&app, &format!("{path}?limit=5&offset={offset}"), "*/*").await.json();
        let page = values(&page, "00080018");
        assert!(page.len() <= 5);
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, all);
    assert_eq!(get(&app, &format!("{path}?limit=0"), "*/*").await.json(), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_granted_studies_are_searched() {
    let opened = open_folder(phantoms().folder()).await;
    let (exam, other) = (&phantoms().exam, &phantoms().other);
    let studies = [exam.study_instance_uid.as_str(), other.study_instance_uid.as_str(), "1.2.3"];
    let app = app(opened.archive.clone(), &studies);
    let mut found = values(&get(&app, "/dicomweb/studies", "*/*").await.json(), "0020000D");
    found.sort_by_key(Value::to_string);
    let mut expected = vec![json!(exam.study_instance_uid), json!(other.study_instance_uid)];
    expected.sort_by_key(Value::to_string);
    assert_eq!(found, expected, "a granted study the archive does not hold is no error");
    let series = get(&app, "/dicomweb/series", "*/*").await.json();
    assert_eq!(series.as_array().unwrap().len(), exam.series.len() + other.series.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_without_sense_are_refused_with_words() {
    let (app, _opened) = phantom_app().await;
    for (query, word) in [
        ("NoSuchAttribute=1", "NoSuchAttribute"),
        ("limit=-1", "limit"),
        ("includefield=Nonsense", "Nonsense"),
    ] {
        let answer = get(&app, &format!("/dicomweb/studies?{query}"), "*/*").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(answer.detail().contains(word));
    }
}
