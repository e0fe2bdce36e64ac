//! Overlay planes in bits of the pixel cells that the samples leave free (retired; PS3.3-2004 C.9.2).

use super::{DecodeError, decode_stored};
use crate::exam::{ImageFormat, SampleKind};
use crate::pixel::samples::StoredSamples;

/// The planes in `bits` (from 0) of the cells of one frame, packed as in Overlay Data: rows × columns bits,
/// the first pixel in the lowest bit of the first byte, one plane after the other, each beginning with a
/// byte of its own. The cells are decoded once more, with every bit of them kept.
///
/// # Errors
/// [`DecodeError`]; also for an encoding with loss, which keeps no single bit.
pub fn decode_overlay_bits(
    transfer_syntax_uid: &str,
    encoded: &[u8],
    format: &ImageFormat,
    bits: &[u16],
) -> Result<Vec<Vec<u8>>, DecodeError> {
    let cells = ImageFormat {
        bits_stored: format.bits_allocated,
        high_bit: format.bits_allocated.saturating_sub(1),
        signed: false,
        photometric_interpretation: "MONOCHROME2".to_owned(),
        ..format.clone()
    };
    if cells.samples_per_pixel != 1 || cells.samples != SampleKind::Integer {
        return Err(DecodeError::feature(CODEC, "colour or float samples"));
    }
    let stored = decode_stored(transfer_syntax_uid, encoded, &cells)?;
    if stored.lossy {
        return Err(DecodeError::feature(CODEC, "compression with loss"));
    }
    bits.iter()
        .map(|&bit| match &stored.samples {
            StoredSamples::U8(cells) => Ok(packed(cells.iter().map(|&c| u32::from(c)), bit)),
            StoredSamples::U16(cells) => Ok(packed(cells.iter().map(|&c| u32::from(c)), bit)),
            StoredSamples::U32(cells) => Ok(packed(cells.iter().copied(), bit)),
            _ => Err(DecodeError::feature(CODEC, "signed or float cells")),
        })
        .collect()
}

const CODEC: &str = "overlay bits";

fn packed(cells: impl ExactSizeIterator<Item = u32>, bit: u16) -> Vec<u8> {
    let mut plane = vec![0_u8; cells.len().div_ceil(8)];
    for (index, cell) in cells.enumerate() {
        let is_set = cell.checked_shr(bit.into()).unwrap_or(0) & 1;
        if let Some(byte) = plane.get_mut(index / 8) {
            *byte |= (is_set as u8) << (index % 8);
        }
    }
    plane
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(bits_allocated: u16, bits_stored: u16, columns: u32) -> ImageFormat {
        ImageFormat {
            transfer_syntax_uid: String::new(),
            sop_class_uid: String::new(),
            rows: 1,
            columns,
            samples_per_pixel: 1,
            photometric_interpretation: "MONOCHROME1".to_owned(),
            bits_allocated,
            bits_stored,
            high_bit: bits_stored - 1,
            signed: true,
            planar: false,
            samples: SampleKind::Integer,
            padding: None,
            spacing: None,
            aspect_ratio: None,
            lossy: None,
        }
    }

    #[test]
    fn planes_come_out_of_the_bits_above_the_samples() {
        // Ten cells of 12 bits; bit 15 of the first and the last, bit 12 of the second.
        let mut cells = [0x0FFF_u16; 10];
        (cells[0], cells[1], cells[9]) = (0x8123, 0x1FFF, 0x8000);
        let bytes: Vec<u8> = cells.iter().flat_map(|cell| cell.to_le_bytes()).collect();
        let planes =
            decode_overlay_bits("1.2.840.10008.1.2.1", &bytes, &format(16, 12, 10), &[15, 12]);
        assert_eq!(planes, Ok(vec![vec![1, 2], vec![2, 0]]));
    }

    #[test]
    fn bytes_have_room_for_planes_too() {
        let bytes = [0b1000_0001, 0b0100_0000, 0xFF, 0];
        let planes =
            decode_overlay_bits("1.2.840.10008.1.2.1", &bytes, &format(8, 6, 4), &[7, 6, 40]);
        assert_eq!(planes, Ok(vec![vec![0b101], vec![0b110], vec![0]]));
    }

    #[test]
    fn colour_has_none() {
        let colour = ImageFormat { samples_per_pixel: 3, ..format(8, 8, 2) };
        assert!(decode_overlay_bits("1.2.840.10008.1.2.1", &[0; 6], &colour, &[0]).is_err());
    }
}
