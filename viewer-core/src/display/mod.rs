//! From a frame to what is seen (PS3.4 N.2): the order of steps is fixed and the same in both renderers.
//!
//! 1. stored value (integer texel, exact) → modality value: rescale, or modality LUT;
//! 2. interpolation between the four nearest modality values ([`Interpolation`]);
//! 3. VOI: window function or VOI LUT → 0 … 1;
//! 4. presentation: inverted for MONOCHROME1 *xor* Presentation LUT Shape INVERSE *xor* the user's invert;
//! 5. 8-bit grey, rounded to nearest, written to R, G and B alike.
//!
//! Colour frames skip 1 and 3: their channels are interpolated, inverted on demand, and written.
//! [`DisplayParams`] is all a renderer needs besides the frame. The CPU renderer is the reference; the
//! GPU renderer (crate `negatoscope-gpu`) must agree with it to 1/255 on every pixel.

mod params;

pub use params::{DisplayParams, Interpolation, Modality, Voi};
