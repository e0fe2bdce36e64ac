use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use viewer_core::display::cover::CoverPlane;
use viewer_core::pixel::{PixelFrame, PixelKind};

#[cfg(target_arch = "wasm32")]
use crate::frame_bytes::frame_bytes;
use crate::{
    CoverTexture, FrameTexture, GpuError, GpuEvent, PaneDraw, Probe, ReadBack, Renderer, Shown,
};

/// The page's one canvas: WebGL through wgpu has one surface per device, so all viewports are panes of it.
#[derive(Debug)]
pub struct Screen {
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    renderer: Renderer,
    state: Arc<State>,
    largest_px: u32,
    /// For the way from the browser's memory to the GPU's.
    #[cfg(target_arch = "wasm32")]
    scratch: Vec<u8>,
}

/// Shared with the device's callbacks.
struct State {
    lost: AtomicBool,
    on_event: Box<dyn Fn(GpuEvent) + Send + Sync>,
}

impl State {
    /// Tells of the loss once, whoever finds it out first.
    fn lose(&self, cause: &str) {
        if !self.lost.swap(true, Ordering::AcqRel) {
            (self.on_event)(GpuEvent::DeviceLost(cause.to_owned()));
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("lost", &self.lost).finish_non_exhaustive()
    }
}

/// An instance for the back end this crate was built with.
///
/// # Errors
/// [`GpuError::NoAdapter`] where the build has none.
pub fn instance() -> Result<wgpu::Instance, GpuError> {
    if wgpu::Instance::enabled_backend_features().is_empty() {
        return Err(GpuError::NoAdapter("built without any back end".to_owned()));
    }
    Ok(wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle()))
}

/// The limits of WebGL2, with textures as large as the adapter has them: all that is needed on both back ends.
#[must_use]
pub fn device_limits(adapter: &wgpu::Adapter) -> wgpu::Limits {
    wgpu::Limits::downlevel_webgl2_defaults().using_resolution(adapter.limits())
}

/// The first format of `formats` that writes bytes as computed, without any sRGB conversion.
#[must_use]
pub fn target_format(formats: &[wgpu::TextureFormat]) -> Option<wgpu::TextureFormat> {
    use wgpu::TextureFormat::{Bgra8Unorm, Rgba8Unorm};
    formats.iter().copied().find(|format| matches!(format, Rgba8Unorm | Bgra8Unorm))
}

impl Screen {
    /// Takes an adapter and a device for `surface`, which is `size_px` device pixels wide and high.
    /// `on_event` is called from inside the browser's callbacks: let it only note what happened.
    ///
    /// # Errors
    /// [`GpuError::NoAdapter`], [`GpuError::NoDevice`], [`GpuError::Surface`].
    pub async fn new(
        instance: &wgpu::Instance,
        surface: wgpu::Surface<'static>,
        size_px: [u32; 2],
        on_event: impl Fn(GpuEvent) + Send + Sync + 'static,
    ) -> Result<Self, GpuError> {
        let adapter = request_adapter(instance, &surface).await?;
        let (device, queue) = request_device(&adapter).await?;
        let state = listen(&device, on_event);
        let config = configuration(&adapter, &surface, size_px)?;
        let renderer = Renderer::new(&device, &queue, config.format);
        let largest_px = device.limits().max_texture_dimension_2d;
        let mut screen = Self {
            surface,
            config,
            renderer,
            state,
            largest_px,
            #[cfg(target_arch = "wasm32")]
            scratch: Vec::new(),
        };
        screen.resize(size_px);
        Ok(screen)
    }

    /// As [`Self::new`], for a canvas of the page.
    ///
    /// # Errors
    /// As there.
    #[cfg(target_arch = "wasm32")]
    pub async fn open(
        canvas: &web_sys::HtmlCanvasElement,
        size_px: [u32; 2],
        on_event: impl Fn(GpuEvent) + Send + Sync + 'static,
    ) -> Result<Self, GpuError> {
        let instance = instance()?;
        let surface = instance
            .create_surface(wgpu::SurfaceTarget::Canvas(canvas.clone()))
            .map_err(|error| GpuError::NoAdapter(error.to_string()))?;
        Self::new(&instance, surface, size_px, on_event).await
    }

    /// Gives the canvas element `width × height` device pixels (its attributes are set here, its style is the
    /// page's); cut to [`Self::largest_px`], and a size of 0 waits for a better one.
    pub fn resize(&mut self, [width, height]: [u32; 2]) {
        if width == 0 || height == 0 || self.is_lost() {
            return;
        }
        self.config.width = width.min(self.largest_px);
        self.config.height = height.min(self.largest_px);
        self.surface.configure(self.renderer.device(), &self.config);
    }

    /// Width and height in device pixels.
    #[must_use]
    pub fn size_px(&self) -> [u32; 2] {
        [self.config.width, self.config.height]
    }

    /// Largest width and height of a frame and of the canvas.
    #[must_use]
    pub fn largest_px(&self) -> u32 {
        self.largest_px
    }

    /// Whether the device is gone; nothing is drawn any more then.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.state.lost.load(Ordering::Acquire)
    }

    /// Says that the device is gone, where only the page can know: `webglcontextlost` on the canvas.
    /// A canvas whose WebGL context was lost is of no more use: put a new element in its place.
    pub fn report_lost(&self) {
        self.state.lose("WebGL context lost");
    }

    /// Makes the device go away as a reset of the driver does, to try out how the page recovers.
    pub fn lose_device(&self) {
        self.renderer.device().destroy();
        // WebGPU tells so itself, later; WebGL does not.
        self.state.lose("given up on purpose");
    }

    /// As [`Renderer::upload`].
    ///
    /// # Errors
    /// As there, and [`GpuError::DeviceLost`].
    pub fn upload(&self, frame: &PixelFrame) -> Result<FrameTexture, GpuError> {
        self.check_alive()?;
        self.renderer.upload(frame)
    }

    /// As [`Renderer::upload_bytes`].
    ///
    /// # Errors
    /// As there, and [`GpuError::DeviceLost`].
    pub fn upload_bytes(
        &self,
        kind: PixelKind,
        columns: u32,
        rows: u32,
        bytes: &[u8],
    ) -> Result<FrameTexture, GpuError> {
        self.check_alive()?;
        self.renderer.upload_bytes(kind, columns, rows, bytes)
    }

    /// As [`Renderer::upload_cover`].
    ///
    /// # Errors
    /// As there, and [`GpuError::DeviceLost`].
    pub fn upload_cover(&self, plane: &CoverPlane) -> Result<CoverTexture, GpuError> {
        self.check_alive()?;
        self.renderer.upload_cover(plane)
    }

    /// As [`Self::upload_bytes`], from memory of the browser; what lies behind the samples is not looked at.
    ///
    /// # Errors
    /// As there.
    #[cfg(target_arch = "wasm32")]
    pub fn upload_buffer(
        &mut self,
        kind: PixelKind,
        [columns, rows]: [u32; 2],
        samples: &js_sys::ArrayBuffer,
    ) -> Result<FrameTexture, GpuError> {
        let mut bytes = std::mem::take(&mut self.scratch);
        let length = frame_bytes(kind, [columns, rows]).min(samples.byte_length().into());
        bytes.resize(length as usize, 0);
        js_sys::Uint8Array::new_with_byte_offset_and_length(samples, 0, length as u32)
            .copy_to(&mut bytes);
        let texture = self.upload_bytes(kind, columns, rows, &bytes);
        self.scratch = bytes;
        texture
    }

    /// Draws all panes on grey level `background` and shows the result.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`]; [`GpuError::Surface`] where the canvas has to be made anew.
    pub fn frame(&mut self, panes: &[PaneDraw<'_>], background: u8) -> Result<Shown, GpuError> {
        self.check_alive()?;
        let Some(texture) = self.next_texture()? else { return Ok(Shown::Later) };
        let view = texture.texture.create_view(&wgpu::TextureViewDescriptor::default());
        self.renderer.submit(&view, panes, background);
        self.renderer.queue().present(texture);
        Ok(Shown::Yes)
    }

    /// Draws the same as [`Self::frame`] off screen and reads it back.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`], [`GpuError::ReadBack`].
    pub fn capture(
        &mut self,
        panes: &[PaneDraw<'_>],
        background: u8,
    ) -> Result<ReadBack, GpuError> {
        self.check_alive()?;
        self.renderer.draw_and_read_back(self.size_px(), panes, background)
    }

    /// Draws probe pictures on this device, to be compared with the CPU reference.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`], [`GpuError::ReadBack`].
    pub fn probe(&mut self) -> Result<Probe, GpuError> {
        self.check_alive()?;
        Probe::start(&mut self.renderer)
    }

    /// `None` where there is nothing to draw to for now.
    fn next_texture(&self) -> Result<Option<wgpu::SurfaceTexture>, GpuError> {
        use wgpu::CurrentSurfaceTexture::{
            Lost, Occluded, Outdated, Suboptimal, Success, Timeout, Validation,
        };
        match self.surface.get_current_texture() {
            Success(texture) | Suboptimal(texture) => Ok(Some(texture)),
            Timeout | Occluded => Ok(None),
            Outdated => {
                self.surface.configure(self.renderer.device(), &self.config);
                Ok(None)
            }
            Lost => Err(GpuError::Surface("lost")),
            Validation => Err(GpuError::Surface("refused by the device")),
        }
    }

    fn check_alive(&self) -> Result<(), GpuError> {
        if self.is_lost() { Err(GpuError::DeviceLost) } else { Ok(()) }
    }
}

impl Drop for Screen {
    /// The browser would keep the device, and the memory of all its textures, until it collects garbage.
    fn drop(&mut self) {
        // No news then.
        self.state.lost.store(true, Ordering::Release);
        self.renderer.device().destroy();
    }
}

async fn request_adapter(
    instance: &wgpu::Instance,
    surface: &wgpu::Surface<'static>,
) -> Result<wgpu::Adapter, GpuError> {
    let options = wgpu::RequestAdapterOptions {
        compatible_surface: Some(surface),
        ..wgpu::RequestAdapterOptions::default()
    };
    instance.request_adapter(&options).await.map_err(|error| GpuError::NoAdapter(error.to_string()))
}

async fn request_device(adapter: &wgpu::Adapter) -> Result<(wgpu::Device, wgpu::Queue), GpuError> {
    let descriptor = wgpu::DeviceDescriptor {
        label: Some("viewer"),
        required_limits: device_limits(adapter),
        memory_hints: wgpu::MemoryHints::MemoryUsage,
        ..wgpu::DeviceDescriptor::default()
    };
    adapter.request_device(&descriptor).await.map_err(|error| GpuError::NoDevice(error.to_string()))
}

/// wgpu panics on errors nobody listens to; here they become events.
fn listen(
    device: &wgpu::Device,
    on_event: impl Fn(GpuEvent) + Send + Sync + 'static,
) -> Arc<State> {
    let state = Arc::new(State { lost: AtomicBool::new(false), on_event: Box::new(on_event) });
    let shared = Arc::clone(&state);
    device.set_device_lost_callback(move |_, message| shared.lose(&message));
    let shared = Arc::clone(&state);
    device.on_uncaptured_error(Arc::new(move |error| {
        (shared.on_event)(match error {
            wgpu::Error::OutOfMemory { .. } => GpuEvent::OutOfMemory,
            other => GpuEvent::Error(other.to_string()),
        });
    }));
    state
}

fn configuration(
    adapter: &wgpu::Adapter,
    surface: &wgpu::Surface<'static>,
    [width, height]: [u32; 2],
) -> Result<wgpu::SurfaceConfiguration, GpuError> {
    let format = target_format(&surface.get_capabilities(adapter).formats)
        .ok_or(GpuError::Surface("no 8-bit format without sRGB conversion"))?;
    let default = surface
        .get_default_config(adapter, width.max(1), height.max(1))
        .ok_or(GpuError::Surface("not for this adapter"))?;
    Ok(wgpu::SurfaceConfiguration { format, ..default })
}

#[cfg(test)]
mod tests {
    use super::target_format;
    use wgpu::TextureFormat::{Bgra8Unorm, Bgra8UnormSrgb, Rgba8Unorm, Rgba16Float};

    #[test]
    fn targets_are_never_srgb() {
        assert_eq!(target_format(&[Bgra8UnormSrgb, Rgba16Float, Bgra8Unorm]), Some(Bgra8Unorm));
        assert_eq!(target_format(&[Rgba8Unorm, Bgra8Unorm]), Some(Rgba8Unorm));
        assert_eq!(target_format(&[Bgra8UnormSrgb]), None);
    }
}
