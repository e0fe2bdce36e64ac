//! What has come of a study so far.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::watch;
use viewer_core::exam::{ExamSummary, Instance};

use super::progress::LeftOut;
use super::record::Record;
use super::upstream::{ListedSeries, Listing};
use crate::source::{InstanceRef, SourceError};

/// Time after which a series that failed is asked for again, by whoever wants it then.
const RETRY_PAUSE: Duration = Duration::from_secs(10);

/// A study somebody looks at.
pub(super) struct Study {
    pub uid: String,
    pub listing: Arc<Listing>,
    pub series: Vec<Arc<Series>>,
    /// The series that was shown before the others had come: it stays the first.
    pub shown_first: OnceLock<String>,
    /// What was shown of it then.
    pub beginning: OnceLock<Arc<ExamSummary>>,
    /// The summary, with the number of changes it was made after.
    pub summary: tokio::sync::Mutex<Option<(u64, Arc<ExamSummary>)>>,
    /// Metadata of its Key Object Selection documents.
    pub key_objects: tokio::sync::OnceCell<Vec<Value>>,
    used: Mutex<Instant>,
}

impl Study {
    pub(super) fn new(uid: &str, listing: Arc<Listing>) -> Self {
        Self {
            uid: uid.to_owned(),
            series: listing.series.iter().map(|listed| Arc::new(Series::new(listed))).collect(),
            listing,
            shown_first: OnceLock::new(),
            beginning: OnceLock::new(),
            summary: tokio::sync::Mutex::default(),
            key_objects: tokio::sync::OnceCell::new(),
            used: Mutex::new(Instant::now()),
        }
    }

    pub(super) fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    pub(super) fn last_used(&self) -> Instant {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_receiving(&self) -> bool {
        self.series.iter().any(|series| matches!(*series.state.borrow(), State::Running(_)))
    }

    /// Whether more of it may come.
    pub(super) fn is_coming(&self) -> bool {
        self.series.iter().any(|series| !matches!(*series.state.borrow(), State::Ended(..)))
    }

    /// The summary, where it was made and nothing has happened since.
    pub(super) fn summary_at_hand(&self) -> Option<Arc<ExamSummary>> {
        let kept = self.summary.try_lock().ok()?;
        let (at, summary) = kept.as_ref()?;
        (*at == self.changes()).then(|| Arc::clone(summary))
    }

    /// Grows with everything that happens to its series.
    pub(super) fn changes(&self) -> u64 {
        self.series.iter().map(|series| series.changes.load(Ordering::Acquire)).sum()
    }

    /// The series that lists this instance.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] for what is not listed.
    pub(super) fn series_of(&self, at: &InstanceRef) -> Result<&Arc<Series>, SourceError> {
        let series = self.series.iter().find(|series| series.listed.uid == at.series);
        let series = series.filter(|series| series.lists(&at.instance));
        series.ok_or(SourceError::NotFound)
    }
}

/// Where a series is.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// Not asked for.
    Idle,
    /// So many objects have arrived, and more may come.
    Running(u64),
    /// Nothing more comes.
    Ended(Instant, Result<(), Cause>),
}

/// Why not everything came: a [`SourceError`] for everybody who asks.
#[derive(Clone, Debug)]
pub(super) enum Cause {
    NotFound,
    Unavailable(String),
    Corrupt(String),
    TooLarge(&'static str),
    /// Nobody waited any longer.
    Abandoned,
    /// Somebody said that no more is to come.
    Stopped,
}

impl From<SourceError> for Cause {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::NotFound => Self::NotFound,
            SourceError::Unavailable(text) => Self::Unavailable(text),
            SourceError::Corrupt(text) => Self::Corrupt(text),
            SourceError::TooLarge(what) => Self::TooLarge(what),
        }
    }
}

impl From<Cause> for SourceError {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::NotFound => Self::NotFound,
            Cause::Unavailable(text) => Self::Unavailable(text),
            Cause::Corrupt(text) => Self::Corrupt(text),
            Cause::TooLarge(what) => Self::TooLarge(what),
            Cause::Abandoned => Self::Unavailable("no longer received: nobody waited".to_owned()),
            Cause::Stopped => Self::Unavailable("no longer received: it was stopped".to_owned()),
        }
    }
}

/// One series of a [`Study`].
pub(super) struct Series {
    pub listed: ListedSeries,
    /// Held by whoever asks for one instance again.
    pub again: tokio::sync::Mutex<()>,
    uids: HashSet<String>,
    state: watch::Sender<State>,
    arrived: Mutex<HashMap<String, Record>>,
    changes: AtomicU64,
    /// Bytes of what has arrived, each time it did.
    bytes: AtomicU64,
    left_out: Mutex<LeftOut>,
    /// When it was asked for last, and how much was here then.
    began: Mutex<Option<(Instant, usize)>>,
    is_stopped: watch::Sender<bool>,
}

impl Series {
    fn new(listed: &ListedSeries) -> Self {
        Self {
            listed: listed.clone(),
            again: tokio::sync::Mutex::default(),
            uids: listed.instances.iter().map(|instance| instance.uid.clone()).collect(),
            state: watch::Sender::new(State::Idle),
            arrived: Mutex::default(),
            changes: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            left_out: Mutex::default(),
            began: Mutex::default(),
            is_stopped: watch::Sender::new(false),
        }
    }

    pub(super) fn count_bytes(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn leave_out(&self, more: LeftOut) {
        *self.left_out.lock().unwrap_or_else(PoisonError::into_inner) += more;
    }

    pub(super) fn left_out(&self) -> LeftOut {
        *self.left_out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It has its turn.
    pub(super) fn note_begin(&self) {
        let here = self.arrived().len();
        *self.began.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), here));
    }

    pub(super) fn began(&self) -> Option<(Instant, usize)> {
        *self.began.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn lists(&self, instance: &str) -> bool {
        self.uids.contains(instance)
    }

    pub(super) fn arrived(&self) -> MutexGuard<'_, HashMap<String, Record>> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn has_arrived(&self, instance: &str) -> bool {
        self.arrived().contains_key(instance)
    }

    /// What is kept of one object.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] for one that has not arrived.
    pub(super) fn instance(&self, instance: &str) -> Result<Instance, SourceError> {
        let arrived = self.arrived();
        arrived.get(instance).ok_or(SourceError::NotFound)?.instance()
    }

    /// Of the images that have arrived the first as it is listed.
    pub(super) fn arrived_image(&self) -> Option<String> {
        let arrived = self.arrived();
        let mut images = self.listed.instances.iter().filter(|listed| listed.may_be_image());
        images.find(|image| arrived.contains_key(&image.uid)).map(|image| image.uid.clone())
    }

    pub(super) fn is_complete(&self) -> bool {
        self.arrived().len() == self.uids.len()
    }

    /// Claims the series: true for the one caller that has to receive it.
    pub(super) fn begin(&self) -> bool {
        self.state.send_if_modified(|state| {
            let is_due = match state {
                State::Idle | State::Ended(_, Err(Cause::Abandoned)) => true,
                State::Ended(_, Err(Cause::Stopped)) => !self.is_stopped(),
                State::Ended(at, Err(Cause::Unavailable(_))) => at.elapsed() >= RETRY_PAUSE,
                _ => false,
            };
            if is_due {
                *state = State::Running(0);
            }
            is_due
        })
    }

    /// An object has arrived; one that had arrived before counts once.
    pub(super) fn add(&self, instance: &str, record: Record) {
        if let Entry::Vacant(place) = self.arrived().entry(instance.to_owned()) {
            place.insert(record);
            self.changes.fetch_add(1, Ordering::AcqRel);
        }
        self.state.send_modify(|state| {
            if let State::Running(count) = state {
                *count += 1;
            }
        });
    }

    /// Nothing more comes.
    pub(super) fn end(&self, result: Result<(), Cause>) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.state.send_replace(State::Ended(Instant::now(), result));
    }

    /// Nothing more is to come, also of what nobody has asked for yet. What is being brought ends itself.
    pub(super) fn stop(&self) {
        self.is_stopped.send_replace(true);
        let is_stopped = self.state.send_if_modified(|state| {
            let is_due = matches!(state, State::Idle | State::Ended(_, Err(_)));
            if is_due {
                *state = State::Ended(Instant::now(), Err(Cause::Stopped));
            }
            is_due
        });
        if is_stopped {
            self.changes.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// May be asked for again, also where the last time was a moment ago.
    pub(super) fn resume(&self) {
        self.is_stopped.send_replace(false);
        self.state.send_if_modified(|state| {
            let has_failed = matches!(state, State::Ended(_, Err(Cause::Unavailable(_))));
            if has_failed {
                *state = State::Idle;
            }
            has_failed
        });
    }

    pub(super) fn is_stopped(&self) -> bool {
        *self.is_stopped.borrow()
    }

    /// Returns when it was stopped.
    pub(super) async fn stopped(&self) {
        let mut watched = self.is_stopped.subscribe();
        // Does not fail: the sender is here.
        let _is_stopped = watched.wait_for(|is_stopped| *is_stopped).await;
    }

    pub(super) fn watch(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// Returns when nobody has watched for `linger`.
    pub(super) async fn abandoned(&self, linger: Duration) {
        loop {
            self.state.closed().await;
            tokio::time::sleep(linger).await;
            if self.state.receiver_count() == 0 {
                return;
            }
        }
    }

    /// Waits until nothing more comes.
    pub(super) async fn ended(&self) -> Result<(), Cause> {
        let mut state = self.watch();
        let ended = state.wait_for(|state| matches!(state, State::Ended(..))).await;
        match ended.as_deref() {
            Ok(State::Ended(_, result)) => result.clone(),
            _ => Err(Cause::Unavailable("no longer received".to_owned())),
        }
    }
}
