//! Objects by instance. There is a budget for memory; what was used least recently makes room for what comes. Of an object on disk
//! only its places count.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::disk::{Disk, Room};
use super::object::{Held, Object};
use crate::source::{InstanceRef, SourceError};

/// Objects by instance, within a budget.
pub(super) struct Store {
    budget: u64,
    /// Where objects go that have come; without it they stay in memory.
    room: Option<Room>,
    inner: Mutex<Inner>,
    /// Bytes of attributes that stay as they were read.
    as_read: AtomicU64,
}

/// Of the budget, what attributes may take that stay as they were read: they cannot be dropped for what comes.
const AS_READ_SHARE: u64 = 16;

#[derive(Default)]
struct Inner {
    /// Bytes of objects and of all charges.
    used: u64,
    most_used: u64,
    /// Counts uses.
    clock: u64,
    /// Nothing is kept any more.
    is_closed: bool,
    objects: HashMap<InstanceRef, Kept>,
    by_use: BTreeMap<u64, InstanceRef>,
}

struct Kept {
    object: Arc<Object>,
    bytes: u64,
    used_at: u64,
}

impl Store {
    pub(super) fn new(budget: u64, disk: Option<&Arc<Disk>>) -> Self {
        Self {
            budget,
            room: disk.map(Disk::room),
            inner: Mutex::default(),
            as_read: AtomicU64::new(0),
        }
    }

    /// Room on disk, where it can be used.
    pub(super) fn room(&self) -> Option<Room> {
        self.room.clone().filter(Room::is_usable)
    }

    /// Removes from the disk what has been there too long.
    pub(super) fn drop_old(&self) {
        self.room.iter().for_each(Room::drop_old);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn used(&self) -> u64 {
        self.lock().used
    }

    pub(super) fn most_used(&self) -> u64 {
        self.lock().most_used
    }

    /// An object, which is then the last one to go. One that had to make room on disk is gone.
    pub(super) fn get(&self, at: &InstanceRef) -> Option<Arc<Held>> {
        let mut inner = self.lock();
        inner.clock += 1;
        let now = inner.clock;
        let kept = inner.objects.get_mut(at)?;
        let before = std::mem::replace(&mut kept.used_at, now);
        let held = Held::of(&kept.object);
        inner.by_use.remove(&before);
        inner.by_use.insert(now, at.clone());
        if held.is_none() {
            inner.remove(now);
        }
        held.map(Arc::new)
    }

    /// Keeps an object for as long as there is room; what it takes was charged before. One that is there already
    /// stays.
    pub(super) fn insert(&self, at: &InstanceRef, object: Object, charge: Charge) {
        let mut inner = self.lock();
        if inner.is_closed || inner.objects.contains_key(at) {
            drop(inner);
            return drop(charge);
        }
        inner.clock += 1;
        let used_at = inner.clock;
        let kept = Kept { object: Arc::new(object), bytes: charge.keep(), used_at };
        inner.objects.insert(at.clone(), kept);
        inner.by_use.insert(used_at, at.clone());
    }

    /// Drops the objects of a study.
    pub(super) fn forget(&self, study: &str) {
        let mut inner = self.lock();
        let of_study = inner.by_use.iter().filter(|(_, at)| at.study == study);
        let uses: Vec<u64> = of_study.map(|(used_at, _)| *used_at).collect();
        uses.iter().for_each(|used_at| inner.remove(*used_at));
    }

    /// Drops everything, and keeps nothing from here on.
    pub(super) fn close(&self) {
        let mut inner = self.lock();
        inner.is_closed = true;
        inner.by_use.clear();
        let objects = std::mem::take(&mut inner.objects);
        inner.used = inner.used.saturating_sub(objects.values().map(|kept| kept.bytes).sum());
        drop(inner);
        // Many files may have to be removed.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || drop(objects))),
            Err(_no_runtime) => drop(objects),
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    /// Room for something that has yet to come.
    pub(super) fn charge(self: &Arc<Self>) -> Charge {
        Charge { store: Arc::clone(self), bytes: 0 }
    }

    /// Room for attributes as they were read; `None` where others have it.
    pub(super) fn room_as_read(self: &Arc<Self>, bytes: u64) -> Option<ReadRoom> {
        let room = ReadRoom { store: Arc::clone(self), bytes };
        let before = self.as_read.fetch_add(bytes, Ordering::Relaxed);
        (before.saturating_add(bytes) <= self.budget / AS_READ_SHARE).then_some(room)
    }

    fn take(&self, bytes: u64) -> Result<(), SourceError> {
        let mut inner = self.lock();
        while inner.used.saturating_add(bytes) > self.budget {
            let Some((&oldest, _)) = inner.by_use.first_key_value() else {
                return Err(SourceError::TooLarge("memory for received objects"));
            };
            inner.remove(oldest);
        }
        inner.used += bytes;
        inner.most_used = inner.most_used.max(inner.used);
        Ok(())
    }

    fn give_back(&self, bytes: u64) {
        let mut inner = self.lock();
        inner.used = inner.used.saturating_sub(bytes);
    }
}

impl Inner {
    fn remove(&mut self, used_at: u64) {
        let Some(at) = self.by_use.remove(&used_at) else { return };
        if let Some(kept) = self.objects.remove(&at) {
            self.used = self.used.saturating_sub(kept.bytes);
        }
    }
}

/// Until it is dropped, attributes stay as they were read.
pub(super) struct ReadRoom {
    store: Arc<Store>,
    bytes: u64,
}

impl Drop for ReadRoom {
    fn drop(&mut self) {
        self.store.as_read.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A part of the budget, given back when it is dropped.
pub(super) struct Charge {
    store: Arc<Store>,
    bytes: u64,
}

impl Charge {
    /// Makes it as large as this.
    ///
    /// # Errors
    /// [`SourceError::TooLarge`] where the budget is taken by what cannot be dropped.
    pub(super) fn set(&mut self, bytes: u64) -> Result<(), SourceError> {
        match bytes.checked_sub(self.bytes) {
            Some(more) => self.store.take(more)?,
            None => self.store.give_back(self.bytes - bytes),
        }
        self.bytes = bytes;
        Ok(())
    }

    /// Gives it to whoever counts from now on.
    fn keep(mut self) -> u64 {
        std::mem::take(&mut self.bytes)
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.store.give_back(self.bytes);
        }
    }
}
