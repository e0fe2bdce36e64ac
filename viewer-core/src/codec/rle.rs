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
        // Planes are interleaved while decoding, whatever Planar Configuration says.
        let layout = SampleLayout { planar: false, ..spec.layout };
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

/// Little-endian cells, interleaved by pixel.
fn decode_planes(encoded: &[u8], layout: &SampleLayout) -> Result<Vec<u8>, DecodeError> {
    let bytes_per_sample = layout.container.bits().div_ceil(8) as usize;
    let bytes_per_pixel = bytes_per_sample * layout.samples_per_pixel as usize;
    let segments = segments(encoded, bytes_per_pixel)?;
    let plane_bytes = layout.native_bytes() / bytes_per_pixel;
    let mut cells = vec![0; plane_bytes * bytes_per_pixel];
    for (index, segment) in segments.iter().enumerate() {
        // Segment 0 is the most significant byte of the first sample.
        let sample = index / bytes_per_sample;
        let byte = bytes_per_sample - 1 - index % bytes_per_sample;
        let offset = sample * bytes_per_sample + byte;
        unpack(segment, cells.iter_mut().skip(offset).step_by(bytes_per_pixel))?;
    }
    Ok(cells)
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
fn unpack<'a>(
    segment: &[u8],
    mut plane: impl ExactSizeIterator<Item = &'a mut u8>,
) -> Result<(), DecodeError> {
    let truncated = || DecodeError::Truncated { codec: CODEC, at: "segment" };
    let mut rest = segment;
    while plane.len() > 0 {
        let (&control, after) = rest.split_first().ok_or_else(truncated)?;
        let count = run_length(control);
        if count > plane.len() {
            return Err(too_long());
        }
        let taken = if control < 128 { count } else { usize::from(control > 128) };
        let (values, after) = after.split_at_checked(taken).ok_or_else(truncated)?;
        rest = after;
        if control < 128 {
            values.iter().zip(plane.by_ref()).for_each(|(&value, cell)| *cell = value);
        } else if let Some(&value) = values.first() {
            plane.by_ref().take(count).for_each(|cell| *cell = value);
        }
    }
    if rest.len() > 1 { Err(too_long()) } else { Ok(()) }
}

/// Bytes that a control byte stands for: a literal (0 to 127), nothing (128) or a run.
fn run_length(control: u8) -> usize {
    match control {
        0..=127 => usize::from(control) + 1,
        128 => 0,
        129..=255 => 257 - usize::from(control),
    }
}

fn too_long() -> DecodeError {
    DecodeError::corrupt(CODEC, "a segment decodes to more than its plane")
}
