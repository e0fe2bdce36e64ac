//! A PACS that breaks the protocol, dies, hangs or sends what nobody asked for: each is an error in words,
//! nothing wrong is shown, and what can be had is had.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use negatoscope_phantom::SeriesKind;
use negatoscope_server::source::dimse::{Dimse, DimseOptions};
use negatoscope_server::source::received::{Limits, Received};
use negatoscope_server::source::{InstanceRef, Source, SourceError};

use crate::fake_scp::{FakeScp, Fault};
use crate::setup::{app, get, open_folder, phantoms};

/// How long a PACS is waited for that never answers; every other one answers in the end, however busy the machine is.
const IMPATIENCE: Duration = Duration::from_millis(800);
const PATIENCE: Duration = Duration::from_secs(30);

async fn open(scp: &FakeScp, limits: Limits) -> Arc<Received<Dimse>> {
    let mut options = DimseOptions::new("vi1.test", ("127.0.0.1", scp.port), "PACS", "HERE");
    options.patience = if scp.fault == Fault::Silence { IMPATIENCE } else { PATIENCE };
    options.max_instances = 1000;
    Received::open("vi1.test", Dimse::open(&options, true).await.unwrap(), limits)
}

async fn with_fault(fault: Fault) -> (FakeScp, Arc<Received<Dimse>>) {
    let scp = FakeScp::start(fault).await;
    let source = open(&scp, Limits::default()).await;
    (scp, source)
}

fn study() -> &'static str {
    &phantoms().exam.study_instance_uid
}

/// The instances of the CT in the order the SCP sends them.
fn ct() -> Vec<InstanceRef> {
    let series = phantoms().exam.series(SeriesKind::Ct).unwrap();
    let mut uids = series.sop_instance_uids.clone();
    uids.sort_unstable();
    let at = |instance| InstanceRef {
        study: study().to_owned(),
        series: series.series_instance_uid.clone(),
        instance,
    };
    uids.into_iter().map(at).collect()
}

fn unavailable<T>(result: Result<T, SourceError>) -> String {
    match result {
        Err(SourceError::Unavailable(text)) => text,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("an answer"),
    }
}

/// Images that are listed and did not come.
async fn missing(source: &dyn Source) -> usize {
    let summary = source.summary(study()).await.unwrap();
    let images = summary.series.iter().flat_map(|series| &series.images);
    images.filter(|image| image.defect.is_some()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fake_itself_is_a_pacs() {
    let (scp, source) = with_fault(Fault::None).await;
    let archive = open_folder(phantoms().folder()).await.archive;
    for at in ct() {
        let (found, expected) = (source.frame(&at, 1).await, archive.frame(&at, 1).await);
        assert_eq!(found.unwrap().bytes, expected.unwrap().bytes);
    }
    assert_eq!(missing(&*source).await, 0);
    assert!(scp.seen.statuses.lock().unwrap().iter().all(|status| *status == 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_visitors_are_one_retrieve() {
    let (scp, source) = with_fault(Fault::None).await;
    let everybody = (0..40).map(|number| {
        let source = Arc::clone(&source);
        let at = ct()[number % ct().len()].clone();
        tokio::spawn(async move {
            source.summary(study()).await.unwrap();
            source.frame(&at, 1).await.unwrap();
        })
    });
    for visitor in everybody.collect::<Vec<_>>() {
        visitor.await.unwrap();
    }
    assert_eq!(*scp.seen.gets.lock().unwrap(), ["SERIES"]);
    assert_eq!(scp.seen.associations.load(Ordering::SeqCst), 2, "one to list, one to retrieve");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_is_served_while_the_rest_is_on_its_way_and_nobody_waiting_ends_it() {
    let scp = FakeScp::start(Fault::Stall).await;
    let mut options = DimseOptions::new("vi1.test", ("127.0.0.1", scp.port), "PACS", "HERE");
    options.patience = Duration::from_secs(20);
    options.linger = Duration::from_millis(300);
    let dimse = Dimse::open(&options, true).await.unwrap();
    let source = Received::open("vi1.test", dimse, Limits::default());
    let (first, second) = (&ct()[0], &ct()[1]);
    source.frame(first, 1).await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(100), source.frame(second, 1)).await;
    assert!(early.is_err(), "the second has not come yet");
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(scp.seen.aborts.load(Ordering::SeqCst), 1, "nobody waits any more");
    source.frame(first, 1).await.unwrap();
    // Whoever comes back has it brought on.
    scp.go_on.notify_one();
    let again = tokio::time::timeout(Duration::from_secs(5), source.frame(second, 1)).await;
    again.unwrap().unwrap();
    assert_eq!(*scp.seen.gets.lock().unwrap(), ["SERIES", "IMAGE"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aborted_transfer_is_resumed_with_what_is_missing() {
    let (scp, source) = with_fault(Fault::Abort { after: 2, times: 1 }).await;
    for at in ct() {
        source.frame(&at, 1).await.unwrap();
    }
    // Only then is the transfer over: a frame does not wait for the answer to its object.
    assert_eq!(missing(&*source).await, 0);
    assert_eq!(*scp.seen.gets.lock().unwrap(), ["SERIES", "IMAGE"]);
    let statuses = scp.seen.statuses.lock().unwrap().len();
    assert_eq!(statuses, ct().len(), "nothing came twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_that_is_aborted_again_and_again_is_an_error() {
    let (scp, source) = with_fault(Fault::Abort { after: 2, times: 100 }).await;
    let last = ct().pop().unwrap();
    let error = unavailable(source.frame(&last, 1).await);
    assert_eq!(error, "the PACS aborted the association");
    source.frame(&ct()[0], 1).await.unwrap();
    assert_eq!(scp.seen.gets.lock().unwrap().len(), 2, "tried twice, not for ever");
    let app = app(source, &[study()]);
    let InstanceRef { study, series, instance } = last;
    let path = format!("/dicomweb/studies/{study}/series/{series}/instances/{instance}/frames/1");
    assert_eq!(get(&app, &path, "*/*").await.status, 502);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_out_is_asked_for_by_name() {
    let (scp, source) = with_fault(Fault::Forget).await;
    source.frame(&ct()[1], 1).await.unwrap();
    assert_eq!(missing(&*source).await, 0);
    assert_eq!(*scp.seen.gets.lock().unwrap(), ["SERIES", "IMAGE"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_another_study_are_dropped() {
    let (scp, source) = with_fault(Fault::Foreign).await;
    let archive = open_folder(phantoms().folder()).await.archive;
    for at in ct() {
        let (found, expected) = (source.frame(&at, 1).await, archive.frame(&at, 1).await);
        assert_eq!(found.unwrap().bytes, expected.unwrap().bytes);
    }
    let summary = source.summary(study()).await.unwrap();
    assert_eq!(summary.study.study_instance_uid, study());
    let statuses = scp.seen.statuses.lock().unwrap();
    assert_eq!(statuses[..2], [0x0124, 0x0124], "not authorized: {statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_bytes_end_the_association_and_are_told() {
    for (fault, words) in [
        (Fault::HugePdu, "broke the protocol"),
        (Fault::WrongLength, "broke the protocol"),
        (Fault::StrangeContext, "a presentation context that was not agreed on"),
    ] {
        let (scp, source) = with_fault(fault).await;
        let last = ct().pop().unwrap();
        let error = unavailable(source.frame(&last, 1).await);
        assert!(error.contains(words), "{fault:?}: {error}");
        source.frame(&ct()[0], 1).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(scp.seen.aborts.load(Ordering::SeqCst) > 0, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pacs_that_never_answers_is_given_up() {
    let (scp, source) = with_fault(Fault::Silence).await;
    let started = Instant::now();
    let error = unavailable(source.facts(study()).await);
    assert_eq!(error, "the PACS did not answer in time (association)");
    assert!(started.elapsed() < PATIENCE);
    assert_eq!(scp.seen.associations.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_retrieve_says_its_status() {
    let (_scp, source) = with_fault(Fault::Refuse).await;
    let error = unavailable(source.frame(&ct()[0], 1).await);
    assert_eq!(error, "C-GET: the PACS answered with status A701");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_answers_than_a_study_may_have_are_refused() {
    let (_scp, source) = with_fault(Fault::EndlessAnswers).await;
    let refused = source.summary(study()).await;
    assert!(matches!(refused, Err(SourceError::TooLarge(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_beyond_the_limit_is_refused_and_the_others_come() {
    let scp = FakeScp::start(Fault::None).await;
    let limits = Limits { max_object_bytes: 2000, ..Limits::default() };
    let source = open(&scp, limits).await;
    let refused = source.summary(study()).await;
    assert!(refused.is_err(), "nothing fits");
    let statuses = scp.seen.statuses.lock().unwrap().clone();
    assert!(
        !statuses.is_empty() && statuses.iter().all(|status| *status == 0xA700),
        "{statuses:?}"
    );
    assert!(source.most_bytes_held() < 100_000);
}
