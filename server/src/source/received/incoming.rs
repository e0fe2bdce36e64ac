//! An object as it arrives, piece by piece.

use bytes::Bytes;

use super::store::Charge;
use crate::source::SourceError;

/// Room made for an object at first.
const FIRST_BYTES: u64 = 64 * 1024;

/// A Part 10 object that is arriving. Its bytes count towards the budget before they are taken.
pub struct Incoming {
    charge: Charge,
    bytes: Vec<u8>,
    limit: u64,
}

impl Incoming {
    pub(super) fn new(charge: Charge, limit: u64) -> Self {
        Self { charge, bytes: Vec::new(), limit }
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// [`SourceError::TooLarge`] for more than one object may have, or more than there is room for.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), SourceError> {
        let length = self.len();
        let needed = length.saturating_add(piece.len() as u64);
        if needed > self.limit {
            return Err(SourceError::TooLarge("object"));
        }
        let capacity = self.bytes.capacity() as u64;
        if needed > capacity {
            let roomy = (capacity + capacity / 2).clamp(FIRST_BYTES.min(self.limit), self.limit);
            let room = needed.max(roomy);
            self.charge.set(room)?;
            self.bytes.reserve_exact((room - length) as usize);
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// Bytes so far.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Whether nothing has come yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The whole object.
    pub(super) fn finish(mut self) -> Result<(Bytes, Charge), SourceError> {
        self.bytes.shrink_to_fit();
        self.charge.set(self.bytes.len() as u64)?;
        Ok((Bytes::from(self.bytes), self.charge))
    }
}
