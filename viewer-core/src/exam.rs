//! The compact description of one exam: what the server sends once and the viewer reads.
//!
//! It replaces study-wide `/metadata` (megabytes of JSON before the first image). Values that repeat
//! over the images of a series are stored once, in [`Series::formats`] and [`Series::displays`], and
//! images refer to them by index. Built by `viewer_core::dicom`, carried as JSON.

mod cover;
mod display;
mod documents;
mod format;
mod icc;
mod image;
mod instance;
mod joined;
mod pet;
mod presentation_state;
mod quantity;
mod stack;
mod technique;
mod us_region;

use serde::{Deserialize, Serialize};

pub use cover::{Cover, OverlayPlane, Shutter, ShutterShape};
pub use display::{
    DisplayAttributes, LookupTable, ModalityTransform, Palette, VoiFunction, VoiWindow,
};
pub use documents::{
    ContentItem, Document, DocumentKind, Documents, ImageReference, ItemKind, KeyImages,
    StructuredReport,
};
pub use format::{
    ImageFormat, Lossy, SampleKind, Spacing, SpacingSource, UNKNOWN_TRANSFER_SYNTAX, is_video,
};
pub use icc::{IccProfile, MAX_ICC_PROFILE_BYTES};
pub use image::{Cine, Image, ImagePlane};
pub use instance::{Concatenation, Content, FrameOrder, ImageContent, Instance, SeriesAttributes};
pub use joined::{ExamIndex, JoinError, JoinedExam};
pub use pet::{DecayCorrection, NoSuv, PetAttributes, SeriesSuv, Suv};
pub use presentation_state::{
    DisplayedArea, Drawing, GreySteps, LeftOut, OfImages, PixelRun, PresentationState, Shape,
    ShapeKind, SoftcopyPresentation, SoftcopyVoi, StateValues, TextLabel,
};
pub use quantity::{RealWorldMap, RealWorldMapping};
pub use stack::{SliceGeometry, SplitBy, StackAttributes, StackLabel};
pub use technique::Technique;
pub use us_region::UltrasoundRegion;

/// One exam (a DICOM study) of one patient, as the server sends it; the page may put others behind it ([`ExamSummary::join`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExamSummary {
    /// Whose exam.
    pub patient: Patient,
    /// Which exam.
    pub study: Study,
    /// Its series, in the order to show them; each holds at least one image or an `unsupported` note.
    pub series: Vec<Series>,
    /// Exams that were put beside this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<JoinedExam>,
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
    /// Whether the reader opened it from a medium of their own: the server does not know it (docs/adr/0041).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_local: bool,
}

/// One series as shown: a DICOM series, or one of the stacks it was split into.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Of which exam of the summary it is.
    #[serde(default, skip_serializing_if = "ExamIndex::is_first")]
    pub exam: ExamIndex,
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
    /// Distinct covers; [`Image::covers`] are indices into it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<Cover>,
    /// By what this stack differs from the others of its DICOM series; empty where there is one only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub split: Vec<StackLabel>,
    /// How its slices lie to each other; `None` where they are no parallel slices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slices: Option<SliceGeometry>,
    /// How its images were made, as far as they have it in common, as [`Technique::line`] says it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub technique: String,
    /// Standardized uptake values of PET, or why there are none; `None` for anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suv: Option<SeriesSuv>,
    /// Distinct colour profiles; [`Image::icc_profile`] is an index into it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icc_profiles: Vec<IccProfile>,
    /// Images in display order.
    pub images: Vec<Image>,
    /// Where frames are scrolled in another order than image by image and frame by frame: which frame is
    /// at each position, as its number in that plain order (from 0). A permutation of all frames, or empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frame_order: Vec<u32>,
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
