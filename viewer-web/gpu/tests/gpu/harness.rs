//! A GPU without a window.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use negatoscope_gpu::{FrameTexture, PaneDraw, Renderer, device_limits};
use viewer_core::display::DisplayParams;
use viewer_core::pixel::PixelFrame;

/// The two families of back ends: `Vulkan` has what WebGPU has; `Gles` is held to OpenGL ES 3.0, as WebGL2 is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Vulkan,
    Gles,
}

pub(crate) struct Gpu {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) renderer: Renderer,
}

const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// The GPU of a back end, one for all tests of a binary; `None`, with a note, where there is none.
///
/// With `NEGATOSCOPE_REQUIRE_GPU=1` there has to be one.
pub(crate) fn gpu(backend: Backend) -> Option<MutexGuard<'static, Gpu>> {
    static VULKAN: OnceLock<Option<Mutex<Gpu>>> = OnceLock::new();
    static GLES: OnceLock<Option<Mutex<Gpu>>> = OnceLock::new();
    let cell = if backend == Backend::Vulkan { &VULKAN } else { &GLES };
    let found = cell.get_or_init(|| pollster::block_on(Gpu::new(backend)).map(Mutex::new));
    if found.is_none() {
        let required = std::env::var_os("NEGATOSCOPE_REQUIRE_GPU").is_some_and(|v| v == "1");
        assert!(!required, "no {backend:?} adapter");
        println!("skipped: no software GPU ({backend:?})");
    }
    found.as_ref().map(|gpu| gpu.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Gpu {
    async fn new(backend: Backend) -> Option<Self> {
        let adapter = software_adapter(backend).await?;
        let descriptor = wgpu::DeviceDescriptor {
            required_limits: device_limits(&adapter),
            ..wgpu::DeviceDescriptor::default()
        };
        let (device, queue) =
            adapter.request_device(&descriptor).await.expect("a device with WebGL2's limits");
        println!("{backend:?}: {}", adapter.get_info().name);
        let renderer = Renderer::new(&device, &queue, FORMAT);
        Some(Self { device, queue, renderer })
    }

    /// Draws panes on a target of `size`: RGBA rows from the top.
    pub(crate) fn draw(
        &mut self,
        size: [u32; 2],
        panes: &[PaneDraw<'_>],
        background: u8,
    ) -> Vec<u8> {
        let pixels =
            self.renderer.draw_and_read_back(size, panes, background).expect("an RGBA target");
        pixels.wait().expect("pixels")
    }

    /// Draws `frame` alone on a target of the size of its canvas.
    pub(crate) fn draw_one(&mut self, frame: &PixelFrame, params: &DisplayParams) -> Vec<u8> {
        let texture: FrameTexture = self.renderer.upload(frame).expect("a frame that fits");
        let [width, height] = params.canvas_size_px;
        let pane =
            PaneDraw { rect_px: [0, 0, width, height], frame: Some(&texture), params, cover: None };
        self.draw([width, height], &[pane], 0)
    }
}

/// A software rasteriser where there is one (the same results everywhere), else any adapter.
async fn software_adapter(backend: Backend) -> Option<wgpu::Adapter> {
    let backends = match backend {
        Backend::Vulkan => wgpu::Backends::VULKAN,
        Backend::Gles => wgpu::Backends::GL,
    };
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = backends;
    descriptor.backend_options.gl.gles_minor_version = wgpu::Gles3MinorVersion::Version0;
    let mut adapters = wgpu::Instance::new(descriptor).enumerate_adapters(backends).await;
    adapters.sort_by_key(|adapter| adapter.get_info().device_type != wgpu::DeviceType::Cpu);
    adapters.into_iter().next()
}
