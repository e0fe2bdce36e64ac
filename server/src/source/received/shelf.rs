//! Where one object goes that is complete: it is read, held against the listing, and stored.

use std::sync::Arc;

use viewer_core::exam::Instance;

use super::body::Body;
use super::object::{Object, Unreadable};
use super::record::Record;
use super::store::{Charge, Store};
use super::study::{Series, Study};
use super::upstream::PatientCheck;
use crate::source::{InstanceRef, SourceError};

/// What became of an object.
pub(super) enum Fate {
    Kept,
    OtherStudy,
    NotListed,
    OtherPatient,
    Unreadable(Unreadable),
}

/// The place of a series' objects.
#[derive(Clone)]
pub(super) struct Shelf {
    pub store: Arc<Store>,
    pub study: Arc<Study>,
    pub series: Arc<Series>,
    /// What objects must pass beside being listed.
    pub is_of_patient: Option<PatientCheck>,
}

/// An object that is wanted, read and on its way into the store.
struct Wanted {
    at: InstanceRef,
    object: Object,
    charge: Charge,
    record: Record,
}

impl Shelf {
    /// Keeps an object that is wanted: whoever has stopped receiving wants nothing stored any more. Blocking.
    pub(super) fn take(
        &self,
        body: Body,
        charge: Charge,
        is_wanted: impl Fn() -> bool,
    ) -> Result<Fate, SourceError> {
        match self.read(body, charge)? {
            Ok(Wanted { at, object, charge, record }) => {
                if is_wanted() {
                    self.store.insert(&at, object, charge);
                    self.series.add(&at.instance, record);
                }
                Ok(Fate::Kept)
            }
            Err(fate) => Ok(fate),
        }
    }

    /// Reads an object, and writes it to the disk where it is wanted. Blocking.
    fn read(&self, body: Body, mut charge: Charge) -> Result<Result<Wanted, Fate>, SourceError> {
        let length = body.len();
        let (object, instance) = match Object::read(body) {
            Ok(read) => read,
            Err(Unreadable::Disk(cause)) => return Err(cause.into()),
            Err(cause) => return Ok(Err(Fate::Unreadable(cause))),
        };
        let at = place(&instance);
        if let Some(fate) = self.unwanted(&at, &instance) {
            return Ok(Err(fate));
        }
        self.series.count_bytes(length);
        let record = Record::new(instance, &object, &self.store)?;
        let object = self.to_disk(object);
        charge.set(object.memory_bytes())?;
        Ok(Ok(Wanted { at, object, charge, record }))
    }

    /// What is wanted goes to the disk, where there is one; else it stays in memory. Blocking.
    fn to_disk(&self, object: Object) -> Object {
        let (Body::Memory(bytes), Some(room)) = (object.body(), self.store.room()) else {
            return object;
        };
        match room.put(bytes) {
            Ok(kept) => object.with_body(Body::Disk(kept)),
            Err(cause) => {
                room.failed(&cause);
                object
            }
        }
    }

    fn unwanted(&self, at: &InstanceRef, instance: &Instance) -> Option<Fate> {
        if at.study != self.study.uid {
            return Some(Fate::OtherStudy);
        }
        if at.series != self.series.listed.uid || !self.series.lists(&at.instance) {
            return Some(Fate::NotListed);
        }
        let is_theirs = self.is_of_patient.as_ref().is_none_or(|check| check(&instance.patient));
        (!is_theirs).then_some(Fate::OtherPatient)
    }
}

fn place(instance: &Instance) -> InstanceRef {
    InstanceRef {
        study: instance.study.study_instance_uid.clone(),
        series: instance.series.series_instance_uid.clone(),
        instance: instance.sop_instance_uid.clone(),
    }
}
