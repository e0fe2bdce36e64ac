//! Why a frame is not decoded.

use thiserror::Error;

use super::Family;
use crate::pixel::samples::LayoutError;

/// Why an encoded frame does not become samples. Each names its cause; none carries personal data.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// No decoder for this transfer syntax.
    #[error("unsupported transfer syntax: {name} ({uid})")]
    Unsupported {
        /// Name in PS3.6 Table A-1, or [`UNKNOWN_TRANSFER_SYNTAX`](crate::exam::UNKNOWN_TRANSFER_SYNTAX).
        name: String,
        /// Its UID as given.
        uid: String,
    },
    /// The transfer syntax is decoded, this feature of it is not.
    #[error("{codec}: {feature} is not supported")]
    UnsupportedFeature {
        /// Which decoder.
        codec: &'static str,
        /// What the codestream asks for.
        feature: String,
    },
    /// The photometric interpretation is not drawn.
    #[error("unsupported photometric interpretation: {0:?}")]
    Photometric(String),
    /// The image pixel attributes contradict each other or exceed a limit.
    #[error("image attributes: {0}")]
    Layout(#[from] LayoutError),
    /// Samples per Pixel does not belong to the photometric interpretation.
    #[error("{photometric} with {samples_per_pixel} samples per pixel")]
    SamplesPerPixel {
        /// Photometric Interpretation as written.
        photometric: String,
        /// Samples per Pixel.
        samples_per_pixel: u32,
    },
    /// PALETTE COLOR without a usable palette.
    #[error("PALETTE COLOR without a usable palette")]
    Palette,
    /// The bytes are another encoding than their label says.
    #[error("labelled {labelled}, but the data is {found}")]
    Mislabelled {
        /// Family of the transfer syntax.
        labelled: Family,
        /// Family recognised by its signature.
        found: Family,
    },
    /// The data ends before the last sample.
    #[error("{codec}: data ends too early ({at})")]
    Truncated {
        /// Which decoder.
        codec: &'static str,
        /// Where.
        at: &'static str,
    },
    /// The data contradicts itself.
    #[error("{codec}: {cause}")]
    Corrupt {
        /// Which decoder.
        codec: &'static str,
        /// What is wrong.
        cause: String,
    },
    /// It would need more memory or work than allowed.
    #[error("{codec}: {what} {actual} exceeds the limit of {limit}")]
    TooLarge {
        /// Which decoder.
        codec: &'static str,
        /// What is too large.
        what: &'static str,
        /// Its value.
        actual: u64,
        /// What is allowed.
        limit: u64,
    },
    /// Rows or Columns of the header are not those of the codestream.
    #[error("header says {header_columns} x {header_rows}, the codestream {columns} x {rows}")]
    SizeMismatch {
        /// Columns (0028,0011).
        header_columns: u32,
        /// Rows (0028,0010).
        header_rows: u32,
        /// Width of the codestream.
        columns: u32,
        /// Height of the codestream.
        rows: u32,
    },
    /// The number of bytes is not what the header asks for.
    #[error("{codec}: {found} bytes for a frame of {expected}")]
    LengthMismatch {
        /// Which decoder.
        codec: &'static str,
        /// Bytes of one frame.
        expected: u64,
        /// Bytes given or decoded.
        found: u64,
    },
    /// The depth of the codestream does not fit Bits Allocated, or not the values of the header.
    #[error(
        "{codec}: {precision}-bit codestream for {bits_stored} bits stored in {bits_allocated}"
    )]
    DepthMismatch {
        /// Which decoder.
        codec: &'static str,
        /// Bits per sample of the codestream.
        precision: u32,
        /// Bits Stored.
        bits_stored: u32,
        /// Bits Allocated.
        bits_allocated: u32,
    },
    /// The number of components is not Samples per Pixel.
    #[error("{codec}: {components} components for {samples_per_pixel} samples per pixel")]
    ComponentMismatch {
        /// Which decoder.
        codec: &'static str,
        /// Components of the codestream.
        components: u32,
        /// Samples per Pixel.
        samples_per_pixel: u32,
    },
}

impl DecodeError {
    pub(super) fn corrupt(codec: &'static str, cause: impl Into<String>) -> Self {
        Self::Corrupt { codec, cause: cause.into() }
    }

    pub(super) fn feature(codec: &'static str, feature: impl Into<String>) -> Self {
        Self::UnsupportedFeature { codec, feature: feature.into() }
    }
}
