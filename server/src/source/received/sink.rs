//! Takes objects as they arrive: only what is listed of this series stays.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::Limits;
use super::incoming::Incoming;
use super::progress::LeftOut;
use super::shelf::{Fate, Shelf};
use crate::source::SourceError;

/// Objects that may come beside those that are listed: some systems repeat, or know more.
const SPARE_OBJECTS: usize = 64;

/// Objects of one series that are read and stored at the same time, while the next ones come.
const AT_ONCE: usize = 4;

/// Larger ones go one by one: what is under way has to find room in memory.
const SMALL_BYTES: u64 = 1024 * 1024;

/// Where an [`Upstream`](super::Upstream) puts what comes of a series.
pub struct Sink {
    name: Arc<str>,
    limits: Limits,
    shelf: Shelf,
    objects: usize,
    /// Bytes of the one before.
    before: u64,
    left_out: LeftOut,
    storing: JoinSet<Result<Fate, SourceError>>,
    /// The first thing that went wrong with what is stored beside.
    failed: Option<SourceError>,
}

impl Sink {
    pub(super) fn new(name: &Arc<str>, limits: Limits, shelf: Shelf) -> Self {
        Self {
            name: Arc::clone(name),
            limits,
            shelf,
            objects: 0,
            before: 0,
            left_out: LeftOut::default(),
            storing: JoinSet::new(),
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
        self.shelf.series.listed.instances.len()
    }

    /// Of what is listed of this series, what has not arrived.
    pub async fn missing(&mut self) -> HashSet<String> {
        self.settle().await;
        let arrived = self.shelf.series.arrived();
        let listed = self.shelf.series.listed.instances.iter().map(|instance| &instance.uid);
        listed.filter(|uid| !arrived.contains_key(*uid)).cloned().collect()
    }

    /// An object begins.
    ///
    /// # Errors
    /// [`SourceError::TooLarge`] where more objects come than are listed.
    pub fn begin(&mut self) -> Result<Incoming, SourceError> {
        self.objects += 1;
        if self.objects > self.shelf.series.listed.instances.len() + SPARE_OBJECTS {
            return Err(SourceError::TooLarge("number of objects"));
        }
        let store = &self.shelf.store;
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
        let fate = self.shelf.clone().take(incoming).await?;
        self.count(fate);
        Ok(())
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
        while self.storing.len() >= AT_ONCE {
            self.settle_one().await;
        }
        if let Some(cause) = self.failed.take() {
            return Err(cause);
        }
        self.storing.spawn(self.shelf.clone().take(incoming));
        Ok(())
    }

    async fn settle_one(&mut self) {
        let Some(done) = self.storing.join_next().await else { return };
        match done.unwrap_or_else(|cause| Err(SourceError::Unavailable(cause.to_string()))) {
            Ok(fate) => self.count(fate),
            Err(cause) => drop(self.failed.get_or_insert(cause)),
        }
    }

    /// Waits for what is being stored.
    async fn settle(&mut self) {
        while !self.storing.is_empty() {
            self.settle_one().await;
        }
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
            self.shelf.series.leave_out(left_out);
        }
    }
}
