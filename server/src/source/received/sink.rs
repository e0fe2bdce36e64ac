//! Takes objects as they arrive: only what is listed of this series stays.

use std::collections::HashSet;
use std::sync::Arc;

use viewer_core::exam::Instance;

use super::Limits;
use super::incoming::Incoming;
use super::object::Object;
use super::store::Store;
use super::study::{Record, Series, Study};
use crate::source::{InstanceRef, SourceError, pack};

/// Objects that may come beside those that are listed: some systems repeat, or know more.
const SPARE_OBJECTS: usize = 64;
/// What a record takes beside its bytes.
const RECORD_OVERHEAD: u64 = 160;

/// Where an [`Upstream`](super::Upstream) puts what comes of a series.
pub struct Sink {
    name: Arc<str>,
    limits: Limits,
    store: Arc<Store>,
    study: Arc<Study>,
    series: Arc<Series>,
    tally: Tally,
}

/// What was not kept, for the log.
#[derive(Default)]
struct Tally {
    objects: usize,
    /// Of another study or series, or not listed.
    foreign: usize,
    unreadable: usize,
    too_large: usize,
}

impl Sink {
    pub(super) fn new(
        name: &Arc<str>,
        limits: Limits,
        store: &Arc<Store>,
        study: &Arc<Study>,
        series: &Arc<Series>,
    ) -> Self {
        Self {
            name: Arc::clone(name),
            limits,
            store: Arc::clone(store),
            study: Arc::clone(study),
            series: Arc::clone(series),
            tally: Tally::default(),
        }
    }

    /// The limits that hold for what comes.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Of what is listed of this series, what has not arrived.
    #[must_use]
    pub fn missing(&self) -> HashSet<String> {
        let arrived = self.series.arrived();
        let listed = self.series.listed.instances.iter().map(|instance| &instance.uid);
        listed.filter(|uid| !arrived.contains_key(*uid)).cloned().collect()
    }

    /// An object begins.
    ///
    /// # Errors
    /// [`SourceError::TooLarge`] where more objects come than are listed.
    pub fn begin(&mut self) -> Result<Incoming, SourceError> {
        self.tally.objects += 1;
        if self.tally.objects > self.series.listed.instances.len() + SPARE_OBJECTS {
            return Err(SourceError::TooLarge("number of objects"));
        }
        Ok(Incoming::new(self.store.charge(), self.limits.max_object_bytes))
    }

    /// An object was refused while it came; the others may be good.
    pub fn refuse(&mut self, cause: &SourceError) {
        self.tally.too_large += 1;
        tracing::warn!(site = %self.name, %cause, "a received object is left out");
    }

    /// An object is complete. What is not listed, or cannot be read, is dropped.
    ///
    /// # Errors
    /// [`SourceError::TooLarge`] where there is no room for it.
    pub async fn put(&mut self, incoming: Incoming) -> Result<(), SourceError> {
        let (bytes, mut charge) = incoming.finish()?;
        let read = tokio::task::spawn_blocking(move || Object::read(bytes)).await;
        let read = read.map_err(|error| SourceError::Unavailable(error.to_string()))?;
        let (object, instance) = match read {
            Ok(read) => read,
            Err(cause) => {
                self.tally.unreadable += 1;
                tracing::warn!(site = %self.name, %cause, "a received object is left out");
                return Ok(());
            }
        };
        let at = place(&instance);
        if !self.is_wanted(&at) {
            self.tally.foreign += 1;
            return Ok(());
        }
        let record = self.record(&instance)?;
        charge.add(object.overhead())?;
        self.store.insert(&at, object, charge);
        self.series.add(&at.instance, record);
        Ok(())
    }

    fn is_wanted(&self, at: &InstanceRef) -> bool {
        at.study == self.study.uid
            && at.series == self.series.listed.uid
            && self.series.lists(&at.instance)
    }

    fn record(&self, instance: &Instance) -> Result<Record, SourceError> {
        let packed = pack(instance)?;
        let mut charge = self.store.charge();
        charge.set(packed.len() as u64 + RECORD_OVERHEAD)?;
        Ok(Record { packed, _charge: charge })
    }

    /// Whether something was too large to be kept.
    pub(super) fn was_too_large(&self) -> bool {
        self.tally.too_large > 0
    }

    /// What was dropped, without saying whose it was.
    pub(super) fn log(&self) {
        let Tally { objects, foreign, unreadable, too_large } = self.tally;
        if foreign + unreadable + too_large > 0 {
            tracing::warn!(site = %self.name, objects, foreign, unreadable, too_large, "objects received and not kept");
        }
    }
}

fn place(instance: &Instance) -> InstanceRef {
    InstanceRef {
        study: instance.study.study_instance_uid.clone(),
        series: instance.series.series_instance_uid.clone(),
        instance: instance.sop_instance_uid.clone(),
    }
}
