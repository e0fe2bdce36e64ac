use std::convert::Infallible;

use viewer_core::display::cover::CoverPlane;
use viewer_core::pixel::{PixelFrame, PixelKind};

use super::cover_pipeline::CoverPipeline;
use super::frame_texture::FrameTexture;
use super::pipeline::{PanePipeline, PaneResources};
use super::read_back::{ReadBack, read_back};
use crate::GpuError;
use crate::ShaderKind;
use crate::cover::{CoverTexture, CoverUniforms};
use crate::lookup::{ENTRIES_PER_ROW, LookupTextures, Tables, folded};
use crate::pane::CoverDraw;
use crate::pane::{PaneDraw, covered, scissor};
use crate::uniforms::PaneUniforms;

/// Draws frames into panes of a render target.
///
/// Agrees with [`viewer_core::display`]'s CPU renderer to 1/255 on every pixel.
#[derive(Debug)]
pub struct Renderer {
    device: wgpu::Device,
    queue: wgpu::Queue,
    target_format: wgpu::TextureFormat,
    /// One per shader, made when first needed: compiling takes time.
    pipelines: [Option<PanePipeline>; ShaderKind::ALL.len()],
    cover_pipeline: Option<CoverPipeline>,
    tables: LookupTextures<wgpu::TextureView>,
}

/// A pane ready to be drawn: scissor rectangle, shader, its bindings, those of its cover.
type Prepared = ([[u32; 4]; 2], ShaderKind, wgpu::BindGroup, Option<wgpu::BindGroup>);

impl Renderer {
    /// Renderer for targets of `target_format`, which must not be an sRGB one: bytes come out as computed.
    #[must_use]
    pub fn new(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        target_format: wgpu::TextureFormat,
    ) -> Self {
        Self {
            device: device.clone(),
            queue: queue.clone(),
            target_format,
            pipelines: [const { None }; ShaderKind::ALL.len()],
            cover_pipeline: None,
            tables: LookupTextures::default(),
        }
    }

    /// Copies `frame` to the GPU.
    ///
    /// # Errors
    /// [`GpuError::TooLarge`] and [`GpuError::Empty`]. Lack of memory is found out later by the driver and
    /// reported as an uncaptured error.
    pub fn upload(&self, frame: &PixelFrame) -> Result<FrameTexture, GpuError> {
        let pixels = frame.pixels();
        self.upload_bytes(pixels.kind(), frame.columns(), frame.rows(), pixels.as_bytes())
    }

    /// Copies `columns × rows` pixels, native-endian, row by row without padding, to the GPU.
    ///
    /// # Errors
    /// As [`Self::upload`], and [`GpuError::ByteCount`].
    pub fn upload_bytes(
        &self,
        kind: PixelKind,
        columns: u32,
        rows: u32,
        bytes: &[u8],
    ) -> Result<FrameTexture, GpuError> {
        FrameTexture::upload(&self.device, &self.queue, kind, [columns, rows], bytes)
    }

    /// Copies what lies over a frame to the GPU.
    ///
    /// # Errors
    /// As [`Self::upload`].
    pub fn upload_cover(&self, plane: &CoverPlane) -> Result<CoverTexture, GpuError> {
        let cells =
            self.upload_bytes(PixelKind::GrayU8, plane.size()[0], plane.size()[1], plane.cells())?;
        Ok(CoverTexture::new(cells, plane))
    }

    /// Records one pass that clears `target` to grey level `background` and draws every pane.
    ///
    /// A pane whose parameters are not finite numbers shows its background only.
    pub fn draw(
        &mut self,
        encoder: &mut wgpu::CommandEncoder,
        target: &wgpu::TextureView,
        panes: &[PaneDraw<'_>],
        background: u8,
    ) {
        let size = [target.texture().width(), target.texture().height()];
        let prepared: Vec<Prepared> =
            panes.iter().filter_map(|pane| self.prepare(pane, size, background)).collect();
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("panes"),
            color_attachments: &[Some(clear(target, background))],
            depth_stencil_attachment: None,
            timestamp_writes: None,
            occlusion_query_set: None,
            multiview_mask: None,
        });
        for ([covered, whole], kind, bindings, cover) in &prepared {
            let Some(pipeline) = &self.pipelines[*kind as usize] else { continue };
            pass.set_pipeline(pipeline.render_pipeline());
            pass.set_bind_group(0, bindings, &[]);
            cut(&mut pass, *covered);
            pass.draw(0..3, 0..1);
            cut(&mut pass, *whole);
            if let (Some(cover), Some(pipeline)) = (cover, &self.cover_pipeline) {
                pass.set_pipeline(pipeline.render_pipeline());
                pass.set_bind_group(0, cover, &[]);
                pass.draw(0..3, 0..1);
            }
        }
    }

    /// As [`Self::draw`], submitted at once.
    pub fn submit(&mut self, target: &wgpu::TextureView, panes: &[PaneDraw<'_>], background: u8) {
        let descriptor = wgpu::CommandEncoderDescriptor { label: Some("panes") };
        let mut encoder = self.device.create_command_encoder(&descriptor);
        self.draw(&mut encoder, target, panes, background);
        self.queue.submit([encoder.finish()]);
    }

    /// As [`Self::draw`], off screen, the pixels read back.
    ///
    /// # Errors
    /// [`GpuError::ReadBack`] where the target format is not one of 8-bit RGBA.
    pub fn draw_and_read_back(
        &mut self,
        [width, height]: [u32; 2],
        panes: &[PaneDraw<'_>],
        background: u8,
    ) -> Result<ReadBack, GpuError> {
        let texture = self.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("off screen"),
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: self.target_format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        self.submit(&view, panes, background);
        let pixels = read_back(&self.device, &self.queue, &texture);
        texture.destroy();
        pixels
    }

    fn prepare(
        &mut self,
        pane: &PaneDraw<'_>,
        target_size: [u32; 2],
        background: u8,
    ) -> Option<Prepared> {
        let frame = pane.frame?;
        let scissor = scissor(pane.rect_px, target_size)?;
        let covered = covered(scissor, pane, frame.size_px(), background);
        let cover = pane.cover.and_then(|cover| self.prepare_cover(pane, cover));
        let tables = Tables::of(frame.kind(), pane.params);
        let uniforms = PaneUniforms::new(pane.rect_px, frame, pane.params, &tables);
        let kind = ShaderKind::of(frame.kind(), &uniforms);
        let uniforms = self.uniforms(&uniforms);
        let tables = self.table(tables.entries);
        let resources = PaneResources { uniforms: &uniforms, frame: frame.view(), tables: &tables };
        let (device, format) = (&self.device, self.target_format);
        let pipeline = self.pipelines[kind as usize]
            .get_or_insert_with(|| PanePipeline::new(device, kind, format));
        Some(([covered, scissor], kind, pipeline.bind(device, &resources), cover))
    }

    fn prepare_cover(
        &mut self,
        pane: &PaneDraw<'_>,
        cover: CoverDraw<'_>,
    ) -> Option<wgpu::BindGroup> {
        let map = &pane.params.image_from_canvas;
        let uniforms = self.uniforms(&CoverUniforms::new(pane.rect_px, map, cover)?);
        let (device, format) = (&self.device, self.target_format);
        let pipeline =
            self.cover_pipeline.get_or_insert_with(|| CoverPipeline::new(device, format));
        Some(pipeline.bind(device, &uniforms, cover.texture))
    }

    /// A buffer of its own for each pane and draw: writes to a shared one would all happen before the
    /// first draw that is submitted.
    fn uniforms<T: bytemuck::Pod>(&self, values: &T) -> wgpu::Buffer {
        let bytes = bytemuck::bytes_of(values);
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("pane"),
            size: bytes.len() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.queue.write_buffer(&buffer, 0, bytes);
        buffer
    }

    fn table(&mut self, entries: Vec<u16>) -> wgpu::TextureView {
        let (device, queue) = (&self.device, &self.queue);
        let upload = |entries: &[u16]| Ok::<_, Infallible>(upload_table(device, queue, entries));
        match self.tables.texture(entries, upload) {
            Ok(texture) => texture,
        }
    }
}

fn cut(pass: &mut wgpu::RenderPass<'_>, [left, top, width, height]: [u32; 4]) {
    pass.set_scissor_rect(left, top, width, height);
}

fn clear(target: &wgpu::TextureView, background: u8) -> wgpu::RenderPassColorAttachment<'_> {
    let level = f64::from(background) / 255.0;
    wgpu::RenderPassColorAttachment {
        view: target,
        depth_slice: None,
        resolve_target: None,
        ops: wgpu::Operations {
            load: wgpu::LoadOp::Clear(wgpu::Color { r: level, g: level, b: level, a: 1.0 }),
            store: wgpu::StoreOp::Store,
        },
    }
}

/// An R16Uint texture with `entries` folded into rows of [`ENTRIES_PER_ROW`].
fn upload_table(device: &wgpu::Device, queue: &wgpu::Queue, entries: &[u16]) -> wgpu::TextureView {
    let (padded, rows) = folded(entries);
    let size = wgpu::Extent3d { width: ENTRIES_PER_ROW, height: rows, depth_or_array_layers: 1 };
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("lookup table"),
        size,
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::R16Uint,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    let layout = wgpu::TexelCopyBufferLayout {
        offset: 0,
        bytes_per_row: Some(ENTRIES_PER_ROW * 2),
        rows_per_image: None,
    };
    queue.write_texture(texture.as_image_copy(), bytemuck::cast_slice(&padded), layout, size);
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}
