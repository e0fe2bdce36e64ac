//! Exams that lie elsewhere: whole objects come from another system when somebody looks, and are held in memory, or sealed on disk
//! where a [`Disk`] is given.
//!
//! What that system is, an [`Upstream`] says: what a study lists, and how the objects of a series come. The rest is here,
//! once for all of them: one stream for each series however many visitors ask, a frame served as soon as its object has
//! arrived, a bounded store, and nothing shown that the listing does not name.
//!
//! | file | what |
//! |---|---|
//! | `upstream` | what another system must tell and bring |
//! | `sink`, `incoming`, `storing`, `shelf` | objects as they arrive, checked, counted and stored |
//! | `store` | objects by instance, the least recently used dropped first |
//! | `disk` | objects on disk, sealed, within a budget |
//! | `object`, `body` | one object: its frames, values and metadata, wherever its bytes are |
//! | `study`, `record` | what has come of a study so far |
//! | `progress`, `arrival` | the same, and a picture, for people who wait |
//! | `fetch` | when something is asked for |
//! | `summary`, `serve` | the exam as a [`Source`](super::Source) |

mod arrival;
mod body;
mod disk;
mod fetch;
mod incoming;
mod object;
mod progress;
mod record;
mod serve;
mod shelf;
mod sink;
mod store;
mod storing;
mod study;
mod summary;
#[cfg(test)]
mod tests;
mod upstream;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::sync::Semaphore;

use store::Store;
use study::{Series, Study};

pub use disk::Disk;
pub use incoming::Incoming;
pub use progress::{LeftOut, SeriesProgress};
pub use sink::Sink;
pub use upstream::{ListedInstance, ListedSeries, Listing, PatientCheck, Upstream};

/// Studies remembered at the same time.
const MAX_STUDIES: usize = 128;

/// What receiving may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of all objects held or arriving, and of what is kept of them for summaries.
    pub memory_bytes: u64,
    /// Bytes of one object.
    pub max_object_bytes: u64,
    /// Bytes of one series as it is sent.
    pub max_series_bytes: u64,
    /// Series received at the same time.
    pub streams: usize,
    /// Time one series may take.
    pub series_time: Duration,
    /// Time after which an exam that nobody looks at is dropped.
    pub keep: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 1 << 30,
            max_object_bytes: 256 << 20,
            max_series_bytes: 8 << 30,
            streams: 3,
            series_time: Duration::from_secs(600),
            keep: Duration::from_secs(900),
        }
    }
}

/// A source whose exams are received from elsewhere.
pub struct Received<U>(Arc<Shared<U>>);

struct Shared<U> {
    /// Name of the site, for logs.
    name: Arc<str>,
    upstream: U,
    limits: Limits,
    store: Arc<Store>,
    studies: Mutex<HashMap<String, Arc<Study>>>,
    streams: Semaphore,
    /// For single objects, which do not wait for whole series.
    singles: Semaphore,
}

impl<U: Upstream> Received<U> {
    /// Nothing is asked for yet. What nobody looks at any more is dropped in the background, until the source is.
    pub fn open(name: &str, upstream: U, limits: Limits) -> Arc<Self> {
        Self::on_disk(name, upstream, limits, None)
    }

    /// The same, with the objects on disk where one is given. Where that fails they are held in memory.
    pub fn on_disk(name: &str, upstream: U, limits: Limits, disk: Option<&Arc<Disk>>) -> Arc<Self> {
        let shared = Arc::new(Shared {
            name: Arc::from(name),
            upstream,
            limits,
            store: Arc::new(Store::new(limits.memory_bytes, disk)),
            studies: Mutex::default(),
            streams: Semaphore::new(limits.streams.max(1)),
            singles: Semaphore::new(limits.streams.max(1)),
        });
        tokio::spawn(drop_unused(Arc::downgrade(&shared), limits.keep));
        Arc::new(Self(shared))
    }

    /// The other system.
    #[must_use]
    pub fn upstream(&self) -> &U {
        &self.0.upstream
    }

    /// Ends what is being received of a study; what has come stays. Nothing more is asked for until [`Self::resume`].
    pub fn stop(&self, study: &str) {
        self.each_series(study, Series::stop);
    }

    /// What was stopped is asked for again by whoever wants it.
    pub fn resume(&self, study: &str) {
        self.each_series(study, Series::resume);
    }

    fn each_series(&self, study: &str, each: impl Fn(&Series)) {
        let known = self.0.studies().get(study).cloned();
        known.iter().flat_map(|study| &study.series).for_each(|series| each(series));
    }

    /// For ever: ends all receiving, drops everything, and answers nothing any more.
    pub fn close(&self) {
        let mut studies = self.0.studies();
        self.0.store.close();
        studies
            .drain()
            .flat_map(|(_, study)| study.series.clone())
            .for_each(|series| series.stop());
    }

    /// Bytes held now: objects, what is arriving, and records.
    #[must_use]
    pub fn bytes_held(&self) -> u64 {
        self.0.store.used()
    }

    /// The most bytes that were ever held.
    #[must_use]
    pub fn most_bytes_held(&self) -> u64 {
        self.0.store.most_used()
    }
}

async fn drop_unused<U: Upstream>(shared: Weak<Shared<U>>, keep: Duration) {
    let pause = (keep / 4).clamp(Duration::from_millis(50), Duration::from_secs(30));
    loop {
        tokio::time::sleep(pause).await;
        let Some(shared) = shared.upgrade() else { return };
        shared.drop_unused(keep);
    }
}
