//! Baseline and extended sequential JPEG, 8 and 12 bits: entropy decoding and inverse DCT by
//! libjpeg-turbo-rs, the planes put together here. Its own output stage would bring colour
//! conversions, scaling and cropping that are never used (a third of the library's code).

use libjpeg_turbo_rs::{DecodeLimits, Decoder, JpegError, RawImage, decompress_12bit_with_limits};

use super::super::stored::from_codestream;
use super::markers::FrameHeader;
use super::upsample::{Plane, upsample};
use super::{CODEC, Headers};
use crate::base::limits::{MAX_FRAME_BYTES, MAX_SIDE_PX};
use crate::codec::{DecodeError, FrameSpec, StoredFrame};
use crate::pixel::samples::{Container, StoredSamples};

/// Decodes the components as they are in the codestream, chroma interpolated to full size.
pub(super) fn decode(
    encoded: &[u8],
    headers: &Headers,
    spec: &FrameSpec,
) -> Result<StoredFrame, DecodeError> {
    let precision = headers.frame.precision;
    let samples = match precision {
        8 => eight_bits(encoded, &headers.frame, spec)?,
        12 => twelve_bits(encoded, spec)?,
        other => return Err(DecodeError::corrupt(CODEC, format!("{other}-bit DCT samples"))),
    };
    if samples.len() != spec.layout.sample_count() {
        return Err(DecodeError::corrupt(CODEC, "the scans do not fill the frame"));
    }
    Ok(StoredFrame {
        columns: spec.layout.columns,
        rows: spec.layout.rows,
        samples,
        bits: precision,
        color: headers.color_of_dct(spec.photometric),
        lossy: true,
    })
}

fn limits() -> DecodeLimits {
    DecodeLimits {
        max_width: MAX_SIDE_PX as usize,
        max_height: MAX_SIDE_PX as usize,
        max_pixels: MAX_FRAME_BYTES,
        // Sequential processes have at most one scan per component.
        max_scans: 4,
        // Planes, upsampled planes and the result at once.
        max_memory: Some(4 * MAX_FRAME_BYTES),
    }
}

fn eight_bits(
    encoded: &[u8],
    frame: &FrameHeader,
    spec: &FrameSpec,
) -> Result<StoredSamples, DecodeError> {
    let decoder = Decoder::new_with_limits(encoded, limits()).map_err(library_error)?;
    let planes = decoder.decode_raw().map_err(library_error)?;
    let data = assemble(&planes, frame)
        .ok_or_else(|| DecodeError::feature(CODEC, "these sampling factors"))?;
    match spec.layout.container {
        Container::Byte if !spec.layout.signed => Ok(StoredSamples::U8(data)),
        _ => widen(data.into_iter().map(u16::from).collect(), 8, spec),
    }
}

/// Component planes → samples interleaved by pixel, all at full size.
fn assemble(image: &RawImage, frame: &FrameHeader) -> Option<Vec<u8>> {
    let size = [frame.columns as usize, frame.rows as usize];
    let factors = |component: usize| frame.components.get(component).map(|c| c.sampling);
    let largest = |axis: usize| frame.components.iter().map(|c| c.sampling[axis]).max();
    let largest = [largest(0)?, largest(1)?].map(usize::from);
    let stride = frame.components.len();
    let mut data = vec![0; size[0] * size[1] * stride];
    for (component, samples) in image.planes.iter().enumerate() {
        let own = factors(component)?.map(usize::from);
        if own.contains(&0) || !largest[0].is_multiple_of(own[0]) {
            return None;
        }
        if !largest[1].is_multiple_of(own[1]) {
            return None;
        }
        let plane = Plane {
            samples,
            stride: *image.plane_widths.get(component)?,
            columns: (size[0] * own[0]).div_ceil(largest[0]),
            rows: (size[1] * own[1]).div_ceil(largest[1]),
        };
        let factor = [largest[0] / own[0], largest[1] / own[1]];
        upsample(&plane, factor, size, |row, line| {
            let places = data.iter_mut().skip(row * size[0] * stride + component);
            places.step_by(stride).zip(line).for_each(|(place, &value)| *place = value);
        })?;
    }
    Some(data)
}

fn twelve_bits(encoded: &[u8], spec: &FrameSpec) -> Result<StoredSamples, DecodeError> {
    if spec.layout.samples_per_pixel != 1 {
        return Err(DecodeError::feature(CODEC, "12-bit colour"));
    }
    let data = decompress_12bit_with_limits(encoded, &limits()).map_err(library_error)?.data;
    widen(data.into_iter().map(i16::cast_unsigned).collect(), 12, spec)
}

fn widen(values: Vec<u16>, precision: u32, spec: &FrameSpec) -> Result<StoredSamples, DecodeError> {
    let (bits_stored, bits_allocated) = (spec.layout.bits_stored, spec.layout.container.bits());
    from_codestream(values, precision, spec).ok_or(DecodeError::DepthMismatch {
        codec: CODEC,
        precision,
        bits_stored,
        bits_allocated,
    })
}

fn library_error(error: JpegError) -> DecodeError {
    match error {
        JpegError::UnexpectedEof => DecodeError::Truncated { codec: CODEC, at: "scan" },
        JpegError::Unsupported(feature) => DecodeError::feature(CODEC, feature),
        JpegError::LimitExceeded { what, actual, limit } => {
            DecodeError::TooLarge { codec: CODEC, what, actual, limit }
        }
        other => DecodeError::corrupt(CODEC, other.to_string()),
    }
}
