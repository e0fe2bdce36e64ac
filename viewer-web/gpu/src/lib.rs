//! Draws frames: exact integer textures, interpolation on modality values, VOI in the shader.
//!
//! In a browser `Screen::open` takes the page's one canvas, which lies under all viewports and is drawn in one
//! pass as a list of [`PaneDraw`]. Frames are uploaded once (`Screen::upload_buffer`) and drawn with any
//! [`viewer_core::display::DisplayParams`]; changing the window or the view uploads nothing.
//!
//! One build has one back end, straight on the browser's interface: WebGPU (`src/webgpu/`), or with feature
//! `webgl` WebGL2 (`src/gl/`). Natively wgpu draws (`src/native/`), with the same shaders and the same
//! arithmetic on this side, so that the tests can hold them to the CPU reference.
//!
//! The shaders are in `shaders/`; they use no more than WebGL2 has, and their arithmetic is arranged so that
//! 32-bit floats follow the 64-bit CPU reference (see `src/tone.rs` and `src/placement.rs`).
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
