//! Takes objects as they arrive: only what is listed of this series stays.

use std::collections::HashSet;
use std::sync::Arc;

use viewer_core::exam::Instance;

use super::Limits;
use super::body::Body;
use super::incoming::Incoming;
use super::object::{Object, Unreadable};
use super::progress::LeftOut;
use super::store::Store;
use super::study::{Record, Series, Study};
use super::upstream::PatientCheck;
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
    is_of_patient: Option<PatientCheck>,
    objects: usize,
    left_out: LeftOut,
}

impl Sink {
    pub(super) fn new(
        name: &Arc<str>,
        limits: Limits,
        store: &Arc<Store>,
        study: &Arc<Study>,
        series: &Arc<Series>,
        is_of_patient: Option<PatientCheck>,
    ) -> Self {
        Self {
            name: Arc::clone(name),
            limits,
            store: Arc::clone(store),
            study: Arc::clone(study),
            series: Arc::clone(series),
            is_of_patient,
            objects: 0,
            left_out: LeftOut::default(),
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
        self.series.listed.instances.len()
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
        self.objects += 1;
        if self.objects > self.series.listed.instances.len() + SPARE_OBJECTS {
            return Err(SourceError::TooLarge("number of objects"));
        }
        let room = self.store.room();
        Ok(Incoming::new(self.store.charge(), self.limits.max_object_bytes, room))
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
        let (body, mut charge) = incoming.finish().await?;
        let length = body.len();
        let read = tokio::task::spawn_blocking(move || Object::read(body)).await;
        let read = read.map_err(|error| SourceError::Unavailable(error.to_string()))?;
        let (object, instance) = match read {
            Ok(read) => read,
            Err(Unreadable::Disk(cause)) => return Err(cause.into()),
            Err(cause) => {
                self.left_out.unreadable += 1;
                tracing::warn!(site = %self.name, %cause, "a received object is left out");
                return Ok(());
            }
        };
        let at = place(&instance);
        if let Some(count) = self.unwanted(&at, &instance) {
            *count += 1;
            return Ok(());
        }
        self.series.count_bytes(length);
        let record = self.record(&instance)?;
        let object = self.to_disk(object).await?;
        charge.set(object.memory_bytes())?;
        self.store.insert(&at, object, charge);
        self.series.add(&at.instance, record);
        Ok(())
    }

    /// What is wanted goes to the disk, where there is one; else it stays in memory.
    async fn to_disk(&self, object: Object) -> Result<Object, SourceError> {
        let (Body::Memory(bytes), Some(room)) = (object.body(), self.store.room()) else {
            return Ok(object);
        };
        let (bytes, place) = (bytes.clone(), room.clone());
        let write = move || {
            let mut draft = place.draft()?;
            draft.write(&bytes)?;
            draft.finish()
        };
        let written = tokio::task::spawn_blocking(write).await;
        Ok(match written.map_err(|error| SourceError::Unavailable(error.to_string()))? {
            Ok(kept) => object.with_body(Body::Disk(kept)),
            Err(cause) => {
                room.failed(&cause);
                object
            }
        })
    }

    /// Where an object is counted that is not wanted.
    fn unwanted(&mut self, at: &InstanceRef, instance: &Instance) -> Option<&mut usize> {
        let left_out = &mut self.left_out;
        if at.study != self.study.uid {
            return Some(&mut left_out.other_study);
        }
        if at.series != self.series.listed.uid || !self.series.lists(&at.instance) {
            return Some(&mut left_out.not_listed);
        }
        let is_theirs = self.is_of_patient.as_ref().is_none_or(|check| check(&instance.patient));
        (!is_theirs).then_some(&mut left_out.other_patient)
    }

    fn record(&self, instance: &Instance) -> Result<Record, SourceError> {
        let packed = pack(instance)?;
        let mut charge = self.store.charge();
        charge.set(packed.len() as u64 + RECORD_OVERHEAD)?;
        Ok(Record { packed, _charge: charge })
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
            self.series.leave_out(left_out);
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
