use crate::exam::{LookupTable, VoiFunction};
use crate::geometry::Affine2;

/// Everything a renderer needs to draw one frame into one canvas.
#[derive(Clone, Debug, PartialEq)]
pub struct DisplayParams {
    /// Canvas width and height in device pixels.
    pub canvas_size_px: [u32; 2],
    /// Canvas device pixels → image pixels (spaces as in [`crate::geometry`]).
    pub image_from_canvas: Affine2,
    /// Stored → modality values. Ignored for colour frames.
    pub modality: Modality,
    /// Modality values → grey. Ignored for colour frames.
    pub voi: Voi,
    /// Whether the result of the VOI step is inverted (all reasons combined).
    pub invert: bool,
    /// How values between pixel centres are found.
    pub interpolation: Interpolation,
    /// Grey level outside the image, written to R, G and B.
    pub background: u8,
}

/// Step 1: stored → modality values (PS3.3 C.11.1).
#[derive(Clone, Debug, PartialEq)]
pub enum Modality {
    /// `slope · stored + intercept`.
    Rescale {
        /// Modality units per stored unit.
        slope: f64,
        /// Modality value of stored 0.
        intercept: f64,
    },
    /// Modality LUT; its entries are the modality values.
    Lut(LookupTable),
}

/// Step 3: modality values → 0 … 1 (PS3.3 C.11.2).
#[derive(Clone, Debug, PartialEq)]
pub enum Voi {
    /// Window of the given function.
    Window {
        /// Centre in modality units.
        center: f64,
        /// Width in modality units; ≥ 1 for LINEAR, > 0 otherwise.
        width: f64,
        /// Which formula.
        function: VoiFunction,
    },
    /// VOI LUT; entries are scaled by their bits. An interpolated input is rounded to nearest first.
    Lut(LookupTable),
}

/// Step 2. Both renderers use the same rule:
/// with `s` = image pixels per canvas pixel (the larger of the two column lengths of `image_from_canvas`),
/// `n = clamp(ceil(s − 1/64), 1, 4)` samples per side are taken at `(i + 0.5)/n` inside each canvas pixel and
/// averaged (on modality values), so that a shrunk radiograph does not alias. A sample outside
/// `[−e, columns + e) × [−e, rows + e)`, with `e = 1/512`, counts as background: the canvas pixel is
/// background when its own centre is outside; samples of an inside pixel that fall outside are clamped
/// to the edge. Neighbours beyond the edge are clamped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interpolation {
    /// Bilinear between pixel centres.
    #[default]
    Linear,
    /// The pixel the point lies in.
    Nearest,
}
