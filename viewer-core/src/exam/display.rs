//! Everything between stored samples and light, as an image says it.

use serde::{Deserialize, Serialize};

/// Everything between stored samples and grey or colour on the screen (PS3.4 N.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisplayAttributes {
    /// Stored → modality values.
    pub modality: ModalityTransform,
    /// Unit of modality values as written, e.g. `HU`; empty where unknown.
    pub unit: String,
    /// VOI windows in the order of the file.
    pub windows: Vec<VoiWindow>,
    /// VOI LUT Sequence items.
    pub voi_luts: Vec<LookupTable>,
    /// Presentation LUT Shape INVERSE, unless it only repeats what MONOCHROME1 says.
    pub inverse_presentation: bool,
    /// Presentation LUT Sequence: from grey (0 … 1 over all its entries) to grey (PS3.3 C.11.6).
    pub presentation_lut: Option<LookupTable>,
    /// Palette of PALETTE COLOR images; of MONOCHROME2 images whose Pixel Presentation is COLOR, the
    /// supplemental one: stored values from [`Palette::first_mapped`] on have its colours (C.7.6.19).
    pub palette: Option<Palette>,
}

/// Stored values → modality values (PS3.3 C.11.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModalityTransform {
    /// `slope · stored + intercept`.
    Rescale {
        /// Rescale Slope; finite, not 0.
        slope: f64,
        /// Rescale Intercept.
        intercept: f64,
    },
    /// Modality LUT Sequence.
    Lut(LookupTable),
}

/// One VOI window (PS3.3 C.11.2.1.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VoiWindow {
    /// Window Center in modality units.
    pub center: f64,
    /// Window Width; ≥ 1 for LINEAR, > 0 otherwise.
    pub width: f64,
    /// VOI LUT Function.
    pub function: VoiFunction,
    /// Window Center & Width Explanation; may be empty.
    pub explanation: String,
}

/// VOI LUT Function (0028,1056).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VoiFunction {
    /// C.11.2.1.2.1, the default.
    #[default]
    Linear,
    /// C.11.2.1.3.2.
    LinearExact,
    /// C.11.2.1.3.1.
    Sigmoid,
}

/// A lookup table (PS3.3 C.11.1.1, C.11.2.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupTable {
    /// First input value mapped; lower inputs take the first entry, higher ones the last.
    pub first_mapped: i32,
    /// Meaningful bits of the entries, 8 to 16.
    pub bits: u16,
    /// Entries, 1 to 65536 of them.
    pub entries: Vec<u16>,
    /// LUT Explanation; may be empty.
    pub explanation: String,
}

/// A palette (PS3.3 C.7.6.3.1.5): three tables of equal length over the same inputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Palette {
    /// First stored value mapped.
    pub first_mapped: i32,
    /// Bits of the entries, 8 or 16: the largest entry is full intensity.
    pub bits: u16,
    /// Red, green and blue entries.
    pub rgb: [Vec<u16>; 3],
}
