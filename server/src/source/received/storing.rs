//! Objects of one series that are read and stored while the next ones come: by few threads, each of which goes on as long as there is
//! something to do. An exam has thousands of objects, and waking a thread for one takes as long as storing it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};

use super::body::Body;
use super::shelf::{Fate, Shelf};
use super::store::Charge;
use crate::source::SourceError;

/// Objects that wait, or are being stored.
const AT_ONCE: usize = 4;
const THREADS: usize = 2;
/// So many wait before another thread is worth its waking.
const FEW: usize = 2;

/// What stores the objects of a series. Dropped, it stores nothing more.
pub(super) struct Storing {
    shelf: Shelf,
    shared: Arc<Shared>,
    room: Arc<Semaphore>,
    threads: JoinSet<()>,
}

#[derive(Default)]
struct Shared(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    waiting: VecDeque<Complete>,
    /// Nothing more is wanted.
    is_over: bool,
    threads: usize,
    done: Vec<Result<Fate, SourceError>>,
}

/// An object that has come.
struct Complete {
    body: Body,
    charge: Charge,
    _room: Option<OwnedSemaphorePermit>,
}

impl Storing {
    pub(super) fn new(shelf: Shelf) -> Self {
        let room = Arc::new(Semaphore::new(AT_ONCE));
        Self { shelf, shared: Arc::default(), room, threads: JoinSet::new() }
    }

    pub(super) const fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Takes an object when there is room for one more.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] where a thread died: what it had is not stored.
    pub(super) async fn put(&mut self, (body, charge): (Body, Charge)) -> Result<(), SourceError> {
        // It is never closed.
        let room = Arc::clone(&self.room).acquire_owned().await.ok();
        let mut inner = self.shared.lock();
        inner.waiting.push_back(Complete { body, charge, _room: room });
        let is_behind = inner.threads == 0 || inner.waiting.len() >= FEW;
        if is_behind && inner.threads < THREADS {
            inner.threads += 1;
            let (shelf, shared) = (self.shelf.clone(), Arc::clone(&self.shared));
            self.threads.spawn_blocking(move || shared.store_all(&shelf));
        }
        drop(inner);
        while let Some(ended) = self.threads.try_join_next() {
            ended.map_err(|cause| died(&cause))?;
        }
        Ok(())
    }

    /// What became of objects since this was asked last.
    pub(super) fn done(&self) -> Vec<Result<Fate, SourceError>> {
        std::mem::take(&mut self.shared.lock().done)
    }

    /// Waits until all are stored.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub(super) async fn settle(&mut self) -> Result<(), SourceError> {
        while let Some(ended) = self.threads.join_next().await {
            ended.map_err(|cause| died(&cause))?;
        }
        Ok(())
    }
}

fn died(cause: &JoinError) -> SourceError {
    SourceError::Unavailable(cause.to_string())
}

impl Drop for Storing {
    fn drop(&mut self) {
        let mut inner = self.shared.lock();
        inner.is_over = true;
        inner.waiting.clear();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As long as there is something to do. Blocking.
    fn store_all(&self, shelf: &Shelf) {
        while let Some(Complete { body, charge, _room }) = self.next() {
            let is_wanted = || !self.lock().is_over;
            let fate = shelf.take(body, charge, is_wanted);
            self.lock().done.push(fate);
        }
    }

    fn next(&self) -> Option<Complete> {
        let mut inner = self.lock();
        let next = inner.waiting.pop_front();
        if next.is_none() {
            inner.threads -= 1;
        }
        next
    }
}
