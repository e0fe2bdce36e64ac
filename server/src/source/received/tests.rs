//! Received exams over an upstream in memory: the phantom's files.

mod beginning;
mod on_disk;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use negatoscope_phantom::{Exam, Scale, SeriesKind, generate, generate_other};
use tokio::sync::Notify;

use super::{
    Limits, ListedInstance, ListedSeries, Listing, PatientCheck, Received, Sink, Upstream,
};
use crate::source::{ExamFacts, InstanceRef, Scope, Source, SourceError, SourceHealth};
use viewer_core::exam::Patient;

const CT_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.2";

fn phantoms() -> &'static (Exam, Exam) {
    static EXAMS: OnceLock<(tempfile::TempDir, (Exam, Exam))> = OnceLock::new();
    let made = EXAMS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let exam = generate(&folder.path().join("a"), Scale::tiny()).unwrap();
        let other = generate_other(&folder.path().join("b"), Scale::tiny()).unwrap();
        (folder, (exam, other))
    });
    &made.1
}

/// Files by instance; says and sends what a test wants.
struct Memory {
    listing: Mutex<Listing>,
    files: HashMap<String, PathBuf>,
    /// Sent before the series itself.
    strays: Vec<PathBuf>,
    /// Never sent.
    lacking: Mutex<Vec<String>>,
    /// After so many objects the stream waits to be told.
    pauses_after: usize,
    go_on: Notify,
    /// After so many objects the first stream of a series fails.
    cut_after: AtomicUsize,
    is_down: AtomicBool,
    /// Each object is compared with the patient of the listing.
    knows_patient: bool,
    asked: Mutex<Vec<Scope>>,
}

impl Memory {
    fn new(exam: &Exam) -> Self {
        let mut files = HashMap::new();
        let series = exam.series.iter().map(|series| {
            files.extend(series.sop_instance_uids.iter().cloned().zip(series.files.clone()));
            let instance = |(number, uid): (i32, &String)| ListedInstance {
                uid: uid.clone(),
                sop_class_uid: CT_IMAGE.to_owned(),
                number: Some(number),
            };
            ListedSeries {
                uid: series.series_instance_uid.clone(),
                number: None,
                modality: String::new(),
                instances: (1..).zip(&series.sop_instance_uids).map(instance).collect(),
            }
        });
        Self {
            listing: Mutex::new(Listing { version: "1".to_owned(), series: series.collect() }),
            files,
            strays: Vec::new(),
            lacking: Mutex::default(),
            pauses_after: usize::MAX,
            go_on: Notify::new(),
            cut_after: AtomicUsize::new(usize::MAX),
            is_down: AtomicBool::new(false),
            knows_patient: false,
            asked: Mutex::default(),
        }
    }

    fn asked(&self) -> Vec<Scope> {
        self.asked.lock().unwrap().clone()
    }
}

async fn send(sink: &mut Sink, bytes: &[u8]) -> Result<(), SourceError> {
    let mut incoming = sink.begin()?;
    for piece in bytes.chunks(1000) {
        if let Err(cause) = incoming.push(piece).await {
            sink.refuse(&cause);
            return Ok(());
        }
    }
    sink.put(incoming).await
}

#[async_trait]
impl Upstream for Memory {
    async fn facts(&self, _study: &str) -> Result<Option<ExamFacts>, SourceError> {
        Ok(None)
    }

    async fn facts_by_accession(&self, _accession: &str) -> Result<Vec<ExamFacts>, SourceError> {
        Ok(Vec::new())
    }

    async fn listing(&self, study: &str) -> Result<Option<Arc<Listing>>, SourceError> {
        let is_known = study == phantoms().0.study_instance_uid;
        Ok(is_known.then(|| Arc::new(self.listing.lock().unwrap().clone())))
    }

    async fn fetch(&self, scope: &Scope, sink: &mut Sink) -> Result<(), SourceError> {
        self.asked.lock().unwrap().push(scope.clone());
        if self.is_down.load(Ordering::Relaxed) {
            return Err(SourceError::Unavailable("switched off".to_owned()));
        }
        for stray in &self.strays {
            send(sink, &std::fs::read(stray).unwrap()).await?;
        }
        let listing = self.listing.lock().unwrap().clone();
        let series = listing.series.iter().find(|one| Some(&one.uid) == scope.series.as_ref());
        let lacking = self.lacking.lock().unwrap().clone();
        let wanted = series.unwrap().instances.iter().map(|instance| &instance.uid).filter(|uid| {
            scope.instance.as_ref().is_none_or(|one| one == *uid) && !lacking.contains(uid)
        });
        for (number, uid) in wanted.enumerate() {
            if number == self.pauses_after {
                self.go_on.notified().await;
            }
            if number == self.cut_after.load(Ordering::Relaxed) {
                self.cut_after.store(usize::MAX, Ordering::Relaxed);
                return Err(SourceError::Unavailable("cut".to_owned()));
            }
            send(sink, &std::fs::read(&self.files[uid]).unwrap()).await?;
        }
        Ok(())
    }

    fn patient_check(&self, _study: &str) -> Option<PatientCheck> {
        self.knows_patient.then(|| Arc::new(|_: &Patient| true) as PatientCheck)
    }

    async fn health(&self) -> SourceHealth {
        SourceHealth::Up
    }
}

fn open(memory: Memory, limits: Limits) -> Arc<Received<Memory>> {
    Received::open("vi1.test", memory, limits)
}

fn study() -> &'static str {
    &phantoms().0.study_instance_uid
}

fn at(kind: SeriesKind, number: usize) -> InstanceRef {
    let series = phantoms().0.series(kind).unwrap();
    InstanceRef {
        study: study().to_owned(),
        series: series.series_instance_uid.clone(),
        instance: series.sop_instance_uids[number].clone(),
    }
}

fn ct_count() -> usize {
    phantoms().0.series(SeriesKind::Ct).unwrap().files.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_series_is_asked_for_once_however_many_ask() {
    let received = open(Memory::new(&phantoms().0), Limits::default());
    let visitors = (0..32).map(|number| {
        let received = Arc::clone(&received);
        tokio::spawn(async move {
            let at = at(SeriesKind::Ct, number % ct_count());
            received.frame(&at, 1).await.unwrap();
            received.summary(study()).await.unwrap().series.len()
        })
    });
    for visitor in futures::future::join_all(visitors).await {
        assert!(visitor.unwrap() >= phantoms().0.series.len());
    }
    let asked = received.upstream().asked();
    assert_eq!(asked.len(), phantoms().0.series.len(), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_arrived_is_served_while_the_rest_is_coming() {
    let memory = Memory { pauses_after: 2, ..Memory::new(&phantoms().0) };
    let received = open(memory, Limits::default());
    for number in [0, 1] {
        received.frame(&at(SeriesKind::Ct, number), 1).await.unwrap();
    }
    let third = at(SeriesKind::Ct, 2);
    let waiting = received.frame(&third, 1);
    let waited = tokio::time::timeout(Duration::from_millis(100), waiting).await;
    assert!(waited.is_err(), "it has not come yet");
    received.upstream().go_on.notify_one();
    received.frame(&third, 1).await.unwrap();
    assert_eq!(received.upstream().asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_make_room_within_the_budget_and_come_again() {
    let whole = open(Memory::new(&phantoms().0), Limits::default());
    let first = whole.frame(&at(SeriesKind::Ct, 0), 1).await.unwrap();
    whole.summary(study()).await.unwrap();
    let budget = whole.bytes_held() / 2;
    let limits = Limits { memory_bytes: budget, streams: 1, ..Limits::default() };
    let tight = open(Memory::new(&phantoms().0), limits);
    let summary = tight.summary(study()).await.unwrap();
    assert_eq!(summary, whole.summary(study()).await.unwrap(), "nothing is missing in it");
    for _ in 0..2 {
        for series in &phantoms().0.series {
            for number in 0..series.files.len() {
                tight.frame(&at(series.kind, number), 1).await.unwrap();
            }
        }
    }
    let again = tight.frame(&at(SeriesKind::Ct, 0), 1).await.unwrap();
    assert_eq!(again.bytes, first.bytes);
    assert!(tight.most_bytes_held() <= budget, "{} of {budget}", tight.most_bytes_held());
    let singles = tight.upstream().asked().iter().filter(|it| it.instance.is_some()).count();
    assert!(singles > 0, "something had to come again");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_are_not_listed_stay_out() {
    let (exam, other) = phantoms();
    let mut memory = Memory::new(exam);
    // Somebody else's, and one of this series that the listing does not name (any more).
    memory.strays = vec![other.series[0].files[0].clone()];
    let hidden = memory.listing.lock().unwrap().series[0].instances.remove(0);
    memory.strays.push(memory.files[&hidden.uid].clone());
    memory.strays.push(exam.series[1].files[0].clone());
    let series = exam.series[0].series_instance_uid.clone();
    let received = open(memory, Limits::default());
    let summary = received.summary(study()).await.unwrap();
    let shown = summary.series.iter().filter(|one| one.series_instance_uid == series);
    let images: Vec<_> = shown.flat_map(|one| &one.images).collect();
    assert_eq!(images.len(), exam.series[0].files.len() - 1);
    assert!(images.iter().all(|image| image.defect.is_none()));
    assert!(images.iter().all(|image| image.sop_instance_uid != hidden.uid));
    let at = InstanceRef { study: study().to_owned(), series, instance: hidden.uid };
    assert!(matches!(received.frame(&at, 1).await, Err(SourceError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_cut_is_asked_for_a_second_time() {
    let received = open(Memory::new(&phantoms().0), Limits { streams: 1, ..Limits::default() });
    received.upstream().cut_after.store(2, Ordering::Relaxed);
    let last = at(SeriesKind::Ct, ct_count() - 1);
    received.frame(&last, 1).await.unwrap();
    assert_eq!(received.upstream().asked().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_delivered_is_listed_and_says_so() {
    let received = open(Memory::new(&phantoms().0), Limits::default());
    let lacking = at(SeriesKind::Ct, 1);
    received.upstream().lacking.lock().unwrap().push(lacking.instance.clone());
    let summary = received.summary(study()).await.unwrap();
    let images: Vec<_> = summary.series.iter().flat_map(|series| &series.images).collect();
    let missing: Vec<_> = images.iter().filter(|image| image.defect.is_some()).collect();
    assert_eq!(missing.len(), 1);
    assert_eq!(missing[0].sop_instance_uid, lacking.instance);
    assert_eq!(missing[0].instance_number, Some(2));
    assert!(matches!(received.frame(&lacking, 1).await, Err(SourceError::NotFound)));
    received.frame(&at(SeriesKind::Ct, 0), 1).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_other_system_there_is_an_error_and_no_empty_exam() {
    let received = open(Memory::new(&phantoms().0), Limits::default());
    received.upstream().is_down.store(true, Ordering::Relaxed);
    assert!(matches!(received.summary(study()).await, Err(SourceError::Unavailable(_))));
    let frame = received.frame(&at(SeriesKind::Mr, 0), 1).await;
    assert!(matches!(frame, Err(SourceError::Unavailable(_))));
    assert!(matches!(received.summary("1.2.3").await, Err(SourceError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_beyond_the_limit_is_left_out_and_the_rest_is_shown() {
    let sizes = phantoms().0.series.iter().flat_map(|series| &series.files);
    let largest = sizes.map(|file| file.metadata().unwrap().len()).max().unwrap();
    let limits = Limits { max_object_bytes: largest - 1, ..Limits::default() };
    let received = open(Memory::new(&phantoms().0), limits);
    let summary = received.summary(study()).await.unwrap();
    let images = summary.series.iter().flat_map(|series| &series.images);
    let (missing, shown): (Vec<_>, Vec<_>) = images.partition(|image| image.defect.is_some());
    assert!(!missing.is_empty() && !shown.is_empty());
    assert!(received.most_bytes_held() < limits.memory_bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_of_the_listing_counts_at_once() {
    let received = open(Memory::new(&phantoms().0), Limits::default());
    let gone = at(SeriesKind::Ct, 0);
    received.frame(&gone, 1).await.unwrap();
    {
        let mut listing = received.upstream().listing.lock().unwrap();
        listing.version = "2".to_owned();
        for series in &mut listing.series {
            series.instances.retain(|instance| instance.uid != gone.instance);
        }
    }
    assert!(matches!(received.frame(&gone, 1).await, Err(SourceError::NotFound)));
    received.frame(&at(SeriesKind::Ct, 1), 1).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn exams_nobody_looks_at_are_dropped() {
    let limits = Limits { keep: Duration::from_secs(2), ..Limits::default() };
    let received = open(Memory::new(&phantoms().0), limits);
    received.summary(study()).await.unwrap();
    assert!(received.bytes_held() > 0);
    let dropped = async {
        while received.bytes_held() > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), dropped).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stopped_asks_for_nothing_until_it_is_resumed() {
    let memory = Memory { pauses_after: 2, ..Memory::new(&phantoms().0) };
    let received = open(memory, Limits { streams: 1, ..Limits::default() });
    let [first, third] = [0, 2].map(|number| at(SeriesKind::Ct, number));
    received.frame(&first, 1).await.unwrap();
    let waiting = received.frame(&third, 1);
    let (outcome, ()) = tokio::join!(waiting, async { received.stop(study()) });
    assert!(matches!(outcome, Err(SourceError::Unavailable(_))), "who waits is told");
    let other = received.frame(&at(SeriesKind::Mr, 0), 1).await;
    assert!(matches!(other, Err(SourceError::Unavailable(_))), "of no other series either");
    assert_eq!(received.upstream().asked().len(), 1);
    received.frame(&first, 1).await.unwrap();
    let states = |state| received.progress(study()).iter().filter(|it| it.state == state).count();
    assert_eq!(states("stopped"), phantoms().0.series.len());
    received.resume(study());
    assert_eq!((states("stopped"), received.upstream().asked().len()), (0, 1));
    received.upstream().go_on.notify_one();
    received.frame(&third, 1).await.unwrap();
    assert_eq!(received.upstream().asked().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn once_closed_nothing_is_held_answered_or_asked_for() {
    let memory = Memory { pauses_after: 2, ..Memory::new(&phantoms().0) };
    let received = open(memory, Limits::default());
    let [first, third] = [0, 2].map(|number| at(SeriesKind::Ct, number));
    received.frame(&first, 1).await.unwrap();
    let waiting = received.frame(&third, 1);
    let (outcome, ()) = tokio::join!(waiting, async { received.close() });
    assert!(outcome.is_err());
    assert!(matches!(received.frame(&first, 1).await, Err(SourceError::Unavailable(_))));
    assert!(received.summary(study()).await.is_err());
    let dropped = async {
        while received.bytes_held() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), dropped).await.unwrap();
    received.upstream().go_on.notify_one();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!((received.bytes_held(), received.upstream().asked().len()), (0, 1));
}
