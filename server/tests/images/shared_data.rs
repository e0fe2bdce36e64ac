//! A thousand files of all kinds, broken ones too: indexed, summarised and drawn or refused with words.

use std::path::Path;

use axum::http::StatusCode;
use negatoscope_server::source::{Scope, Source};

use crate::setup::{app, get, open_folder};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_the_shared_data_breaks_the_server() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if !shared.is_dir() {
        println!("skipped: no ../shared");
        return;
    }
    let opened = open_folder(&shared).await;
    let exams = opened.archive.exams().await.unwrap();
    let studies: Vec<String> = exams.into_iter().map(|exam| exam.study_instance_uid).collect();
    assert!(studies.len() > 80, "{} studies", studies.len());
    let granted: Vec<&str> = studies.iter().map(String::as_str).collect();
    let app = app(opened.archive.clone(), &granted);
    let (mut drawn, mut refused) = (0, 0);
    for study in &studies {
        let scope = Scope { study: study.clone(), series: None, instance: None };
        for at in opened.archive.instances(&scope).await.unwrap() {
            let path = format!(
                "/dicomweb/studies/{}/series/{}/instances/{}",
                at.study, at.series, at.instance
            );
            let metadata = get(&app, &format!("{path}/metadata"), "*/*").await;
            assert_eq!(metadata.status, StatusCode::OK, "{path}");
            assert_eq!(metadata.json().as_array().unwrap().len(), 1);
            let query = "viewport=32,32";
            let picture = get(&app, &format!("{path}/rendered?{query}"), "image/png").await;
            match picture.status {
                StatusCode::OK => drawn += 1,
                StatusCode::UNPROCESSABLE_ENTITY | StatusCode::NOT_FOUND => {
                    assert!(!picture.detail().is_empty());
                    refused += 1;
                }
                other => panic!("{other} for {path}"),
            }
        }
    }
    println!(
        "{drawn} drawn, {refused} refused, {} broken",
        opened.archive.broken_files().await.unwrap().len()
    );
    assert!(drawn > 700, "{drawn} drawn, {refused} refused");
}
