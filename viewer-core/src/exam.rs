//! The compact description of one exam: what the server sends once and the viewer reads.
//!
//! It replaces study-wide `/metadata` (megabytes of JSON before the first image). Values that repeat
//! over the images of a series are stored once, in [`Series::formats`] and [`Series::displays`], and
//! images refer to them by index. Built by `viewer_core::dicom`, carried as JSON.

mod instance;

use serde::{Deserialize, Serialize};

pub use instance::{Content, ImageContent, Instance, SeriesAttributes};

/// One exam (a DICOM study) of one patient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExamSummary {
    /// Whose exam.
    pub patient: Patient,
    /// Which exam.
    pub study: Study,
    /// Its series, in the order to show them; each holds at least one image or an `unsupported` note.
    pub series: Vec<Series>,
}

/// Identity traits that are always on screen (INS strict traits, PS3.3 C.7.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patient {
    /// Birth (family) name as written, e.g. `LEFÈVRE`.
    pub birth_name: String,
    /// Given names as written, e.g. `Élise`.
    pub given_names: String,
    /// Birth date `YYYYMMDD`; `None` where absent or malformed.
    pub birth_date: Option<String>,
    /// `F`, `M`, `O`; `None` where absent.
    pub sex: Option<String>,
    /// Patient ID (0010,0020), shown in the series information only.
    pub patient_id: String,
}

/// Study level attributes (PS3.3 C.7.2.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Study {
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// Study Date `YYYYMMDD`.
    pub date: Option<String>,
    /// Study Time `HHMMSS[.F]`.
    pub time: Option<String>,
    /// Study Description.
    pub description: String,
    /// Accession Number.
    pub accession_number: String,
    /// Institution Name (0008,0080) of the first image that has one.
    pub institution: String,
}

/// One series as shown: a DICOM series, or one of the stacks it was split into.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Series Instance UID.
    pub series_instance_uid: String,
    /// Series Number.
    pub number: Option<i32>,
    /// Modality, e.g. `CT`.
    pub modality: String,
    /// Series Description.
    pub description: String,
    /// Body Part Examined.
    pub body_part: String,
    /// Laterality (`L`, `R`) where stated.
    pub laterality: Option<String>,
    /// Frame of Reference UID.
    pub frame_of_reference_uid: Option<String>,
    /// Distinct pixel formats; [`Image::format`] is an index into it.
    pub formats: Vec<ImageFormat>,
    /// Distinct display attributes; [`Image::displays`] are indices into it.
    pub displays: Vec<DisplayAttributes>,
    /// Images in display order.
    pub images: Vec<Image>,
    /// Objects of this series that the viewer does not draw (SR, PR, PDF …): SOP class names and counts.
    pub unsupported: Vec<UnsupportedObjects>,
}

/// Objects that are listed but not drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsupportedObjects {
    /// Name of the SOP class.
    pub name: String,
    /// SOP Class UID.
    pub sop_class_uid: String,
    /// How many.
    pub count: u32,
}

/// One instance with pixel data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// Instance Number.
    pub instance_number: Option<i32>,
    /// Acquisition or content date and time, `YYYYMMDD` or `YYYYMMDDHHMMSS[.F]`, for the corner
    /// annotation.
    pub acquired: Option<String>,
    /// Index into [`Series::formats`].
    pub format: u16,
    /// Number of frames, at least 1.
    pub frames: u32,
    /// Indices into [`Series::displays`]: one for all frames, or one per frame.
    pub displays: Vec<u16>,
    /// Position of the plane(s) in the patient: none, one for all frames, or one per frame.
    pub planes: Vec<ImagePlane>,
    /// Patient Orientation (0020,0020) of projection images: row then column direction letters.
    pub patient_orientation: Option<[String; 2]>,
    /// Frame timing of a cine loop.
    pub cine: Option<Cine>,
    /// Ultrasound regions (PS3.3 C.8.5.5).
    pub us_regions: Vec<UltrasoundRegion>,
    /// Why this image cannot be shown, found out while indexing (for example `no pixel data`).
    pub defect: Option<String>,
}

impl Image {
    /// The plane of `frame` (from 0); `None` where it is not known.
    #[must_use]
    pub fn plane(&self, frame: u32) -> Option<&ImagePlane> {
        match self.planes.as_slice() {
            [all] if frame < self.frames => Some(all),
            planes => planes.get(usize::try_from(frame).ok()?),
        }
    }
}

/// Where a frame lies in the patient (PS3.3 C.7.6.2), mm, LPS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImagePlane {
    /// Image Position (Patient): centre of the first pixel.
    pub position_mm: [f64; 3],
    /// Direction of increasing column index (first three values of Image Orientation).
    pub row_direction: [f64; 3],
    /// Direction of increasing row index.
    pub column_direction: [f64; 3],
    /// Slice Thickness.
    pub thickness_mm: Option<f64>,
}

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
    /// Millimetres between pixel centres `[between rows, between columns]` with their provenance.
    pub spacing: Option<Spacing>,
    /// Pixel Aspect Ratio `[vertical, horizontal]` where there is no spacing.
    pub aspect_ratio: Option<[u32; 2]>,
    /// Lossy Image Compression (0028,2110) or a lossy transfer syntax: what is known of it.
    pub lossy: Option<Lossy>,
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
    /// Pixel Spacing (0028,0030).
    PixelSpacing,
    /// Imager Pixel Spacing (0018,1164): at the detector.
    ImagerPixelSpacing,
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
    /// Pixel Padding Value, with its limit where there is a range (both stored values, inclusive).
    pub padding: Option<[i64; 2]>,
    /// Palette of PALETTE COLOR images.
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
    /// Meaningful bits of the entries, 8 or 16.
    pub bits: u16,
    /// Red, green and blue entries.
    pub rgb: [Vec<u16>; 3],
}

/// Frame timing of a multi-frame image (PS3.3 C.7.6.5).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cine {
    /// Milliseconds per frame as the file recommends; above 0.
    pub frame_time_ms: f64,
}

/// One item of Sequence of Ultrasound Regions (PS3.3 C.8.5.5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UltrasoundRegion {
    /// Region Location Min X0, Min Y0, Max X1, Max Y1 in pixels, inclusive.
    pub bounds_px: [u32; 4],
    /// Physical Units X Direction and Y Direction (3 = cm, 4 = seconds …).
    pub units: [u16; 2],
    /// Physical Delta X and Y, in those units per pixel; may be negative.
    pub deltas: [f64; 2],
    /// Region Spatial Format (1 = 2-D).
    pub spatial_format: u16,
}
