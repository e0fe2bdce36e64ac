//! Decoded frames: what the decoders produce and the renderers take.

pub mod cielab;
pub mod color;
mod frame;
#[cfg(feature = "icc")]
pub mod icc;
pub mod native;
pub mod packed;
mod range;
pub mod samples;

pub use frame::{FrameError, FramePixels, PixelFrame, PixelKind};
pub use range::StoredRange;
