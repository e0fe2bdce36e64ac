//! A saved presentation (Grayscale and Color Softcopy Presentation State, PS3.3 A.33.1, A.33.2) in the terms of this viewer.
//!
//! Points are those of images here: pixel (column c, row r) covers `[c, c+1) × [r, r+1)`, whatever the file had them in.

use serde::{Deserialize, Serialize};

use super::{IccProfile, ImageReference, LookupTable, ModalityTransform, Shutter, VoiWindow};

/// How images are to be shown, and what is drawn on them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PresentationState {
    /// Content Label.
    pub label: String,
    /// Content Description.
    pub description: String,
    /// Who made it.
    pub creator: String,
    /// Presentation Creation Date `YYYYMMDD`.
    pub date: Option<String>,
    /// Presentation Creation Time `HHMMSS[.F]`.
    pub time: Option<String>,
    /// The images it is about.
    pub images: Vec<ImageReference>,
    /// What becomes of stored values. It is worked out for each image (`crate::viewport::looks`), and does not leave the
    /// server as it is.
    #[serde(skip)]
    pub values: StateValues,
    /// Groups of the overlays that are shown, of those that the images have; others are not.
    #[serde(skip)]
    pub overlay_groups: Vec<u16>,
    /// Clockwise quarter turns after mirroring, as this viewer has them.
    pub quarter_turns: u8,
    /// Whether left and right are exchanged before turning.
    pub is_mirrored: bool,
    /// Parts of images that are to fill the display.
    pub areas: Vec<OfImages<DisplayedArea>>,
    /// What is to be covered; shapes only, and there may be none where an overlay of the state covers.
    pub shutter: Option<Shutter>,
    /// What the shutter covers besides, by an overlay of the state (C.7.6.15).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shutter_runs: Vec<PixelRun>,
    /// What is drawn, in the order of its layers.
    pub drawings: Vec<OfImages<Drawing>>,
    /// What it asks for that is not done here; each once.
    pub left_out: Vec<LeftOut>,
}

/// What a state makes of stored values. All of it replaces what the images say of themselves, and what is missing here is the
/// identity, whatever the images have (PS3.4 N.2).
#[derive(Clone, Debug, PartialEq)]
pub enum StateValues {
    /// Of grey images (PS3.4 N.2.1).
    Grey(GreySteps),
    /// Of colour images (PS3.4 N.2.2): the profile of their colours; `Ok(None)` where that is sRGB or is not told, and why
    /// it cannot be followed.
    Colour(Result<Option<IccProfile>, String>),
}

impl Default for StateValues {
    fn default() -> Self {
        Self::Grey(GreySteps::default())
    }
}

/// Steps from stored values of grey images to P-values.
#[derive(Clone, Debug, PartialEq)]
pub struct GreySteps {
    /// Rescale, or Modality LUT (C.11.1); the first value that a LUT maps is read as unsigned here.
    pub modality: ModalityTransform,
    /// Windows and VOI LUTs (C.11.8).
    pub voi: Vec<OfImages<SoftcopyVoi>>,
    /// From the VOI step to P-values (C.11.6).
    pub presentation: SoftcopyPresentation,
}

impl Default for GreySteps {
    fn default() -> Self {
        Self {
            modality: ModalityTransform::Rescale { slope: 1.0, intercept: 0.0 },
            voi: Vec::new(),
            presentation: SoftcopyPresentation::Identity,
        }
    }
}

/// The VOI step of some images (PS3.3 C.11.8).
#[derive(Clone, Debug, PartialEq)]
pub enum SoftcopyVoi {
    /// A window with its function.
    Window(VoiWindow),
    /// A table; the first value that it maps is read as unsigned here.
    Lut(LookupTable),
}

/// The last step (PS3.3 C.11.6).
#[derive(Clone, Debug, PartialEq)]
pub enum SoftcopyPresentation {
    /// Low values are dark.
    Identity,
    /// Low values are bright.
    Inverse,
    /// From grey (0 … 1 over all its entries) to grey.
    Lut(LookupTable),
}

/// Something for some of the images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfImages<T> {
    /// Which; empty for all of the state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ImageReference>,
    /// What.
    pub what: T,
}

impl<T> OfImages<T> {
    /// Whether it is for `frame` (from 0) of an image.
    #[must_use]
    pub fn covers(&self, sop_instance_uid: &str, frame: u32) -> bool {
        self.images.is_empty() || self.images.iter().any(|one| one.covers(sop_instance_uid, frame))
    }

    /// Whether it is for this image, or for one of these where there are several.
    #[must_use]
    pub fn is_for(&self, images: &[ImageReference]) -> bool {
        let named = |one: &ImageReference| {
            images.iter().any(|other| other.sop_instance_uid == one.sop_instance_uid)
        };
        self.images.is_empty() || images.is_empty() || self.images.iter().any(named)
    }
}

/// Pixels side by side: row, first column and the column behind the last, from 0.
pub type PixelRun = [i32; 3];

/// A part of an image that is to fill the display.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisplayedArea {
    /// Left, top, right and bottom edge in the image; may lie beyond it.
    pub edges: [f64; 4],
    /// Display pixels per column, where it is to be magnified by that much; else it fills the display.
    pub magnification: Option<f64>,
    /// Whether it is to be as large as the object itself: nobody knows how large a pixel of the screen is, and it fills it.
    #[serde(skip)]
    pub is_true_size: bool,
    /// Height of a pixel in units of its width, as the state has it.
    #[serde(skip)]
    pub pixel_aspect: Option<f64>,
}

/// What is drawn on a layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Drawing {
    /// Name of the layer.
    pub layer: String,
    /// Its recommended colour.
    pub rgb: Option<[u8; 3]>,
    /// Lines.
    pub shapes: Vec<Shape>,
    /// Words.
    pub texts: Vec<TextLabel>,
    /// Pixels of an overlay of the state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<PixelRun>,
}

/// A graphic object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// Which kind.
    pub kind: ShapeKind,
    /// Whether it is filled.
    pub is_filled: bool,
    /// Its points: of a circle its centre and one on it; of an ellipse the ends of the long, then of the short axis.
    pub points: Vec<[f64; 2]>,
}

/// Kinds of graphic objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShapeKind {
    /// One point.
    Point,
    /// Straight lines.
    Polyline,
    /// A smooth curve through its points.
    Interpolated,
    /// Circle.
    Circle,
    /// Ellipse.
    Ellipse,
}

/// A text object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextLabel {
    /// Its words, with line breaks.
    pub text: String,
    /// Left, top, right and bottom of its box as seen on the display, by two corners of the image.
    pub corners: Option<[[f64; 2]; 2]>,
    /// Which end of its lines is aligned: `LEFT`, `CENTER` or `RIGHT`.
    pub alignment: String,
    /// What it points at.
    pub anchor: Option<[f64; 2]>,
    /// Whether a line leads to that.
    pub has_leader: bool,
}

/// What a state asks for and is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// A VOI LUT that makes no sense, or cannot be had of such an image.
    VoiLut,
    /// A modality LUT that makes no sense, or cannot be had of such an image.
    ModalityLut,
    /// A presentation LUT that makes no sense, or cannot be had of such an image.
    PresentationLut,
    /// A state for greys of an image in colours, or the other way round: its steps for values.
    ImageKind,
    /// A profile of its colours that is not the one they are drawn with.
    IccProfile,
    /// Pixels of another shape than those of the image.
    PixelAspect,
    /// A shutter made of an overlay that is not there or makes no sense.
    BitmapShutter,
    /// A shutter that makes no sense.
    BrokenShutter,
    /// Overlays of its own that make no sense, or some of those of the image: a pane shows all of them or none.
    Overlays,
    /// Subtraction of a mask.
    Mask,
    /// The true size on the display.
    TrueSize,
    /// Turns by other than quarters.
    Rotation,
    /// Compound graphics.
    CompoundGraphics,
    /// Units that are neither pixels nor fractions of the display.
    Units,
    /// Graphics or words that make no sense.
    BrokenGraphics,
    /// More than is read.
    TooMuch,
}
