//! Brings the objects of an import here while the session lasts: in front of what is sent, and whether or not the target answers.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::stream::{self, StreamExt};
use tokio::sync::watch;

use super::copies::NoCopy;
use super::{LOOK, Spool};
use crate::import::error::ImportError;
use crate::import::queue::Numbered;
use crate::sealed::sealed_bytes;
use crate::source::InstanceStream;

/// Objects that come at the same time.
const AT_ONCE: usize = 4;

/// What came of trying to copy one object.
enum Outcome {
    /// It is here, or nobody needs it here.
    Done,
    /// It may come when it is asked for again.
    Unavailable,
    /// It will not come: whoever sends it learns why.
    Hopeless(i64),
    /// There is no room for so many bytes.
    Full(u64),
}

impl Spool {
    /// Until all is here, or nothing more comes. `is_over` says so, or that there is no room for more.
    ///
    /// # Errors
    /// [`ImportError`] of our own machine.
    pub(in crate::import) async fn fetch(
        &self,
        pauses: &[Duration],
        is_over: &watch::Sender<bool>,
    ) -> Result<(), ImportError> {
        let mut hopeless = HashSet::new();
        let (mut left, mut waits) = (usize::MAX, pauses.iter());
        loop {
            let mut missing = self.queue.to_copy(&self.job).await?;
            missing.retain(|one| !hopeless.contains(&one.number));
            if missing.is_empty() || self.source().is_none() {
                break;
            }
            if missing.len() < left {
                (left, waits) = (missing.len(), pauses.iter());
            }
            let mut is_unavailable = false;
            let mut needed = None;
            for outcome in self.copy_all(missing).await? {
                match outcome {
                    Outcome::Done => {}
                    Outcome::Unavailable => is_unavailable = true,
                    Outcome::Hopeless(number) => drop(hopeless.insert(number)),
                    Outcome::Full(bytes) => needed = Some(bytes),
                }
            }
            if let Some(bytes) = needed {
                is_over.send_replace(true);
                self.room(bytes).await?;
                is_over.send_replace(false);
            } else if is_unavailable {
                let Some(pause) = waits.next() else { break };
                tokio::time::sleep(*pause).await;
            }
        }
        is_over.send_replace(true);
        Ok(())
    }

    async fn copy_all(&self, missing: Vec<Numbered>) -> Result<Vec<Outcome>, ImportError> {
        let is_full = AtomicBool::new(false);
        let is_full = &is_full;
        let copying = stream::iter(missing).map(|one| async move {
            if is_full.load(Ordering::Relaxed) {
                return Ok(Outcome::Done);
            }
            let outcome = self.copy(&one).await;
            if matches!(outcome, Ok(Outcome::Full(_))) {
                is_full.store(true, Ordering::Relaxed);
            }
            outcome
        });
        let outcomes: Vec<_> = copying.buffer_unordered(AT_ONCE).collect().await;
        outcomes.into_iter().collect()
    }

    async fn copy(&self, Numbered { at, number }: &Numbered) -> Result<Outcome, ImportError> {
        let InstanceStream { length: Some(length), bytes: pieces, .. } = (match self.ask(at).await {
            Ok(found) => found,
            Err(ImportError::Unfetched(_) | ImportError::SessionEnded) => {
                return Ok(Outcome::Unavailable);
            }
            Err(_) => return Ok(Outcome::Hopeless(*number)),
        }) else {
            return Ok(Outcome::Hopeless(*number));
        };
        if !self.queue.is_open(&self.job, *number).await? {
            return Ok(Outcome::Done);
        }
        let bytes = sealed_bytes(length);
        if !self.queue.make_room(&self.job, bytes, self.most_bytes).await? {
            return Ok(Outcome::Full(bytes));
        }
        let cause = match self.copies.write((*number, &at.instance), pieces).await {
            Ok(()) => {
                self.queue.copied(&self.job, *number, bytes).await?;
                return Ok(Outcome::Done);
            }
            Err(cause) => cause,
        };
        tracing::warn!(%cause, site = self.job.site, "an object was not copied");
        self.queue.give_back(&self.job, bytes).await?;
        match cause {
            NoCopy::Source(_) => Ok(Outcome::Unavailable),
            NoCopy::Disk(_) => Ok(Outcome::Full(bytes)),
        }
    }

    /// Returns when there may be room for so many bytes.
    async fn room(&self, bytes: u64) -> Result<(), ImportError> {
        loop {
            tokio::time::sleep(LOOK).await;
            if self.source().is_none()
                || self.queue.has_room(&self.job, bytes, self.most_bytes).await?
            {
                return Ok(());
            }
        }
    }
}
