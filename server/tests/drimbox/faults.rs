//! What boxes, networks and manifests do wrong.

use axum::http::StatusCode;
use negatoscope_phantom::SeriesKind;
use negatoscope_server::source::{Source as _, SourceHealth};

use crate::journey::images;
use crate::manifest::Manifest;
use crate::peer::Quirks;
use crate::stand::{KOS, SUMMARY, Stand, frame, instance, phantoms};

const CT: SeriesKind = SeriesKind::Ct;

fn ct_count() -> usize {
    phantoms().exam.series(CT).unwrap().files.len()
}

/// Paths asked for that are of the CT.
fn asked_for_ct(stand: &Stand) -> Vec<String> {
    let uid = &phantoms().exam.series(CT).unwrap().series_instance_uid;
    let asked = stand.peer.asked().into_iter().map(|one| one.path);
    asked.filter(|path| path.contains(uid)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn however_the_answer_is_written_it_is_read() {
    for quirks in [
        Quirks { quotes: true, ..Quirks::default() },
        Quirks { starts_with_the_last: true, ..Quirks::default() },
        Quirks { slow_pieces: 1000, ..Quirks::default() },
    ] {
        let stand = Stand::new(quirks.clone()).await;
        let mut visitor = stand.visitor().await;
        for number in 0..ct_count() {
            let (status, _) = frame(&mut visitor, &instance(CT, number), 1).await;
            assert_eq!(status, 200, "{quirks:?}");
        }
        assert_eq!(asked_for_ct(&stand).len(), 1, "{quirks:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_that_is_cut_once_comes_whole() {
    let stand = Stand::new(Quirks { cut: Some((2, 1)), ..Quirks::default() }).await;
    let mut visitor = stand.visitor().await;
    for number in 0..ct_count() {
        assert_eq!(frame(&mut visitor, &instance(CT, number), 1).await.0, 200);
    }
    assert_eq!(asked_for_ct(&stand).len(), 2, "asked for a second time, and no third");
    let summary = visitor.get(SUMMARY).await.json();
    assert!(images(&summary, CT).iter().all(|(_, is_shown)| *is_shown));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_that_is_always_cut_shows_what_has_come_and_says_what_has_not() {
    let stand = Stand::new(Quirks { cut: Some((2, usize::MAX)), ..Quirks::default() }).await;
    let mut visitor = stand.visitor().await;
    let third = frame(&mut visitor, &instance(CT, 2), 1).await;
    assert_eq!(third.0, 502, "the archive does not answer: to be tried again");
    for number in [0, 1] {
        assert_eq!(frame(&mut visitor, &instance(CT, number), 1).await.0, 200);
    }
    assert_eq!(asked_for_ct(&stand).len(), 2);
    let summary = visitor.get(SUMMARY).await.json();
    let shown = images(&summary, CT);
    assert_eq!(shown.len(), ct_count(), "those that did not come are listed");
    assert_eq!(shown.iter().filter(|(_, is_shown)| *is_shown).count(), 2);
    assert_eq!(asked_for_ct(&stand).len(), 2, "the summary does not ask again at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_another_study_are_dropped() {
    let other = &phantoms().other;
    let stray = std::fs::read(&other.series[0].files[0]).unwrap();
    let stand = Stand::new(Quirks { strays: vec![stray], ..Quirks::default() }).await;
    let mut visitor = stand.visitor().await;
    let summary = visitor.get(SUMMARY).await;
    assert_eq!(summary.status, StatusCode::OK);
    assert!(!summary.text().contains(&other.study_instance_uid));
    assert!(!summary.text().contains(&other.series[0].sop_instance_uids[0]));
    let foreign = format!(
        "/dicomweb/studies/{}/series/{}/instances/{}",
        other.study_instance_uid,
        other.series[0].series_instance_uid,
        other.series[0].sop_instance_uids[0]
    );
    assert_eq!(frame(&mut visitor, &foreign, 1).await.0, 404);
    assert_eq!(frame(&mut visitor, &instance(CT, 0), 1).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_too_large_is_passed_over() {
    let receive = "receive = { memory_mib = 4, max_object_mib = 1, streams = 1 }";
    let quirks = Quirks { strays: vec![vec![0; 3 << 20]], ..Quirks::default() };
    let stand = Stand::with(quirks, receive).await;
    let mut visitor = stand.visitor().await;
    for number in 0..ct_count() {
        assert_eq!(frame(&mut visitor, &instance(CT, number), 1).await.0, 200);
    }
    assert!(stand.received.most_bytes_held() <= 4 << 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_answer_is_ended_by_its_size_or_by_the_number_of_parts() {
    for (stray, receive) in
        [(vec![0; 1 << 20], "receive = { max_series_mib = 4 }"), (vec![0; 10], "")]
    {
        let quirks = Quirks { strays: vec![stray], is_endless: true, ..Quirks::default() };
        let stand = Stand::with(quirks, receive).await;
        let mut visitor = stand.visitor().await;
        assert_eq!(frame(&mut visitor, &instance(CT, 0), 1).await.0, 422);
        assert_eq!(asked_for_ct(&stand).len(), 1, "that would be no better a second time");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_sends_nothing_is_not_waited_for() {
    let lines = "read_seconds = 1\nreceive = { series_seconds = 5 }";
    let stand = Stand::with(Quirks { hangs: true, ..Quirks::default() }, lines).await;
    let mut visitor = stand.visitor().await;
    let started = std::time::Instant::now();
    assert_eq!(frame(&mut visitor, &instance(CT, 0), 1).await.0, 502);
    assert!(started.elapsed().as_secs() < 5);
    assert_eq!(visitor.get(SUMMARY).await.status, StatusCode::BAD_GATEWAY);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_sent_as_it_is_at_the_moment() {
    let quirks = Quirks { authorization: Some("Bearer first".to_owned()), ..Quirks::default() };
    let none = Stand::new(quirks.clone()).await;
    let mut visitor = none.visitor().await;
    assert_eq!(visitor.get(SUMMARY).await.status, StatusCode::BAD_GATEWAY, "401 without a token");
    let tokens = tempfile::tempdir().unwrap();
    let file = tokens.path().join("token");
    negatoscope_server::secret_file::write(&file, b"first\n").unwrap();
    let stand = Stand::with(quirks, &format!("token_file = {file:?}")).await;
    let mut visitor = stand.visitor().await;
    assert_eq!(frame(&mut visitor, &instance(CT, 0), 1).await.0, 200);
    negatoscope_server::secret_file::write(&file, b"second\n").unwrap();
    stand.peer.change(|quirks| quirks.authorization = Some("Bearer second".to_owned()));
    assert_eq!(frame(&mut visitor, &instance(SeriesKind::Mr, 0), 1).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn images_that_are_gone_from_the_box_are_not_found() {
    for status in [404, 410] {
        let stand = Stand::new(Quirks { status: Some(status), ..Quirks::default() }).await;
        let mut visitor = stand.visitor().await;
        assert_eq!(frame(&mut visitor, &instance(CT, 0), 1).await.0, 404);
        assert_eq!(visitor.get(SUMMARY).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_leads_elsewhere_is_not_followed() {
    let stand = Stand::without_manifest(Quirks::default(), "").await;
    let exam = &phantoms().exam;
    let foreign = "https://db1.349.example.org/dicom-web-rs".to_owned();
    let mut manifest = Manifest::new(exam, KOS, &stand.peer.url);
    manifest.addresses[0] = foreign.clone();
    // Another port of the same machine is another server.
    manifest.addresses[1] = "https://localhost:9/dicom-web-rs".to_owned();
    stand.import(&manifest).await;
    let mut visitor = stand.visitor().await;
    let summary = visitor.get(SUMMARY).await.json();
    for (number, series) in exam.series.iter().enumerate() {
        let is_here = number > 1;
        assert!(images(&summary, series.kind).iter().all(|(_, is_shown)| *is_shown == is_here));
        let status = frame(&mut visitor, &instance(series.kind, 0), 1).await.0;
        assert_eq!(status, if is_here { 200 } else { 422 });
        let asked = stand
            .peer
            .asked()
            .into_iter()
            .filter(|one| one.path.contains(&series.series_instance_uid));
        assert_eq!(asked.count(), usize::from(is_here));
    }
    // The name by which manifests know the box, where the server reaches it by another one.
    let allowed =
        Stand::without_manifest(Quirks::default(), "manifest_hosts = [\"db1.349.example.org\"]")
            .await;
    allowed.import(&Manifest::new(exam, KOS, &foreign)).await;
    let mut visitor = allowed.visitor().await;
    assert_eq!(frame(&mut visitor, &instance(CT, 0), 1).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_is_in_no_list_is_not_asked() {
    let table = "[trust_list]\nurl = \"https://liste.example.fr/\"\nroot_file = \"own-ca.pem\"\n\
                 crl_files = [\"none.crl\"]\nallowed_networks = [\"127.0.0.0/8\", \"::1/128\"]\n";
    let stand = Stand::with(Quirks::default(), table).await;
    let mut visitor = stand.visitor().await;
    let (status, _) = frame(&mut visitor, &instance(CT, 0), 1).await;
    assert_eq!(status, 502);
    assert!(stand.peer.asked().is_empty(), "there is no list yet: nobody is contacted");
    assert_eq!(stand.received.health().await, SourceHealth::Down);
    assert!(stand.peer.asked().is_empty());
}
