use super::ColourTable;
use crate::exam::{LookupTable, VoiFunction};
use crate::geometry::Affine2;

/// Tolerance at pixel boundaries, in image pixels (also in modality units where an interpolated value
/// is rounded for a VOI LUT, and in entries where a grey is for a [`ColourTable`]). Points computed in
/// `f32` and in `f64` differ by less, so that both renderers fall on the same side of a boundary that
/// a canvas pixel's centre meets exactly, as it does at every simple zoom factor.
pub const EDGE_TOLERANCE: f64 = 1.0 / 512.0;

/// Everything a renderer needs to draw one frame into one canvas.
#[derive(Clone, Debug, PartialEq)]
pub struct DisplayParams {
    /// Canvas width and height in device pixels.
    pub canvas_size_px: [u32; 2],
    /// Canvas device pixels → image pixels (spaces as in [`crate::geometry`]).
    pub image_from_canvas: Affine2,
    /// Stored values of integer grey frames that are no part of the picture, lowest and highest,
    /// inclusive. (Float frames hold NaN in such places.)
    pub padding: Option<[f64; 2]>,
    /// Stored values of integer grey frames that are colours by themselves.
    pub supplemental: Option<SupplementalPalette>,
    /// Stored → modality values. Ignored for colour frames.
    pub modality: Modality,
    /// Modality values → grey. Ignored for colour frames.
    pub voi: Voi,
    /// Whether the result of the VOI step is inverted (all reasons combined).
    pub invert: bool,
    /// What the grey is turned into at last: Presentation LUT, pseudo-colour, or one after the other.
    /// Ignored for colour frames.
    pub output: Option<ColourTable>,
    /// How values between pixel centres are found.
    pub interpolation: Interpolation,
    /// Grey level outside the image, written to R, G and B.
    pub background: u8,
}

/// Supplemental palette (PS3.3 C.7.6.19): stored values from `first_mapped` on are colours, those below
/// it grey. Values beyond the last entry take the last one.
#[derive(Clone, Debug, PartialEq)]
pub struct SupplementalPalette {
    /// First stored value that is a colour.
    pub first_mapped: i32,
    /// Its colour and those of the values after it.
    pub colours: ColourTable,
}

/// Step 1: stored → modality values (PS3.3 C.11.1).
///
/// Magnitudes of floating point samples end at 1e30 ([`super::modality::clean_sample`]).
#[derive(Clone, Debug, PartialEq)]
pub enum Modality {
    /// `slope · stored + intercept`.
    Rescale {
        /// Modality units per stored unit.
        slope: f64,
        /// Modality value of stored 0.
        intercept: f64,
    },
    /// Modality LUT; its entries, as they are, are the modality values. The entry for a stored value
    /// is `entries[clamp(round(stored) − first_mapped, 0, entries.len() − 1)]`.
    Lut(LookupTable),
}

/// Step 3: modality value `x` → grey 0 … 1 (PS3.3 C.11.2).
#[derive(Clone, Debug, PartialEq)]
pub enum Voi {
    /// Window of the given function, `c` = `center`, `w` = `width`:
    ///
    /// - LINEAR, with `m = c − 0.5` and `s = max(w − 1, 0)`: 0 if `x ≤ m − s/2`, else 1 if
    ///   `x > m + s/2`, else `(x − m)/s + 0.5`;
    /// - LINEAR_EXACT, with `s = max(w, 0)`: 0 if `x ≤ c − s/2`, else 1 if `x > c + s/2`, else
    ///   `(x − c)/s + 0.5`;
    /// - SIGMOID: `1 / (1 + exp(−4·(x − c)/w))` if `w > 0`, else as LINEAR_EXACT of width 0.
    Window {
        /// Centre in modality units.
        center: f64,
        /// Width in modality units; ≥ 1 for LINEAR, > 0 otherwise. Anything less is a threshold.
        width: f64,
        /// Which formula.
        function: VoiFunction,
    },
    /// VOI LUT: `entries[clamp(i − first_mapped, 0, entries.len() − 1)] / (2^bits − 1)`, at most 1,
    /// where `i = floor(x + 0.5 + EDGE_TOLERANCE)` is the interpolated input rounded to nearest.
    Lut(LookupTable),
}

/// Step 2. Both renderers use the same rule, in this order (`e` = [`EDGE_TOLERANCE`] = 1/512):
///
/// 1. A canvas pixel `(X, Y)` is **background** when the image point `(x, y)` of its centre
///    `(X + 0.5, Y + 0.5)` is outside: not `−e ≤ x < columns + e` or not `−e ≤ y < rows + e`.
/// 2. **Area averaging**, so that a shrunk radiograph does not alias: `s` = image pixels per canvas
///    pixel = the larger of the lengths of the columns `(xx, yx)` and `(xy, yy)` of
///    `image_from_canvas`; `n = clamp(ceil(s − 1/64), 1, 4)`. The value of the canvas pixel is the
///    mean of `n × n` samples at canvas points `(X + (i + 0.5)/n, Y + (j + 0.5)/n)`,
///    `i, j = 0 … n − 1`. With `n = 1` that is the centre. The mean is one of modality values (colour:
///    of each channel), taken before the VOI step.
/// 3. **A sample** at the image point `(x, y)` lies in the pixel `(clamp(floor(x + e), 0, columns − 1),
///    clamp(floor(y + e), 0, rows − 1))`. With `u = x − 0.5`, `v = y − 0.5` (pixel centres are whole
///    numbers then), and pixels beyond the edge being those at the edge:
///    - [`Nearest`](Self::Nearest): that pixel;
///    - [`Linear`](Self::Linear): bilinear between the pixels `floor(u)` and `floor(u) + 1`, weight
///      `u − floor(u)`, and likewise down;
///    - [`Cubic`](Self::Cubic): Catmull-Rom between the pixels `floor(u) − 1` to `floor(u) + 2`, and
///      likewise down, then kept within the values of the four pixels that `Linear` takes: an edge gets
///      no halo, and no value is shown that is not there. Where `n > 1` it is `Linear`.
/// 4. **Pixels without a value** (padding, NaN, colours of a supplemental palette) are kept out: for a
///    sample that lies in a pixel with a value, they have the value of that pixel. A sample that lies in
///    padding does not count; one that lies in a colour is that colour. A canvas pixel without a
///    sample that counts is background; one with samples of both kinds is the mean of the grey they
///    make after step 4 of the pipeline, weighted by their number, and the colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interpolation {
    /// Bilinear between pixel centres.
    #[default]
    Linear,
    /// The pixel the point lies in.
    Nearest,
    /// Bicubic between pixel centres, without overshoot.
    Cubic,
}
