//! What is kept of an object for the summary, also after the object itself had to make room.

use viewer_core::exam::{Content, Instance};

use super::object::Object;
use super::store::Charge;
use crate::source::{SourceError, pack, unpack};

/// Of so many images of a series the attributes stay as they were read: packing and unpacking them takes a tenth of the server's work
/// while a CT comes. Those of longer series, and long ones, are packed.
const MOST_READ: usize = 2048;
/// Longest header whose attributes stay as they were read, bytes.
const SHORT_BYTES: u64 = 16 * 1024;

/// What a packed record takes beside its bytes.
const PACKED_OVERHEAD: u64 = 160;
/// What attributes take beside their strings and numbers, and each of these, of which the header has at least a byte.
const READ_OVERHEAD: u64 = 4096;
const OF_HEADER: u64 = 2;

/// One object's attributes, and their part of the budget.
pub(super) struct Record {
    kept: Kept,
    _charge: Charge,
}

enum Kept {
    Read(Box<Instance>),
    Packed(Vec<u8>),
}

impl Record {
    /// Of an object of a series of which so many are here.
    ///
    /// # Errors
    /// [`SourceError::TooLarge`] where there is no room for it.
    pub(super) fn new(
        instance: Instance,
        (object, here): (&Object, usize),
        mut charge: Charge,
    ) -> Result<Self, SourceError> {
        let header_bytes = object.bytes_beside_pixels();
        if here < MOST_READ && header_bytes <= SHORT_BYTES && has_one_frame(&instance) {
            charge.set(READ_OVERHEAD + OF_HEADER * header_bytes)?;
            return Ok(Self { kept: Kept::Read(Box::new(instance)), _charge: charge });
        }
        let packed = pack(&instance)?;
        charge.set(packed.len() as u64 + PACKED_OVERHEAD)?;
        Ok(Self { kept: Kept::Packed(packed), _charge: charge })
    }

    /// The attributes.
    ///
    /// # Errors
    /// [`SourceError`] where they cannot be unpacked.
    pub(super) fn instance(&self) -> Result<Instance, SourceError> {
        match &self.kept {
            Kept::Read(instance) => Ok(Instance::clone(instance)),
            Kept::Packed(packed) => Ok(unpack(packed)?),
        }
    }
}

/// Each frame may have attributes of its own, however short the header is.
fn has_one_frame(instance: &Instance) -> bool {
    matches!(&instance.content, Content::Image(image) if image.image.frames == 1)
}
