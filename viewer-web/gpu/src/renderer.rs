use viewer_core::display::{DisplayParams, Interpolation, Modality, Voi};
use viewer_core::exam::LookupTable;
use viewer_core::pixel::{PixelFrame, PixelKind};

use crate::GpuError;
use crate::frame_texture::FrameTexture;
use crate::lookup::{self, LookupTextures};
use crate::pipeline::{PanePipeline, PaneResources};
use crate::shader::ShaderKind;
use crate::tone::Tone;
use crate::uniforms::{PaneUniforms, Placement};

/// One viewport of the page.
#[derive(Clone, Copy, Debug)]
pub struct PaneDraw<'a> {
    /// Left, top, width and height in the target, device pixels. What lies beyond the target is cut off.
    pub rect_px: [u32; 4],
    /// What it shows; `None` leaves the target's background.
    pub frame: Option<&'a FrameTexture>,
    /// How. `image_from_canvas` counts from the pane's top left corner.
    pub params: &'a DisplayParams,
}

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
    tables: LookupTextures,
    no_table: wgpu::TextureView,
}

/// A pane ready to be drawn: scissor rectangle, shader, bindings.
type Prepared = ([u32; 4], ShaderKind, wgpu::BindGroup);

impl Renderer {
    /// Renderer for targets of `target_format`, which must not be an sRGB one: bytes come out as computed
    /// ([`crate::target_format`] chooses).
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
            tables: LookupTextures::default(),
            no_table: lookup::upload(device, queue, &[]),
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
            panes.iter().filter_map(|pane| self.prepare(pane, size)).collect();
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("panes"),
            color_attachments: &[Some(clear(target, background))],
            depth_stencil_attachment: None,
            timestamp_writes: None,
            occlusion_query_set: None,
            multiview_mask: None,
        });
        for ([left, top, width, height], kind, bindings) in &prepared {
            let Some(pipeline) = &self.pipelines[*kind as usize] else { continue };
            pass.set_pipeline(pipeline.render_pipeline());
            pass.set_bind_group(0, bindings, &[]);
            pass.set_scissor_rect(*left, *top, *width, *height);
            pass.draw(0..3, 0..1);
        }
    }

    pub(crate) fn device(&self) -> &wgpu::Device {
        &self.device
    }

    pub(crate) fn queue(&self) -> &wgpu::Queue {
        &self.queue
    }

    pub(crate) fn format(&self) -> wgpu::TextureFormat {
        self.target_format
    }

    fn prepare(&mut self, pane: &PaneDraw<'_>, target_size: [u32; 2]) -> Option<Prepared> {
        let frame = pane.frame?;
        let scissor = scissor(pane.rect_px, target_size)?;
        let kind = ShaderKind::of(frame.kind());
        let uniforms = self.uniforms(&pane_uniforms(pane, frame));
        let modality_table = match &pane.params.modality {
            Modality::Lut(lut) if kind != ShaderKind::Colour => self.table(lut),
            _ => self.no_table.clone(),
        };
        let voi_table = match &pane.params.voi {
            Voi::Lut(lut) if kind != ShaderKind::Colour => self.table(lut),
            _ => self.no_table.clone(),
        };
        let resources = PaneResources {
            uniforms: &uniforms,
            frame: frame.view(),
            modality_table: &modality_table,
            voi_table: &voi_table,
        };
        let (device, format) = (&self.device, self.target_format);
        let pipeline = self.pipelines[kind as usize]
            .get_or_insert_with(|| PanePipeline::new(device, kind, format));
        Some((scissor, kind, pipeline.bind(device, &resources)))
    }

    /// A buffer of its own for each pane and draw: writes to a shared one would all happen before the
    /// first draw that is submitted.
    fn uniforms(&self, values: &PaneUniforms) -> wgpu::Buffer {
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

    fn table(&mut self, lut: &LookupTable) -> wgpu::TextureView {
        self.tables.view(&self.device, &self.queue, lut)
    }
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

/// The part of `rect_px` that is on the target.
fn scissor([left, top, width, height]: [u32; 4], target_size: [u32; 2]) -> Option<[u32; 4]> {
    let width = width.min(target_size[0].checked_sub(left)?);
    let height = height.min(target_size[1].checked_sub(top)?);
    (width > 0 && height > 0).then_some([left, top, width, height])
}

fn pane_uniforms(pane: &PaneDraw<'_>, frame: &FrameTexture) -> PaneUniforms {
    let params = pane.params;
    // Without a place or a tone every pixel is outside of a frame without pixels.
    let blank = PaneUniforms {
        background: f32::from(params.background),
        anchor_image_whole: [-2; 2],
        ..bytemuck::Zeroable::zeroed()
    };
    let tone = match frame.kind() {
        PixelKind::Rgba8 => Some(Tone::NONE),
        _ => Tone::new(params),
    };
    let (Some(place), Some(tone)) = (Placement::new(&params.image_from_canvas, pane.rect_px), tone)
    else {
        return blank;
    };
    let (modality_lut, modality_first, modality_last) = match &params.modality {
        Modality::Lut(lut) => {
            (1, lut.first_mapped.clamp(-FIRST_LIMIT, FIRST_LIMIT), last_index(lut))
        }
        Modality::Rescale { .. } => (0, 0, 0),
    };
    let (voi_last, voi_max) = match &params.voi {
        Voi::Lut(lut) => (last_index(lut), largest_entry(lut)),
        Voi::Window { .. } => (0, 1.0),
    };
    PaneUniforms {
        map_high: place.map_high,
        map_low: place.map_low,
        anchor_image_whole: place.anchor_image_whole,
        anchor_image_fraction: place.anchor_image_fraction,
        anchor_px: place.anchor_px,
        frame_size: frame.size_px().map(u32::cast_signed),
        samples_per_side: place.samples_per_side,
        nearest: u32::from(params.interpolation == Interpolation::Nearest),
        invert: u32::from(params.invert),
        voi: tone.step as u32,
        voi_scale: tone.scale,
        voi_offset: tone.offset,
        reference_float: tone.reference as f32,
        reference: tone.reference,
        modality_lut,
        modality_first,
        modality_last,
        voi_last,
        voi_max,
        ..blank
    }
}

/// Inputs less a first mapped value up to here do not overflow, and farther ones give the same entries.
const FIRST_LIMIT: i32 = 1_000_000_000;

fn last_index(lut: &LookupTable) -> i32 {
    i32::try_from(lut.entries.len().saturating_sub(1)).unwrap_or(i32::MAX)
}

fn largest_entry(lut: &LookupTable) -> f32 {
    f32::from(u16::MAX >> (16 - lut.bits.clamp(1, 16)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_are_cut_at_the_edge_of_the_target() {
        assert_eq!(scissor([2, 3, 10, 10], [20, 20]), Some([2, 3, 10, 10]));
        assert_eq!(scissor([15, 3, 10, 10], [20, 8]), Some([15, 3, 5, 5]));
        assert_eq!(scissor([20, 0, 1, 1], [20, 20]), None);
        assert_eq!(scissor([21, 0, 1, 1], [20, 20]), None);
        assert_eq!(scissor([0, 0, 0, 5], [20, 20]), None);
    }
}
