use serde::{Deserialize, Serialize};

/// How large the image is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Zoom {
    /// The whole image, as large as the canvas allows; follows changes of the canvas.
    #[default]
    Fit,
    /// One image column per device pixel; rows by the shape of the pixels.
    OneToOne,
    /// Times the size of [`Zoom::Fit`].
    FromFit(f64),
}

/// Left and right, or top and bottom, as seen on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlipAxis {
    /// Left becomes right.
    Horizontal,
    /// Top becomes bottom.
    Vertical,
}

/// How the image lies on the canvas: independent of canvas size and of which image is shown.
///
/// The image is mirrored left-right first (when [`Self::mirrored`]), then turned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ViewPresentation {
    /// How large.
    pub zoom: Zoom,
    /// Point of the image in the middle of the canvas, as fractions of its width and height, 0 … 1:
    /// the middle of the canvas always lies on the image, so that the image cannot be lost.
    pub center: [f64; 2],
    /// Clockwise quarter turns, 0 … 3.
    pub quarter_turns: u8,
    /// Whether left and right of the stored image are exchanged before turning.
    pub mirrored: bool,
}

impl Default for ViewPresentation {
    fn default() -> Self {
        Self { zoom: Zoom::Fit, center: [0.5, 0.5], quarter_turns: 0, mirrored: false }
    }
}

impl ViewPresentation {
    /// Turned clockwise by quarter turns as seen on the screen; negative turns the other way.
    #[must_use]
    pub fn turned(self, quarter_turns: i32) -> Self {
        let turns = (i32::from(self.quarter_turns) + quarter_turns.rem_euclid(4)).rem_euclid(4);
        Self { quarter_turns: u8::try_from(turns).unwrap_or(0), ..self }
    }

    /// Flipped as seen on the screen, whatever the turns are.
    ///
    /// With M = mirror and R = quarter turn: M·Rᑫ = R⁻ᑫ·M, and a vertical flip is R²·M.
    #[must_use]
    pub fn flipped(self, axis: FlipAxis) -> Self {
        let opposite = Self {
            quarter_turns: (4 - self.quarter_turns % 4) % 4,
            mirrored: !self.mirrored,
            ..self
        };
        match axis {
            FlipAxis::Horizontal => opposite,
            FlipAxis::Vertical => opposite.turned(2),
        }
    }

    /// Values from outside (a saved view) brought into their ranges.
    #[must_use]
    pub fn sanitised(self) -> Self {
        let zoom = match self.zoom {
            Zoom::FromFit(factor) if !(factor.is_finite() && factor > 0.0) => Zoom::Fit,
            zoom => zoom,
        };
        let center = self.center.map(|c| if c.is_finite() { c.clamp(0.0, 1.0) } else { 0.5 });
        Self { zoom, center, quarter_turns: self.quarter_turns % 4, mirrored: self.mirrored }
    }
}
