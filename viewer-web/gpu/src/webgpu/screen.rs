use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use js_sys::ArrayBuffer;
use viewer_core::display::cover::CoverPlane;
use viewer_core::pixel::PixelKind;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlCanvasElement;

use super::bindings::{
    Adapter, CanvasContext, Device, OutOfMemoryError, UncapturedError, message_of, object,
    preferred_canvas_format, request_adapter,
};
use super::{FrameTexture, Renderer};
use crate::{CoverTexture, GpuError, GpuEvent, PaneDraw, Probe, ShaderKind, Shown};

/// The page's one canvas; all viewports are panes of it.
pub struct Screen {
    canvas: HtmlCanvasElement,
    context: CanvasContext,
    device: Device,
    renderer: Renderer,
    state: Rc<State>,
    largest_px: u32,
    _on_error: Closure<dyn FnMut(UncapturedError)>,
}

/// Shared with what listens to the device.
struct State {
    lost: Cell<bool>,
    on_event: Box<dyn Fn(GpuEvent)>,
}

impl State {
    /// Tells of the loss once, whoever finds it out first.
    fn lose(&self, cause: String) {
        if !self.lost.replace(true) {
            (self.on_event)(GpuEvent::DeviceLost(cause));
        }
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").field("lost", &self.state.lost).finish_non_exhaustive()
    }
}

impl Screen {
    /// Takes a device for `canvas`, `size_px` device pixels wide and high, from a `GPUAdapter` that has not given one
    /// yet; undefined where one has to be asked for. `on_event` is called from inside the
    /// browser's callbacks: let it only note what happened.
    ///
    /// # Errors
    /// [`GpuError::NoAdapter`], [`GpuError::NoDevice`], [`GpuError::Surface`].
    pub async fn open(
        canvas: &HtmlCanvasElement,
        size_px: [u32; 2],
        adapter: JsValue,
        on_event: impl Fn(GpuEvent) + 'static,
    ) -> Result<Self, GpuError> {
        let (device, largest_px) = request_device(adapter).await?;
        let state = Rc::new(State { lost: Cell::new(false), on_event: Box::new(on_event) });
        let on_error = listen(&device, &state);
        // Never one with sRGB conversion: bytes are shown as computed.
        let format = preferred_canvas_format().map_err(|_js| GpuError::Surface("no format"))?;
        let context = configured(canvas, &device, &format)?;
        let renderer = Renderer::new(&device, format, largest_px);
        let canvas = canvas.clone();
        let screen =
            Self { canvas, context, device, renderer, state, largest_px, _on_error: on_error };
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

    /// Whether the device is gone; nothing is drawn any more then.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.state.lost.get()
    }

    /// Says that the canvas is of no more use, where only the page can know.
    pub fn report_lost(&self) {
        self.state.lose("the canvas was lost".to_owned());
    }

    /// Makes the device go away as a reset of the driver does, to try out how the page recovers.
    pub fn lose_device(&self) {
        self.device.destroy();
        self.state.lose("given up on purpose".to_owned());
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
        self.renderer.upload_buffer(kind, size_px, samples)
    }

    /// Puts another frame of the same kind and size into a texture.
    ///
    /// # Errors
    /// [`GpuError::ByteCount`], [`GpuError::Surface`], [`GpuError::DeviceLost`].
    pub fn refill(&self, texture: &FrameTexture, samples: &ArrayBuffer) -> Result<(), GpuError> {
        self.check_alive()?;
        texture.refill(&self.device, samples)
    }

    /// As [`Renderer::upload_cover`].
    ///
    /// # Errors
    /// As there, and [`GpuError::DeviceLost`].
    pub fn upload_cover(&self, plane: &CoverPlane) -> Result<CoverTexture, GpuError> {
        self.check_alive()?;
        self.renderer.upload_cover(plane)
    }

    /// Draws all panes on grey level `background`; the browser shows the result.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`]; [`GpuError::Surface`] where the canvas has to be made anew.
    pub fn frame(&mut self, panes: &[PaneDraw<'_>], background: u8) -> Result<Shown, GpuError> {
        self.check_alive()?;
        let texture = self
            .context
            .current_texture()
            .map_err(|_js| GpuError::Surface("it gives no texture"))?;
        self.renderer.draw(&texture.create_view(), self.size_px(), panes, background)?;
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

    fn check_alive(&self) -> Result<(), GpuError> {
        if self.is_lost() { Err(GpuError::DeviceLost) } else { Ok(()) }
    }
}

impl Drop for Screen {
    /// The browser would keep the device, and the memory of all its textures, until it collects garbage.
    fn drop(&mut self) {
        // No news then.
        self.state.lost.set(true);
        self.device.set_onuncapturederror(None);
        self.device.destroy();
    }
}

/// A device, and the largest texture that it has.
async fn request_device(adapter: JsValue) -> Result<(Device, u32), GpuError> {
    let adapter =
        if adapter.is_object() { adapter } else { request_adapter().await.unwrap_or_default() };
    if adapter.is_null() || adapter.is_undefined() {
        return Err(GpuError::NoAdapter("the browser gives no WebGPU adapter".to_owned()));
    }
    let adapter: Adapter = adapter.unchecked_into();
    let largest_px = adapter.limits().max_texture_dimension_2d();
    let limits = object([("maxTextureDimension2D", largest_px.into())]);
    let device = adapter.request_device(&object([("requiredLimits", limits.into())])).await;
    let device = device.map_err(|error| GpuError::NoDevice(message_of(&error)))?;
    Ok((device.unchecked_into(), largest_px))
}

/// Errors of a device that nobody listens to are lost in the browser's console; here they become events.
fn listen(device: &Device, state: &Rc<State>) -> Closure<dyn FnMut(UncapturedError)> {
    let shared = Rc::clone(state);
    let lost = JsFuture::from(device.lost());
    spawn_local(async move {
        let info = lost.await.unwrap_or_default();
        shared.lose(message_of(&info));
    });
    let shared = Rc::clone(state);
    let on_error = Closure::new(move |event: UncapturedError| {
        let error = event.error();
        (shared.on_event)(match error.dyn_ref::<OutOfMemoryError>() {
            Some(_) => GpuEvent::OutOfMemory,
            None => GpuEvent::Error(message_of(&error)),
        });
    });
    device.set_onuncapturederror(Some(on_error.as_ref().unchecked_ref()));
    on_error
}

fn configured(
    canvas: &HtmlCanvasElement,
    device: &Device,
    format: &str,
) -> Result<CanvasContext, GpuError> {
    let context = canvas.get_context("webgpu").ok().flatten();
    let context = context.ok_or(GpuError::Surface("it has no WebGPU context"))?;
    let context: CanvasContext = context.unchecked_into();
    let configuration = object([("device", device.into()), ("format", format.into())]);
    context.configure(&configuration).map_err(|_js| GpuError::Surface("not for this device"))?;
    Ok(context)
}
