//! Whether the bytes of a frame are what their label says.
//!
//! Seen in the field: HTJ2K labelled Explicit VR Little Endian, bare JPEG 2000 codestreams labelled
//! `image/jp2`, frames without any transfer syntax. The rule: a signature that contradicts the label
//! wins, except over native data of exactly the right length; data without signature must have the
//! right length for its label. What fits nothing is refused.

use bytes::Bytes;
use viewer_core::codec::{Family, sniff, transfer_syntax};
use viewer_core::exam::ImageFormat;

use crate::source::{EncodedFrame, SourceError};

const EXPLICIT_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1";

/// What is known of a frame besides its bytes.
pub(super) struct Claim<'a> {
    /// Transfer syntax of the part, where stated.
    pub label: Option<&'a str>,
    /// Transfer syntax the metadata announces, where it does.
    pub announced: Option<&'a str>,
    /// How the image is described.
    pub format: &'a ImageFormat,
    /// The PACS was allowed to decode: native samples need not be those of the header's colour model.
    pub maybe_decoded: bool,
}

/// The frame with the syntax it is really in.
pub(super) fn checked(bytes: &Bytes, claim: &Claim<'_>) -> Result<EncodedFrame, SourceError> {
    let labelled = claim.label.and_then(transfer_syntax).map(|row| row.family);
    let found = sniff(bytes);
    let native = native_length(claim.format).filter(|_| native_is_plausible(claim));
    let fits_native = native.is_some_and(|length| is_length(bytes, length));
    let says_native = matches!(labelled, None | Some(Family::Native));
    let syntax = match (labelled, found) {
        (None | Some(Family::Native), _) if fits_native => native_syntax(claim),
        (_, Some(found)) => codestream_syntax(found, bytes, claim),
        (Some(Family::Rle), None) if is_rle(bytes) => claim.label.map(str::to_owned),
        (Some(Family::DeflatedFrame), None) => claim.label.map(str::to_owned),
        (None, None) if is_rle(bytes) && family_of(claim.announced) == Some(Family::Rle) => {
            claim.announced.map(str::to_owned)
        }
        _ => None,
    };
    let Some(transfer_syntax_uid) = syntax else {
        return Err(SourceError::Corrupt(format!(
            "frame of {} bytes labelled {} is something else",
            bytes.len(),
            claim.label.unwrap_or("nothing"),
        )));
    };
    let keep = if says_native && fits_native { native.unwrap_or(u64::MAX) } else { u64::MAX };
    let end = usize::try_from(keep).unwrap_or(usize::MAX).min(bytes.len());
    Ok(EncodedFrame { transfer_syntax_uid, bytes: bytes.slice(..end) })
}

fn family_of(uid: Option<&str>) -> Option<Family> {
    uid.and_then(transfer_syntax).map(|row| row.family)
}

/// A PACS that decodes colour may convert it to RGB and leave the header as it was; then nobody knows
/// what the samples mean.
fn native_is_plausible(claim: &Claim<'_>) -> bool {
    !claim.maybe_decoded
        || matches!(
            claim.format.photometric_interpretation.as_str(),
            "MONOCHROME1" | "MONOCHROME2" | "PALETTE COLOR" | "RGB" | "YBR_RCT" | "YBR_ICT"
        )
}

fn native_syntax(claim: &Claim<'_>) -> Option<String> {
    let big_endian = claim.label == Some("1.2.840.10008.1.2.2") && claim.format.bits_allocated > 8;
    let own = claim.label.filter(|_| big_endian);
    Some(own.unwrap_or(EXPLICIT_LITTLE_ENDIAN).to_owned())
}

/// The label, or what the metadata announces, where it is of the family found; else the most general
/// syntax of that family.
fn codestream_syntax(found: Family, bytes: &[u8], claim: &Claim<'_>) -> Option<String> {
    let stated = [claim.label, claim.announced].into_iter().flatten();
    let stated = stated.filter(|uid| family_of(Some(uid)) == Some(found)).map(str::to_owned).next();
    stated.or_else(|| general_syntax(found, bytes).map(str::to_owned))
}

fn general_syntax(family: Family, bytes: &[u8]) -> Option<&'static str> {
    match family {
        Family::Jpeg => jpeg_syntax(bytes),
        Family::JpegLs => Some("1.2.840.10008.1.2.4.81"),
        Family::Jpeg2000 => Some("1.2.840.10008.1.2.4.91"),
        Family::Htj2k => Some("1.2.840.10008.1.2.4.203"),
        Family::JpegXl => Some("1.2.840.10008.1.2.4.112"),
        _ => None,
    }
}

/// By the frame header (ITU-T T.81 B.2.2): baseline, extended, lossless.
fn jpeg_syntax(bytes: &[u8]) -> Option<&'static str> {
    let mut at = 2;
    loop {
        let segment = bytes.get(at..at + 4)?;
        match segment {
            [0xFF, 0xFF, ..] => at += 1,
            [0xFF, 0xC0, ..] => return Some("1.2.840.10008.1.2.4.50"),
            [0xFF, 0xC1, ..] => return Some("1.2.840.10008.1.2.4.51"),
            [0xFF, 0xC3, ..] => return Some("1.2.840.10008.1.2.4.57"),
            [0xFF, 0xDA, ..] => return None,
            [0xFF, _, high, low] => at += 2 + usize::from(u16::from_be_bytes([*high, *low])),
            _ => return None,
        }
    }
}

/// The header of an RLE frame (PS3.5 G.5): 1 to 15 segments, the first one right behind the header.
fn is_rle(bytes: &[u8]) -> bool {
    let word = |at: usize| {
        let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok());
        word.map(u32::from_le_bytes)
    };
    word(0).is_some_and(|segments| (1..=15).contains(&segments)) && word(4) == Some(64)
}

/// Bytes of one native frame; `None` where the header makes no sense.
fn native_length(format: &ImageFormat) -> Option<u64> {
    let pixels = u64::from(format.rows).checked_mul(u64::from(format.columns))?;
    let bits = if is_subsampled(format) {
        pixels.checked_mul(2)?
    } else {
        pixels.checked_mul(u64::from(format.samples_per_pixel))?
    };
    Some(bits.checked_mul(u64::from(format.bits_allocated))?.div_ceil(8))
        .filter(|length| *length > 0)
}

fn is_subsampled(format: &ImageFormat) -> bool {
    matches!(format.photometric_interpretation.as_str(), "YBR_FULL_422" | "YBR_PARTIAL_422")
}

/// Exactly, or with the byte that makes it even.
fn is_length(bytes: &[u8], length: u64) -> bool {
    let found = bytes.len() as u64;
    found == length || (found == length + 1 && !length.is_multiple_of(2))
}

#[cfg(test)]
mod tests {
    use viewer_core::exam::SampleKind;

    use super::*;

    const HTJ2K: &str = "1.2.840.10008.1.2.4.201";

    fn format(photometric: &str, samples_per_pixel: u16, bits_allocated: u16) -> ImageFormat {
        ImageFormat {
            transfer_syntax_uid: String::new(),
            sop_class_uid: String::new(),
            rows: 3,
            columns: 5,
            samples_per_pixel,
            photometric_interpretation: photometric.to_owned(),
            bits_allocated,
            bits_stored: bits_allocated,
            high_bit: bits_allocated - 1,
            signed: false,
            planar: false,
            samples: SampleKind::Integer,
            padding: None,
            spacing: None,
            aspect_ratio: None,
            lossy: None,
        }
    }

    /// SOC, SIZ of one component, CAP with the bit of Part 15.
    fn htj2k() -> Bytes {
        let mut bytes = vec![0xFF, 0x4F, 0xFF, 0x51, 0, 41];
        bytes.extend([0; 39]);
        bytes.extend([0xFF, 0x50, 0, 8, 0, 2, 0, 0, 0, 0]);
        Bytes::from(bytes)
    }

    fn check(
        bytes: &Bytes,
        label: Option<&str>,
        announced: Option<&str>,
    ) -> Option<(String, usize)> {
        let format = format("MONOCHROME2", 1, 8);
        let claim = Claim { label, announced, format: &format, maybe_decoded: true };
        let frame = checked(bytes, &claim).ok()?;
        Some((frame.transfer_syntax_uid, frame.bytes.len()))
    }

    #[test]
    fn a_codestream_under_a_native_label_is_called_by_its_name() {
        let announced = check(&htj2k(), Some(EXPLICIT_LITTLE_ENDIAN), Some(HTJ2K));
        assert_eq!(announced, Some((HTJ2K.to_owned(), 55)));
        let unannounced = check(&htj2k(), Some(EXPLICIT_LITTLE_ENDIAN), None);
        assert_eq!(unannounced, Some(("1.2.840.10008.1.2.4.203".to_owned(), 55)));
        let as_jpeg_2000 = check(&htj2k(), Some("1.2.840.10008.1.2.4.90"), None);
        assert_eq!(as_jpeg_2000, Some(("1.2.840.10008.1.2.4.203".to_owned(), 55)));
    }

    #[test]
    fn native_frames_have_their_length_or_are_refused() {
        let samples = |count| Bytes::from(vec![7; count]);
        let native = Some((EXPLICIT_LITTLE_ENDIAN.to_owned(), 15));
        assert_eq!(check(&samples(15), Some(EXPLICIT_LITTLE_ENDIAN), None), native);
        assert_eq!(check(&samples(16), Some(EXPLICIT_LITTLE_ENDIAN), None), native, "even padding");
        assert_eq!(check(&samples(15), None, None), native);
        assert_eq!(check(&samples(14), Some(EXPLICIT_LITTLE_ENDIAN), None), None);
        assert_eq!(check(&samples(30), None, None), None);
        assert_eq!(check(&samples(15), Some(HTJ2K), None), None, "no codestream under its label");
        assert_eq!(check(&Bytes::new(), Some(HTJ2K), None), None);
    }

    #[test]
    fn colour_that_the_pacs_may_have_converted_is_refused() {
        let ybr = format("YBR_FULL", 3, 8);
        let label = Some(EXPLICIT_LITTLE_ENDIAN);
        let claim = Claim { label, announced: None, format: &ybr, maybe_decoded: true };
        assert!(checked(&Bytes::from(vec![0; 45]), &claim).is_err());
        let stored = Claim { maybe_decoded: false, ..claim };
        assert!(checked(&Bytes::from(vec![0; 45]), &stored).is_ok());
    }

    #[test]
    fn rle_is_recognised_by_its_header() {
        let mut rle = vec![1, 0, 0, 0, 64, 0, 0, 0];
        rle.resize(70, 0);
        let label = "1.2.840.10008.1.2.5";
        let rle = Bytes::from(rle);
        assert_eq!(check(&rle, Some(label), None), Some((label.to_owned(), 70)));
        assert_eq!(check(&rle, None, Some(label)), Some((label.to_owned(), 70)));
        assert_eq!(check(&rle, None, None), None);
        assert_eq!(check(&Bytes::from(vec![0; 70]), Some(label), None), None);
    }

    #[test]
    fn unlabelled_jpeg_is_told_by_its_frame_header() {
        let jpeg =
            |sof: u8| Bytes::from(vec![0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, sof, 0, 11, 8]);
        assert_eq!(check(&jpeg(0xC0), None, None).unwrap().0, "1.2.840.10008.1.2.4.50");
        assert_eq!(check(&jpeg(0xC3), None, None).unwrap().0, "1.2.840.10008.1.2.4.57");
    }
}
