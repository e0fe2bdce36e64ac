//! Draws frames by wgpu or straight on WebGL2: exact integer textures, interpolation on modality values, VOI in the shader.
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
//! In a browser `Screen::open` takes the canvas. One build has one back end: with feature `webgpu`, or natively
//! for the tests, wgpu draws; with feature `webgl` it is the browser's WebGL2 interface (`src/gl/`). The shaders are in `shaders/`; they use no more than WebGL2 has, and their arithmetic
//! is arranged so that 32-bit floats follow the 64-bit CPU reference (see `src/tone.rs` and
//! `src/placement.rs`).
#![forbid(unsafe_code)]

mod cover;
mod error;
mod event;
mod frame_bytes;
mod lookup;
mod pane;
mod placement;
mod probe;
mod shader;
mod shader_kind;
mod tone;
mod uniforms;

#[cfg(all(target_arch = "wasm32", feature = "webgl"))]
mod gl;
#[cfg(all(target_arch = "wasm32", feature = "webgl"))]
pub use gl::{FrameTexture, ReadBack, Renderer, Screen};

#[cfg(all(target_arch = "wasm32", not(feature = "webgl")))]
mod webgpu;
#[cfg(all(target_arch = "wasm32", not(feature = "webgl")))]
pub use webgpu::{FrameTexture, ReadBack, Renderer, Screen};

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(not(target_arch = "wasm32"))]
mod shader_text;
#[cfg(not(target_arch = "wasm32"))]
pub use native::{FrameTexture, ReadBack, Renderer, device_limits, read_back};

pub use cover::{CoverDraw, CoverTexture};
pub use error::GpuError;
pub use event::{GpuEvent, Shown};
pub use pane::PaneDraw;
pub use probe::{Probe, Verdict};
