//! Decoded frames: stored samples with their meaning, and what is drawn of them.

use super::DecodeError;
use super::spec::FrameSpec;
use crate::exam::Palette;
use crate::pixel::StoredRange;
use crate::pixel::color::{ColorModel, Photometric, palette_to_rgba, to_rgba};
use crate::pixel::samples::{Container, StoredSamples};
use crate::pixel::{FramePixels, PixelFrame};

/// One frame as its decoder leaves it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFrame {
    /// Columns.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// Rows × columns × (1 or 3) samples, colour interleaved by pixel.
    pub samples: StoredSamples,
    /// Depth of the samples, for scaling colour: Bits Stored, or the codestream's precision.
    pub bits: u32,
    /// What the samples mean.
    pub color: ColorModel,
    /// Whether the encoding of this frame lost information.
    pub lossy: bool,
}

/// What a [`StoredFrame`] is besides its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredInfo {
    /// Depth of the samples, for scaling colour: Bits Stored, or the codestream's precision.
    pub bits: u32,
    /// What the samples mean.
    pub color: ColorModel,
    /// Whether the encoding of this frame lost information.
    pub lossy: bool,
}

/// One frame as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct DecodedFrame {
    /// The samples.
    pub frame: PixelFrame,
    /// Whether the encoding of this frame lost information.
    pub lossy: bool,
    /// Ranges of the stored values of a grey frame, for a window where the file has none.
    pub range: Option<StoredRange>,
}

impl StoredFrame {
    /// What it is besides its samples.
    #[must_use]
    pub fn info(&self) -> StoredInfo {
        StoredInfo { bits: self.bits, color: self.color, lossy: self.lossy }
    }

    /// Converts to what is drawn; MONOCHROME1 stays as stored.
    ///
    /// `padding` is [`ImageFormat::padding`](crate::exam::ImageFormat::padding): it is in no range, and
    /// float samples within it become NaN. Integer samples stay; the renderers are told what is padding.
    ///
    /// # Errors
    /// [`DecodeError::Palette`] where a palette is needed and not usable;
    /// [`DecodeError::Corrupt`] for signed or float colour.
    pub fn into_drawable(
        self,
        palette: Option<&Palette>,
        padding: Option<[f64; 2]>,
    ) -> Result<DecodedFrame, DecodeError> {
        let is_grey = self.color == ColorModel::Gray;
        let range = is_grey.then(|| StoredRange::of(&self.samples, padding)).flatten();
        let pixels = match self.color {
            ColorModel::Gray => gray(self.samples, padding),
            ColorModel::Palette => palette
                .and_then(|palette| palette_to_rgba(&self.samples, palette))
                .ok_or(DecodeError::Palette)?,
            model => to_rgba(&self.samples, self.bits, model)
                .ok_or_else(|| DecodeError::corrupt("colour", "signed or float colour samples"))?,
        };
        let frame = PixelFrame::new(self.columns, self.rows, pixels)
            .map_err(|error| DecodeError::corrupt("frame", error.to_string()))?;
        Ok(DecodedFrame { frame, lossy: self.lossy, range })
    }
}

fn gray(samples: StoredSamples, padding: Option<[f64; 2]>) -> FramePixels {
    let unpadded = |value: f64| {
        let is_padding = padding.is_some_and(|[low, high]| (low..=high).contains(&value));
        if is_padding { f32::NAN } else { value as f32 }
    };
    match samples {
        StoredSamples::U8(v) => FramePixels::GrayU8(v),
        StoredSamples::I8(v) => FramePixels::GrayI8(v),
        StoredSamples::U16(v) => FramePixels::GrayU16(v),
        StoredSamples::I16(v) => FramePixels::GrayI16(v),
        StoredSamples::U32(v) => FramePixels::GrayU32(v),
        StoredSamples::I32(v) => FramePixels::GrayI32(v),
        StoredSamples::F32(v) if padding.is_none() => FramePixels::GrayF32(v),
        StoredSamples::F32(v) => {
            FramePixels::GrayF32(v.iter().map(|&x| unpadded(x.into())).collect())
        }
        StoredSamples::F64(v) => FramePixels::GrayF32(v.iter().map(|&x| unpadded(x)).collect()),
    }
}

/// The colour model that the photometric interpretation alone gives.
pub(super) fn color_by_photometric(photometric: Photometric) -> ColorModel {
    match photometric {
        Photometric::Monochrome => ColorModel::Gray,
        Photometric::Palette => ColorModel::Palette,
        Photometric::Rgb | Photometric::YbrWavelet | Photometric::Xyb => ColorModel::Rgb,
        Photometric::YbrFull | Photometric::YbrFull422 => ColorModel::YbrFull,
        Photometric::YbrPartial422 | Photometric::YbrPartial420 => ColorModel::YbrPartial,
    }
}

/// Values of a codestream of `precision` bits → the container of Bits Allocated.
///
/// Where Pixel Representation is signed, the values are two's complement in their low `precision`
/// bits (or Bits Stored where that is less); otherwise they are taken as they are, because a lossy
/// codestream may be deeper than Bits Stored and its values go beyond it.
pub(super) fn from_codestream(
    values: Vec<u16>,
    precision: u32,
    spec: &FrameSpec,
) -> Option<StoredSamples> {
    let sign_bits = 16 - precision.min(spec.layout.bits_stored).clamp(1, 16);
    match (spec.layout.container, spec.layout.signed) {
        (Container::Bit, _) => {
            Some(StoredSamples::U8(values.iter().map(|&v| u8::from(v != 0)).collect()))
        }
        (Container::Byte, false) => {
            Some(StoredSamples::U8(values.iter().map(|&v| v as u8).collect()))
        }
        (Container::Byte, true) => Some(StoredSamples::I8(
            values.iter().map(|&v| (((v << sign_bits) as i16) >> sign_bits) as i8).collect(),
        )),
        (Container::Word, false) => Some(StoredSamples::U16(values)),
        (Container::Word, true) => Some(StoredSamples::I16(
            values.iter().map(|&v| ((v << sign_bits) as i16) >> sign_bits).collect(),
        )),
        (Container::Long | Container::Float | Container::Double, _) => None,
    }
}
