//! Data sets as bytes (PS3.5): where elements lie, and elements written anew, so that nothing else is touched.

pub(crate) mod elements;
pub(crate) mod encode;

use thiserror::Error;

use self::elements::{Encoding, Tag, Walk};

const PREFIX_END: usize = 132;
const META_GROUP: Tag = 0x0002;

/// Why the header of an object cannot be written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unwritable {
    /// Its elements are not where its transfer syntax says.
    #[error("the object is malformed")]
    Malformed,
    /// Sequences within sequences without end.
    #[error("the object has too many elements")]
    TooDeep,
    /// The whole data set is compressed.
    #[error("the object is deflated")]
    Deflated,
    /// Its character set has no sign for a value, and cannot be changed without writing other texts anew.
    #[error("the character set of the object has no sign for a value")]
    CharacterSet,
    /// A value is longer than its VR allows.
    #[error("a value is too long")]
    TooLong,
}

/// Where the data set begins: behind preamble, prefix and group 0002, which is always explicit and little endian (PS3.10 7.1).
pub(crate) fn start(bytes: &[u8]) -> Result<usize, Unwritable> {
    let has_prefix = bytes.get(PREFIX_END - 4..PREFIX_END) == Some(b"DICM");
    let at = if has_prefix { PREFIX_END } else { 0 };
    let meta = Encoding { explicit: true, big: false };
    // Without meta information the first bytes are an element of another group.
    if bytes.get(at..at + 2) != Some(&[2, 0]) {
        return Ok(at);
    }
    let spans = Walk::new(bytes, meta).until(at, |tag| tag >> 16 != META_GROUP)?;
    Ok(spans.last().map_or(at, |span| span.end))
}
