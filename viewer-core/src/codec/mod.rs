//! Encoded frames → samples: one file or folder per family of transfer syntaxes behind one trait.
//!
//! Rules that hold for every decoder:
//! - Size, components and depth of the codestream must agree with the image pixel attributes;
//!   otherwise a typed error, never a picture that looks plausible and is wrong.
//! - Data that ends early is an error, not a picture with a grey rest.
//! - Limits ([`crate::base::limits`]) are checked before memory is allocated for what a header says.
//! - The bytes decide, the label is checked: see [`sniff`].

#![cfg_attr(
    not(feature = "codecs-base"),
    expect(dead_code, reason = "a build without the small decoders, which are in another one")
)]

#[cfg(feature = "codecs-common")]
mod arriving;
mod bits;
#[cfg(feature = "codecs-base")]
mod compact;
mod deflated;
mod entropy;
mod error;
mod interleave;
mod jpeg;
#[cfg(feature = "codecs-common")]
mod jpeg2000;
mod jpeg_ls;
#[cfg(feature = "codecs-rare")]
mod jpeg_xl;
mod native;
mod overlay_bits;
#[cfg(feature = "codecs-base")]
mod packed;
mod reader;
mod rle;
mod sniff;
mod spec;
mod stored;
mod transfer_syntax;
pub mod video;

#[cfg(feature = "codecs-common")]
pub use arriving::ArrivingFrame;
#[cfg(feature = "codecs-base")]
pub use compact::encode_compact;
pub use error::DecodeError;
pub use jpeg_ls::encode_jpeg_ls;
#[cfg(feature = "codecs-rare")]
pub use jpeg_xl::decode_jpeg_xl_prefix;
pub use overlay_bits::decode_overlay_bits;
#[cfg(feature = "codecs-base")]
pub use packed::encode_packed;
pub use sniff::sniff;
pub use spec::FrameSpec;
pub use stored::{DecodedFrame, StoredFrame, StoredInfo};
pub use transfer_syntax::{Family, TRANSFER_SYNTAXES, TransferSyntax, transfer_syntax};

pub use crate::base::{COMPACT_UID, PACKED_UID};
use crate::exam::{ImageFormat, Palette, UNKNOWN_TRANSFER_SYNTAX};
use crate::pixel::color::Photometric;

/// Decoder of one family of transfer syntaxes.
pub trait FrameDecoder: Sync {
    /// What its input is.
    fn family(&self) -> Family;

    /// Decodes one frame: a codestream, or the native cells of one frame starting at bit 0.
    ///
    /// # Errors
    /// [`DecodeError`]; nothing is returned for a frame that is not whole.
    fn decode(&self, encoded: &[u8], spec: &FrameSpec) -> Result<StoredFrame, DecodeError>;

    /// Decodes one frame into the caller's buffer, and says what is in it and whether it is lossy.
    ///
    /// `buffer` holds [`SampleLayout::stored_bytes`](crate::pixel::samples::SampleLayout::stored_bytes)
    /// bytes and gets those of [`StoredSamples::to_le_bytes`](crate::pixel::samples::StoredSamples).
    ///
    /// # Errors
    /// As [`Self::decode`], and [`DecodeError::LengthMismatch`] for a buffer of another size; the
    /// buffer is left as it was.
    fn decode_into(
        &self,
        encoded: &[u8],
        spec: &FrameSpec,
        buffer: &mut [u8],
    ) -> Result<StoredInfo, DecodeError> {
        let (expected, found) = (spec.layout.stored_bytes() as u64, buffer.len() as u64);
        if expected != found {
            return Err(DecodeError::LengthMismatch { codec: "buffer", expected, found });
        }
        let frame = self.decode(encoded, spec)?;
        frame.samples.write_le_bytes(buffer);
        Ok(frame.info())
    }
}

/// The decoder of a transfer syntax.
///
/// # Errors
/// [`DecodeError::Unsupported`] with the name of the transfer syntax.
pub fn decoder_for(transfer_syntax_uid: &str) -> Result<&'static dyn FrameDecoder, DecodeError> {
    #[cfg(feature = "codecs-base")]
    match transfer_syntax_uid {
        COMPACT_UID => return Ok(&compact::Compact),
        PACKED_UID => return Ok(&packed::Packed),
        _ => {}
    }
    let row = transfer_syntax(transfer_syntax_uid);
    match row.map_or("", |row| row.uid) {
        #[cfg(feature = "codecs-base")]
        // The data set of .1.99 is inflated by whoever reads the file; its frames are native.
        "1.2.840.10008.1.2"
        | "1.2.840.10008.1.2.1"
        | "1.2.840.10008.1.2.1.98"
        | "1.2.840.10008.1.2.1.99" => Ok(&native::LITTLE_ENDIAN),
        #[cfg(feature = "codecs-base")]
        "1.2.840.10008.1.2.2" => Ok(&native::BIG_ENDIAN),
        #[cfg(feature = "codecs-base")]
        "1.2.840.10008.1.2.8.1" => Ok(&deflated::DeflatedFrames),
        #[cfg(feature = "codecs-base")]
        "1.2.840.10008.1.2.5" => Ok(&rle::Rle),
        #[cfg(any(feature = "codecs-base", feature = "codecs-common"))]
        // Retired ones included: the frame header says which process it is, and the decoder which of
        // them it has.
        _ if row.is_some_and(|row| row.family == Family::Jpeg) => Ok(&jpeg::Jpeg),
        #[cfg(feature = "codecs-base")]
        "1.2.840.10008.1.2.4.80" | "1.2.840.10008.1.2.4.81" => Ok(&jpeg_ls::JpegLs),
        #[cfg(feature = "codecs-common")]
        "1.2.840.10008.1.2.4.90"
        | "1.2.840.10008.1.2.4.91"
        | "1.2.840.10008.1.2.4.92"
        | "1.2.840.10008.1.2.4.93" => Ok(&jpeg2000::Jpeg2000),
        #[cfg(feature = "codecs-common")]
        "1.2.840.10008.1.2.4.201" | "1.2.840.10008.1.2.4.202" | "1.2.840.10008.1.2.4.203" => {
            Ok(&jpeg2000::Htj2k)
        }
        #[cfg(feature = "codecs-rare")]
        "1.2.840.10008.1.2.4.110" | "1.2.840.10008.1.2.4.111" | "1.2.840.10008.1.2.4.112" => {
            Ok(&jpeg_xl::JpegXl)
        }
        _ => Err(DecodeError::Unsupported {
            name: row.map_or(UNKNOWN_TRANSFER_SYNTAX, |row| row.name).to_owned(),
            uid: transfer_syntax_uid.trim_end_matches(['\0', ' ']).to_owned(),
        }),
    }
}

/// Refuses what the headers of a frame rule out: a process of JPEG that has no decoder, which the transfer
/// syntax does not always tell. Of other families nothing is looked at.
///
/// # Errors
/// [`DecodeError`] as decoding would end with.
pub fn check_headers(transfer_syntax_uid: &str, encoded: &[u8]) -> Result<(), DecodeError> {
    match decoder_for(transfer_syntax_uid)?.family() {
        Family::Jpeg => jpeg::check_process(encoded),
        _ => Ok(()),
    }
}

/// Decodes one frame to its stored samples, before any colour conversion.
///
/// # Errors
/// [`DecodeError`]; see the rules of this module.
pub fn decode_stored(
    transfer_syntax_uid: &str,
    encoded: &[u8],
    format: &ImageFormat,
) -> Result<StoredFrame, DecodeError> {
    let decoder = decoder_for(transfer_syntax_uid)?;
    let spec = FrameSpec::from_format(format)?;
    if spec.photometric == Photometric::Xyb && decoder.family() != Family::JpegXl {
        return Err(DecodeError::Photometric(format.photometric_interpretation.clone()));
    }
    check_label(decoder.family(), encoded, &spec)?;
    decoder.decode(encoded, &spec)
}

/// As [`decode_stored`], into the caller's buffer: see [`FrameDecoder::decode_into`].
///
/// # Errors
/// [`DecodeError`]; see the rules of this module.
pub fn decode_into(
    transfer_syntax_uid: &str,
    encoded: &[u8],
    format: &ImageFormat,
    buffer: &mut [u8],
) -> Result<StoredInfo, DecodeError> {
    let decoder = decoder_for(transfer_syntax_uid)?;
    let spec = FrameSpec::from_format(format)?;
    check_label(decoder.family(), encoded, &spec)?;
    decoder.decode_into(encoded, &spec, buffer)
}

/// A frame at a lower resolution than its own.
#[cfg(feature = "codecs-common")]
#[derive(Clone, Debug, PartialEq)]
pub struct ReducedFrame {
    /// Columns and rows of the original divided by 2^`discarded_levels`, rounded up.
    pub frame: StoredFrame,
    /// How often columns and rows were halved; 0 for the whole frame.
    pub discarded_levels: u8,
}

/// Decodes one JPEG 2000 or HTJ2K frame at a lower resolution: columns and rows halved
/// `discard_levels` times, rounded up. The whole frame must be there.
///
/// # Errors
/// [`DecodeError`]; [`DecodeError::UnsupportedFeature`] where the codestream has fewer levels, and for
/// the other families.
#[cfg(feature = "codecs-common")]
pub fn decode_reduced(
    transfer_syntax_uid: &str,
    encoded: &[u8],
    format: &ImageFormat,
    discard_levels: u8,
) -> Result<ReducedFrame, DecodeError> {
    let spec = wavelet_spec(transfer_syntax_uid, encoded, format)?;
    let frame = jpeg2000::decode_reduced(encoded, &spec, discard_levels)?;
    Ok(ReducedFrame { frame, discarded_levels: discard_levels })
}

/// Decodes what is whole of a JPEG 2000 or HTJ2K frame of which only the start has arrived: the
/// highest resolution that is there for the whole picture, in all its quality layers.
///
/// # Errors
/// [`DecodeError::Truncated`] where no resolution is whole yet; else as [`decode_reduced`].
#[cfg(feature = "codecs-common")]
pub fn decode_prefix(
    transfer_syntax_uid: &str,
    encoded: &[u8],
    format: &ImageFormat,
) -> Result<ReducedFrame, DecodeError> {
    let spec = wavelet_spec(transfer_syntax_uid, encoded, format)?;
    let (frame, discarded_levels) = jpeg2000::decode_prefix(encoded, &spec)?;
    Ok(ReducedFrame { frame, discarded_levels })
}

#[cfg(feature = "codecs-common")]
fn wavelet_spec(
    transfer_syntax_uid: &str,
    encoded: &[u8],
    format: &ImageFormat,
) -> Result<FrameSpec, DecodeError> {
    let family = wavelet_family(transfer_syntax_uid)?;
    let spec = FrameSpec::from_format(format)?;
    check_label(family, encoded, &spec)?;
    Ok(spec)
}

#[cfg(feature = "codecs-common")]
fn wavelet_family(transfer_syntax_uid: &str) -> Result<Family, DecodeError> {
    match decoder_for(transfer_syntax_uid)?.family() {
        family @ (Family::Jpeg2000 | Family::Htj2k) => Ok(family),
        family => Err(DecodeError::feature("reduced resolution", family.to_string())),
    }
}

/// Decodes one frame to what is drawn: grey as stored, or colour as RGBA.
///
/// `palette` is needed for PALETTE COLOR only.
///
/// # Errors
/// [`DecodeError`]; see the rules of this module.
pub fn decode_frame(
    transfer_syntax_uid: &str,
    encoded: &[u8],
    format: &ImageFormat,
    palette: Option<&Palette>,
) -> Result<DecodedFrame, DecodeError> {
    decode_stored(transfer_syntax_uid, encoded, format)?.into_drawable(palette, format.padding)
}

/// Refuses bytes whose signature is that of another family.
///
/// Native and deflated data may start like anything, so a native frame is only doubted when its
/// length is wrong as well.
fn check_label(labelled: Family, encoded: &[u8], spec: &FrameSpec) -> Result<(), DecodeError> {
    let plausible = match labelled {
        Family::Native => native::has_frame_length(encoded.len(), spec),
        Family::DeflatedFrame => true,
        _ => false,
    };
    match sniff(encoded) {
        Some(found) if !found.shares_decoder_with(labelled) && !plausible => {
            Err(DecodeError::Mislabelled { labelled, found })
        }
        _ => Ok(()),
    }
}
