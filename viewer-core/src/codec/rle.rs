//! RLE Lossless (PS3.5 annex G): each byte of each sample is a plane of its own, packed by PackBits.
//!
//! Planes come most significant byte first, sample by sample; 1-bit data is one plane of packed bits.

use super::stored::color_by_photometric;
use super::{DecodeError, Family, FrameDecoder, FrameSpec, StoredFrame};
use crate::pixel::color::Photometric;
use crate::pixel::native::{ByteOrder, read_samples};
use crate::pixel::samples::SampleLayout;

const CODEC: &str = "RLE";
const HEADER_BYTES: usize = 64;
const MAX_SEGMENTS: usize = 15;

/// Decoder of RLE frames.
pub(super) struct Rle;

impl FrameDecoder for Rle {
    fn family(&self) -> Family {
        Family::Rle
    }

    fn decode(&self, encoded: &[u8], spec: &FrameSpec) -> Result<StoredFrame, DecodeError> {
        let photometric = spec.photometric;
        if matches!(photometric, Photometric::YbrFull422 | Photometric::YbrPartial422) {
            return Err(DecodeError::feature(CODEC, "subsampled chroma"));
        }
        // One plane a sample, whatever Planar Configuration says.
        let layout = SampleLayout { planar: spec.layout.samples_per_pixel > 1, ..spec.layout };
        let cells = decode_planes(encoded, &layout)?;
        let samples = read_samples(&cells, &layout, ByteOrder::Little)
            .ok_or_else(|| DecodeError::corrupt(CODEC, "planes do not make a frame"))?;
        Ok(StoredFrame {
            columns: layout.columns,
            rows: layout.rows,
            samples,
            bits: layout.bits_stored,
            color: color_by_photometric(photometric),
            lossy: false,
        })
    }
}

/// Little-endian cells, sample by sample.
fn decode_planes(encoded: &[u8], layout: &SampleLayout) -> Result<Vec<u8>, DecodeError> {
    let bytes_per_sample = layout.container.bits().div_ceil(8) as usize;
    let bytes_per_pixel = bytes_per_sample * layout.samples_per_pixel as usize;
    let segments = segments(encoded, bytes_per_pixel)?;
    let plane_bytes = (layout.native_bytes() / bytes_per_pixel).max(1);
    let mut planes = vec![0; plane_bytes * bytes_per_pixel];
    for (segment, plane) in segments.into_iter().zip(planes.chunks_exact_mut(plane_bytes)) {
        unpack(segment, plane)?;
    }
    if bytes_per_sample == 1 {
        return Ok(planes);
    }
    let sample_bytes = plane_bytes * bytes_per_sample;
    let mut cells = vec![0; planes.len()];
    let samples = planes.chunks_exact(sample_bytes).zip(cells.chunks_exact_mut(sample_bytes));
    samples.for_each(|(planes, cells)| match bytes_per_sample {
        2 => join::<2>(planes, cells),
        4 => join::<4>(planes, cells),
        _ => join::<8>(planes, cells),
    });
    Ok(cells)
}

/// Little-endian cells of `N` bytes from as many planes, the most significant byte first.
fn join<const N: usize>(planes: &[u8], cells: &mut [u8]) {
    let cells = cells.as_chunks_mut::<N>().0;
    for (byte, plane) in (0..N).rev().zip(planes.chunks_exact(cells.len().max(1))) {
        cells.iter_mut().zip(plane).for_each(|(cell, &value)| cell[byte] = value);
    }
}

/// Cuts the frame into its segments: a count and fifteen offsets, little endian, then the data.
fn segments(encoded: &[u8], expected: usize) -> Result<Vec<&[u8]>, DecodeError> {
    let truncated = DecodeError::Truncated { codec: CODEC, at: "segment header" };
    let (header, _) = encoded.split_first_chunk::<HEADER_BYTES>().ok_or(truncated)?;
    let words: Vec<usize> =
        header.as_chunks::<4>().0.iter().map(|&w| u32::from_le_bytes(w) as usize).collect();
    let (count, offsets) = words.split_first().map_or((0, &[][..]), |(c, o)| (*c, o));
    if count != expected || count > MAX_SEGMENTS {
        let cause = format!("{count} segments where {expected} bytes make a pixel");
        return Err(DecodeError::corrupt(CODEC, cause));
    }
    let starts = offsets.iter().take(count).copied();
    let ends = offsets.iter().take(count).skip(1).copied().chain([encoded.len()]);
    starts
        .zip(ends)
        .map(|(start, end)| encoded.get(start..end).filter(|_| start >= HEADER_BYTES))
        .collect::<Option<_>>()
        .ok_or_else(|| DecodeError::corrupt(CODEC, "segment offsets point outside the frame"))
}

/// PackBits (PS3.5 G.3.2) into `plane`: the segment must fill it exactly, with at most one byte of
/// padding behind.
fn unpack(segment: &[u8], plane: &mut [u8]) -> Result<(), DecodeError> {
    let truncated = || DecodeError::Truncated { codec: CODEC, at: "segment" };
    let (mut rest, mut empty) = (segment, plane);
    while !empty.is_empty() {
        let (&control, after) = rest.split_first().ok_or_else(truncated)?;
        let count = match control {
            0..=127 => usize::from(control) + 1,
            128 => 0,
            129..=255 => 257 - usize::from(control),
        };
        let (cells, others) = empty.split_at_mut_checked(count).ok_or_else(too_long)?;
        empty = others;
        rest = match control {
            // As many values as they are.
            0..=127 => {
                let (values, after) = after.split_at_checked(count).ok_or_else(truncated)?;
                cells.copy_from_slice(values);
                after
            }
            128 => after,
            // One value over and over.
            129..=255 => {
                let (&value, after) = after.split_first().ok_or_else(truncated)?;
                cells.fill(value);
                after
            }
        };
    }
    if rest.len() > 1 { Err(too_long()) } else { Ok(()) }
}

fn too_long() -> DecodeError {
    DecodeError::corrupt(CODEC, "a segment decodes to more than its plane")
}
