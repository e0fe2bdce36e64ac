//! What the viewer makes of a folder that a reader opens, held against what this server makes of the same folder: the same exams,
//! and the same frames, whatever the files are.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use negatoscope_local::bytes::Bytes;
use negatoscope_local::frames::Content;
use negatoscope_local::medium::Medium;
use negatoscope_server::source::{InstanceRef, Source};
use serde_json::Value;
use viewer_core::exam::{ExamSummary, Patient, is_video};

use crate::setup::{open_folder, phantoms};

/// Most frames of one image that are compared.
const FRAMES: u32 = 2;

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, mut files): (Vec<PathBuf>, Vec<PathBuf>) =
        entries.partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| files_below(folder)));
    files.sort();
    files
}

/// The folder as the browser reads it: its files, and what is in them.
fn opened(folder: &Path) -> (Vec<Vec<u8>>, Medium) {
    let contents: Vec<Vec<u8>> =
        files_below(folder).iter().map(|file| fs::read(file).unwrap()).collect();
    let mut medium = Medium::default();
    for content in &contents {
        medium.add("file", Rc::new(content.clone()));
    }
    while medium.step() {}
    (contents, medium)
}

/// Every exam and the first frames of every image are the same; how many frames were compared.
async fn expect_alike(folder: &Path) -> usize {
    // With its state, where inflated data sets lie.
    let opened_by_server = open_folder(folder).await;
    let server = &opened_by_server.archive;
    let (contents, mut medium) = opened(folder);
    let offers = medium.offers(&Patient::default());
    let mut listed: Vec<String> =
        server.exams().await.unwrap().into_iter().map(|exam| exam.study_instance_uid).collect();
    let mut found: Vec<String> = offers.iter().map(|offer| offer.study.clone()).collect();
    listed.sort();
    found.sort();
    assert_eq!(found, listed, "{}", folder.display());
    let mut compared = 0;
    for study in listed {
        let (theirs, ours) = (server.summary(&study).await, medium.summary(&study));
        let (Ok(theirs), Ok(mut ours)) = (&theirs, ours) else {
            assert!(theirs.is_err(), "{study} is no exam to the viewer only");
            continue;
        };
        ours.study.is_local = false;
        let [our_json, their_json] =
            [&ours, &**theirs].map(|exam| serde_json::to_value(exam).unwrap());
        let difference = difference(&our_json, &their_json);
        assert_eq!(difference, None, "{study} in {}", folder.display());
        compared += expect_same_frames(&**server, &ours, &contents, &mut medium).await;
    }
    compared
}

/// Where two summaries differ. Numbers may do so in their last digits: the index has them as text, and is
/// read back quickly.
fn difference(ours: &Value, theirs: &Value) -> Option<String> {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            ((a - b).abs() > a.abs().max(1.0) * 1e-12).then(|| format!("{a} {b}"))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).find_map(|(a, b)| difference(a, b))
        }
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            a.iter().find_map(|(key, a)| {
                difference(a, b.get(key).unwrap_or(&Value::Null))
                    .map(|found| format!("{key}: {found}"))
            })
        }
        _ => (ours != theirs).then(|| format!("{ours} {theirs}")),
    }
}

async fn expect_same_frames(
    server: &dyn Source,
    exam: &ExamSummary,
    contents: &[Vec<u8>],
    medium: &mut Medium,
) -> usize {
    let mut compared = 0;
    for series in &exam.series {
        for image in &series.images {
            let syntax = &series.formats[usize::from(image.format)].transfer_syntax_uid;
            for number in (1..=image.frames.min(FRAMES)).filter(|_| !is_video(syntax)) {
                let at = InstanceRef {
                    study: exam.study.study_instance_uid.clone(),
                    series: series.series_instance_uid.clone(),
                    instance: image.sop_instance_uid.clone(),
                };
                let theirs = server.frame(&at, number).await;
                let ours = medium.frame(&at.instance, number);
                let (Ok(theirs), Ok(ours)) = (&theirs, &ours) else {
                    assert!(theirs.is_err() && ours.is_err(), "{} {number}", at.instance);
                    continue;
                };
                assert_eq!(ours.syntax, theirs.transfer_syntax_uid);
                assert!(taken(&ours.content, contents) == theirs.bytes, "{} {number}", at.instance);
                compared += 1;
            }
        }
    }
    compared
}

fn taken(content: &Content, contents: &[Vec<u8>]) -> Vec<u8> {
    match content {
        Content::Here(bytes) => bytes.clone(),
        Content::InFile { file, ranges } => ranges
            .iter()
            .flat_map(|part| contents[*file].read_at(part.offset, part.length as usize).unwrap())
            .collect(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn phantoms_are_the_same_exams_to_the_viewer_as_to_the_server() {
    assert!(expect_alike(phantoms().folder()).await > 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn real_and_damaged_files_are_the_same_exams_to_the_viewer_as_to_the_server() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if !shared.is_dir() {
        println!("skipped: no ../shared");
        return;
    }
    // Each folder by itself: some hold the same object in several encodings, of which either side takes one.
    let mut compared = 0;
    for name in [
        "transfer-syntax",
        "multiframe",
        "photometric",
        "bit-depth",
        "charset",
        "overlay",
        "sr",
        "kos",
        "us",
    ] {
        for file in files_below(&shared.join(name)) {
            let folder = tempfile::tempdir().unwrap();
            fs::copy(&file, folder.path().join("file")).unwrap();
            compared += expect_alike(folder.path()).await;
        }
    }
    for name in ["series/mr-adc-21", "series/ct-jpegll-20-with-kos"] {
        compared += expect_alike(&shared.join(name)).await;
    }
    assert!(compared > 100, "{compared}");
}
