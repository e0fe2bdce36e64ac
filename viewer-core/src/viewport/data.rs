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

impl UserWindow {
    /// The window from the value that becomes the darkest grey to the one that becomes the lightest, exact for values
    /// between whole numbers too (C.11.2.1.3.2); `None` where they are no numbers in that order.
    #[must_use]
    pub fn between([lower, upper]: [f64; 2]) -> Option<Self> {
        let width = upper - lower;
        let function = VoiFunction::LinearExact;
        (width.is_finite() && width > 0.0).then_some(Self {
            center: lower + width / 2.0,
            width,
            function,
        })
    }

    /// The values from which all is black and white (C.11.2.1.2.1, C.11.2.1.3.2). A sigmoid has none; it is steep
    /// between these.
    #[must_use]
    pub fn limits(&self) -> [f64; 2] {
        let Self { center, width, function } = *self;
        let upper = center + width / 2.0;
        match function {
            VoiFunction::Linear => [center - width / 2.0, upper - 1.0],
            VoiFunction::LinearExact | VoiFunction::Sigmoid => [center - width / 2.0, upper],
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_by_its_limits_has_them() {
        let window = UserWindow::between([-160.0, 240.0]).expect("a window");
        assert_eq!((window.center, window.width), (40.0, 400.0));
        assert_eq!(window.limits(), [-160.0, 240.0]);
        let narrow = UserWindow::between([0.25, 0.75]).expect("a window");
        assert_eq!(narrow.limits(), [0.25, 0.75]);
    }

    #[test]
    fn limits_of_the_linear_function_are_those_of_the_standard() {
        // C.11.2.1.2.1 with centre 2048 and width 4096: black at 0 and below, white above 4095.
        let window = UserWindow { center: 2048.0, width: 4096.0, function: VoiFunction::Linear };
        assert_eq!(window.limits(), [0.0, 4095.0]);
    }

    #[test]
    fn limits_that_are_no_range_make_no_window() {
        for limits in [[1.0, 1.0], [2.0, 1.0], [f64::NAN, 1.0], [0.0, f64::INFINITY]] {
            assert_eq!(UserWindow::between(limits), None, "{limits:?}");
        }
    }
}
