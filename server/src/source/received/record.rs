//! What is kept of an object for the summary, also after the object itself had to make room.

use std::sync::Arc;

use viewer_core::exam::{Content, Instance};

use super::object::Object;
use super::store::{Charge, ReadRoom, Store};
use crate::source::{SourceError, pack, unpack};

/// Longest header whose attributes stay as they were read, bytes.
const SHORT_BYTES: u64 = 16 * 1024;

/// What a packed record takes beside its bytes.
const PACKED_OVERHEAD: u64 = 160;
/// What attributes take beside their strings and numbers, and each of these, of which the header has at least a byte.
const READ_OVERHEAD: u64 = 4096;
const OF_HEADER: u64 = 2;

/// One object's attributes, and their part of the budget. As long as there is room they stay as they were read: packing and unpacking them
/// takes a tenth of the server's work while a CT comes.
pub(super) struct Record {
    kept: Kept,
    _charge: Charge,
}

enum Kept {
    Read { instance: Box<Instance>, _room: ReadRoom },
    Packed(Vec<u8>),
}

impl Record {
    /// Of an object that goes to the store.
    ///
    /// # Errors
    /// [`SourceError::TooLarge`] where there is no room for it.
    pub(super) fn new(
        instance: Instance,
        object: &Object,
        store: &Arc<Store>,
    ) -> Result<Self, SourceError> {
        let mut charge = store.charge();
        let header_bytes = object.bytes_beside_pixels();
        let bytes = READ_OVERHEAD + OF_HEADER * header_bytes;
        let may_stay = header_bytes <= SHORT_BYTES && has_one_frame(&instance);
        if let Some(room) = may_stay.then(|| store.room_as_read(bytes)).flatten() {
            charge.set(bytes)?;
            return Ok(Self {
                kept: Kept::Read { instance: Box::new(instance), _room: room },
                _charge: charge,
            });
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
            Kept::Read { instance, .. } => Ok(Instance::clone(instance)),
            Kept::Packed(packed) => Ok(unpack(packed)?),
        }
    }
}

/// Each frame may have attributes of its own, however short the header is.
fn has_one_frame(instance: &Instance) -> bool {
    matches!(&instance.content, Content::Image(image) if image.image.frames == 1)
}
