//! Spaces, affine maps between them, planes and orientation letters.
//!
//! Names of maps read `to_from_source`: `image_from_canvas` turns canvas points into image points.
//!
//! | space | unit | origin and axes |
//! |---|---|---|
//! | image | pixels | pixel (column c, row r) covers `[c, c+1) × [r, r+1)`; its centre is `(c+0.5, r+0.5)` |
//! | canvas | device pixels | top left corner is `(0, 0)`, x right, y down; a pixel's centre is at `+0.5` |
//! | patient | mm | DICOM reference coordinate system, LPS (PS3.3 C.7.6.2.1.1) |

mod affine;
mod orientation;
mod pixel_shape;
pub mod plane;

pub use affine::Affine2;
pub use orientation::{EdgeLetters, direction_letters, edge_letters};
pub use pixel_shape::{PixelShape, pixel_shape};
