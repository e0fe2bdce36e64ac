//! From a frame to what is seen (PS3.4 N.2): the order of steps is fixed and the same in both renderers.
//!
//! 1. stored value (integer texel, exact) → modality value: rescale, or modality LUT;
//! 2. interpolation between the four nearest modality values, averaged over the canvas pixel where
//!    the image is shrunk ([`Interpolation`]);
//! 3. VOI: window function or VOI LUT → 0 … 1;
//! 4. presentation: inverted (`1 − y`) for MONOCHROME1 or Presentation LUT Shape INVERSE (the one goes
//!    with the other and they invert once, [`is_inverted`]), *xor* the user's invert;
//! 5. 8-bit grey `floor(255·y + 0.5)`, written to R, G and B alike, A = 255;
//! 6. over that: shutters, then overlays ([`cover`]).
//!
//! Colour frames skip 1 and 3: their channels, `byte / 255`, are interpolated, inverted on demand, and
//! written as in 5. Where the image is not, the background is written, never inverted.
//! [`DisplayParams`] is all a renderer needs besides the frame. The CPU renderer is the reference; the
//! GPU renderer (crate `negatoscope-gpu`) must agree with it to 1/255 on every pixel.

pub mod cover;
pub mod cpu;
pub mod modality;
mod params;
mod presentation;
pub mod sampling;
mod voi;

pub use params::{DisplayParams, EDGE_TOLERANCE, Interpolation, Modality, Voi};
pub use presentation::is_inverted;
