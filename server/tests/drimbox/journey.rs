//! From the report's link to every frame.

use std::path::Path;
use std::time::Duration;

use axum::http::StatusCode;
use futures::future::join_all;
use negatoscope_phantom::SeriesKind;
use negatoscope_server::source::{InstanceRef, Source};
use serde_json::Value;

use crate::manifest::Manifest;
use crate::peer::Quirks;
use crate::stand::{KOS, SITE, SUMMARY, Stand, archive, frame, instance, phantoms};

fn at(kind: SeriesKind, number: usize) -> InstanceRef {
    let series = phantoms().exam.series(kind).unwrap();
    InstanceRef {
        study: phantoms().exam.study_instance_uid.clone(),
        series: series.series_instance_uid.clone(),
        instance: series.sop_instance_uids[number].clone(),
    }
}

/// Images of a series in a summary: UIDs, and whether they are shown.
pub(crate) fn images(summary: &Value, kind: SeriesKind) -> Vec<(String, bool)> {
    let series = &phantoms().exam.series(kind).unwrap().series_instance_uid;
    let stacks = summary["series"].as_array().unwrap().iter();
    let stacks = stacks.filter(|stack| stack["series_instance_uid"] == series.as_str());
    let images = stacks.flat_map(|stack| stack["images"].as_array().unwrap());
    let image = |image: &Value| {
        (image["sop_instance_uid"].as_str().unwrap().to_owned(), image["defect"].is_null())
    };
    images.map(image).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_link_opens_the_exam_that_an_archive_would_show() {
    let stand = Stand::new(Quirks::default()).await;
    let archive = archive(stand.folder.path()).await;
    let mut visitor = stand.visitor().await;
    let source = &stand.state.sites.by_id(SITE).unwrap().source;
    let patient = source.known_patient(&phantoms().exam.study_instance_uid).await.unwrap();
    assert!(patient.is_some(), "the manifest tells, see auth::oidc::franceconnect");
    assert!(stand.peer.asked().is_empty(), "nothing is fetched before somebody looks");
    let summary = visitor.get(SUMMARY).await;
    assert_eq!(summary.status, StatusCode::OK, "{}", summary.text());
    let expected = archive.summary(&phantoms().exam.study_instance_uid).await.unwrap();
    assert_eq!(summary.json(), serde_json::to_value(&*expected).unwrap());
    for series in &phantoms().exam.series {
        for number in 0..series.files.len() {
            for one in 1..=u32::try_from(series.frames).unwrap() {
                let expected = archive.frame(&at(series.kind, number), one).await.unwrap();
                let (status, bytes) =
                    frame(&mut visitor, &instance(series.kind, number), one).await;
                assert_eq!(status, 200);
                assert!(bytes == expected.bytes, "{:?} {number} {one}", series.kind);
            }
        }
    }
    let file = visitor.get(&instance(SeriesKind::Mr, 1)).await;
    let stored = std::fs::read(&phantoms().exam.series(SeriesKind::Mr).unwrap().files[1]).unwrap();
    assert!(file.body.windows(stored.len()).any(|bytes| bytes == stored));
    let asked = stand.peer.asked();
    assert_eq!(asked.len(), phantoms().exam.series.len(), "{asked:?}");
    assert!(asked.iter().all(|one| one.kos == KOS && one.authorization.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_bulk_data_pictures_and_lists_are_served() {
    let stand = Stand::new(Quirks::default()).await;
    let archive = archive(stand.folder.path()).await;
    let mut visitor = stand.visitor().await;
    let (ct, study) = (instance(SeriesKind::Ct, 1), &phantoms().exam.study_instance_uid);
    let bulk = visitor.get(&format!("{ct}/bulkdata/7FE00010")).await;
    let pixels = archive.frame(&at(SeriesKind::Ct, 1), 1).await.unwrap().bytes;
    assert!(bulk.body.windows(pixels.len()).any(|bytes| bytes == pixels), "{}", bulk.status);
    let metadata = visitor.get(&format!("{ct}/metadata")).await.json();
    assert_eq!(metadata[0]["7FE00010"]["BulkDataURI"], format!("{ct}/bulkdata/7FE00010"));
    let picture = visitor.get(&format!("{ct}/rendered")).await;
    assert_eq!(picture.status, StatusCode::OK);
    let listed = visitor.get(&format!("/dicomweb/studies/{study}/instances")).await.json();
    let count: usize = phantoms().exam.series.iter().map(|series| series.files.len()).sum();
    assert_eq!(listed.as_array().unwrap().len(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_come_is_shown_while_the_rest_is_sent() {
    let quirks = Quirks { holds_at: Some(2), ..Quirks::default() };
    let stand = Stand::new(quirks).await;
    let mut visitor = stand.visitor().await;
    for number in [0, 1] {
        let (status, _) = frame(&mut visitor, &instance(SeriesKind::Ct, number), 1).await;
        assert_eq!(status, 200);
    }
    let third = instance(SeriesKind::Ct, 2);
    let waiting = frame(&mut visitor, &third, 1);
    assert!(tokio::time::timeout(Duration::from_millis(200), waiting).await.is_err());
    assert_eq!(stand.peer.asked().len(), 1, "the series is still being sent");
    stand.peer.shared.gate.add_permits(1);
    assert_eq!(frame(&mut visitor, &third, 1).await.0, 200);
    assert_eq!(stand.peer.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_visitors_cost_one_request_for_each_series() {
    let stand = Stand::with(Quirks { slow_pieces: 16_384, ..Quirks::default() }, "").await;
    let visitors = join_all((0..4).map(|_| stand.visitor())).await;
    let exam = &phantoms().exam;
    let mut requests = Vec::new();
    for (number, visitor) in visitors.iter().cycle().take(64).cloned().enumerate() {
        let series = &exam.series[number % exam.series.len()];
        let at = instance(series.kind, number % series.files.len());
        let mut other = visitor.clone();
        requests.push(tokio::spawn(async move {
            let mut visitor = visitor;
            let (summary, frame) = tokio::join!(other.get(SUMMARY), frame(&mut visitor, &at, 1));
            (summary.status.as_u16(), frame.0)
        }));
    }
    for answers in join_all(requests).await {
        assert_eq!(answers.unwrap(), (200, 200));
    }
    let mut asked: Vec<String> = stand.peer.asked().into_iter().map(|one| one.path).collect();
    asked.sort();
    let count = asked.len();
    asked.dedup();
    assert_eq!((count, asked.len()), (exam.series.len(), exam.series.len()), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exam_without_a_manifest_is_not_available() {
    let stand = Stand::without_manifest(Quirks::default(), "").await;
    let (mut browser, known_to_the_box) = stand.enter(&phantoms().exam).await;
    assert_eq!(known_to_the_box.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get(SUMMARY).await.status, StatusCode::UNAUTHORIZED);
    assert!(stand.peer.asked().is_empty());
    // Word for word what is said of an exam that does not exist.
    let nowhere = negatoscope_phantom::Exam {
        study_instance_uid: "1.2.3.4".to_owned(),
        ..phantoms().exam.clone()
    };
    let (_, unknown) = stand.enter(&nowhere).await;
    assert_eq!(
        (unknown.status, unknown.text()),
        (known_to_the_box.status, known_to_the_box.text())
    );
    stand.import(&Manifest::new(&phantoms().exam, KOS, "")).await;
    assert_eq!(stand.visitor().await.get(SUMMARY).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_current_manifest_says_what_is_shown() {
    let stand = Stand::new(Quirks::default()).await;
    let mut visitor = stand.visitor().await;
    let (gone, kept) = (instance(SeriesKind::Ct, 1), instance(SeriesKind::Ct, 2));
    assert_eq!(frame(&mut visitor, &gone, 1).await.0, 200);
    let uid = at(SeriesKind::Ct, 1).instance;
    let manifest = |kos, number, without: &[String]| Manifest {
        number,
        without: without.to_vec(),
        ..Manifest::new(&phantoms().exam, kos, &stand.peer.url)
    };
    stand.import(&manifest("1.2.250.1.97.2", 2, std::slice::from_ref(&uid))).await;
    // An older one that comes late changes nothing.
    stand.import(&manifest(KOS, 1, &[])).await;
    assert_eq!(frame(&mut visitor, &gone, 1).await.0, 404);
    assert_eq!(frame(&mut visitor, &kept, 1).await.0, 200);
    let summary = visitor.get(SUMMARY).await.json();
    let shown = images(&summary, SeriesKind::Ct);
    assert_eq!(shown.len(), phantoms().exam.series(SeriesKind::Ct).unwrap().files.len() - 1);
    assert!(shown.iter().all(|(shown, is_shown)| *shown != uid && *is_shown));
    assert_eq!(stand.peer.asked().last().unwrap().kos, "1.2.250.1.97.2");
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_instances_do_not_appear() {
    let stand = Stand::new(Quirks::default()).await;
    let mut visitor = stand.visitor().await;
    let rejected = at(SeriesKind::Mr, 0);
    let facts = reports_rejecting(&rejected);
    stand.state.reports.apply(SITE, &facts, 1).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(frame(&mut visitor, &instance(SeriesKind::Mr, 0), 1).await.0, 404);
    let summary = visitor.get(SUMMARY).await;
    assert!(!summary.text().contains(&rejected.instance));
    assert!(!images(&summary.json(), SeriesKind::Mr).is_empty());
}

fn reports_rejecting(at: &InstanceRef) -> negatoscope_server::reports::Facts {
    negatoscope_server::reports::Facts {
        rejection: Some(negatoscope_server::reports::Rejection {
            note: "1.2.250.1.99.1".to_owned(),
            instances: vec![(at.study.clone(), at.instance.clone())],
        }),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn images_are_held_in_memory_only_and_not_for_long() {
    let stand = Stand::with(Quirks::default(), "receive = { keep_seconds = 3 }").await;
    let mut visitor = stand.visitor().await;
    assert_eq!(visitor.get(SUMMARY).await.status, StatusCode::OK);
    assert!(stand.received.bytes_held() > 0);
    assert_eq!(files_with_dicom(&stand.folder.path().join("state")), 0);
    let dropped = async {
        while stand.received.bytes_held() > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), dropped).await.unwrap();
    assert_eq!(visitor.get(SUMMARY).await.status, StatusCode::OK, "and comes again when asked for");
}

/// Files with the prefix of a Part 10 object anywhere in them.
fn files_with_dicom(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| match path.is_dir() {
            true => files_with_dicom(&path),
            false => {
                let bytes = std::fs::read(&path).unwrap();
                usize::from(bytes.windows(4).any(|four| four == b"DICM"))
            }
        })
        .sum()
}
