//! One object on disk: in a file of its own, or among others.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Disk, Room};
use crate::sealed::{Key, Reader, SALT_BYTES, TAG_BYTES, Writer, sealed_bytes};
use crate::store::random_name;

/// A file that counts towards the budget, until it is dropped: then it is removed.
pub(super) struct Place {
    pub(super) disk: Arc<Disk>,
    pub(super) name: String,
    /// Something of it was not what was written: nothing more is written to it.
    pub(super) is_damaged: AtomicBool,
}

impl Place {
    /// A name that counts from now on, and that nobody may remove before it is unpinned.
    pub(super) fn new(disk: &Arc<Disk>) -> Self {
        let (name, disk) = (random_name(), Arc::clone(disk));
        disk.lock().add(&name);
        Self { disk, name, is_damaged: AtomicBool::new(false) }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.disk.path(&self.name)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.disk.remove(&self.name);
    }
}

/// An object that is being written. One that is not finished is removed.
pub(in crate::source::received) struct Draft {
    place: Place,
    key: Arc<Key>,
    writer: Writer,
    length: u64,
    /// Bytes of the budget.
    counted: u64,
}

impl Draft {
    pub(super) fn new(room: &Room) -> io::Result<Self> {
        let place = Place::new(&room.disk);
        let least = (SALT_BYTES + TAG_BYTES) as u64;
        place.disk.grow(&place.name, least)?;
        let writer = Writer::create(&place.path(), &room.key, &place.name)?;
        Ok(Self { place, key: Arc::clone(&room.key), writer, length: 0, counted: least })
    }

    /// Blocking.
    pub(in crate::source::received) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = self.length + bytes.len() as u64;
        let needed = sealed_bytes(length);
        self.place.disk.grow(&self.place.name, needed.saturating_sub(self.counted))?;
        (self.length, self.counted) = (length, needed);
        self.writer.write(bytes)
    }

    /// Blocking.
    pub(in crate::source::received) fn finish(self) -> io::Result<Arc<Kept>> {
        let Self { place, key, writer, .. } = self;
        let length = writer.finish()?;
        place.disk.lock().unpin(&place.name);
        let what = place.name.clone();
        Ok(Kept::new(Arc::new(place), 0, (key, what), length))
    }
}

/// An object on disk, as long as there is room for its file.
pub(in crate::source::received) struct Kept {
    place: Arc<Place>,
    /// Where it begins in the file.
    start: u64,
    /// What it is sealed under: the key, and its name among all that are.
    sealed: (Arc<Key>, String),
    length: u64,
    is_damaged: AtomicBool,
}

impl Kept {
    pub(super) fn new(
        place: Arc<Place>,
        start: u64,
        sealed: (Arc<Key>, String),
        length: u64,
    ) -> Arc<Self> {
        Arc::new(Self { place, start, sealed, length, is_damaged: AtomicBool::new(false) })
    }

    /// Bytes of the object.
    pub(in crate::source::received) const fn len(&self) -> u64 {
        self.length
    }

    /// Keeps it where it is while somebody reads; `None` where it had to go.
    pub(in crate::source::received) fn pin(self: &Arc<Self>) -> Option<Pin> {
        let is_here = !self.is_damaged() && self.place.disk.lock().pin(&self.place.name);
        is_here.then(|| Pin(Arc::clone(self)))
    }

    /// It turned out not to be what was written, or not to be readable.
    pub(in crate::source::received) fn lose(&self) {
        self.is_damaged.store(true, Ordering::Release);
        self.place.is_damaged.store(true, Ordering::Release);
    }

    fn is_damaged(&self) -> bool {
        self.is_damaged.load(Ordering::Acquire)
    }

    pub(in crate::source::received) fn is_lost(&self) -> bool {
        self.is_damaged() || !self.place.disk.lock().files.contains_key(&self.place.name)
    }

    #[cfg(test)]
    pub(super) fn path(&self) -> PathBuf {
        self.place.path()
    }

    #[cfg(test)]
    pub(super) fn place_name(&self) -> String {
        self.place.name.clone()
    }

    /// Its bytes. Blocking.
    pub(in crate::source::received) fn reader(&self) -> io::Result<Reader> {
        let (key, what) = &self.sealed;
        Reader::open(&self.place.path(), self.start, (key, what), self.length)
    }
}

/// Somebody reads the object.
pub(in crate::source::received) struct Pin(Arc<Kept>);

impl Drop for Pin {
    fn drop(&mut self) {
        self.0.place.disk.lock().unpin(&self.0.place.name);
    }
}
