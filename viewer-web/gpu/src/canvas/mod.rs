//! The back end without a GPU: the processor draws, as exactly as the others, on a canvas of the browser's own kind.

mod frame;
mod renderer;
mod screen;

pub use frame::{CoverTexture, FrameTexture};
pub use renderer::{ReadBack, Renderer};
pub use screen::Screen;

use viewer_core::pixel::PixelKind;

use crate::{PaneDraw, ShaderKind};

impl ShaderKind {
    /// Which probe picture stands for a pane; `None` for one without a frame.
    #[must_use]
    pub fn of_pane(pane: &PaneDraw<'_>) -> Option<Self> {
        Some(match pane.frame?.kind() {
            PixelKind::GrayU8 | PixelKind::GrayU16 | PixelKind::GrayU32 => Self::PlainUnsigned,
            PixelKind::GrayI8 | PixelKind::GrayI16 | PixelKind::GrayI32 => Self::PlainSigned,
            PixelKind::GrayF32 => Self::GrayFloat,
            PixelKind::Rgba8 | PixelKind::Rgba16 => Self::PlainColour,
        })
    }
}
