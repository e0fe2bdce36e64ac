//! Stored samples: how they lie in the bytes of native pixel data, and what they are once read.
//!
//! PS3.5 section 8.1 (pixel cells, High Bit), PS3.3 C.7.6.3 (image pixel attributes).

use thiserror::Error;

use crate::base::limits::{MAX_FRAME_BYTES, MAX_SIDE_PX};
use crate::exam::{ImageFormat, SampleKind};

/// Why the image pixel attributes do not describe a frame that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LayoutError {
    /// Rows or Columns is 0.
    #[error("{rows} rows x {columns} columns")]
    Empty {
        /// Rows.
        rows: u32,
        /// Columns.
        columns: u32,
    },
    /// More than this viewer is willing to hold.
    #[error(
        "{rows} rows x {columns} columns x {bytes_per_pixel} bytes exceed the limit of a frame"
    )]
    TooLarge {
        /// Rows.
        rows: u32,
        /// Columns.
        columns: u32,
        /// Bytes one decoded pixel takes.
        bytes_per_pixel: u32,
    },
    /// Samples per Pixel is neither 1 nor 3.
    #[error("Samples per Pixel is {0}")]
    SamplesPerPixel(u16),
    /// Bits Allocated, Bits Stored and High Bit contradict each other or the kind of samples.
    #[error("Bits Allocated {allocated}, Bits Stored {stored}, High Bit {high}")]
    Bits {
        /// Bits Allocated.
        allocated: u16,
        /// Bits Stored.
        stored: u16,
        /// High Bit.
        high: u16,
    },
}

/// Container of one sample: Bits Allocated with the kind of value in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// 1-bit data, eight samples a byte, the first one in the lowest bit.
    Bit,
    /// 8-bit integers.
    Byte,
    /// 16-bit integers.
    Word,
    /// 32-bit integers.
    Long,
    /// Float Pixel Data.
    Float,
    /// Double Float Pixel Data.
    Double,
}

impl Container {
    /// Bits Allocated.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Bit => 1,
            Self::Byte => 8,
            Self::Word => 16,
            Self::Long | Self::Float => 32,
            Self::Double => 64,
        }
    }

    fn from_format(format: &ImageFormat) -> Option<Self> {
        match (format.samples, format.bits_allocated) {
            (SampleKind::Integer, 1) => Some(Self::Bit),
            (SampleKind::Integer, 8) => Some(Self::Byte),
            (SampleKind::Integer, 16) => Some(Self::Word),
            (SampleKind::Integer, 32) => Some(Self::Long),
            (SampleKind::Float, 32) => Some(Self::Float),
            (SampleKind::Double, 64) => Some(Self::Double),
            _ => None,
        }
    }
}

/// Image pixel attributes, checked against each other and against the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleLayout {
    /// Rows, 1 to [`MAX_SIDE_PX`].
    pub rows: u32,
    /// Columns, 1 to [`MAX_SIDE_PX`].
    pub columns: u32,
    /// 1 or 3.
    pub samples_per_pixel: u32,
    /// Container of a sample.
    pub container: Container,
    /// Bits Stored, 1 to Bits Allocated (Bits Allocated for floats).
    pub bits_stored: u32,
    /// Position of the lowest stored bit: High Bit + 1 - Bits Stored.
    pub low_bit: u32,
    /// Two's complement.
    pub signed: bool,
    /// Colour by plane (Planar Configuration 1); always false for one sample per pixel.
    pub planar: bool,
}

impl SampleLayout {
    /// Reads and checks the attributes of `format`.
    ///
    /// # Errors
    /// [`LayoutError`] when they contradict each other or exceed [`crate::base::limits`].
    pub fn from_format(format: &ImageFormat) -> Result<Self, LayoutError> {
        let samples_per_pixel = u32::from(format.samples_per_pixel);
        if samples_per_pixel != 1 && samples_per_pixel != 3 {
            return Err(LayoutError::SamplesPerPixel(format.samples_per_pixel));
        }
        let (container, bits_stored, low_bit) = bits(format)?;
        let layout = Self {
            rows: format.rows,
            columns: format.columns,
            samples_per_pixel,
            container,
            bits_stored,
            low_bit,
            signed: format.signed,
            planar: format.planar && samples_per_pixel > 1,
        };
        layout.check_size()?;
        Ok(layout)
    }

    fn check_size(&self) -> Result<(), LayoutError> {
        let (rows, columns) = (self.rows, self.columns);
        if rows == 0 || columns == 0 {
            return Err(LayoutError::Empty { rows, columns });
        }
        let bytes_per_pixel = (self.container.bits().div_ceil(8) * self.samples_per_pixel).max(4);
        let bytes = u64::from(rows) * u64::from(columns) * u64::from(bytes_per_pixel);
        if rows > MAX_SIDE_PX || columns > MAX_SIDE_PX || bytes > MAX_FRAME_BYTES {
            return Err(LayoutError::TooLarge { rows, columns, bytes_per_pixel });
        }
        Ok(())
    }

    /// Rows × columns; fits `usize` because of the limits.
    #[must_use]
    pub fn pixel_count(&self) -> usize {
        self.rows as usize * self.columns as usize
    }

    /// Rows × columns × samples per pixel.
    #[must_use]
    pub fn sample_count(&self) -> usize {
        self.pixel_count() * self.samples_per_pixel as usize
    }

    /// Bytes of one native frame without chroma subsampling, 1-bit data packed.
    #[must_use]
    pub fn native_bytes(&self) -> usize {
        (self.sample_count() * self.container.bits() as usize).div_ceil(8)
    }

    /// Bytes of one frame as [`StoredSamples::to_le_bytes`] gives it: 1-bit data takes a byte a sample.
    #[must_use]
    pub fn stored_bytes(&self) -> usize {
        self.sample_count() * self.container.bits().div_ceil(8) as usize
    }
}

fn bits(format: &ImageFormat) -> Result<(Container, u32, u32), LayoutError> {
    let (allocated, stored, high) = (format.bits_allocated, format.bits_stored, format.high_bit);
    let error = LayoutError::Bits { allocated, stored, high };
    let container = Container::from_format(format).ok_or(error)?;
    if matches!(container, Container::Float | Container::Double) {
        return Ok((container, container.bits(), 0));
    }
    if stored == 0 || stored > allocated || high >= allocated || high + 1 < stored {
        return Err(error);
    }
    Ok((container, u32::from(stored), u32::from(high + 1 - stored)))
}

/// Stored values of one frame in the container of Bits Allocated (1-bit data: a byte a sample),
/// colour interleaved by pixel; no modality, VOI or palette step applied.
#[derive(Clone, Debug, PartialEq)]
pub enum StoredSamples {
    /// Unsigned, 1 or 8 bits allocated.
    U8(Vec<u8>),
    /// Signed, 8 bits allocated.
    I8(Vec<i8>),
    /// Unsigned, 16 bits allocated.
    U16(Vec<u16>),
    /// Signed, 16 bits allocated.
    I16(Vec<i16>),
    /// Unsigned, 32 bits allocated.
    U32(Vec<u32>),
    /// Signed, 32 bits allocated.
    I32(Vec<i32>),
    /// Float Pixel Data.
    F32(Vec<f32>),
    /// Double Float Pixel Data.
    F64(Vec<f64>),
}

impl StoredSamples {
    /// Number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::U8(v) => v.len(),
            Self::I8(v) => v.len(),
            Self::U16(v) => v.len(),
            Self::I16(v) => v.len(),
            Self::U32(v) => v.len(),
            Self::I32(v) => v.len(),
            Self::F32(v) => v.len(),
            Self::F64(v) => v.len(),
        }
    }

    /// Whether there is no sample at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The samples as little-endian bytes of their container, the form in which references are hashed.
    #[must_use]
    pub fn to_le_bytes(&self) -> Vec<u8> {
        let bytes_per_sample = match self {
            Self::U8(_) | Self::I8(_) => 1,
            Self::U16(_) | Self::I16(_) => 2,
            Self::U32(_) | Self::I32(_) | Self::F32(_) => 4,
            Self::F64(_) => 8,
        };
        let mut bytes = vec![0; self.len() * bytes_per_sample];
        self.write_le_bytes(&mut bytes);
        bytes
    }

    /// Writes [`Self::to_le_bytes`] into `bytes`, as far as there is room.
    pub fn write_le_bytes(&self, bytes: &mut [u8]) {
        fn write<T: Copy, const N: usize>(values: &[T], bytes: &mut [u8], one: fn(T) -> [u8; N]) {
            let cells = bytes.as_chunks_mut::<N>().0;
            cells.iter_mut().zip(values).for_each(|(cell, &value)| *cell = one(value));
        }
        match self {
            Self::U8(v) => write(v, bytes, u8::to_le_bytes),
            Self::I8(v) => write(v, bytes, i8::to_le_bytes),
            Self::U16(v) => write(v, bytes, u16::to_le_bytes),
            Self::I16(v) => write(v, bytes, i16::to_le_bytes),
            Self::U32(v) => write(v, bytes, u32::to_le_bytes),
            Self::I32(v) => write(v, bytes, i32::to_le_bytes),
            Self::F32(v) => write(v, bytes, f32::to_le_bytes),
            Self::F64(v) => write(v, bytes, f64::to_le_bytes),
        }
    }

    /// Value of the sample at `index` as `f64` (exact for every container), `None` past the end.
    #[must_use]
    pub fn value(&self, index: usize) -> Option<f64> {
        match self {
            Self::U8(v) => v.get(index).map(|&x| f64::from(x)),
            Self::I8(v) => v.get(index).map(|&x| f64::from(x)),
            Self::U16(v) => v.get(index).map(|&x| f64::from(x)),
            Self::I16(v) => v.get(index).map(|&x| f64::from(x)),
            Self::U32(v) => v.get(index).map(|&x| f64::from(x)),
            Self::I32(v) => v.get(index).map(|&x| f64::from(x)),
            Self::F32(v) => v.get(index).map(|&x| f64::from(x)),
            Self::F64(v) => v.get(index).copied(),
        }
    }
}
