//! The WebGPU back end, straight on the browser's interface: the shaders as they are written, and the same
//! arithmetic on this side (`placement`, `tone`, `uniforms`) as everywhere else.

mod bindings;
mod pipeline;
mod read_back;
mod renderer;
mod screen;
mod texture;
mod uniform_buffer;

pub use read_back::ReadBack;
pub use renderer::Renderer;
pub use screen::Screen;
pub use texture::FrameTexture;
