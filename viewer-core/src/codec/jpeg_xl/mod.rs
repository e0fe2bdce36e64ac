//! JPEG XL (ISO/IEC 18181) through jxl-rs (see docs/adr/0010): lossless, recompressed JPEG, lossy.
//!
//! DICOM gives a codestream, bare or in its container (PS3.5 8.2.15), of one picture without alpha.
//! The decoder gives what the codestream means, RGB or grey, in the integers of its depth.

mod frame_header;
mod stream;

use jxl::api::{JxlBasicInfo, JxlBitDepth, Orientation};

use self::frame_header::FrameHeader;
use self::stream::Stream;
use super::stored::{color_by_photometric, from_codestream};
use super::{DecodeError, Family, FrameDecoder, FrameSpec, StoredFrame};
use crate::exam::ImageFormat;
use crate::pixel::color::ColorModel;

const CODEC: &str = "JPEG XL";
/// Containers are 16 bits, and the decoder's floats hold integers exactly up to 24.
const MAX_PRECISION: u32 = 16;

/// Decoder of JPEG XL.
pub(super) struct JpegXl;

impl FrameDecoder for JpegXl {
    fn family(&self) -> Family {
        Family::JpegXl
    }

    fn decode(&self, encoded: &[u8], spec: &FrameSpec) -> Result<StoredFrame, DecodeError> {
        let mut stream = Stream::open(encoded, spec)?;
        let precision = check_against(stream.basic_info()?, spec)?;
        let values = stream.decode(precision, spec)?;
        let header = stream.frame_header()?;
        frame(values, precision, &header, spec)
    }
}

/// A first look at a frame of which only the beginning is there: the whole size, in as much detail as
/// has arrived. `None` where that is not enough for any picture. Such a frame counts as lossy.
///
/// # Errors
/// [`DecodeError`] for what cannot become a picture by waiting for the rest.
pub fn decode_jpeg_xl_prefix(
    prefix: &[u8],
    format: &ImageFormat,
) -> Result<Option<StoredFrame>, DecodeError> {
    let spec = FrameSpec::from_format(format)?;
    let mut stream = match Stream::open(prefix, &spec) {
        Err(DecodeError::Truncated { .. }) => return Ok(None),
        opened => opened?,
    };
    let precision = check_against(stream.basic_info()?, &spec)?;
    let Some(values) = stream.decode_what_is_there(precision, &spec)? else { return Ok(None) };
    let header = stream.frame_header()?;
    frame(values, precision, &header, &spec).map(|frame| Some(StoredFrame { lossy: true, ..frame }))
}

/// Checks what the image header promises, before memory is taken for it; returns the depth.
fn check_against(info: &JxlBasicInfo, spec: &FrameSpec) -> Result<u32, DecodeError> {
    let side = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    spec.check_size(side(info.size.0), side(info.size.1))?;
    let JxlBitDepth::Int { bits_per_sample: precision } = info.bit_depth else {
        return Err(DecodeError::feature(CODEC, "floating point samples"));
    };
    spec.check_depth(CODEC, precision)?;
    if precision > MAX_PRECISION {
        return Err(DecodeError::feature(CODEC, format!("{precision} bits")));
    }
    if info.orientation != Orientation::Identity {
        return Err(DecodeError::feature(CODEC, "a picture to be turned or flipped"));
    }
    if info.animation.is_some() {
        return Err(DecodeError::feature(CODEC, "an animation"));
    }
    Ok(precision)
}

fn frame(
    values: Vec<u16>,
    precision: u32,
    header: &FrameHeader,
    spec: &FrameSpec,
) -> Result<StoredFrame, DecodeError> {
    let samples = from_codestream(values, precision, spec)
        .ok_or_else(|| DecodeError::feature(CODEC, "32-bit containers"))?;
    Ok(StoredFrame {
        columns: spec.layout.columns,
        rows: spec.layout.rows,
        samples,
        bits: precision,
        color: color(header, spec),
        lossy: !header.keeps_samples,
    })
}

/// Where the codestream transforms colour it says how to get back to RGB, which the decoder has done.
/// Samples kept as they were given are what the photometric interpretation says.
fn color(header: &FrameHeader, spec: &FrameSpec) -> ColorModel {
    if spec.layout.samples_per_pixel == 3 && !header.keeps_samples {
        ColorModel::Rgb
    } else {
        color_by_photometric(spec.photometric)
    }
}
