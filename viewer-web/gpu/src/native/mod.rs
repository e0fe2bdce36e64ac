//! wgpu, natively: draws with the same shaders and the same arithmetic on this side as the browsers' back ends
//! do, so that the tests can hold both to the CPU reference. Nothing of it is sent to a browser.

mod cover_pipeline;
mod frame_texture;
mod pipeline;
mod read_back;
mod renderer;

pub use frame_texture::FrameTexture;
pub use read_back::{ReadBack, read_back};
pub use renderer::Renderer;

/// The limits of WebGL2, with textures as large as the adapter has them: all that is needed in any browser.
#[must_use]
pub fn device_limits(adapter: &wgpu::Adapter) -> wgpu::Limits {
    wgpu::Limits::downlevel_webgl2_defaults().using_resolution(adapter.limits())
}
