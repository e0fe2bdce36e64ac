use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Samples of one frame, ready to be drawn: grey values exactly as stored (after Bits Stored masking
/// and sign extension) or colour already converted to RGB, one layout for both renderers.
#[derive(Clone, Debug, PartialEq)]
pub enum FramePixels {
    /// Grey, unsigned 8-bit (also 1-bit data, one byte a pixel).
    GrayU8(Vec<u8>),
    /// Grey, signed 8-bit.
    GrayI8(Vec<i8>),
    /// Grey, unsigned 16-bit.
    GrayU16(Vec<u16>),
    /// Grey, signed 16-bit.
    GrayI16(Vec<i16>),
    /// Grey, unsigned 32-bit.
    GrayU32(Vec<u32>),
    /// Grey, signed 32-bit.
    GrayI32(Vec<i32>),
    /// Grey, float, or double as the nearest `f32`; NaN where a pixel has no value.
    GrayF32(Vec<f32>),
    /// Colour, 8 bits a channel, R G B A with A = 255.
    Rgba8(Vec<u8>),
    /// Colour of more than 8 bits, scaled to 16 bits a channel, R G B A with A = 65535.
    Rgba16(Vec<u16>),
}

impl FramePixels {
    /// Number of array elements.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::GrayU8(v) | Self::Rgba8(v) => v.len(),
            Self::GrayI8(v) => v.len(),
            Self::GrayU16(v) | Self::Rgba16(v) => v.len(),
            Self::GrayI16(v) => v.len(),
            Self::GrayU32(v) => v.len(),
            Self::GrayI32(v) => v.len(),
            Self::GrayF32(v) => v.len(),
        }
    }

    /// Whether there is no sample at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The samples as native-endian bytes, for upload and transfer.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::GrayU8(v) | Self::Rgba8(v) => v,
            Self::GrayI8(v) => bytemuck::cast_slice(v),
            Self::GrayU16(v) | Self::Rgba16(v) => bytemuck::cast_slice(v),
            Self::GrayI16(v) => bytemuck::cast_slice(v),
            Self::GrayU32(v) => bytemuck::cast_slice(v),
            Self::GrayI32(v) => bytemuck::cast_slice(v),
            Self::GrayF32(v) => bytemuck::cast_slice(v),
        }
    }

    /// The array element at `index`, exact; `None` past the end.
    #[must_use]
    pub fn value(&self, index: usize) -> Option<f64> {
        match self {
            Self::GrayU8(v) | Self::Rgba8(v) => v.get(index).map(|&x| x.into()),
            Self::GrayI8(v) => v.get(index).map(|&x| x.into()),
            Self::GrayU16(v) | Self::Rgba16(v) => v.get(index).map(|&x| x.into()),
            Self::GrayI16(v) => v.get(index).map(|&x| x.into()),
            Self::GrayU32(v) => v.get(index).map(|&x| x.into()),
            Self::GrayI32(v) => v.get(index).map(|&x| x.into()),
            Self::GrayF32(v) => v.get(index).map(|&x| x.into()),
        }
    }

    /// Which variant this is, for messages that carry the bytes separately.
    #[must_use]
    pub fn kind(&self) -> PixelKind {
        match self {
            Self::GrayU8(_) => PixelKind::GrayU8,
            Self::GrayI8(_) => PixelKind::GrayI8,
            Self::GrayU16(_) => PixelKind::GrayU16,
            Self::GrayI16(_) => PixelKind::GrayI16,
            Self::GrayU32(_) => PixelKind::GrayU32,
            Self::GrayI32(_) => PixelKind::GrayI32,
            Self::GrayF32(_) => PixelKind::GrayF32,
            Self::Rgba8(_) => PixelKind::Rgba8,
            Self::Rgba16(_) => PixelKind::Rgba16,
        }
    }
}

/// The variants of [`FramePixels`] without their samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PixelKind {
    /// 1 byte a pixel.
    GrayU8,
    /// 1 byte a pixel.
    GrayI8,
    /// 2 bytes a pixel.
    GrayU16,
    /// 2 bytes a pixel.
    GrayI16,
    /// 4 bytes a pixel.
    GrayU32,
    /// 4 bytes a pixel.
    GrayI32,
    /// 4 bytes a pixel.
    GrayF32,
    /// 4 bytes a pixel.
    Rgba8,
    /// 8 bytes a pixel.
    Rgba16,
}

impl PixelKind {
    /// Bytes one pixel takes.
    #[must_use]
    pub const fn bytes_per_pixel(self) -> usize {
        match self {
            Self::GrayU8 | Self::GrayI8 => 1,
            Self::GrayU16 | Self::GrayI16 => 2,
            Self::GrayU32 | Self::GrayI32 | Self::GrayF32 | Self::Rgba8 => 4,
            Self::Rgba16 => 8,
        }
    }

    /// Whether pixels are colours, not one value each.
    #[must_use]
    pub const fn is_colour(self) -> bool {
        matches!(self, Self::Rgba8 | Self::Rgba16)
    }
}

/// A frame whose sample count is known to fit its size: construction checks it.
#[derive(Clone, Debug, PartialEq)]
pub struct PixelFrame {
    columns: u32,
    rows: u32,
    pixels: FramePixels,
}

/// Why samples do not make a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// Sample count and size disagree.
    #[error("{found} samples for a frame that needs {expected}")]
    SampleCount {
        /// Rows × columns × channels.
        expected: u64,
        /// What was given.
        found: u64,
    },
}

impl PixelFrame {
    /// Checks that `pixels` holds exactly `columns × rows` pixels.
    ///
    /// # Errors
    /// [`FrameError::SampleCount`] otherwise.
    pub fn new(columns: u32, rows: u32, pixels: FramePixels) -> Result<Self, FrameError> {
        let channels = if pixels.kind().is_colour() { 4 } else { 1 };
        let expected = u64::from(columns) * u64::from(rows) * channels;
        let found = pixels.len() as u64;
        if expected == found {
            Ok(Self { columns, rows, pixels })
        } else {
            Err(FrameError::SampleCount { expected, found })
        }
    }

    /// Columns.
    #[must_use]
    pub fn columns(&self) -> u32 {
        self.columns
    }

    /// Rows.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// The samples.
    #[must_use]
    pub fn pixels(&self) -> &FramePixels {
        &self.pixels
    }
}
