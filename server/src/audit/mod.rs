//! Who did what, when, from where: an append-only journal whose lines are chained by their hashes.
//!
//! This is the only place where a Study Instance UID is written down together with who saw it. Access
//! to it is the operator's business; the technical log (`logs`) never holds any of it.
//!
//! A line is written to the disk before what it tells about happens. Several processes write the same
//! journal (the server, and the commands of the operator); a lock on its folder keeps them apart.

mod dicom;
mod entry;
mod follow;
mod journal;
mod line;
mod segment;
mod syslog;
mod usage;
mod verify;

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{runtime::RuntimeFlavor, sync::Notify};

use self::journal::Journal;
pub use self::{
    dicom::message,
    entry::{Anchor, Entry, Event, LOCAL, Record, SERVER},
    line::Head,
    syslog::{Sender, SyslogError},
    usage::usage,
    verify::{Verified, VerifyError, read, verify},
};
use crate::{clock::Clock, metrics::Events};

/// The journal, open for writing; cheap to clone.
#[derive(Clone)]
pub struct Audit {
    journal: Arc<Mutex<Journal>>,
    /// Whose turn it is among requests.
    turn: Arc<tokio::sync::Mutex<()>>,
    clock: Clock,
    written: Arc<Notify>,
    events: Events,
}

impl Audit {
    /// Opens the journal in `folder`, made where needed and readable by this user only.
    ///
    /// # Errors
    /// When the folder cannot be used, or what is in it is no journal.
    pub fn open(folder: &Path, clock: Clock) -> io::Result<Self> {
        let journal = Arc::new(Mutex::new(Journal::open(folder)?));
        let (turn, written) = (Arc::default(), Arc::default());
        Ok(Self { journal, turn, clock, written, events: Events::default() })
    }

    /// Writes one line to the disk, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written: what needs a trace must then not happen.
    pub fn write(&self, entry: &Entry<'_>) -> io::Result<()> {
        let now = self.clock.now();
        let done = off_the_reactor(|| self.lock().append(now, entry));
        self.written.notify_one();
        if done.is_ok() {
            self.events.count(entry);
        }
        done
    }

    /// As [`Audit::write`], one request at a time: hundreds who wait for the disk at once must not be hundreds of
    /// threads, each of which keeps some of the memory it has used.
    ///
    /// # Errors
    /// As there.
    pub async fn record(&self, entry: &Entry<'_>) -> io::Result<()> {
        let _turn = self.turn.lock().await;
        self.write(entry)
    }

    /// Deletes the days that ended more than `retention_days` ago; tells how many. Each leaves a line
    /// with the number and hash of its last line, so that the rest can still be verified.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn prune(&self, retention_days: u32) -> io::Result<usize> {
        let now = self.clock.now();
        off_the_reactor(|| self.lock().prune(now, retention_days))
    }

    /// Told after every line of this process.
    #[must_use]
    pub fn written(&self) -> Arc<Notify> {
        Arc::clone(&self.written)
    }

    /// How many lines of each kind this process wrote.
    #[must_use]
    pub const fn events(&self) -> &Events {
        &self.events
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for the disk without holding up other requests, where there are other threads.
fn off_the_reactor<T>(work: impl FnOnce() -> T) -> T {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) if runtime.runtime_flavor() == RuntimeFlavor::MultiThread => {
            tokio::task::block_in_place(work)
        }
        _ => work(),
    }
}

#[cfg(test)]
mod tests;
