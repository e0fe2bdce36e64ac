//! Sequential and progressive JPEG, 8 and 12 bits: entropy decoding and inverse DCT by
//! libjpeg-turbo-rs, the planes put together here. Its own output stage would bring colour
//! conversions, scaling and cropping that are never used (a third of the library's code).

use libjpeg_turbo_rs::common::quant_table::ZIGZAG_ORDER;
use libjpeg_turbo_rs::decode::idct::idct_8x8_12bit;
use libjpeg_turbo_rs::{
    ComponentCoefficients, DecodeLimits, Decoder, JpegError, RawImage, read_coefficients,
};

use super::super::stored::from_codestream;
use super::markers::FrameHeader;
use super::planes::assemble;
use super::scans::check_scans;
use super::{CODEC, Headers};
use crate::base::limits::{MAX_FRAME_BYTES, MAX_SIDE_PX};
use crate::codec::{DecodeError, FrameSpec, StoredFrame};
use crate::pixel::samples::{Container, StoredSamples};

/// Most scans a frame may have: sequential processes need one per component, progressive ones have
/// about ten.
const MAX_SCANS: usize = 100;

/// Decodes the components as they are in the codestream, chroma interpolated to full size.
pub(super) fn decode(
    encoded: &[u8],
    headers: &Headers,
    spec: &FrameSpec,
) -> Result<StoredFrame, DecodeError> {
    check_scans(encoded, headers, MAX_SCANS)?;
    let precision = headers.frame.precision;
    let samples = match precision {
        8 => eight_bits(encoded, &headers.frame, spec)?,
        12 => twelve_bits(encoded, &headers.frame, spec)?,
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
        max_scans: MAX_SCANS,
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
    let RawImage { planes, plane_widths, .. } = decoder.decode_raw().map_err(library_error)?;
    let planes = planes.into_iter().zip(plane_widths).collect();
    let data = assemble(planes, frame).ok_or_else(sampling)?;
    match spec.layout.container {
        Container::Byte if !spec.layout.signed => Ok(StoredSamples::U8(data)),
        _ => widen(data.into_iter().map(u16::from).collect(), 8, spec),
    }
}

fn twelve_bits(
    encoded: &[u8],
    frame: &FrameHeader,
    spec: &FrameSpec,
) -> Result<StoredSamples, DecodeError> {
    let coefficients = read_coefficients(encoded).map_err(library_error)?;
    let tables = &coefficients.quant_tables;
    let planes = coefficients.components.into_iter().filter_map(|component| {
        let table = tables.get(usize::from(component.quant_table_index))?;
        Some((twelve_bit_plane(&component, table), component.blocks_x * 8))
    });
    let data = assemble(planes.collect(), frame).ok_or_else(sampling)?;
    widen(data, 12, spec)
}

fn sampling() -> DecodeError {
    DecodeError::feature(CODEC, "these sampling factors")
}

/// Samples of one component from its coefficients; `table` is in natural order, blocks in zigzag.
fn twelve_bit_plane(component: &ComponentCoefficients, table: &[u16; 64]) -> Vec<u16> {
    let stride = component.blocks_x * 8;
    let mut samples = vec![0; component.blocks.len() * 64];
    // No block, no column of blocks to divide by.
    for (index, block) in component.blocks.iter().enumerate() {
        let mut scaled = [0; 64];
        for (&value, &place) in block.iter().zip(&ZIGZAG_ORDER) {
            let product = i32::from(value) * i32::from(table[place]);
            scaled[place] = product.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
        }
        let [top, left] = [index / component.blocks_x * 8, index % component.blocks_x * 8];
        let lines = samples.chunks_exact_mut(stride).skip(top);
        let values = idct_8x8_12bit(&scaled);
        for (line, values) in lines.zip(values.as_chunks::<8>().0) {
            let place = line.iter_mut().skip(left);
            place.zip(values).for_each(|(sample, &value)| {
                *sample = (i32::from(value) + 2048).clamp(0, 4095) as u16;
            });
        }
    }
    samples
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
