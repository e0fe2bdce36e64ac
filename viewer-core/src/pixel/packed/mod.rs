//! Greys of 16 bits in fewer bytes, lossless and quick to read: as the page keeps them, and as our server sends them.
//!
//! A frame is cut into blocks of 128 samples, regardless of its rows. Of each block only the differences to its least value are
//! written, each in as many bits as the largest takes; of blocks that are smoother down the image than along it, the
//! differences to the row above are written in this way. What is left at the end is written as it is.
//!
//! ```text
//! "NGP1", blocks, fewer than 128 samples of two bytes
//! block: least value (two bytes), width in bits 0..=16 (+ 32: of differences to the row above), width × 16 bytes
//! ```
//!
//! Numbers are little endian. The bits of a block are eight streams beside each other, one for every eighth sample, so
//! that eight samples are read by one operation (docs/adr/0047-packed-frames.md).

mod lanes;

use lanes::{LANES, Lanes, VECTORS};

use super::{FramePixels, PixelFrame};

/// First bytes: no codestream starts with them.
const SIGNATURE: [u8; 4] = *b"NGP1";
/// Samples of a block.
const BLOCK: usize = 128;
/// Bytes in front of the bits of a block.
const HEAD: usize = 3;
/// Bit of the width: differences to the row above.
const DOWN: u8 = 32;

/// The samples of a block, eight at a time.
type Block = [[u16; LANES]; VECTORS];
/// The same in so many lanes.
type Vectors = [Lanes; VECTORS];

/// Packs the samples of a frame with so many columns; negative ones are two's complement. `None` where that would save less than a quarter.
#[must_use]
pub fn pack(samples: &[u16], columns: usize) -> Option<Vec<u8>> {
    let most = size_of_val(samples) / 4 * 3;
    let mut packed = Vec::with_capacity(most);
    packed.extend(SIGNATURE);
    let (blocks, rest) = samples.as_chunks::<BLOCK>();
    for (block, start) in blocks.iter().zip((0..).step_by(BLOCK)) {
        let values = vectors(block);
        let above = above(samples, start, columns).map(|above| {
            let above = vectors(above);
            std::array::from_fn(|at| values[at].minus(above[at]))
        });
        write_block(&values, above.as_ref(), &mut packed);
        if packed.len() > most {
            return None;
        }
    }
    packed.extend(rest.iter().flat_map(|sample| sample.to_le_bytes()));
    (packed.len() <= most).then_some(packed)
}

/// The same of a decoded frame; `None` for other kinds of samples, too.
#[must_use]
pub fn pack_frame(frame: &PixelFrame) -> Option<Vec<u8>> {
    let columns = frame.columns() as usize;
    match frame.pixels() {
        FramePixels::GrayU16(samples) => pack(samples, columns),
        FramePixels::GrayI16(samples) => pack(bytemuck::cast_slice(samples), columns),
        _ => None,
    }
}

/// Reads what [`pack`] has written; `samples` are as many as there were. `None`, and anything in `samples`, where `packed`
/// is not the whole of such a frame.
#[must_use]
pub fn unpack(packed: &[u8], columns: usize, samples: &mut [u16]) -> Option<()> {
    let mut bytes = packed.strip_prefix(&SIGNATURE)?;
    let end = samples.len() / BLOCK * BLOCK;
    for start in (0..end).step_by(BLOCK) {
        let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
        let (width, is_down) = (head[2] & !DOWN, head[2] & DOWN != 0);
        let (bits, rest) = rest.split_at_checked(usize::from(width) * 2 * LANES)?;
        bytes = rest;
        let mut values = read_block(bits, width, u16::from_le_bytes([head[0], head[1]]))?;
        if is_down {
            let above = vectors(above(samples, start, columns)?);
            values = std::array::from_fn(|at| values[at].plus(above[at]));
        }
        let place = samples.get_mut(start..)?.first_chunk_mut::<BLOCK>()?;
        for (place, value) in place.as_chunks_mut::<LANES>().0.iter_mut().zip(values) {
            *place = value.samples();
        }
    }
    let rest = samples.get_mut(end..)?;
    if bytes.len() != size_of_val(rest) {
        return None;
    }
    for (sample, bytes) in rest.iter_mut().zip(bytes.as_chunks::<2>().0) {
        *sample = u16::from_le_bytes(*bytes);
    }
    Some(())
}

/// The samples above a block, all of which come before it; `None` in the first row and of narrow images.
fn above(samples: &[u16], start: usize, columns: usize) -> Option<&[u16; BLOCK]> {
    let first = start.checked_sub(columns).filter(|_| columns >= BLOCK)?;
    samples.get(first..start)?.first_chunk()
}

fn vectors(block: &[u16; BLOCK]) -> Vectors {
    let block: &Block = bytemuck::cast_ref(block);
    block.map(Lanes::of)
}

fn write_block(values: &Vectors, down: Option<&Vectors>, packed: &mut Vec<u8>) {
    let (least, width) = extent(values);
    let down = down.map(|down| (down, extent(down))).filter(|(_, (_, narrow))| *narrow < width);
    match down {
        Some((down, (least, width))) => write_bits(down, least, width, DOWN, packed),
        None => write_bits(values, least, width, 0, packed),
    }
}

/// The least value, and how many bits the largest difference to it takes.
fn extent(values: &Vectors) -> (u16, u8) {
    let (least, most) = Lanes::extremes(values);
    let largest = most.abs_diff(least);
    (least.cast_unsigned(), (u16::BITS - largest.leading_zeros()) as u8)
}

fn write_bits(values: &Vectors, least: u16, width: u8, flag: u8, packed: &mut Vec<u8>) {
    let [low, high] = least.to_le_bytes();
    packed.extend_from_slice(&[low, high, width | flag]);
    // One more than there can be: the last value has nothing left for it.
    let mut words = [Lanes::splat(0); VECTORS + 1];
    for (at, value) in values.iter().enumerate() {
        let (word, shift) = place(at, width);
        let value = value.minus(Lanes::splat(least));
        words[word] = words[word].or(value.left(shift));
        words[word + 1] = words[word + 1].or(value.right(1).right(15 - shift));
    }
    for word in words.iter().take(width.into()) {
        let bytes: [u8; 2 * LANES] = bytemuck::cast(word.samples().map(u16::to_le));
        packed.extend_from_slice(&bytes);
    }
}

/// The values of a block; `None` where there are no such widths.
fn read_block(bits: &[u8], width: u8, least: u16) -> Option<Vectors> {
    let least = Lanes::splat(least);
    let words = bits.as_chunks::<{ 2 * LANES }>().0;
    let Some(last) = words.len().checked_sub(1) else {
        return Some([least; VECTORS]);
    };
    let mask = Lanes::splat(u16::MAX.checked_shr(16_u32.checked_sub(width.into())?)?);
    let word =
        |at: usize| Lanes::of(bytemuck::cast::<_, [u16; LANES]>(words[at]).map(u16::from_le));
    Some(std::array::from_fn(|at| {
        let (first, shift) = place(at, width);
        let low = word(first).right(shift);
        // What of the next word is not of this value falls to the mask.
        let high = word((first + 1).min(last)).left(1).left(15 - shift);
        low.or(high).and(mask).plus(least)
    }))
}

/// Word and bit at which a value begins.
fn place(at: usize, width: u8) -> (usize, u32) {
    let bit = at * usize::from(width);
    (bit / 16, (bit % 16) as u32)
}

#[cfg(test)]
mod tests;
