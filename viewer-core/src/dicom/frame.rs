//! The bytes of one frame.

use std::io::{Cursor, Read, Seek, SeekFrom};

use super::file::{DataSetPlace, inflate_all};
use super::layout::{ByteRange, LayoutError, PixelDataLayout};
use crate::base::limits::MAX_FRAME_BYTES;

/// One frame: concatenate `ranges`, then [`align`](Self::align).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameRanges {
    /// Where its bytes are. Shorter than announced where the file is cut off.
    pub ranges: Vec<ByteRange>,
    pub(super) native: Option<NativeFrame>,
}

/// What makes little endian samples, beginning at bit 0, of the bytes of a native frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NativeFrame {
    bits: u64,
    /// Bytes before the frame, read to have whole units to swap.
    skip_bytes: u64,
    /// Bits of the first byte that belong to the frame before (1-bit images only).
    skip_bits: u8,
    swap_bytes: u8,
}

/// Where native frame `index`, counted from 0, is in the element's `bytes`; `None` beyond their end.
pub(super) fn native_frame(
    bytes: ByteRange,
    index: u32,
    bits: u64,
    swap_bytes: u8,
) -> Option<FrameRanges> {
    let unit = u64::from(swap_bytes.max(1));
    let first_bit = u64::from(index).checked_mul(bits)?;
    let (from, to) = (first_bit / 8, first_bit.checked_add(bits)?.div_ceil(8));
    let start = from - from % unit;
    let end = to.checked_next_multiple_of(unit)?.min(bytes.length);
    if from >= end {
        return None;
    }
    let range = ByteRange { offset: bytes.offset.checked_add(start)?, length: end - start };
    let skip_bits = (first_bit % 8) as u8;
    let native = NativeFrame { bits, skip_bytes: from - start, skip_bits, swap_bytes };
    Some(FrameRanges { ranges: vec![range], native: Some(native) })
}

/// Reads one frame, counted from 1, as WADO-RS delivers it: a codestream, or little endian samples
/// beginning with bit 0 of the first byte. The samples of a file that is cut off end early.
///
/// # Errors
/// [`LayoutError::NoFrame`], [`LayoutError::TooLarge`] or a reader that fails.
pub fn read_frame<R: Read + Seek>(
    mut reader: R,
    layout: &PixelDataLayout,
    number: u32,
) -> Result<Vec<u8>, LayoutError> {
    let frame = layout.frame(number).ok_or(LayoutError::NoFrame { number })?;
    let mut bytes = match layout.data_set {
        DataSetPlace::File => concatenate(reader, &frame.ranges)?,
        DataSetPlace::Inflated { offset } => {
            reader.seek(SeekFrom::Start(offset))?;
            concatenate(Cursor::new(inflate_all(reader)?), &frame.ranges)?
        }
    };
    frame.align(&mut bytes);
    Ok(bytes)
}

fn concatenate<R: Read + Seek>(
    mut reader: R,
    ranges: &[ByteRange],
) -> Result<Vec<u8>, LayoutError> {
    let total = ranges.iter().fold(0_u64, |sum, range| sum.saturating_add(range.length));
    if total > MAX_FRAME_BYTES {
        return Err(LayoutError::TooLarge);
    }
    let mut bytes = Vec::with_capacity(total as usize);
    for range in ranges {
        reader.seek(SeekFrom::Start(range.offset))?;
        reader.by_ref().take(range.length).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

impl FrameRanges {
    /// Makes little endian samples that begin with bit 0 of the concatenated bytes of a native frame;
    /// does nothing to encapsulated ones.
    pub fn align(&self, bytes: &mut Vec<u8>) {
        let Some(frame) = self.native else { return };
        if frame.swap_bytes > 1 {
            bytes.chunks_exact_mut(frame.swap_bytes.into()).for_each(<[u8]>::reverse);
        }
        bytes.drain(..(frame.skip_bytes as usize).min(bytes.len()));
        shift_down(bytes, frame.skip_bits);
        bytes.truncate(usize::try_from(frame.bits.div_ceil(8)).unwrap_or(usize::MAX));
        let used_of_last = frame.bits % 8;
        let is_whole = bytes.len() as u64 == frame.bits.div_ceil(8);
        if let Some(last) = bytes.last_mut().filter(|_| is_whole && used_of_last != 0) {
            *last &= (1 << used_of_last) - 1;
        }
    }
}

/// Moves bits towards bit 0 of the first byte.
fn shift_down(bytes: &mut [u8], by: u8) {
    if by == 0 {
        return;
    }
    let mut above = 0;
    for byte in bytes.iter_mut().rev() {
        let pair = u16::from_le_bytes([*byte, above]);
        above = *byte;
        [*byte, _] = (pair >> by).to_le_bytes();
    }
}
