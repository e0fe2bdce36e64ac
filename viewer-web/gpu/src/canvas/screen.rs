use std::cell::Cell;

use js_sys::{ArrayBuffer, Object, Reflect};
use viewer_core::display::cover::CoverPlane;
use viewer_core::pixel::PixelKind;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::{CoverTexture, FrameTexture, Renderer};
use crate::pane::around;
use crate::{GpuError, GpuEvent, PaneDraw, Probe, ShaderKind, Shown};

/// Longest side of the canvas that every browser has.
const LARGEST_PX: u32 = 8192;

/// All viewports, as panes. The canvas itself lies only where their pictures are: a browser without a GPU copies all of one
/// at every step.
#[derive(Debug)]
pub struct Screen {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    renderer: Renderer,
    /// Device pixels that the canvas could be as large as.
    size_px: Cell<[u32; 2]>,
    laid: Option<Laid>,
}

/// How the canvas lies, and what between its pictures has been painted for.
#[derive(Debug, PartialEq)]
struct Laid {
    size_px: [u32; 2],
    background: u8,
    /// Left, top, width and height of pictures.
    places: Vec<[u32; 4]>,
}

impl Laid {
    /// Left, top, width and height of the canvas.
    fn rect_px(&self) -> [u32; 4] {
        let [width, height] = self.size_px;
        self.places.iter().copied().reduce(around).unwrap_or([0, 0, width, height])
    }
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
        let canvas = canvas.clone();
        let renderer = Renderer::default();
        let screen = Self { canvas, context, renderer, size_px: Cell::default(), laid: None };
        screen.resize(size_px);
        Ok(screen)
    }

    /// Gives the screen `width × height` device pixels (the page stretches them to its own); cut to [`Self::largest_px`],
    /// and a size of 0 waits for a better one.
    pub fn resize(&self, [width, height]: [u32; 2]) {
        if width > 0 && height > 0 {
            self.size_px.set([width.min(LARGEST_PX), height.min(LARGEST_PX)]);
        }
    }

    /// Width and height in device pixels.
    #[must_use]
    pub fn size_px(&self) -> [u32; 2] {
        self.size_px.get()
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
        let [left, top] = self.lay(size_px, panes, background);
        let mut taken = Ok(Shown::Yes);
        let context = &self.context;
        self.renderer.draw(size_px, panes, background, |[x, y, width, height], picture| {
            if put(context, [x - left, y - top, width, height], picture).is_err() {
                taken = Err(GpuError::Surface("the browser takes no picture"));
            }
        });
        taken
    }

    /// Lays the canvas where pictures are, with nothing between them, and gives its upper left corner.
    fn lay(&mut self, size_px: [u32; 2], panes: &[PaneDraw<'_>], background: u8) -> [u32; 2] {
        let places = panes.iter().filter_map(|pane| pane.place_px(size_px, background)).collect();
        let laid = Laid { size_px, background, places };
        let rect_px @ [left, top, width, height] = laid.rect_px();
        if self.laid.as_ref() != Some(&laid) {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
            self.place(rect_px);
            let grey = format!("rgb({background} {background} {background})");
            self.context.set_fill_style_str(&grey);
            self.context.fill_rect(0.0, 0.0, width.into(), height.into());
            self.laid = Some(laid);
        }
        [left, top]
    }

    /// As shares of the stage, which is as large as the screen; what takes pixels out of the canvas finds their place in `data-left`,
    /// `data-top` and `data-stage-width`, device pixels.
    fn place(&self, [left, top, width, height]: [u32; 4]) {
        let [across, down] = self.size_px();
        let style = self.canvas.style();
        for (name, px, of) in [
            ("left", left, across),
            ("top", top, down),
            ("width", width, across),
            ("height", height, down),
        ] {
            // Fails only for names that are none.
            style.set_property(name, &format!("calc(100% * {px} / {of})")).ok();
        }
        for (name, px) in [("left", left), ("top", top), ("stage-width", across)] {
            self.canvas.set_attribute(&format!("data-{name}"), &px.to_string()).ok();
        }
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

/// Opaque. Not `willReadFrequently`: the browser paints such a canvas into its page anew at every step, others it puts
/// there as they are.
fn context(canvas: &HtmlCanvasElement) -> Result<CanvasRenderingContext2d, GpuError> {
    let options = Object::new();
    // Fails only for what is no object.
    Reflect::set(&options, &JsValue::from_str("alpha"), &JsValue::FALSE).ok();
    canvas
        .get_context_with_context_options("2d", &options)
        .ok()
        .flatten()
        .and_then(|context| context.dyn_into().ok())
        .ok_or_else(|| GpuError::NoAdapter("the browser gives no 2D context".to_owned()))
}
