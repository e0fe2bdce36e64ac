//! Draws frames: exact integer textures, interpolation on modality values, VOI in the shader.
//!
//! In a browser `Screen::open` takes the page's one canvas, which lies under all viewports and is drawn in one
//! pass as a list of [`PaneDraw`]. Frames are uploaded once (`Screen::upload_buffer`) and drawn with any
//! [`viewer_core::display::DisplayParams`]; changing the window or the view uploads nothing.
//!
//! One build has one back end, straight on the browser's interface: WebGPU (`src/webgpu/`), with feature
//! `webgl` WebGL2 (`src/gl/`), or with feature `canvas`, for browsers without a GPU, the processor and a 2D canvas
//! (`src/canvas/`). Natively wgpu draws (`src/native/`), with the same shaders and the same
//! arithmetic on this side, so that the tests can hold them to the CPU reference.
//!
//! The shaders are in `shaders/`; they use no more than WebGL2 has, and their arithmetic is arranged so that
//! 32-bit floats follow the 64-bit CPU reference (see `src/tone.rs` and `src/placement.rs`).
#![forbid(unsafe_code)]

mod error;
mod event;
mod frame_bytes;
mod pane;
mod probe;
mod shader_kind;

/// What draws with shaders.
#[cfg(not(all(target_arch = "wasm32", feature = "canvas")))]
mod cover;
#[cfg(not(all(target_arch = "wasm32", feature = "canvas")))]
mod lookup;
#[cfg(not(all(target_arch = "wasm32", feature = "canvas")))]
mod placement;
#[cfg(not(all(target_arch = "wasm32", feature = "canvas")))]
mod shader;
#[cfg(not(all(target_arch = "wasm32", feature = "canvas")))]
mod texels;
#[cfg(not(all(target_arch = "wasm32", feature = "canvas")))]
mod tone;
#[cfg(not(all(target_arch = "wasm32", feature = "canvas")))]
mod uniforms;
#[cfg(not(all(target_arch = "wasm32", feature = "canvas")))]
pub use cover::CoverTexture;

#[cfg(all(target_arch = "wasm32", feature = "canvas"))]
mod canvas;
#[cfg(all(target_arch = "wasm32", feature = "canvas"))]
pub use canvas::{CoverTexture, FrameTexture, ReadBack, Renderer, Screen};

#[cfg(all(target_arch = "wasm32", feature = "webgl"))]
mod gl;
#[cfg(all(target_arch = "wasm32", feature = "webgl"))]
pub use gl::{FrameTexture, ReadBack, Renderer, Screen};

#[cfg(all(target_arch = "wasm32", not(any(feature = "webgl", feature = "canvas"))))]
mod webgpu;
#[cfg(all(target_arch = "wasm32", not(any(feature = "webgl", feature = "canvas"))))]
pub use webgpu::{FrameTexture, ReadBack, Renderer, Screen};

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(not(target_arch = "wasm32"))]
mod shader_text;
#[cfg(not(target_arch = "wasm32"))]
pub use native::{FrameTexture, ReadBack, Renderer, device_limits, read_back};

pub use error::GpuError;
pub use event::{GpuEvent, Shown};
pub use pane::{CoverDraw, PaneDraw, around};
pub use probe::{Probe, Verdict};
pub use shader_kind::ShaderKind;
