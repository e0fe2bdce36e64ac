//! Draws frames with wgpu: exact integer textures, interpolation on modality values, VOI in the shader.
//!
//! The page hands in a surface and gets a [`Screen`]: one canvas under all viewports, drawn in one pass
//! as a list of [`PaneDraw`]. Frames are uploaded once ([`Screen::upload`]) and drawn with any
//! [`viewer_core::display::DisplayParams`]; changing the window or the view uploads nothing.
//!
//! ```no_run
//! # async fn example(
//! #     surface: wgpu::Surface<'static>,
//! #     frame: viewer_core::pixel::PixelFrame,
//! #     params: viewer_core::display::DisplayParams,
//! # ) -> Result<(), negatoscope_gpu::GpuError> {
//! use negatoscope_gpu::{instance, PaneDraw, Screen};
//!
//! let mut screen = Screen::new(&instance()?, surface, [1024, 768], |event| {
//!     // note it, e.g. in a signal: a lost device means a new Screen with the same view
//! #   let _ = event;
//! })
//! .await?;
//! let texture = screen.upload(&frame)?;
//! let pane = PaneDraw { rect_px: [0, 0, 1024, 768], frame: Some(&texture), params: &params, cover: None };
//! screen.frame(&[pane], 0)?;
//! # Ok(())
//! # }
//! ```
//!
//! The surface has to come from the same instance as the screen. One build has one back end: feature
//! `webgpu` or `webgl`. The shaders are in `shaders/`; they use no more than WebGL2 has, and their arithmetic
//! is arranged so that 32-bit floats follow the 64-bit CPU reference (see `src/tone.rs` and
//! `src/placement.rs`).
#![forbid(unsafe_code)]

mod cover;
mod error;
mod frame_texture;
mod lookup;
mod pipeline;
mod placement;
mod probe;
mod read_back;
mod renderer;
mod screen;
mod shader;
mod tone;
mod uniforms;

pub use cover::{CoverDraw, CoverTexture};
pub use error::GpuError;
pub use frame_texture::FrameTexture;
pub use probe::{Probe, Verdict};
pub use read_back::{ReadBack, read_back};
pub use renderer::{PaneDraw, Renderer};
pub use screen::{GpuEvent, Screen, Shown, device_limits, instance, target_format};
