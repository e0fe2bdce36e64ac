//! A saved presentation (Grayscale Softcopy Presentation State, PS3.3 A.33.1) in the terms of this viewer.
//!
//! Points are those of images here: pixel (column c, row r) covers `[c, c+1) × [r, r+1)`, whatever the file had them in.

use serde::{Deserialize, Serialize};

use super::{ImageReference, Shutter, VoiWindow};

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
    /// Slope and intercept that the windows are meant for; `None` where the state has none.
    pub rescale: Option<[f64; 2]>,
    /// Windows.
    pub windows: Vec<OfImages<VoiWindow>>,
    /// Whether low values are bright, whatever the image says of itself.
    pub is_inverse: bool,
    /// Clockwise quarter turns after mirroring, as this viewer has them.
    pub quarter_turns: u8,
    /// Whether left and right are exchanged before turning.
    pub is_mirrored: bool,
    /// Parts of images that are to fill the display.
    pub areas: Vec<OfImages<DisplayedArea>>,
    /// What is to be covered.
    pub shutter: Option<Shutter>,
    /// What is drawn, in the order of its layers.
    pub drawings: Vec<OfImages<Drawing>>,
    /// What it asks for that is not done here; each once.
    pub left_out: Vec<LeftOut>,
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
    /// Whether it is for this image, or for one of these where there are several.
    #[must_use]
    pub fn is_for(&self, images: &[ImageReference]) -> bool {
        let named = |one: &ImageReference| {
            images.iter().any(|other| other.sop_instance_uid == one.sop_instance_uid)
        };
        self.images.is_empty() || images.is_empty() || self.images.iter().any(named)
    }
}

/// A part of an image that is to fill the display.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisplayedArea {
    /// Left, top, right and bottom edge in the image; may lie beyond it.
    pub edges: [f64; 4],
    /// Display pixels per column, where it is to be magnified by that much; else it fills the display.
    pub magnification: Option<f64>,
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
    /// A curve for the window.
    VoiLut,
    /// A modality LUT of its own.
    ModalityLut,
    /// A presentation LUT that is no shape.
    PresentationLut,
    /// A shutter made of an overlay.
    BitmapShutter,
    /// A shutter that makes no sense.
    BrokenShutter,
    /// Overlays of its own, or those of the image on layers.
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
