use std::cell::Cell;
use std::fmt;

use js_sys::{ArrayBuffer, Object, Reflect};
use viewer_core::display::cover::CoverPlane;
use viewer_core::pixel::PixelKind;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlCanvasElement;

use super::{FrameTexture, Gl, Renderer};
use crate::{CoverTexture, GpuError, GpuEvent, PaneDraw, Probe, ShaderKind, Shown};

/// The page's one canvas; all viewports are panes of it.
pub struct Screen {
    canvas: HtmlCanvasElement,
    gl: Gl,
    renderer: Renderer,
    lost: Cell<bool>,
    on_event: Box<dyn Fn(GpuEvent)>,
    /// Whether textures were made since errors were last asked for.
    has_news: Cell<bool>,
    largest_px: u32,
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").field("lost", &self.lost).finish_non_exhaustive()
    }
}

impl Screen {
    /// Takes a WebGL2 context for `canvas`, `size_px` device pixels wide and high. There is no adapter to choose.
    ///
    /// # Errors
    /// [`GpuError::NoAdapter`] where the browser gives none.
    #[expect(clippy::unused_async, reason = "the other back end has to wait for its device")]
    pub async fn open(
        canvas: &HtmlCanvasElement,
        size_px: [u32; 2],
        _adapter: JsValue,
        on_event: impl Fn(GpuEvent) + 'static,
    ) -> Result<Self, GpuError> {
        let gl = context(canvas)?;
        let largest_px = largest(&gl);
        let renderer = Renderer::new(&gl, largest_px)?;
        let screen = Self {
            canvas: canvas.clone(),
            gl,
            renderer,
            lost: Cell::new(false),
            on_event: Box::new(on_event),
            has_news: Cell::new(false),
            largest_px,
        };
        screen.resize(size_px);
        Ok(screen)
    }

    /// Gives the canvas element `width × height` device pixels (its attributes are set here, its style is the
    /// page's); cut to [`Self::largest_px`], and a size of 0 waits for a better one.
    pub fn resize(&self, [width, height]: [u32; 2]) {
        if width > 0 && height > 0 && !self.is_lost() {
            self.canvas.set_width(width.min(self.largest_px));
            self.canvas.set_height(height.min(self.largest_px));
        }
    }

    /// Width and height in device pixels.
    #[must_use]
    pub fn size_px(&self) -> [u32; 2] {
        [self.canvas.width(), self.canvas.height()]
    }

    /// Largest width and height of a frame and of the canvas.
    #[must_use]
    pub fn largest_px(&self) -> u32 {
        self.largest_px
    }

    /// Whether the context is gone; nothing is drawn any more then.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost.get() || self.gl.is_context_lost()
    }

    /// Says that the context is gone: `webglcontextlost` on the canvas.
    /// A canvas whose context was lost is of no more use: put a new element in its place.
    pub fn report_lost(&self) {
        if !self.lost.replace(true) {
            (self.on_event)(GpuEvent::DeviceLost("WebGL context lost".to_owned()));
        }
    }

    /// Makes the context go away as a reset of the driver does, to try out how the page recovers.
    pub fn lose_device(&self) {
        lose(&self.gl);
        self.report_lost();
    }

    /// As [`Renderer::upload_buffer`].
    ///
    /// # Errors
    /// As there, and [`GpuError::DeviceLost`].
    pub fn upload_buffer(
        &mut self,
        kind: PixelKind,
        size_px: [u32; 2],
        samples: &ArrayBuffer,
    ) -> Result<FrameTexture, GpuError> {
        self.check_alive()?;
        self.has_news.set(true);
        self.renderer.upload_buffer(kind, size_px, samples)
    }

    /// Puts another frame of the same kind and size into a texture.
    ///
    /// # Errors
    /// [`GpuError::ByteCount`], [`GpuError::Surface`], [`GpuError::DeviceLost`].
    pub fn refill(&self, texture: &FrameTexture, samples: &ArrayBuffer) -> Result<(), GpuError> {
        self.check_alive()?;
        texture.refill(samples)
    }

    /// As [`Renderer::upload_cover`].
    ///
    /// # Errors
    /// As there, and [`GpuError::DeviceLost`].
    pub fn upload_cover(&self, plane: &CoverPlane) -> Result<CoverTexture, GpuError> {
        self.check_alive()?;
        self.has_news.set(true);
        self.renderer.upload_cover(plane)
    }

    /// Draws all panes on grey level `background`; the browser shows the result.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`]; [`GpuError::NoDevice`] where the driver refuses a shader.
    pub fn frame(&mut self, panes: &[PaneDraw<'_>], background: u8) -> Result<Shown, GpuError> {
        self.check_alive()?;
        if self.has_news.take() {
            self.tell_errors();
        }
        self.renderer.draw(self.size_px(), panes, background)?;
        Ok(Shown::Yes)
    }

    /// Draws a probe picture with this shader on this device, to be compared with the CPU reference.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`], [`GpuError::ReadBack`].
    pub fn probe(&mut self, shader: ShaderKind) -> Result<Probe, GpuError> {
        self.check_alive()?;
        Probe::start(&mut self.renderer, shader)
    }

    /// A texture for which there was no memory would be drawn black. Asking waits for the GPU process, so it is
    /// done only after something was uploaded.
    fn tell_errors(&self) {
        match self.gl.get_error() {
            Gl::NO_ERROR | Gl::CONTEXT_LOST_WEBGL => {}
            Gl::OUT_OF_MEMORY => (self.on_event)(GpuEvent::OutOfMemory),
            other => (self.on_event)(GpuEvent::Error(format!("WebGL error {other:#06x}"))),
        }
    }

    fn check_alive(&self) -> Result<(), GpuError> {
        if self.is_lost() { Err(GpuError::DeviceLost) } else { Ok(()) }
    }
}

impl Drop for Screen {
    /// The browser would keep the context, and the memory of all its textures, until it collects garbage.
    fn drop(&mut self) {
        lose(&self.gl);
    }
}

/// No buffer but the picture's own, and none kept: each picture is drawn whole.
fn context(canvas: &HtmlCanvasElement) -> Result<Gl, GpuError> {
    let options = Object::new();
    for name in ["alpha", "antialias", "depth", "stencil"] {
        // Fails only for what is no object.
        Reflect::set(&options, &JsValue::from_str(name), &JsValue::FALSE).ok();
    }
    canvas
        .get_context_with_context_options("webgl2", &options)
        .ok()
        .flatten()
        .and_then(|context| context.dyn_into::<Gl>().ok())
        .ok_or_else(|| GpuError::NoAdapter("the browser gives no WebGL2 context".to_owned()))
}

fn largest(gl: &Gl) -> u32 {
    let limit =
        |name| gl.get_parameter(name).ok().and_then(|value| value.as_f64()).unwrap_or(2048.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates"
    )]
    let largest = limit(Gl::MAX_TEXTURE_SIZE).min(limit(Gl::MAX_RENDERBUFFER_SIZE)) as u32;
    largest
}

/// By the extension made for it; where it is missing the context stays until the browser collects it.
fn lose(gl: &Gl) {
    if let Ok(Some(extension)) = gl.get_extension("WEBGL_lose_context") {
        extension.unchecked_into::<web_sys::WebglLoseContext>().lose_context();
    }
}
