use js_sys::{ArrayBuffer, Object, Reflect};
use viewer_core::display::cover::CoverPlane;
use viewer_core::pixel::PixelKind;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::{CoverTexture, FrameTexture, Renderer};
use crate::{GpuError, GpuEvent, PaneDraw, Probe, ShaderKind, Shown};

/// Longest side of the canvas that every browser has.
const LARGEST_PX: u32 = 8192;

/// The page's one canvas; all viewports are panes of it.
#[derive(Debug)]
pub struct Screen {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    renderer: Renderer,
}

impl Screen {
    /// Takes a 2D context for `canvas`, `size_px` device pixels wide and high. Nothing can be lost later.
    ///
    /// # Errors
    /// [`GpuError::NoAdapter`] where the browser gives none.
    #[expect(clippy::unused_async, reason = "another back end has to wait for its device")]
    pub async fn open(
        canvas: &HtmlCanvasElement,
        size_px: [u32; 2],
        _adapter: JsValue,
        _on_event: impl Fn(GpuEvent) + 'static,
    ) -> Result<Self, GpuError> {
        let context = context(canvas)?;
        let screen = Self { canvas: canvas.clone(), context, renderer: Renderer::default() };
        screen.resize(size_px);
        Ok(screen)
    }

    /// Gives the canvas element `width × height` device pixels (its attributes are set here, its style is the
    /// page's); cut to [`Self::largest_px`], and a size of 0 waits for a better one.
    pub fn resize(&self, [width, height]: [u32; 2]) {
        if width > 0 && height > 0 {
            self.canvas.set_width(width.min(LARGEST_PX));
            self.canvas.set_height(height.min(LARGEST_PX));
        }
    }

    /// Width and height in device pixels.
    #[must_use]
    pub fn size_px(&self) -> [u32; 2] {
        [self.canvas.width(), self.canvas.height()]
    }

    /// Largest width and height of the canvas.
    #[must_use]
    pub fn largest_px(&self) -> u32 {
        LARGEST_PX
    }

    /// Never.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        false
    }

    /// Nothing is lost.
    pub fn report_lost(&self) {}

    /// There is no device to lose.
    pub fn lose_device(&self) {}

    /// As [`Renderer::upload_buffer`].
    ///
    /// # Errors
    /// As there.
    pub fn upload_buffer(
        &mut self,
        kind: PixelKind,
        size_px: [u32; 2],
        samples: &ArrayBuffer,
    ) -> Result<FrameTexture, GpuError> {
        self.renderer.upload_buffer(kind, size_px, samples)
    }

    /// Puts another frame of the same kind and size in the place of one.
    ///
    /// # Errors
    /// [`GpuError::ByteCount`].
    pub fn refill(&self, texture: &FrameTexture, samples: &ArrayBuffer) -> Result<(), GpuError> {
        texture.refill(samples)
    }

    /// As [`Renderer::upload_cover`].
    ///
    /// # Errors
    /// None; the other back ends have some.
    pub fn upload_cover(&self, plane: &CoverPlane) -> Result<CoverTexture, GpuError> {
        Ok(self.renderer.upload_cover(plane))
    }

    /// Draws all panes on grey level `background`; the browser shows the result.
    ///
    /// # Errors
    /// [`GpuError::Surface`] where the browser takes no picture.
    pub fn frame(&mut self, panes: &[PaneDraw<'_>], background: u8) -> Result<Shown, GpuError> {
        let size_px = self.size_px();
        let [width, height] = size_px.map(f64::from);
        self.context.set_fill_style_str(&format!("rgb({background} {background} {background})"));
        self.context.fill_rect(0.0, 0.0, width, height);
        let mut taken = Ok(Shown::Yes);
        let context = &self.context;
        self.renderer.draw(size_px, panes, background, |place, picture| {
            if put(context, place, picture).is_err() {
                taken = Err(GpuError::Surface("the browser takes no picture"));
            }
        });
        taken
    }

    /// Draws a probe picture, to be compared with the CPU reference.
    ///
    /// # Errors
    /// [`GpuError::ReadBack`].
    pub fn probe(&mut self, shader: ShaderKind) -> Result<Probe, GpuError> {
        Probe::start(&mut self.renderer, shader)
    }
}

fn put(
    context: &CanvasRenderingContext2d,
    [left, top, width, height]: [u32; 4],
    picture: &[u8],
) -> Result<(), JsValue> {
    let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(picture), width, height)?;
    context.put_image_data(&data, f64::from(left), f64::from(top))
}

/// Kept in the page's own memory, where pictures come from.
fn context(canvas: &HtmlCanvasElement) -> Result<CanvasRenderingContext2d, GpuError> {
    let options = Object::new();
    for (name, value) in [("alpha", JsValue::FALSE), ("willReadFrequently", JsValue::TRUE)] {
        // Fails only for what is no object.
        Reflect::set(&options, &JsValue::from_str(name), &value).ok();
    }
    canvas
        .get_context_with_context_options("2d", &options)
        .ok()
        .flatten()
        .and_then(|context| context.dyn_into().ok())
        .ok_or_else(|| GpuError::NoAdapter("the browser gives no 2D context".to_owned()))
}
