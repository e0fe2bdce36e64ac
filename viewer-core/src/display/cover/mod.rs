//! What is drawn over the picture after the tone step (PS3.4 N.2): the shutter, then overlays, which no
//! shutter hides.
//!
//! [`CoverPlane::compose`] puts the overlay planes and the shutter of a frame together at the resolution
//! of the image; [`draw_over`] is the reference for drawing that over a picture, and the GPU must agree
//! with it to 1/255. Both sample by one rule:
//!
//! 1. Canvas pixels whose centre is outside the image ([`super::sampling::is_inside`]) stay as they are.
//! 2. `n × n` points of each other canvas pixel are looked at, placed as in [`super::Interpolation`], with
//!    `n = clamp(ceil(s − 1/64), 1, 16)` and `s` the image pixels per canvas pixel; each takes the image
//!    pixel it lies in. 1:1 and enlarged that is the pixel under the centre.
//! 3. The shutter covers the share of the points that it hides, `hits / n²`. Overlays cover
//!    `min(1, hits / n)`: a line one image pixel wide stays a full line one canvas pixel wide, however much
//!    the picture is shrunk.
//! 4. Over the 8-bit picture, in this order: shutter colour, regions of interest (half transparent),
//!    graphics; rounded once.

mod draw;
mod open_area;
mod plane;

pub use draw::{MAX_SAMPLES_PER_SIDE, draw_over, samples_per_side};
pub use plane::{Bits, CoverPlane};

/// Flag of a cell of a [`CoverPlane`]: hidden by the shutter.
pub const SHUTTERED: u8 = 1;
/// Flag of a cell: an overlay of type G.
pub const GRAPHIC: u8 = 2;
/// Flag of a cell: an overlay of type R.
pub const REGION: u8 = 4;

/// All flags of a cell.
pub const ALL_FLAGS: u8 = SHUTTERED | GRAPHIC | REGION;

/// Colour of graphics, sRGB: seen on black and on white, and no grey, so that nobody takes it for a part of
/// the picture.
pub const GRAPHIC_RGB: [u8; 3] = [255, 200, 0];
/// Colour of regions of interest, sRGB.
pub const REGION_RGB: [u8; 3] = [0, 170, 255];
/// How much of the picture a region of interest hides.
pub const REGION_OPACITY: f64 = 0.5;
