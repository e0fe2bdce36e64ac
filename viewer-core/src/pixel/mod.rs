//! Decoded frames: what the decoders produce and the renderers take.

mod frame;

pub use frame::{FrameError, FramePixels, PixelFrame, PixelKind};
