use serde::{Deserialize, Serialize};

use super::{
    Cover, DisplayAttributes, IccProfile, Image, ImageFormat, Patient, PetAttributes,
    RealWorldMapping, StackAttributes, Study, Technique,
};

/// What one stored object contributes to an [`ExamSummary`](super::ExamSummary): the unit a server
/// indexes and `series::assemble` takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// Whose.
    pub patient: Patient,
    /// Of which study.
    pub study: Study,
    /// Issuer of Accession Number: universal entity ID, usually an OID (0008,0051).
    pub accession_issuer: Option<String>,
    /// Of which series.
    pub series: SeriesAttributes,
    /// SOP Class UID.
    pub sop_class_uid: String,
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// What it holds.
    pub content: Content,
}

/// What an object holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// An image that can be listed (and, unless it has a defect, drawn).
    Image(Box<ImageContent>),
    /// Anything else, listed by the name of its SOP class.
    Unsupported {
        /// Name of the SOP class, or its UID where unknown.
        name: String,
    },
}

/// An image with its own format and displays, not yet shared with the rest of its series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageContent {
    /// [`Image::format`] is 0 and [`Image::displays`] are indices into `displays`.
    pub image: Image,
    /// How its samples are stored.
    pub format: ImageFormat,
    /// Its distinct display attributes.
    pub displays: Vec<DisplayAttributes>,
    /// Its colour profile, for [`Image::icc_profile`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icc_profile: Option<IccProfile>,
    /// Its distinct covers; [`Image::covers`] are indices into it.
    pub covers: Vec<Cover>,
    /// In which order its frames are to be looked at.
    pub order: FrameOrder,
    /// Whether Image Type (0008,0008) says LOCALIZER.
    pub is_localizer: bool,
    /// What it can be told apart by from images in the same place.
    pub stack: StackAttributes,
    /// How it was made.
    pub technique: Technique,
    /// What uptake values are computed from; `None` for anything but PET.
    pub pet: Option<Box<PetAttributes>>,
    /// Stored values → quantities, as the object states them for all its frames.
    pub real_world: Vec<RealWorldMapping>,
}

/// What orders the frames of a multi-frame image (PS3.3 C.7.6.16.2.2, C.7.6.17).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameOrder {
    /// Of each frame, what it is sorted by, the slowest varying first: Dimension Index Values, else stack,
    /// temporal position and position in the stack. Empty where the file has neither.
    pub keys: Vec<Vec<u32>>,
    /// The whole that this image is a part of.
    pub concatenation: Option<Concatenation>,
}

/// One part of a concatenation: a multi-frame image in several instances (PS3.3 C.7.6.16.2.2.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concatenation {
    /// Concatenation UID, the same in all parts.
    pub uid: String,
    /// Frames before this part: Concatenation Frame Offset Number, else In-concatenation Number.
    pub offset: u32,
}

/// Series level attributes (PS3.3 C.7.3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesAttributes {
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
    /// Laterality (0020,0060) or Image Laterality (0020,0062).
    pub laterality: Option<String>,
    /// Frame of Reference UID.
    pub frame_of_reference_uid: Option<String>,
}
