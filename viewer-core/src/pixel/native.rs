//! Native pixel cells → [`StoredSamples`]: byte order, bit packing, masking, sign, planes.

use super::samples::{Container, SampleLayout, StoredSamples};

/// Byte order of the words of native pixel data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// Every transfer syntax but one.
    Little,
    /// Explicit VR Big Endian.
    Big,
}

/// Reads the samples of one native frame.
///
/// `bytes` holds the pixel cells in the order of the file; 8-bit and 1-bit cells are a byte stream
/// in either byte order. Bits outside Bits Stored (overlays, garbage) are cleared, or overwritten by
/// the sign. Planes are interleaved. `None` unless `bytes` holds exactly
/// [`SampleLayout::native_bytes`] bytes.
#[must_use]
pub fn read_samples(
    bytes: &[u8],
    layout: &SampleLayout,
    order: ByteOrder,
) -> Option<StoredSamples> {
    if bytes.len() != layout.native_bytes() {
        return None;
    }
    let samples = match (layout.container, layout.signed) {
        (Container::Bit, _) => StoredSamples::U8(unpack_bits(bytes, layout.sample_count())),
        (Container::Byte, false) => StoredSamples::U8(unsigned_bytes(bytes, layout)),
        (Container::Byte, true) => {
            let shift = 8 - layout.bits_stored;
            let up = shift - layout.low_bit;
            StoredSamples::I8(bytes.iter().map(|&b| ((b << up) as i8) >> shift).collect())
        }
        (Container::Word, signed) => words(bytes, layout, order, signed),
        (Container::Long, signed) => longs(bytes, layout, order, signed),
        (Container::Float, _) => {
            StoredSamples::F32(cells(bytes, order, f32::from_le_bytes, f32::from_be_bytes, |v| v))
        }
        (Container::Double, _) => {
            StoredSamples::F64(cells(bytes, order, f64::from_le_bytes, f64::from_be_bytes, |v| v))
        }
    };
    Some(if layout.planar { interleave(samples, layout.pixel_count()) } else { samples })
}

fn unpack_bits(bytes: &[u8], count: usize) -> Vec<u8> {
    bytes.iter().flat_map(|&byte| (0..8).map(move |bit| (byte >> bit) & 1)).take(count).collect()
}

fn unsigned_bytes(bytes: &[u8], layout: &SampleLayout) -> Vec<u8> {
    if layout.bits_stored == 8 {
        return bytes.to_vec();
    }
    let mask = (1u8 << layout.bits_stored) - 1;
    bytes.iter().map(|&b| (b >> layout.low_bit) & mask).collect()
}

fn words(bytes: &[u8], layout: &SampleLayout, order: ByteOrder, signed: bool) -> StoredSamples {
    let (le, be) = (u16::from_le_bytes, u16::from_be_bytes);
    let shift = 16 - layout.bits_stored;
    let up = shift - layout.low_bit;
    if signed {
        StoredSamples::I16(cells(bytes, order, le, be, |v| ((v << up) as i16) >> shift))
    } else {
        StoredSamples::U16(cells(bytes, order, le, be, |v| (v << up) >> shift))
    }
}

fn longs(bytes: &[u8], layout: &SampleLayout, order: ByteOrder, signed: bool) -> StoredSamples {
    let (le, be) = (u32::from_le_bytes, u32::from_be_bytes);
    let shift = 32 - layout.bits_stored;
    let up = shift - layout.low_bit;
    if signed {
        StoredSamples::I32(cells(bytes, order, le, be, |v| ((v << up) as i32) >> shift))
    } else {
        StoredSamples::U32(cells(bytes, order, le, be, |v| (v << up) >> shift))
    }
}

/// Splits `bytes` into cells of `N` bytes and turns each into a value.
fn cells<W, T, const N: usize>(
    bytes: &[u8],
    order: ByteOrder,
    little: impl Fn([u8; N]) -> W,
    big: impl Fn([u8; N]) -> W,
    value: impl Fn(W) -> T,
) -> Vec<T> {
    let cells = bytes.as_chunks::<N>().0.iter();
    match order {
        ByteOrder::Little => cells.map(|&cell| value(little(cell))).collect(),
        ByteOrder::Big => cells.map(|&cell| value(big(cell))).collect(),
    }
}

/// Three planes of `pixels` samples → one pixel after the other.
#[must_use]
pub fn interleave(samples: StoredSamples, pixels: usize) -> StoredSamples {
    fn mix<T: Copy>(planes: &[T], pixels: usize) -> Vec<T> {
        let (first, rest) = planes.split_at(pixels.min(planes.len()));
        let (second, third) = rest.split_at(pixels.min(rest.len()));
        let pixels = first.iter().zip(second).zip(third);
        pixels.map(|((&a, &b), &c)| [a, b, c]).collect::<Vec<_>>().into_flattened()
    }
    match samples {
        StoredSamples::U8(v) => StoredSamples::U8(mix(&v, pixels)),
        StoredSamples::I8(v) => StoredSamples::I8(mix(&v, pixels)),
        StoredSamples::U16(v) => StoredSamples::U16(mix(&v, pixels)),
        StoredSamples::I16(v) => StoredSamples::I16(mix(&v, pixels)),
        StoredSamples::U32(v) => StoredSamples::U32(mix(&v, pixels)),
        StoredSamples::I32(v) => StoredSamples::I32(mix(&v, pixels)),
        StoredSamples::F32(v) => StoredSamples::F32(mix(&v, pixels)),
        StoredSamples::F64(v) => StoredSamples::F64(mix(&v, pixels)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(container: Container, stored: u32, low_bit: u32, signed: bool) -> SampleLayout {
        SampleLayout {
            rows: 1,
            columns: 2,
            samples_per_pixel: 1,
            container,
            bits_stored: stored,
            low_bit,
            signed,
            planar: false,
        }
    }

    fn read(bytes: &[u8], layout: &SampleLayout, order: ByteOrder) -> StoredSamples {
        read_samples(bytes, layout, order).expect("the size fits")
    }

    #[test]
    fn bits_above_bits_stored_are_cleared_or_signed() {
        let bytes = [0x34, 0xF2, 0xFF, 0xA7];
        let unsigned = layout(Container::Word, 12, 0, false);
        let signed = layout(Container::Word, 12, 0, true);
        assert_eq!(
            read(&bytes, &unsigned, ByteOrder::Little),
            StoredSamples::U16(vec![0x234, 0x7FF])
        );
        let negative = [0x00, 0x08, 0xFF, 0x0F];
        assert_eq!(
            read(&negative, &signed, ByteOrder::Little),
            StoredSamples::I16(vec![-2048, -1])
        );
        assert_eq!(
            read(&bytes, &signed, ByteOrder::Little),
            StoredSamples::I16(vec![0x234, 0x7FF])
        );
    }

    #[test]
    fn a_high_bit_above_bits_stored_shifts() {
        let shifted = layout(Container::Word, 12, 4, false);
        let bytes = [0x4F, 0x23, 0xF0, 0xFF];
        assert_eq!(
            read(&bytes, &shifted, ByteOrder::Little),
            StoredSamples::U16(vec![0x234, 0xFFF])
        );
        let signed = layout(Container::Byte, 4, 4, true);
        assert_eq!(read(&[0x8F, 0x70], &signed, ByteOrder::Little), StoredSamples::I8(vec![-8, 7]));
        let unsigned = layout(Container::Byte, 4, 2, false);
        assert_eq!(
            read(&[0xFF, 0x14], &unsigned, ByteOrder::Little),
            StoredSamples::U8(vec![15, 5])
        );
    }

    #[test]
    fn big_endian_swaps_words_and_not_bytes() {
        let word = layout(Container::Word, 16, 0, true);
        assert_eq!(
            read(&[0x81, 0x02, 0x03, 0x04], &word, ByteOrder::Big),
            StoredSamples::I16(vec![-32510, 0x0304])
        );
        let long = layout(Container::Long, 32, 0, false);
        assert_eq!(
            read(&[1, 2, 3, 4, 5, 6, 7, 8], &long, ByteOrder::Big),
            StoredSamples::U32(vec![0x0102_0304, 0x0506_0708])
        );
        let byte = layout(Container::Byte, 8, 0, false);
        assert_eq!(read(&[9, 8], &byte, ByteOrder::Big), StoredSamples::U8(vec![9, 8]));
    }

    #[test]
    fn long_and_float_cells() {
        let signed = layout(Container::Long, 24, 0, true);
        let bytes = [0xFF, 0xFF, 0xFF, 0x12, 0x56, 0x34, 0x12, 0xFF];
        assert_eq!(
            read(&bytes, &signed, ByteOrder::Little),
            StoredSamples::I32(vec![-1, 0x12_3456])
        );
        let float = layout(Container::Float, 32, 0, false);
        let bytes: Vec<u8> = [1.5f32, -2.25].iter().flat_map(|v| v.to_le_bytes()).collect();
        assert_eq!(read(&bytes, &float, ByteOrder::Little), StoredSamples::F32(vec![1.5, -2.25]));
    }

    #[test]
    fn one_bit_samples_start_in_the_lowest_bit() {
        let mut ten = layout(Container::Bit, 1, 0, false);
        ten.columns = 10;
        assert_eq!(
            read(&[0b1000_0101, 0b10], &ten, ByteOrder::Little),
            StoredSamples::U8(vec![1, 0, 1, 0, 0, 0, 0, 1, 0, 1])
        );
    }

    #[test]
    fn planes_are_interleaved_and_sizes_checked() {
        let mut planar = layout(Container::Byte, 8, 0, false);
        (planar.samples_per_pixel, planar.planar) = (3, true);
        let bytes = [1, 2, 3, 4, 5, 6];
        assert_eq!(
            read(&bytes, &planar, ByteOrder::Little),
            StoredSamples::U8(vec![1, 3, 5, 2, 4, 6])
        );
        assert_eq!(read_samples(&bytes[..5], &planar, ByteOrder::Little), None);
    }
}
