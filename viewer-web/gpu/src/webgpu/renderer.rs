use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use viewer_core::display::cover::CoverPlane;
use viewer_core::pixel::{PixelFrame, PixelKind};
use wasm_bindgen::JsValue;

use super::bindings::{BindGroup, Device, RenderPipeline, TextureView, extent, object};
use super::pipeline::{self, COVER};
use super::texture::Texture;
use super::uniform_buffer::UniformBuffer;
use super::{FrameTexture, ReadBack};
use crate::GpuError;
use crate::ShaderKind;
use crate::cover::{CoverTexture, CoverUniforms};
use crate::lookup::{LookupTextures, Tables};
use crate::pane::CoverDraw;
use crate::pane::{PaneDraw, covered, scissor};
use crate::uniforms::PaneUniforms;

/// `GPUTextureUsage`.
const COPY_SRC_AND_RENDER_ATTACHMENT: u32 = 0x01 | 0x10;

/// Draws frames into panes of a render target.
///
/// Agrees with [`viewer_core::display`]'s CPU renderer to 1/255 on every pixel.
#[derive(Debug)]
pub struct Renderer {
    device: Device,
    /// Of every target.
    format: String,
    largest_px: u32,
    uniforms: UniformBuffer,
    /// One per shader, made when first needed: compiling takes time.
    pipelines: [Option<RenderPipeline>; COVER + 1],
    tables: LookupTextures<Rc<Texture>>,
}

/// One draw of a pass.
struct Draw {
    scissor: [u32; 4],
    pipeline: RenderPipeline,
    bindings: BindGroup,
    /// Destroyed with its last owner: kept until the pass is submitted.
    _table: Option<Rc<Texture>>,
}

impl Renderer {
    pub(super) fn new(device: &Device, format: String, largest_px: u32) -> Self {
        Self {
            device: device.clone(),
            format,
            largest_px,
            uniforms: UniformBuffer::default(),
            pipelines: [const { None }; COVER + 1],
            tables: LookupTextures::default(),
        }
    }

    /// Copies `frame` to the GPU.
    ///
    /// # Errors
    /// [`GpuError::TooLarge`], [`GpuError::Empty`]. Lack of memory is found out later by the driver and
    /// reported as an event.
    pub fn upload(&self, frame: &PixelFrame) -> Result<FrameTexture, GpuError> {
        let pixels = frame.pixels();
        let samples = Uint8Array::from(pixels.as_bytes()).buffer();
        self.upload_buffer(pixels.kind(), [frame.columns(), frame.rows()], &samples)
    }

    /// Copies `columns × rows` pixels, native-endian, row by row without padding, to the GPU.
    ///
    /// # Errors
    /// As [`Self::upload`], and [`GpuError::ByteCount`].
    pub fn upload_buffer(
        &self,
        kind: PixelKind,
        size_px: [u32; 2],
        samples: &ArrayBuffer,
    ) -> Result<FrameTexture, GpuError> {
        FrameTexture::from_buffer(&self.device, self.largest_px, kind, size_px, samples)
    }

    /// Copies what lies over a frame to the GPU.
    ///
    /// # Errors
    /// As [`Self::upload`].
    pub fn upload_cover(&self, plane: &CoverPlane) -> Result<CoverTexture, GpuError> {
        let cells = Uint8Array::from(plane.cells()).buffer();
        let cells = self.upload_buffer(PixelKind::GrayU8, plane.size(), &cells)?;
        Ok(CoverTexture::new(cells, plane))
    }

    /// Submits one pass that clears `target` to grey level `background` and draws every pane.
    ///
    /// A pane whose parameters are not finite numbers shows its background only.
    ///
    /// # Errors
    /// [`GpuError::Surface`] where a lookup table is refused.
    pub(super) fn draw(
        &mut self,
        target: &TextureView,
        size_px: [u32; 2],
        panes: &[PaneDraw<'_>],
        background: u8,
    ) -> Result<(), GpuError> {
        let draws = self.draws(size_px, panes, background)?;
        self.uniforms.write(&self.device);
        let encoder = self.device.create_command_encoder();
        let pass = encoder.begin_render_pass(&cleared(target, background));
        for draw in &draws {
            let [left, top, width, height] = draw.scissor;
            pass.set_pipeline(&draw.pipeline);
            pass.set_bind_group(0, &draw.bindings);
            pass.set_scissor_rect(left, top, width, height);
            pass.draw(3);
        }
        pass.end();
        self.device.queue().submit(&Array::of1(&encoder.finish()));
        Ok(())
    }

    /// As [`Self::draw`], off screen, the pixels read back.
    ///
    /// # Errors
    /// As there.
    pub fn draw_and_read_back(
        &mut self,
        size_px: [u32; 2],
        panes: &[PaneDraw<'_>],
        background: u8,
    ) -> Result<ReadBack, GpuError> {
        let texture = self.device.create_texture(&object([
            ("size", extent(size_px).into()),
            ("format", self.format.as_str().into()),
            ("usage", COPY_SRC_AND_RENDER_ATTACHMENT.into()),
        ]));
        let drawn = self.draw(&texture.create_view(), size_px, panes, background);
        let is_bgra = self.format.starts_with("bgra");
        let pixels = drawn.map(|()| ReadBack::start(&self.device, &texture, size_px, is_bgra));
        texture.destroy_texture();
        pixels
    }

    fn draws(
        &mut self,
        size_px: [u32; 2],
        panes: &[PaneDraw<'_>],
        background: u8,
    ) -> Result<Vec<Draw>, GpuError> {
        self.uniforms.begin(&self.device, panes.len() * 2);
        let mut draws = Vec::with_capacity(panes.len() * 2);
        for pane in panes {
            let (Some(frame), Some(scissor)) = (pane.frame, scissor(pane.rect_px, size_px)) else {
                continue;
            };
            let covered = covered(scissor, pane, frame.size_px(), background);
            draws.push(self.pane(covered, pane, frame)?);
            draws.extend(pane.cover.and_then(|cover| self.cover(scissor, pane, cover)));
        }
        Ok(draws)
    }

    fn pane(
        &mut self,
        scissor: [u32; 4],
        pane: &PaneDraw<'_>,
        frame: &FrameTexture,
    ) -> Result<Draw, GpuError> {
        let tables = Tables::of(frame.kind(), pane.params);
        let uniforms = PaneUniforms::new(pane.rect_px, frame, pane.params, &tables);
        let kind = ShaderKind::of(frame.kind(), &uniforms);
        let pipeline = self.pipeline(kind as usize);
        let uniforms = self.uniforms.push(&uniforms);
        if !kind.has_tables() {
            // Nor has its shader a place for any.
            let bindings = pipeline::bind(&self.device, &pipeline, uniforms, &[frame.view()]);
            return Ok(Draw { scissor, pipeline, bindings, _table: None });
        }
        let device = &self.device;
        let table = self
            .tables
            .texture(tables.entries, |entries| Texture::of_table(device, entries).map(Rc::new))?;
        let bindings = pipeline::bind(device, &pipeline, uniforms, &[frame.view(), table.view()]);
        Ok(Draw { scissor, pipeline, bindings, _table: Some(table) })
    }

    fn cover(
        &mut self,
        scissor: [u32; 4],
        pane: &PaneDraw<'_>,
        cover: CoverDraw<'_>,
    ) -> Option<Draw> {
        let map = &pane.params.image_from_canvas;
        let uniforms = self.uniforms.push(&CoverUniforms::new(pane.rect_px, map, cover)?);
        let pipeline = self.pipeline(COVER);
        let cells = cover.texture.cells().view();
        let bindings = pipeline::bind(&self.device, &pipeline, uniforms, &[cells]);
        Some(Draw { scissor, pipeline, bindings, _table: None })
    }

    fn pipeline(&mut self, index: usize) -> RenderPipeline {
        let (device, format) = (&self.device, &self.format);
        self.pipelines[index].get_or_insert_with(|| pipeline::new(device, index, format)).clone()
    }
}

fn cleared(target: &TextureView, background: u8) -> js_sys::Object {
    let level = JsValue::from_f64(f64::from(background) / 255.0);
    let attachment = object([
        ("view", target.into()),
        ("loadOp", "clear".into()),
        ("storeOp", "store".into()),
        ("clearValue", Array::of4(&level, &level, &level, &1.into()).into()),
    ]);
    object([("colorAttachments", Array::of1(&attachment).into())])
}
