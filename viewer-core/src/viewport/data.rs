use serde::{Deserialize, Serialize};

use super::WindowPreset;
use crate::display::{ColourMap, Interpolation};
use crate::exam::VoiFunction;

/// A window set by hand.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserWindow {
    /// Centre in modality units.
    pub center: f64,
    /// Width in modality units.
    pub width: f64,
    /// Formula, kept from the window the change started at.
    pub function: VoiFunction,
}

/// Which VOI step (PS3.3 C.11.2) is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoiChoice {
    /// As the file says: its first window, else its first VOI LUT, else the central range of the
    /// pixels.
    #[default]
    Default,
    /// Window `i` of the file (of each frame), from 0.
    FileWindow(u16),
    /// VOI LUT `i` of the file, from 0.
    VoiLut(u16),
    /// A named window.
    Preset(WindowPreset),
    /// From the smallest to the largest value.
    FullRange,
    /// Set by hand.
    User(UserWindow),
}

/// How values become grey.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataPresentation {
    /// Which VOI step.
    pub voi: VoiChoice,
    /// Whether the user inverted the image (on top of what the file asks for).
    pub invert: bool,
    /// Whether the user took the overlays off the image.
    #[serde(default)]
    pub overlays_hidden: bool,
    /// Whether the user opened the shutter, to see the whole image.
    #[serde(default)]
    pub shutter_open: bool,
    /// How values between pixels are found.
    #[serde(with = "InterpolationName")]
    pub interpolation: Interpolation,
    /// Colours that greys are shown in.
    #[serde(default)]
    pub colours: ColourMap,
}

/// How [`Interpolation`] is written down in a saved view.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Interpolation", rename_all = "snake_case")]
enum InterpolationName {
    Linear,
    Nearest,
    Cubic,
}
