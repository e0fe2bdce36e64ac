//! JPEG 2000 (ISO/IEC 15444-1) through hayro-jpeg2000, with what it leaves to its caller.
//!
//! The library adds the level shift to signed components too and does not clamp what a lossy
//! wavelet overshoots; both are put right here. It decodes what is there of a cut codestream, so
//! [`codestream::check`] refuses such a one first.

mod codestream;
mod jp2;

use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

use self::codestream::{Component, MainHeader};
use super::stored::color_by_photometric;
use super::{DecodeError, Family, FrameDecoder, FrameSpec, StoredFrame};
use crate::pixel::color::ColorModel;
use crate::pixel::samples::{Container, StoredSamples};

const CODEC: &str = "JPEG 2000";
/// `f32` holds integers exactly up to 24 bits; containers are 16.
const MAX_PRECISION: u32 = 16;

/// Decoder of JPEG 2000 Part 1.
pub(super) struct Jpeg2000;

impl FrameDecoder for Jpeg2000 {
    fn family(&self) -> Family {
        Family::Jpeg2000
    }

    fn decode(&self, encoded: &[u8], spec: &FrameSpec) -> Result<StoredFrame, DecodeError> {
        let codestream = jp2::codestream(encoded)
            .ok_or_else(|| DecodeError::corrupt(CODEC, "no codestream in the JP2 file"))?;
        let header = codestream::check(codestream)?;
        let component = check_against(&header, spec)?;
        Ok(StoredFrame {
            columns: header.columns,
            rows: header.rows,
            samples: decode_samples(codestream, component, spec)?,
            bits: component.precision,
            color: color(&header, spec),
            lossy: !header.is_reversible,
        })
    }
}

fn check_against(header: &MainHeader, spec: &FrameSpec) -> Result<Component, DecodeError> {
    spec.check_size(header.columns, header.rows)?;
    spec.check_components(CODEC, header.components.len() as u32)?;
    let component = header.common_component()?;
    spec.check_depth(CODEC, component.precision)?;
    if component.precision > MAX_PRECISION {
        return Err(DecodeError::feature(CODEC, format!("{} bits", component.precision)));
    }
    Ok(component)
}

/// With a component transform the decoder gives RGB, whatever the header calls it; without one, the
/// photometric interpretation says what the components are.
fn color(header: &MainHeader, spec: &FrameSpec) -> ColorModel {
    if header.has_component_transform && spec.layout.samples_per_pixel == 3 {
        ColorModel::Rgb
    } else {
        color_by_photometric(spec.photometric)
    }
}

fn decode_samples(
    codestream: &[u8],
    component: Component,
    spec: &FrameSpec,
) -> Result<StoredSamples, DecodeError> {
    let settings =
        DecodeSettings { resolve_palette_indices: false, strict: true, target_resolution: None };
    let library_error =
        |error: hayro_jpeg2000::DecodeError| DecodeError::corrupt(CODEC, error.to_string());
    let image = Image::new(codestream, &settings).map_err(library_error)?;
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(library_error)?;
    let planes: Vec<&[f32]> = decoded.components().iter().map(|plane| plane.samples()).collect();
    let pixels = spec.layout.pixel_count();
    let is_whole = planes.len() == spec.layout.samples_per_pixel as usize
        && planes.iter().all(|plane| plane.len() == pixels);
    if !is_whole {
        return Err(DecodeError::corrupt(CODEC, "the tiles do not fill the frame"));
    }
    pack(&planes, component, spec)
}

/// Shifts, clamps to the precision and packs into the container, interleaved by pixel.
///
/// The sign is that of the codestream: its values are what they are. Where Pixel Representation says
/// otherwise, the bit pattern is read as it says.
fn pack(
    planes: &[&[f32]],
    component: Component,
    spec: &FrameSpec,
) -> Result<StoredSamples, DecodeError> {
    let half = 1i32 << (component.precision - 1);
    let (shift, low, high) = match component.signed {
        true => (half, -half, half - 1),
        false => (0, 0, 2 * half - 1),
    };
    let value = |sample: f32| ((sample.round() as i32) - shift).clamp(low, high);
    let values: Vec<i32> = match planes {
        [gray] => gray.iter().map(|&v| value(v)).collect(),
        [r, g, b] => {
            let pixels = r.iter().zip(*g).zip(*b);
            let pixels = pixels.map(|((&r, &g), &b)| [r, g, b].map(value));
            pixels.collect::<Vec<_>>().into_flattened()
        }
        _ => return Err(DecodeError::corrupt(CODEC, "neither one nor three components")),
    };
    // Samples that the codestream calls unsigned and the header signed: two's complement.
    let sign = 32 - component.precision;
    let signed = |v: i32| (v << sign) >> sign;
    Ok(match (spec.layout.container, spec.layout.signed) {
        (Container::Bit | Container::Byte, false) | (Container::Bit, true) => {
            StoredSamples::U8(values.iter().map(|&v| v as u8).collect())
        }
        (Container::Byte, true) => {
            StoredSamples::I8(values.iter().map(|&v| signed(v) as i8).collect())
        }
        (Container::Word, false) => StoredSamples::U16(values.iter().map(|&v| v as u16).collect()),
        (Container::Word, true) => {
            StoredSamples::I16(values.iter().map(|&v| signed(v) as i16).collect())
        }
        _ => return Err(DecodeError::feature(CODEC, "32-bit containers")),
    })
}
