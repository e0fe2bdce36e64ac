//! Writes elements in the encoding of the data set they go into.

use super::Unwritable;
use super::elements::{Encoding, Tag, is_long};

const ITEM: Tag = 0xFFFE_E000;

/// Elements, in the order in which they are added.
pub(crate) struct Writer {
    encoding: Encoding,
    bytes: Vec<u8>,
}

impl Writer {
    pub(crate) const fn new(encoding: Encoding) -> Self {
        Self { encoding, bytes: Vec::new() }
    }

    /// An element of any VR; its value already has an even length.
    pub(crate) fn element(
        &mut self,
        tag: Tag,
        vr: [u8; 2],
        value: &[u8],
    ) -> Result<&mut Self, Unwritable> {
        let how = self.encoding;
        let length = u32::try_from(value.len()).map_err(|_too_long| Unwritable::TooLong)?;
        self.tag(tag);
        if how.explicit {
            self.bytes.extend(vr);
        }
        if !how.explicit {
            self.bytes.extend(how.u32(length));
        } else if is_long(vr) {
            self.bytes.extend([0, 0]);
            self.bytes.extend(how.u32(length));
        } else {
            let length = u16::try_from(length).map_err(|_too_long| Unwritable::TooLong)?;
            self.bytes.extend(how.u16(length));
        }
        self.bytes.extend_from_slice(value);
        Ok(self)
    }

    /// Text, padded with a space; a UID, with NUL.
    pub(crate) fn text(
        &mut self,
        tag: Tag,
        vr: [u8; 2],
        value: &[u8],
    ) -> Result<&mut Self, Unwritable> {
        self.element(tag, vr, &padded(value, vr))
    }

    /// A sequence of items that are written already, each with its head.
    pub(crate) fn sequence(&mut self, tag: Tag, items: &[u8]) -> Result<&mut Self, Unwritable> {
        self.element(tag, *b"SQ", items)
    }

    /// Elements as they stand elsewhere in the same data set.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// The elements.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// The elements as one item.
    pub(crate) fn into_item(self) -> Result<Vec<u8>, Unwritable> {
        let mut item = Self::new(self.encoding);
        item.tag(ITEM);
        let length = u32::try_from(self.bytes.len()).map_err(|_too_long| Unwritable::TooLong)?;
        item.bytes.extend(self.encoding.u32(length));
        item.bytes.extend(self.bytes);
        Ok(item.bytes)
    }

    fn tag(&mut self, tag: Tag) {
        self.bytes.extend(self.encoding.u16((tag >> 16) as u16));
        self.bytes.extend(self.encoding.u16(tag as u16));
    }
}

/// With an even length (PS3.5 6.2).
pub(crate) fn padded(value: &[u8], vr: [u8; 2]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(if vr == *b"UI" { 0 } else { b' ' });
    }
    value
}
