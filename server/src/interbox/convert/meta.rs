//! The meta information of a file (PS3.10 7.1), with another transfer syntax in it.

use crate::data_set::{
    Unwritable,
    elements::{Encoding, Walk},
    encode::Writer,
    start,
};

const PREFIX_END: usize = 132;
const GROUP_LENGTH: u32 = 0x0002_0000;
const TRANSFER_SYNTAX: u32 = 0x0002_0010;
const EXPLICIT: Encoding = Encoding { explicit: true, big: false };

/// The head of a file up to its data set, for this transfer syntax. One that states none is not guessed at.
pub(super) fn head(file: &[u8], syntax: &str) -> Result<Vec<u8>, Unwritable> {
    let data_at = start(file)?;
    if data_at <= PREFIX_END {
        return Err(Unwritable::Malformed);
    }
    let of_meta = file.get(..data_at).ok_or(Unwritable::Malformed)?;
    let spans = Walk::new(of_meta, EXPLICIT).until(PREFIX_END, |_tag| false)?;
    if spans.iter().filter(|span| span.tag == TRANSFER_SYNTAX).count() != 1 {
        return Err(Unwritable::Malformed);
    }
    let mut elements = Writer::new(EXPLICIT);
    for span in spans.iter().filter(|span| span.tag != GROUP_LENGTH) {
        if span.tag == TRANSFER_SYNTAX {
            elements.text(TRANSFER_SYNTAX, *b"UI", syntax.as_bytes())?;
        } else {
            elements.raw(of_meta.get(span.start..span.end).unwrap_or_default());
        }
    }
    let elements = elements.finish();
    let length = u32::try_from(elements.len()).map_err(|_too_long| Unwritable::TooLong)?;
    let mut group = Writer::new(EXPLICIT);
    group.element(GROUP_LENGTH, *b"UL", &length.to_le_bytes())?;
    let prefix = file.get(..PREFIX_END).unwrap_or_default();
    Ok([prefix, &group.finish(), &elements].concat())
}

/// The same file under another name of its transfer syntax.
pub(super) fn with_syntax(file: &[u8], syntax: &str) -> Result<Vec<u8>, Unwritable> {
    let mut written = head(file, syntax)?;
    written.extend_from_slice(file.get(start(file)?..).unwrap_or_default());
    Ok(written)
}
