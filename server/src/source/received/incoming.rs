//! An object as it arrives, piece by piece.

use bytes::Bytes;

use super::body::Body;
use super::disk::{Draft, Room};
use super::store::Charge;
use crate::source::SourceError;

/// Room made at first for the first object of a series.
const FIRST_BYTES: u64 = 64 * 1024;
/// More than the object before had, as those of a series are about as long.
const SPARE_BYTES: u64 = 8 * 1024;
/// More of an object than this goes to the disk while it comes, where there is one.
const MOST_IN_MEMORY: u64 = 1024 * 1024;

/// A Part 10 object that is arriving. Its bytes count towards the budget before they are taken.
pub struct Incoming {
    charge: Charge,
    /// What is not on disk.
    bytes: Vec<u8>,
    limit: u64,
    /// Room made at first.
    first: u64,
    room: Option<Room>,
    draft: Option<Box<Draft>>,
    /// Bytes of the draft.
    written: u64,
}

impl Incoming {
    /// Of a series whose object before had so many bytes.
    pub(super) fn new(charge: Charge, limit: u64, before: u64, room: Option<Room>) -> Self {
        let wanted = if before == 0 { FIRST_BYTES } else { before.saturating_add(SPARE_BYTES) };
        let first = wanted.min(MOST_IN_MEMORY).min(limit);
        Self { charge, bytes: Vec::new(), limit, first, room, draft: None, written: 0 }
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// [`SourceError::TooLarge`] for more than one object may have, or more than there is room for;
    /// [`SourceError::Unavailable`] where the disk fails: the object has to come again.
    pub async fn push(&mut self, piece: &[u8]) -> Result<(), SourceError> {
        if self.len().saturating_add(piece.len() as u64) > self.limit {
            return Err(SourceError::TooLarge("object"));
        }
        if self.held().saturating_add(piece.len() as u64) > MOST_IN_MEMORY {
            self.spill().await?;
        }
        self.make_room(piece.len() as u64)?;
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    fn held(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn make_room(&mut self, more: u64) -> Result<(), SourceError> {
        let needed = self.held().saturating_add(more);
        let capacity = self.bytes.capacity() as u64;
        if needed > capacity {
            let roomy = (capacity + capacity / 2).clamp(self.first, self.limit);
            let room = needed.max(roomy);
            self.charge.set(room)?;
            self.bytes.reserve_exact((room - self.held()) as usize);
        }
        Ok(())
    }

    /// Writes what is in memory to the disk. Where the disk does not even take the beginning, the object stays in memory.
    async fn spill(&mut self) -> Result<(), SourceError> {
        let Some(room) = self.room.clone() else { return Ok(()) };
        let (begun, bytes) = (self.draft.take(), std::mem::take(&mut self.bytes));
        let is_first = begun.is_none();
        let place = room.clone();
        let writing = tokio::task::spawn_blocking(move || {
            let draft = begun.map_or_else(|| place.draft().map(Box::new), Ok);
            (draft.and_then(|mut draft| draft.write(&bytes).map(|()| draft)), bytes)
        });
        let (draft, bytes) =
            writing.await.map_err(|it| SourceError::Unavailable(it.to_string()))?;
        self.bytes = bytes;
        match draft {
            Ok(draft) => {
                self.written += self.held();
                self.bytes.clear();
                self.draft = Some(draft);
                Ok(())
            }
            Err(cause) => {
                room.failed(&cause);
                self.room = None;
                if is_first { Ok(()) } else { Err(cause.into()) }
            }
        }
    }

    /// Bytes so far.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.written + self.held()
    }

    /// Whether nothing has come yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The whole object, and what of the budget it has: on disk where it was too large for memory.
    pub(super) async fn finish(mut self) -> Result<(Body, Charge), SourceError> {
        if self.draft.is_some() {
            self.spill().await?;
        }
        let Some(draft) = self.draft else {
            // It may be copied for that: not where it goes to the disk next.
            if self.room.is_none() {
                self.bytes.shrink_to_fit();
            }
            self.charge.set(self.bytes.len() as u64)?;
            return Ok((Body::Memory(Bytes::from(self.bytes)), self.charge));
        };
        let finishing = tokio::task::spawn_blocking(move || draft.finish());
        let kept = finishing.await.map_err(|it| SourceError::Unavailable(it.to_string()))?;
        Ok((Body::Disk(kept?), self.charge))
    }
}
