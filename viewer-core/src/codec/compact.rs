//! Native frames as JPEG-LS without loss, for the way from our server to our page over a slow network.
//!
//! No transfer syntax of the standard: JPEG-LS knows no negative numbers, and in two's complement the greys
//! around 0 would be as far apart as can be. Here signed samples are those of the file plus half of their range.

use super::jpeg_ls::{JpegLs, encode_jpeg_ls};
use super::{
    DecodeError, Family, FrameDecoder, FrameSpec, StoredFrame, decode_stored, transfer_syntax,
};
use crate::exam::ImageFormat;
use crate::pixel::samples::{SampleLayout, StoredSamples};

/// Decoder of compact frames.
pub(super) struct Compact;

impl FrameDecoder for Compact {
    fn family(&self) -> Family {
        Family::JpegLs
    }

    fn decode(&self, encoded: &[u8], spec: &FrameSpec) -> Result<StoredFrame, DecodeError> {
        let SampleLayout { signed, bits_stored, .. } = spec.layout;
        let unsigned = SampleLayout { signed: false, ..spec.layout };
        let mut frame = JpegLs.decode(encoded, &FrameSpec { layout: unsigned, ..*spec })?;
        if frame.bits != bits_stored {
            return Err(DecodeError::corrupt("compact frame", "another depth than Bits Stored"));
        }
        if signed {
            frame.samples = less_half(frame.samples, half(bits_stored));
        }
        Ok(frame)
    }
}

/// Half of the range of samples of so many bits, 1 to 16.
fn half(bits_stored: u32) -> u16 {
    1 << (bits_stored - 1)
}

fn less_half(samples: StoredSamples, half: u16) -> StoredSamples {
    match samples {
        StoredSamples::U8(v) => StoredSamples::I8(
            v.into_iter().map(|value| value.wrapping_sub(half as u8).cast_signed()).collect(),
        ),
        StoredSamples::U16(v) => StoredSamples::I16(
            v.into_iter().map(|value| value.wrapping_sub(half).cast_signed()).collect(),
        ),
        other => other,
    }
}

/// Encodes a native frame; `None` where it is not native, where not every bit of its cells would come back, or
/// where it would not be smaller.
#[must_use]
pub fn encode_compact(
    transfer_syntax_uid: &str,
    cells: &[u8],
    format: &ImageFormat,
) -> Option<Vec<u8>> {
    if transfer_syntax(transfer_syntax_uid)?.family != Family::Native {
        return None;
    }
    let frame = decode_stored(transfer_syntax_uid, cells, format).ok()?;
    // Overlays in unused bits, other orders of bytes and planes: the page has to see them as they are.
    let back = frame.samples.to_le_bytes();
    if cells.get(..back.len())? != back {
        return None;
    }
    let layout = SampleLayout::from_format(format).ok()?;
    let half = if layout.signed { half(layout.bits_stored) } else { 0 };
    let samples: Vec<u16> = match frame.samples {
        StoredSamples::U8(v) => v.into_iter().map(u16::from).collect(),
        StoredSamples::I8(v) => {
            v.into_iter().map(|value| i16::from(value).cast_unsigned().wrapping_add(half)).collect()
        }
        StoredSamples::U16(v) => v,
        StoredSamples::I16(v) => {
            v.into_iter().map(|value| value.cast_unsigned().wrapping_add(half)).collect()
        }
        _ => return None,
    };
    let size = [u16::try_from(layout.columns).ok()?, u16::try_from(layout.rows).ok()?];
    let components = u8::try_from(layout.samples_per_pixel).ok()?;
    let encoded =
        encode_jpeg_ls(&samples, size, components, u8::try_from(layout.bits_stored).ok()?)?;
    (encoded.len() < cells.len()).then_some(encoded)
}
