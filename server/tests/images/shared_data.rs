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

/// A JPEG much smaller than a wavelet image is drawn of its lower resolutions: the same picture, in the same place.
#[tokio::test(flavor = "multi_thread")]
async fn small_pictures_of_wavelet_images_are_those_of_the_whole() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if !shared.is_dir() {
        println!("skipped: no ../shared");
        return;
    }
    let opened = open_folder(&shared.join("transfer-syntax/jpeg2000")).await;
    let exams = opened.archive.exams().await.unwrap();
    let mut compared = 0;
    for study in exams.into_iter().map(|exam| exam.study_instance_uid) {
        let app = app(opened.archive.clone(), &[&study]);
        let scope = Scope { study: study.clone(), series: None, instance: None };
        for at in opened.archive.instances(&scope).await.unwrap() {
            let path =
                format!("/dicomweb/studies/{study}/series/{}/instances/{}", at.series, at.instance);
            let drawn = async |query: &str, kind: &str| {
                let answer = get(&app, &format!("{path}/rendered?{query}"), kind).await;
                assert_eq!(answer.status, StatusCode::OK, "{path}");
                image::load_from_memory(&answer.body).unwrap().into_luma8()
            };
            let whole = drawn("viewport=120,120", "image/png").await;
            let small = drawn("viewport=120,120&quality=100", "image/jpeg").await;
            assert_eq!(small.dimensions(), whole.dimensions());
            let [same, right, down] =
                [[0, 0], [1, 0], [0, 1]].map(|by| difference(&small, &whole, by));
            println!("{path}: {same:.2}, a pixel beside {right:.2}, below {down:.2}");
            assert!(
                same < 2.0 && same < right / 2.0 && same < down / 2.0,
                "{path}: {same}, {right}, {down}"
            );
            compared += 1;
        }
    }
    assert!(compared >= 5, "{compared} compared");
}

/// Mean difference of greys, the second picture moved by so many pixels.
fn difference(one: &image::GrayImage, other: &image::GrayImage, [dx, dy]: [u32; 2]) -> f64 {
    let (width, height) = (one.width() - 1, one.height() - 1);
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let off = |(x, y)| {
        let [a, b] = [one.get_pixel(x, y)[0], other.get_pixel(x + dx, y + dy)[0]];
        f64::from(a.abs_diff(b))
    };
    pixels.map(off).sum::<f64>() / f64::from(width * height)
}
