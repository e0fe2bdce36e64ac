//! From a frame to what is seen (PS3.4 N.2): the order of steps is fixed and the same in both renderers.
//!
//! 1. stored value (integer texel, exact) → modality value: rescale, or modality LUT; or nothing at
//!    all (Pixel Padding); or a colour (supplemental palette, which skips the other steps);
//! 2. interpolation between modality values, averaged over the canvas pixel where the image is shrunk
//!    ([`Interpolation`]);
//! 3. VOI: window function or VOI LUT → 0 … 1;
//! 4. presentation: inverted (`1 − y`) for MONOCHROME1 or Presentation LUT Shape INVERSE (the one goes
//!    with the other and they invert once, [`is_inverted`]), *xor* the user's invert; then Presentation
//!    LUT Sequence, then the user's pseudo-colour ([`DisplayParams::output`]);
//! 5. 8 bits a channel, `floor(255·y + 0.5)`, R, G and B alike unless 4 made colours, A = 255;
//! 6. over that: shutters, then overlays ([`cover`]).
//!
//! Colour frames skip 1 and 3: their channels, 0 … 1, are interpolated, inverted on demand, and
//! written as in 5. Where the image is not, the background is written, never inverted; so it is where
//! there is padding: PS3.3 C.7.5.1.1.2 keeps it out of the grey scale pipeline, and the values it
//! recommends for padding (lowest for MONOCHROME2, highest for MONOCHROME1) are in either case those
//! that would come out black.
//! [`DisplayParams`] is all a renderer needs besides the frame. The CPU renderer is the reference; the
//! GPU renderer (crate `negatoscope-gpu`) must agree with it to 1/255 on every pixel.

mod colour_map;
mod colour_table;
pub mod cover;
pub mod cpu;
pub mod modality;
pub mod one_table;
mod params;
mod presentation;
pub mod quick;
pub mod sampling;
mod voi;

pub use colour_map::ColourMap;
pub use colour_table::ColourTable;
pub use params::{
    DisplayParams, EDGE_TOLERANCE, Interpolation, Modality, SupplementalPalette, Voi,
};
pub use presentation::is_inverted;
