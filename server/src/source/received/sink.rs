//! Takes objects as they arrive: only what is listed of this series stays.

use std::collections::HashSet;
use std::sync::Arc;

use super::Limits;
use super::incoming::Incoming;
use super::progress::LeftOut;
use super::shelf::{Fate, Shelf};
use super::storing::Storing;
use super::study::Series;
use crate::source::SourceError;

/// Objects that may come beside those that are listed: some systems repeat, or know more.
const SPARE_OBJECTS: usize = 64;

/// Larger ones go one by one: what is under way has to find room in memory.
const SMALL_BYTES: u64 = 1024 * 1024;

/// Where an [`Upstream`](super::Upstream) puts what comes of a series.
pub struct Sink {
    name: Arc<str>,
    limits: Limits,
    storing: Storing,
    objects: usize,
    /// Bytes of the one before.
    before: u64,
    left_out: LeftOut,
    /// The first thing that went wrong with what is stored beside.
    failed: Option<SourceError>,
}

impl Sink {
    pub(super) fn new(name: &Arc<str>, limits: Limits, shelf: Shelf) -> Self {
        Self {
            name: Arc::clone(name),
            limits,
            storing: Storing::new(shelf),
            objects: 0,
            before: 0,
            left_out: LeftOut::default(),
            failed: None,
        }
    }

    /// The limits that hold for what comes.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How much is listed of this series.
    #[must_use]
    pub fn listed(&self) -> usize {
        self.series().listed.instances.len()
    }

    fn series(&self) -> &Series {
        &self.storing.shelf().series
    }

    /// Of what is listed of this series, what has not arrived.
    pub async fn missing(&mut self) -> HashSet<String> {
        self.settle().await;
        let arrived = self.series().arrived();
        let listed = self.series().listed.instances.iter().map(|instance| &instance.uid);
        listed.filter(|uid| !arrived.contains_key(*uid)).cloned().collect()
    }

    /// An object begins.
    ///
    /// # Errors
    /// [`SourceError::TooLarge`] where more objects come than are listed.
    pub fn begin(&mut self) -> Result<Incoming, SourceError> {
        self.objects += 1;
        if self.objects > self.listed() + SPARE_OBJECTS {
            return Err(SourceError::TooLarge("number of objects"));
        }
        let store = &self.storing.shelf().store;
        let room = store.room();
        Ok(Incoming::new(store.charge(), self.limits.max_object_bytes, self.before, room))
    }

    /// An object was refused while it came; the others may be good.
    pub fn refuse(&mut self, cause: &SourceError) {
        self.left_out.too_large += 1;
        tracing::warn!(site = %self.name, %cause, "a received object is left out");
    }

    /// An object is complete. What is not listed, or cannot be read, is dropped.
    ///
    /// # Errors
    /// [`SourceError::TooLarge`] where there is no room for it, [`SourceError::Unavailable`] where the disk fails.
    pub async fn put(&mut self, incoming: Incoming) -> Result<(), SourceError> {
        self.storing.put(incoming.finish().await?).await?;
        self.finish().await
    }

    /// The same beside what comes next: of small objects a few at a time. It may be told later that one went wrong.
    ///
    /// # Errors
    /// As [`Self::put`], of any object before.
    pub async fn put_soon(&mut self, incoming: Incoming) -> Result<(), SourceError> {
        self.before = incoming.len();
        if incoming.len() > SMALL_BYTES {
            return self.put(incoming).await;
        }
        self.storing.put(incoming.finish().await?).await?;
        self.count_done();
        self.failed.take().map_or(Ok(()), Err)
    }

    fn count_done(&mut self) {
        for done in self.storing.done() {
            match done {
                Ok(fate) => self.count(fate),
                Err(cause) => drop(self.failed.get_or_insert(cause)),
            }
        }
    }

    /// Waits for what is being stored.
    async fn settle(&mut self) {
        if let Err(cause) = self.storing.settle().await {
            self.failed.get_or_insert(cause);
        }
        self.count_done();
    }

    /// Nothing more comes.
    pub(super) async fn finish(&mut self) -> Result<(), SourceError> {
        self.settle().await;
        self.failed.take().map_or(Ok(()), Err)
    }

    fn count(&mut self, fate: Fate) {
        let count = match fate {
            Fate::Kept => return,
            Fate::OtherStudy => &mut self.left_out.other_study,
            Fate::NotListed => &mut self.left_out.not_listed,
            Fate::OtherPatient => &mut self.left_out.other_patient,
            Fate::Unreadable(cause) => {
                tracing::warn!(site = %self.name, %cause, "a received object is left out");
                &mut self.left_out.unreadable
            }
        };
        *count += 1;
    }

    /// Whether something was too large to be kept.
    pub(super) fn was_too_large(&self) -> bool {
        self.left_out.too_large > 0
    }

    /// What was dropped, without saying whose it was.
    pub(super) fn log(&self) {
        if self.left_out.count() > 0 {
            let (objects, left_out) = (self.objects, self.left_out);
            tracing::warn!(site = %self.name, objects, ?left_out, "objects received and not kept");
            self.series().leave_out(left_out);
        }
    }
}
