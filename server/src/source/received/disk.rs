//! Objects on disk, sealed: so that an exam larger than the memory for it need not come twice.
//!
//! A key is in memory only, and each [`Room`] has its own: when it is gone, nobody reads what may be left. All rooms of a [`Disk`] share
//! its bytes; the file that was used least recently makes room, but never one that is being read or written. A large object has a file of
//! its own, which it is written to while it comes ([`Draft`]); small ones share files ([`Room::put`]).

mod file;
#[cfg(test)]
mod tests;
mod volume;

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::RngCore;

use crate::sealed::{Key, make_private};
use crate::source::archive::packed::Pool;
use crate::store::random_name;

pub(super) use self::file::{Draft, Kept, Pin};
use self::volume::Volume;

/// Held as long as a process uses its folder.
const LOCK: &str = "lock";
/// Small objects share files up to this length, and up to this part of the budget: a file goes with all that is in it.
const VOLUME_BYTES: u64 = 16 * 1024 * 1024;
const VOLUMES: u64 = 64;
/// Time for which a disk that failed is left alone.
const REST: Duration = Duration::from_secs(60);

/// A folder for objects, within a budget.
pub struct Disk {
    /// Of this process alone.
    folder: PathBuf,
    most_bytes: u64,
    /// A shared file that is as long is full.
    volume_bytes: u64,
    most_age: Duration,
    inner: Mutex<Inner>,
    _lock: File,
}

#[derive(Default)]
struct Inner {
    used: u64,
    /// Counts uses.
    clock: u64,
    files: HashMap<String, Entry>,
    by_use: BTreeMap<u64, String>,
    rests_until: Option<Instant>,
}

/// A file that counts.
struct Entry {
    bytes: u64,
    used_at: u64,
    /// Who reads or writes it.
    pins: usize,
    since: Instant,
}

impl Disk {
    /// Makes a folder of its own below `root`, for so many bytes, each file for so long; removes what processes left there that are gone.
    ///
    /// # Errors
    /// Where nothing can be written there.
    pub fn open(root: &Path, most_bytes: u64, most_age: Duration) -> io::Result<Arc<Self>> {
        let volume_bytes = (most_bytes / VOLUMES).min(VOLUME_BYTES);
        Self::with_volumes(root, most_bytes, volume_bytes, most_age)
    }

    /// With shared files that are full at this length.
    pub(super) fn with_volumes(
        root: &Path,
        most_bytes: u64,
        volume_bytes: u64,
        most_age: Duration,
    ) -> io::Result<Arc<Self>> {
        make_private(root)?;
        // Two processes that begin at once: a folder without its lock must not be taken for one that was left.
        let opening = File::create(root.join(LOCK))?;
        opening.lock()?;
        remove_left(root)?;
        let folder = root.join(random_name());
        make_private(&folder)?;
        let lock = File::create(folder.join(LOCK))?;
        lock.try_lock()?;
        let inner = Mutex::default();
        Ok(Arc::new(Self { folder, most_bytes, volume_bytes, most_age, inner, _lock: lock }))
    }

    /// A part of it that nobody else can read.
    pub(super) fn room(self: &Arc<Self>) -> Room {
        let mut key = Key::default();
        rand::rng().fill_bytes(&mut key);
        let (names, open, buffers) = (Arc::default(), Arc::default(), Arc::default());
        Room { disk: Arc::clone(self), key: Arc::new(key), names, open, buffers }
    }

    /// Bytes that files take now.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.lock().used
    }

    /// Removes what has been here too long.
    pub(super) fn drop_old(&self) {
        let mut inner = self.lock();
        let is_old = |(_, entry): &(&String, &Entry)| {
            entry.pins == 0 && entry.since.elapsed() >= self.most_age
        };
        let old: Vec<String> =
            inner.files.iter().filter(is_old).map(|(name, _)| name.clone()).collect();
        for name in &old {
            inner.forget(name);
        }
        drop(inner);
        old.iter().for_each(|name| self.unlink(name));
    }

    /// Removes all of it.
    pub fn wipe(&self) {
        *self.lock() = Inner { rests_until: Instant::now().checked_add(REST), ..Inner::default() };
        if let Err(cause) = fs::remove_dir_all(&self.folder) {
            tracing::error!(%cause, "received objects on disk cannot be removed; nobody can read them");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Makes room for more of a file that is being written.
    fn grow(&self, name: &str, more: u64) -> io::Result<()> {
        let mut inner = self.lock();
        let (has_room, removed) = inner.make_room(more, self.most_bytes);
        let is_here = !has_room || inner.count(name, more);
        drop(inner);
        removed.iter().for_each(|name| self.unlink(name));
        match (has_room, is_here) {
            (true, true) => Ok(()),
            (true, false) => Err(io::ErrorKind::NotFound.into()),
            (false, _) => Err(io::ErrorKind::QuotaExceeded.into()),
        }
    }

    fn remove(&self, name: &str) {
        if self.lock().forget(name) {
            self.unlink(name);
        }
    }

    fn unlink(&self, name: &str) {
        match fs::remove_file(self.path(name)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                tracing::error!(%cause, "a received object on disk cannot be removed; nobody can read it");
            }
            _ => {}
        }
    }

    fn rests(&self) -> bool {
        self.lock().rests_until.is_some_and(|until| Instant::now() < until)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl Inner {
    /// Whether there is room, and the names of the files that had to go.
    fn make_room(&mut self, more: u64, most_bytes: u64) -> (bool, Vec<String>) {
        let mut removed = Vec::new();
        while self.used.saturating_add(more) > most_bytes {
            let is_free = |name: &&String| self.files.get(*name).is_some_and(|it| it.pins == 0);
            let Some(name) = self.by_use.values().find(is_free).cloned() else {
                return (false, removed);
            };
            self.forget(&name);
            removed.push(name);
        }
        (true, removed)
    }

    fn count(&mut self, name: &str, more: u64) -> bool {
        let Some(entry) = self.files.get_mut(name) else { return false };
        entry.bytes += more;
        self.used += more;
        true
    }

    fn add(&mut self, name: &str) {
        self.clock += 1;
        let entry = Entry { bytes: 0, used_at: self.clock, pins: 1, since: Instant::now() };
        self.by_use.insert(entry.used_at, name.to_owned());
        self.files.insert(name.to_owned(), entry);
    }

    /// Nobody may remove it from here on, and it is the last one to go.
    fn pin(&mut self, name: &str) -> bool {
        self.clock += 1;
        let Some(entry) = self.files.get_mut(name) else { return false };
        entry.pins += 1;
        self.by_use.remove(&entry.used_at);
        entry.used_at = self.clock;
        self.by_use.insert(entry.used_at, name.to_owned());
        true
    }

    fn unpin(&mut self, name: &str) {
        if let Some(entry) = self.files.get_mut(name) {
            entry.pins = entry.pins.saturating_sub(1);
        }
    }

    fn forget(&mut self, name: &str) -> bool {
        let Some(entry) = self.files.remove(name) else { return false };
        self.by_use.remove(&entry.used_at);
        self.used = self.used.saturating_sub(entry.bytes);
        true
    }
}

/// A part of a [`Disk`] with a key of its own.
#[derive(Clone)]
pub(super) struct Room {
    disk: Arc<Disk>,
    key: Arc<Key>,
    /// Objects in shared files so far.
    names: Arc<AtomicU64>,
    /// The shared file that has room.
    open: Arc<Mutex<Option<Volume>>>,
    /// What objects are sealed in.
    buffers: Arc<Pool<Vec<u8>>>,
}

impl Room {
    /// Whether it is worth trying: it has not failed just now.
    pub(super) fn is_usable(&self) -> bool {
        !self.disk.rests()
    }

    /// Something could not be written. A disk that is broken or full is left alone for a while; one that has no room within its budget
    /// may have some for the next object.
    pub(super) fn failed(&self, cause: &io::Error) {
        tracing::warn!(%cause, "a received object is not kept on disk");
        if cause.kind() != io::ErrorKind::QuotaExceeded {
            self.disk.lock().rests_until = Instant::now().checked_add(REST);
        }
    }

    /// What the next object in a shared file is sealed under, beside the key: no other one has it.
    fn next_name(&self) -> String {
        self.names.fetch_add(1, Ordering::Relaxed).to_string()
    }

    /// Begins a file.
    pub(super) fn draft(&self) -> io::Result<Draft> {
        Draft::new(self)
    }

    pub(super) fn drop_old(&self) {
        self.disk.drop_old();
    }
}

/// Removes folders whose process is gone. Nothing else that lies there is touched.
fn remove_left(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(is_random_name) && entry.file_type()?.is_dir();
        if !is_ours || is_in_use(&entry.path()) {
            continue;
        }
        if let Err(cause) = fs::remove_dir_all(entry.path()) {
            tracing::error!(%cause, "received objects that a process left cannot be removed");
        }
    }
    Ok(())
}

fn is_random_name(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_in_use(folder: &Path) -> bool {
    let lock = File::open(folder.join(LOCK));
    lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
}
