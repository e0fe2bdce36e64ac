//! What a series is split by, and how the slices of a stack lie to each other.

use serde::{Deserialize, Serialize};

/// What an image says of its place in a series apart from where it lies; read of an object, used to
/// split and order, not sent to the viewer. Times in ms, `None` where absent or malformed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StackAttributes {
    /// Image Type (0008,0008).
    pub image_type: Vec<String>,
    /// Stack ID (0020,9056).
    pub stack_id: Option<String>,
    /// Convolution Kernel (0018,1210), all its values.
    pub kernel: Option<String>,
    /// Echo Number(s) (0018,0086) where there is one.
    pub echo_number: Option<i32>,
    /// Echo Time (0018,0081).
    pub echo_time_ms: Option<f64>,
    /// Inversion Time (0018,0082).
    pub inversion_time_ms: Option<f64>,
    /// Diffusion b-value (0018,9087) or the vendor's own attribute, s/mm².
    pub b_value: Option<f64>,
    /// Temporal Position Identifier (0020,0100).
    pub temporal_position: Option<i32>,
    /// Trigger Time (0018,1060).
    pub trigger_time_ms: Option<f64>,
    /// Acquisition Number (0020,0012).
    pub acquisition_number: Option<i32>,
}

/// By what a stack differs from the others of its DICOM series, e.g. `b = 800`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackLabel {
    /// Which attribute tells them apart.
    pub by: SplitBy,
    /// Its value as a person reads it, without unit; empty where `by` says it all.
    pub value: String,
}

/// What tells the stacks of one DICOM series apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitBy {
    /// Image Type says LOCALIZER.
    Localizer,
    /// Slices nearly perpendicular to the long axis of the body.
    Axial,
    /// Slices nearly parallel to the front of the body.
    Coronal,
    /// Slices nearly parallel to the plane of symmetry.
    Sagittal,
    /// Slices between those planes.
    Oblique,
    /// Too few images of each orientation for stacks of their own.
    Mixed,
    /// Stack ID.
    Stack,
    /// Columns × rows.
    Size,
    /// Frame of Reference UID; the value is an ordinal.
    FrameOfReference,
    /// The values of Image Type that differ, e.g. `WATER`.
    ImageType,
    /// Convolution Kernel: how it was reconstructed.
    Kernel,
    /// Echo number.
    Echo,
    /// Echo time in ms.
    EchoTime,
    /// Inversion time in ms.
    InversionTime,
    /// Diffusion b-value in s/mm².
    BValue,
    /// Temporal position.
    Phase,
    /// Acquisition number.
    Acquisition,
}

impl SplitBy {
    /// The name it is written with in JSON, and in keys of texts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Localizer => "localizer",
            Self::Axial => "axial",
            Self::Coronal => "coronal",
            Self::Sagittal => "sagittal",
            Self::Oblique => "oblique",
            Self::Mixed => "mixed",
            Self::Stack => "stack",
            Self::Size => "size",
            Self::FrameOfReference => "frame_of_reference",
            Self::ImageType => "image_type",
            Self::Kernel => "kernel",
            Self::Echo => "echo",
            Self::EchoTime => "echo_time",
            Self::InversionTime => "inversion_time",
            Self::BValue => "b_value",
            Self::Phase => "phase",
            Self::Acquisition => "acquisition",
        }
    }
}

/// How the slices of a stack lie to each other, from their positions alone: Spacing Between Slices
/// is often a nominal value or counts from edge to edge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SliceGeometry {
    /// Different places along the normal.
    pub slices: u32,
    /// Images at each place: time points, directions …; 1 for a plain stack.
    pub volumes: u32,
    /// Median distance of neighbouring slices along the normal, mm; `None` for one slice.
    pub spacing_mm: Option<f64>,
    /// Smallest and largest distance where they vary and not because slices are missing.
    pub variable_spacing_mm: Option<[f64; 2]>,
    /// Places where a slice is missing between others, or an image in a volume.
    pub missing: u32,
    /// Images that lie where another one of the same volume lies.
    pub duplicates: u32,
    /// By how much neighbouring slices overlap: thickness − spacing, mm, where above 0.
    pub overlap_mm: Option<f64>,
    /// Angle between the normal and the line through the first pixels of the slices, degrees, where
    /// the stack leans evenly: a gantry tilt.
    pub tilt_degrees: Option<f64>,
    /// The slices do not lie above each other, and not along a line either.
    pub is_shifted: bool,
}
