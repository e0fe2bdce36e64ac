//! Encoded frame → Explicit VR Little Endian samples, for clients that do not take the stored encoding.

use bytes::Bytes;
use viewer_core::codec::{self, Family, StoredFrame, transfer_syntax};
use viewer_core::exam::ImageFormat;
use viewer_core::pixel::samples::StoredSamples;

use super::refusal::Refusal;
use crate::source::EncodedFrame;

pub(super) const EXPLICIT_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1";
const IMPLICIT_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2";
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";

/// The syntax a frame of this stored syntax is labelled with: native samples have no VR, so all little
/// endian ones are the same thing (PS3.18 8.7.3.3.2 does not allow the implicit one in answers).
pub(super) fn frame_syntax(stored: &str) -> &str {
    match stored {
        IMPLICIT_LITTLE_ENDIAN | DEFLATED => EXPLICIT_LITTLE_ENDIAN,
        other => other,
    }
}

/// The family of a transfer syntax; unknown ones are opaque.
pub(super) fn family(uid: &str) -> Option<Family> {
    transfer_syntax(uid).map(|row| row.family)
}

/// The frame as little endian samples: native ones as they are, others decoded. Colour keeps the model
/// of the encoded samples (no conversion to RGB) and the Planar Configuration of the header.
pub(super) fn to_little_endian(
    frame: EncodedFrame,
    format: &ImageFormat,
) -> Result<Bytes, Refusal> {
    if frame_syntax(&frame.transfer_syntax_uid) == EXPLICIT_LITTLE_ENDIAN {
        return Ok(frame.bytes);
    }
    if format.bits_allocated == 1 {
        let text = "Encoded 1-bit frames are delivered as stored only (transfer-syntax=*).";
        return Err(Refusal::NotAcceptable(text.to_owned()));
    }
    let decoded = codec::decode_stored(&frame.transfer_syntax_uid, &frame.bytes, format)
        .map_err(|error| Refusal::Unprocessable(error.to_string()))?;
    Ok(little_endian(&decoded, format.planar && format.samples_per_pixel == 3))
}

fn little_endian(frame: &StoredFrame, planar: bool) -> Bytes {
    let bytes = match &frame.samples {
        StoredSamples::U8(v) => ordered(v, planar, |v| [*v]),
        StoredSamples::I8(v) => ordered(v, planar, |v| v.to_le_bytes()),
        StoredSamples::U16(v) => ordered(v, planar, |v| v.to_le_bytes()),
        StoredSamples::I16(v) => ordered(v, planar, |v| v.to_le_bytes()),
        StoredSamples::U32(v) => ordered(v, planar, |v| v.to_le_bytes()),
        StoredSamples::I32(v) => ordered(v, planar, |v| v.to_le_bytes()),
        StoredSamples::F32(v) => ordered(v, planar, |v| v.to_le_bytes()),
        StoredSamples::F64(v) => ordered(v, planar, |v| v.to_le_bytes()),
    };
    Bytes::from(bytes)
}

/// Samples as bytes, by pixel as decoded or by plane.
fn ordered<T, const N: usize>(
    samples: &[T],
    planar: bool,
    to_bytes: impl Fn(&T) -> [u8; N] + Copy,
) -> Vec<u8> {
    if !planar {
        return samples.iter().flat_map(to_bytes).collect();
    }
    (0..3).flat_map(|plane| samples.iter().skip(plane).step_by(3).flat_map(to_bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_are_taken_apart_where_the_header_says_so() {
        let samples = [1_u16, 2, 3, 4, 5, 6];
        let bytes = ordered(&samples, true, |v| v.to_le_bytes());
        assert_eq!(bytes, [1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6, 0]);
        assert_eq!(ordered(&[0x0102_u16], false, |v| v.to_le_bytes()), [2, 1]);
    }

    #[test]
    fn native_little_endian_has_one_label() {
        assert_eq!(frame_syntax("1.2.840.10008.1.2"), "1.2.840.10008.1.2.1");
        assert_eq!(frame_syntax("1.2.840.10008.1.2.2"), "1.2.840.10008.1.2.2");
    }
}
