//! One object on disk.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Disk, Room};
use crate::sealed::{Key, Reader, SALT_BYTES, TAG_BYTES, Writer, sealed_bytes};
use crate::store::random_name;

/// A file that counts towards the budget, until it is dropped: then it is removed.
struct Place {
    disk: Arc<Disk>,
    name: String,
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
        let (name, disk) = (random_name(), Arc::clone(&room.disk));
        disk.lock().add(&name);
        let place = Place { disk, name };
        let least = (SALT_BYTES + TAG_BYTES) as u64;
        place.disk.grow(&place.name, least)?;
        let writer = Writer::create(&place.disk.path(&place.name), &room.key, &place.name)?;
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
        Ok(Arc::new(Kept { place, key, length }))
    }
}

/// An object on disk, as long as there is room for it.
pub(in crate::source::received) struct Kept {
    place: Place,
    key: Arc<Key>,
    length: u64,
}

impl Kept {
    /// Bytes of the object.
    pub(in crate::source::received) const fn len(&self) -> u64 {
        self.length
    }

    /// Keeps it where it is while somebody reads; `None` where it had to go.
    pub(in crate::source::received) fn pin(self: &Arc<Self>) -> Option<Pin> {
        let is_here = self.place.disk.lock().pin(&self.place.name);
        is_here.then(|| Pin(Arc::clone(self)))
    }

    /// It turned out not to be what was written, or not to be readable.
    pub(in crate::source::received) fn lose(&self) {
        self.place.disk.remove(&self.place.name);
    }

    pub(in crate::source::received) fn is_lost(&self) -> bool {
        !self.place.disk.lock().files.contains_key(&self.place.name)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.place.disk.path(&self.place.name)
    }

    /// Its bytes. Blocking.
    pub(in crate::source::received) fn reader(&self) -> io::Result<Reader> {
        Reader::open(&self.path(), &self.key, &self.place.name, self.length)
    }
}

/// Somebody reads the object.
pub(in crate::source::received) struct Pin(Arc<Kept>);

impl Drop for Pin {
    fn drop(&mut self) {
        self.0.place.disk.lock().unpin(&self.0.place.name);
    }
}
