//! Exams that only a manifest opened: they come in the name of a session, and what is here of them outlives it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use negatoscope_phantom::SeriesKind;
use negatoscope_server::audit::Event;
use negatoscope_server::import::{
    Choice, Job, Progress, Session, State, Step, cancel, take_up, tidy,
};
use negatoscope_server::source::Source;
use tokio::sync::Semaphore;

use crate::flaky::Flaky;
use crate::orthanc::{Orthanc, TITLE, free_port};
use crate::setup::{Stand, by_dimse, dimse_of, phantom, taken, uid};
use crate::stored::{is_as_listed, listed, originals};

const BOX: &str = "box.example.fr";

/// A stand whose imports come from a session, with a source that holds objects back.
pub(crate) struct Street {
    pub(crate) stand: Stand,
    pub(crate) source: Arc<Flaky>,
    is_open: Arc<AtomicBool>,
}

impl Street {
    async fn new(target: &str) -> Self {
        Self::around(Stand::new(target).await)
    }

    pub(crate) fn around(mut stand: Stand) -> Self {
        let source = Arc::new(Flaky::new(Arc::clone(&stand.runner.source)));
        let is_open = Arc::new(AtomicBool::new(true));
        stand.runner.session = Some(session(&source, &is_open));
        stand.whence = Some(BOX.to_owned());
        // Nobody ever gets to the end of them: the target is away for a while.
        stand.runner.pauses = vec![Duration::from_millis(100); 600];
        Self { stand, source, is_open }
    }

    /// Everything of the exam. From here on the site's own source is one that is never asked for an object.
    pub(crate) async fn put(&mut self) -> Job {
        let chosen = self.stand.chosen(&Choice::default()).await;
        let own = Arc::clone(&self.stand.runner.source);
        self.stand
            .with_source(Arc::new(Flaky { gate: Semaphore::const_new(0), ..Flaky::new(own) }));
        self.stand.put(&chosen).await
    }

    fn begin(&self, job: &Job) -> tokio::task::JoinHandle<Progress> {
        let (runner, job) = (self.stand.runner.clone(), job.clone());
        tokio::spawn(async move { runner.run(&job).await.unwrap() })
    }

    async fn progress(&self, job: &Job) -> Progress {
        self.stand.runner.queue.progress(job).await.unwrap()
    }

    /// Waits until an import has come as far as this.
    async fn until(&self, job: &Job, far: impl Fn(&Progress) -> bool) -> Progress {
        for _ in 0..3000 {
            let progress = self.progress(job).await;
            if far(&progress) {
                return progress;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{:?}", self.progress(job).await);
    }

    pub(crate) async fn take_up(&self, job: &Job) -> bool {
        let queue = &self.stand.runner.queue;
        let ended = queue.get(&job.site, &job.id).await.unwrap();
        take_up(queue, &ended, self.stand.runner.clock.seconds()).await.unwrap()
    }

    pub(crate) fn leave(&self) {
        self.is_open.store(false, Ordering::SeqCst);
    }

    pub(crate) fn come_back(&self) {
        self.is_open.store(true, Ordering::SeqCst);
    }

    fn state(&self) -> PathBuf {
        self.stand.folder.path().join("state")
    }

    /// What lies on the disk of an import.
    fn copies(&self, job: &Job) -> Vec<PathBuf> {
        files_below(&self.state().join("imports").join(&job.id))
    }

    fn copied_bytes(&self, job: &Job) -> u64 {
        self.copies(job).iter().filter_map(|file| file.metadata().ok()).map(|it| it.len()).sum()
    }
}

fn session(source: &Arc<Flaky>, is_open: &Arc<AtomicBool>) -> Session {
    let (source, is_open) = (Arc::<Flaky>::clone(source) as Arc<dyn Source>, Arc::clone(is_open));
    Arc::new(move || is_open.load(Ordering::SeqCst).then(|| Arc::clone(&source)))
}

pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Some pixel data of the phantom: as it is stored, in the middle of a picture.
fn pixels() -> Vec<u8> {
    let file = &phantom().exam.series(SeriesKind::Ct).unwrap().files[1];
    let bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() - bytes.len() / 4;
    let part = bytes[middle..middle + 64].to_vec();
    assert!(part.iter().any(|byte| *byte != part[0]), "a picture, not its background");
    part
}

#[tokio::test(flavor = "multi_thread")]
async fn once_all_is_here_the_session_may_end_and_nobody_reads_it_on_the_disk() {
    let port = free_port();
    let mut street = Street::new(&by_dimse(port, TITLE)).await;
    let count = phantom().instances().len();
    let job = street.put().await;
    let running = street.begin(&job);
    // The target is not there yet.
    let here = street.until(&job, |progress| progress.to_come == 0).await;
    assert_eq!((here.state, here.here), (State::Running, count as u64), "{here:?}");
    street.leave();
    assert_eq!(street.copies(&job).len(), count);
    // The database has what the local side calls the patient, and no picture.
    for file in files_below(&street.state()) {
        let bytes = std::fs::read(&file).unwrap();
        let is_copy = file.starts_with(street.state().join("imports"));
        let exam = &phantom().exam;
        let names = [exam.birth_name.as_bytes(), exam.patient_id.as_bytes(), b"DICM"];
        assert!(!is_copy || !names.iter().any(|name| has(&bytes, name)), "{}", file.display());
        assert!(!has(&bytes, &pixels()), "{}", file.display());
    }
    let key: Vec<u8> = key(&street, &job).await.unwrap();
    let Some(orthanc) = Orthanc::start_dimse_on(port).await else { return };
    let progress = running.await.unwrap();
    assert_eq!((progress.state, progress.count(Step::Confirmed)), (State::Done, count as u64));
    assert_eq!(taken(&orthanc).await, count, "each once");
    assert_eq!(street.copies(&job), Vec::<PathBuf>::new());
    assert!(!street.state().join("imports").join(&job.id).exists());
    assert_eq!(self::key(&street, &job).await, None);
    for file in files_below(&street.state()) {
        assert!(!has(&std::fs::read(&file).unwrap(), &key), "the key in {}", file.display());
    }
    let empty = Orthanc::start_dimse().await.unwrap();
    let again = Stand::new(&dimse_of(&empty)).await;
    is_as_listed(&street.stand, &orthanc, &listed(&again).await).await;
    let ways = format!("target=PACS whence={BOX}");
    for line in street.stand.journal() {
        let reason = line.reason.clone().unwrap_or_default();
        assert!(reason.starts_with(&ways), "{reason}");
        let message = negatoscope_server::audit::message(&line, "here");
        let whence =
            format!(r#"UserID="{BOX}" UserIsRequestor="false"><RoleIDCode csd-code="110153""#);
        assert!(message.contains(&whence) && message.contains(r#"UserID="PACS""#), "{message}");
        let code = if line.event == Event::Imported { "110107" } else { "110106" };
        assert!(message.contains(&format!(r#"csd-code="{code}""#)), "{message}");
    }
}

async fn key(street: &Street, job: &Job) -> Option<Vec<u8>> {
    let store = negatoscope_server::store::Store::open(&street.state()).await.unwrap();
    let query = sqlx::query_scalar("SELECT key FROM import_job WHERE id = ?").bind(&job.id);
    let key: Option<Vec<u8>> = query.fetch_one(&store.pool).await.unwrap();
    store.pool.close().await;
    key
}

#[tokio::test(flavor = "multi_thread")]
async fn what_had_not_come_fails_with_the_session_and_comes_in_a_new_one() {
    let Some(orthanc) = Orthanc::start_dimse().await else { return };
    let mut street = Street::new(&dimse_of(&orthanc)).await;
    let count = phantom().instances().len() as u64;
    let job = street.put().await;
    street.source.gate.forget_permits(Semaphore::MAX_PERMITS);
    street.source.gate.add_permits(30);
    let running = street.begin(&job);
    street.until(&job, |progress| progress.here >= 5).await;
    street.leave();
    // Whoever waits for the source is told.
    street.source.gate.close();
    let progress = running.await.unwrap();
    let there = progress.count(Step::Confirmed);
    assert!((5..count).contains(&there), "{progress:?}");
    let expected = [("session_ended".to_owned(), count - there)].into();
    assert_eq!((progress.state, &progress.failures), (State::Partial, &expected), "{progress:?}");
    assert_eq!((progress.here, progress.to_come), (there, 0));
    assert_eq!(key(&street, &job).await, None, "what is there needs no copy");
    // Without a session there is nothing more to get, and the site's own source is no substitute.
    assert!(street.take_up(&job).await);
    let progress = street.begin(&job).await.unwrap();
    assert_eq!((progress.state, &progress.failures), (State::Partial, &expected));
    let own = Arc::clone(&street.source.source);
    let fresh = Arc::new(Flaky::new(own));
    street.stand.runner.session = Some(session(&fresh, &street.is_open));
    street.come_back();
    assert!(street.take_up(&job).await);
    let progress = street.begin(&job).await.unwrap();
    assert_eq!((progress.state, progress.count(Step::Confirmed)), (State::Done, count));
    assert_eq!(taken(&orthanc).await as u64, count, "each once");
    assert_eq!(files_below(&street.state().join("imports")).len(), 0, "no copy, no lock");
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_beyond_their_budget_are_said_and_nothing_is_lost() {
    let port = free_port();
    let mut street = Street::new(&by_dimse(port, TITLE)).await;
    let count = phantom().instances().len() as u64;
    let budget = 1_500_000;
    street.stand.runner.spool_bytes = budget;
    let job = street.put().await;
    let running = street.begin(&job);
    let full = street.until(&job, |progress| progress.is_spool_full).await;
    assert!(full.here > 0 && full.to_come > 0 && full.here + full.to_come == count, "{full:?}");
    assert!(street.copied_bytes(&job) <= budget);
    let Some(orthanc) = Orthanc::start_dimse_on(port).await else { return };
    let watching = async {
        let mut most = 0;
        while street.progress(&job).await.state == State::Running {
            most = most.max(street.copied_bytes(&job));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        most
    };
    let (progress, most) = tokio::join!(running, watching);
    let progress = progress.unwrap();
    assert_eq!((progress.state, progress.count(Step::Confirmed)), (State::Done, count));
    assert!(!progress.is_spool_full && most <= budget, "{most}");
    assert_eq!(taken(&orthanc).await as u64, count, "each once");
    assert_eq!(street.copies(&job), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_copy_and_an_old_one_are_not_imported_and_a_cancelled_import_leaves_none() {
    let port = free_port();
    let mut street = Street::new(&by_dimse(port, TITLE)).await;
    let count = phantom().instances().len() as u64;
    let queue = street.stand.runner.queue.clone();
    let job = street.put().await;
    let running = street.begin(&job);
    street.until(&job, |progress| progress.to_come == 0).await;
    // Cancelled: at once, whoever still runs.
    assert!(cancel(&queue, &job, 0).await.unwrap());
    tidy(&queue, &street.state()).await.unwrap();
    assert_eq!(key(&street, &job).await, None);
    assert_eq!(running.await.unwrap().state, State::Cancelled);
    assert_eq!(street.copies(&job), Vec::<PathBuf>::new());
    // What nobody knows goes too; what goes on stays.
    let stray = street.state().join("imports/0123");
    std::fs::create_dir_all(&stray).unwrap();
    std::fs::write(stray.join("1"), "x").unwrap();
    assert!(street.take_up(&job).await);
    let running = street.begin(&job);
    street.until(&job, |progress| progress.to_come == 0).await;
    tidy(&queue, &street.state()).await.unwrap();
    assert!(!stray.exists());
    let copies = street.copies(&job);
    assert_eq!(copies.len() as u64, count);
    street.leave();
    // One bit of one copy, and a copy in the place of another one.
    let spoil = |file: &Path| {
        let mut bytes = std::fs::read(file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(file, bytes).unwrap();
    };
    spoil(&copies[0]);
    std::fs::copy(&copies[1], &copies[2]).unwrap();
    let Some(orthanc) = Orthanc::start_dimse_on(port).await else { return };
    let progress = running.await.unwrap();
    assert_eq!((progress.state, progress.count(Step::Confirmed)), (State::Partial, count - 2));
    assert_eq!(progress.failures, [("session_ended".to_owned(), 2)].into());
    let originals = originals();
    for file in crate::setup::files(&orthanc).await {
        let pixels = |bytes: &[u8]| {
            let object = dicom_object::from_reader(bytes).unwrap();
            object.element_by_name("PixelData").ok().map(|it| it.value().clone())
        };
        assert_eq!(pixels(&file), pixels(&originals[&uid(&file)]));
    }
    assert_eq!(street.copies(&job), Vec::<PathBuf>::new(), "nobody needs what is left");
}
