//! How the samples of an image are stored and encoded.

use serde::{Deserialize, Serialize};

/// What stands where the name of a transfer syntax would, when PS3.6 has none for its UID.
pub const UNKNOWN_TRANSFER_SYNTAX: &str = "unknown transfer syntax";

/// How samples are stored and encoded (PS3.3 C.7.6.3, PS3.5 8).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageFormat {
    /// Transfer Syntax UID the frames are delivered in.
    pub transfer_syntax_uid: String,
    /// SOP Class UID.
    pub sop_class_uid: String,
    /// Rows.
    pub rows: u32,
    /// Columns.
    pub columns: u32,
    /// Samples per Pixel: 1 or 3.
    pub samples_per_pixel: u16,
    /// Photometric Interpretation as written, trimmed.
    pub photometric_interpretation: String,
    /// Bits Allocated: 1, 8, 16, 32 or 64.
    pub bits_allocated: u16,
    /// Bits Stored.
    pub bits_stored: u16,
    /// High Bit.
    pub high_bit: u16,
    /// Pixel Representation 1: two's complement.
    pub signed: bool,
    /// Planar Configuration 1: colour by plane.
    pub planar: bool,
    /// Which element holds the samples.
    pub samples: SampleKind,
    /// Stored values that are no part of the picture, lowest and highest, both inclusive: Pixel Padding
    /// Value and Range Limit, for float samples their float or double namesakes (PS3.3 C.7.5.1.1.2,
    /// C.7.6.24, C.7.6.25).
    pub padding: Option<[f64; 2]>,
    /// Millimetres between pixel centres `[between rows, between columns]` with their provenance.
    pub spacing: Option<Spacing>,
    /// Pixel Aspect Ratio `[vertical, horizontal]` where there is no spacing.
    pub aspect_ratio: Option<[u32; 2]>,
    /// Lossy Image Compression (0028,2110) or a lossy transfer syntax: what is known of it.
    pub lossy: Option<Lossy>,
}

impl ImageFormat {
    /// Whether stored values become greys (MONOCHROME1 and MONOCHROME2), not colours.
    #[must_use]
    pub fn is_grey(&self) -> bool {
        self.photometric_interpretation.starts_with("MONOCHROME")
    }

    /// Whether all frames are one video stream: see [`is_video`].
    #[must_use]
    pub fn is_video(&self) -> bool {
        is_video(&self.transfer_syntax_uid)
    }
}

/// Whether the pixel data in a transfer syntax is one stream for all frames (PS3.5 A.4.5 to A.4.11):
/// MPEG-2, H.264 or H.265, fragmentable or not.
#[must_use]
pub fn is_video(transfer_syntax_uid: &str) -> bool {
    let rest = transfer_syntax_uid.strip_prefix("1.2.840.10008.1.2.4.10");
    rest.is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()))
}

/// Which pixel data element holds the samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleKind {
    /// Pixel Data (7FE0,0010).
    #[default]
    Integer,
    /// Float Pixel Data (7FE0,0008).
    Float,
    /// Double Float Pixel Data (7FE0,0009).
    Double,
}

/// Spacing with where it comes from: a detector distance is not a distance in the patient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spacing {
    /// Distance between rows (vertical) in mm; finite and above 0.
    pub between_rows_mm: f64,
    /// Distance between columns (horizontal) in mm; finite and above 0.
    pub between_columns_mm: f64,
    /// Which attribute it was read from.
    pub source: SpacingSource,
}

/// Provenance of a [`Spacing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpacingSource {
    /// Pixel Spacing (0028,0030) of a cross section: in the patient.
    PixelSpacing,
    /// Pixel Spacing, calibrated by an object of known size (Pixel Spacing Calibration Type FIDUCIAL).
    Fiducial,
    /// Pixel Spacing, corrected for the magnification at an assumed depth (type GEOMETRY).
    Geometry,
    /// Pixel Spacing of a projection that differs from Imager Pixel Spacing, without saying why.
    Corrected,
    /// Pixel Spacing of a projection that says nothing else: in the patient or at the detector.
    Uncertain,
    /// Imager Pixel Spacing (0018,1164): at the detector.
    ImagerPixelSpacing,
    /// Imager Pixel Spacing divided by Estimated Radiographic Magnification Factor (0018,1114).
    Magnification,
    /// Nominal Scanned Pixel Spacing (0018,2010).
    NominalScanned,
    /// A spatial ultrasound region covers the whole picture.
    UltrasoundRegion,
}

/// What is known of a lossy compression.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lossy {
    /// Last Lossy Image Compression Ratio (0028,2112), e.g. 10.0 for 10:1.
    pub ratio: Option<f64>,
    /// Last Lossy Image Compression Method (0028,2114), e.g. `ISO_10918_1`.
    pub method: Option<String>,
}
