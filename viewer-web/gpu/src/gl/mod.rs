//! The WebGL2 back end, straight on the browser's interface: the same shaders, translated by the build script, and
//! the same arithmetic on this side (`placement`, `tone`, `uniforms`) as everywhere else.

mod draw;
mod program;
mod read_back;
mod screen;
mod texture;

pub use draw::Renderer;
pub use read_back::ReadBack;
pub use screen::Screen;
pub use texture::FrameTexture;

use web_sys::WebGl2RenderingContext as Gl;
