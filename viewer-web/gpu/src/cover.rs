//! Shutter and overlays, blended over a drawn pane: a pass of its own after the tone step.

use std::borrow::Cow;

use bytemuck::{Pod, Zeroable};
use viewer_core::display::cover::{
    CoverPlane, GRAPHIC_RGB, REGION_OPACITY, REGION_RGB, samples_per_side,
};
use viewer_core::geometry::Affine2;
use viewer_core::pixel::PixelKind;

use crate::GpuError;
use crate::frame_texture::FrameTexture;
use crate::placement::Placement;

/// What lies over one frame, in GPU memory.
#[derive(Debug)]
pub struct CoverTexture {
    cells: FrameTexture,
    shutter_rgb: [u8; 3],
}

impl CoverTexture {
    pub(crate) fn upload(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        plane: &CoverPlane,
    ) -> Result<Self, GpuError> {
        let cells =
            FrameTexture::upload(device, queue, PixelKind::GrayU8, plane.size(), plane.cells())?;
        Ok(Self { cells, shutter_rgb: plane.shutter_rgb() })
    }

    /// GPU memory it takes, for a cache that keeps a budget.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.cells.bytes()
    }
}

/// What is drawn over a pane.
#[derive(Clone, Copy, Debug)]
pub struct CoverDraw<'a> {
    /// What lies over its frame.
    pub texture: &'a CoverTexture,
    /// Flags of [`viewer_core::display::cover`] that are drawn.
    pub shown: u8,
}

/// `struct CoverPane` of `shaders/cover.wgsl`, byte for byte; the place as in `PaneUniforms`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub(crate) struct CoverUniforms {
    map_high: [f32; 4],
    map_low: [f32; 4],
    anchor_image_whole: [i32; 2],
    anchor_image_fraction: [f32; 2],
    anchor_px: [i32; 2],
    frame_size: [i32; 2],
    samples_per_side: i32,
    shown: u32,
    region_opacity: f32,
    padding: u32,
    shutter: [f32; 4],
    graphic: [f32; 4],
    region: [f32; 4],
}

impl CoverUniforms {
    /// `None` where nothing of the frame is on the canvas.
    pub(crate) fn new(rect_px: [u32; 4], map: &Affine2, draw: CoverDraw<'_>) -> Option<Self> {
        let place = Placement::new(map, rect_px)?;
        Some(Self {
            map_high: place.map_high,
            map_low: place.map_low,
            anchor_image_whole: place.anchor_image_whole,
            anchor_image_fraction: place.anchor_image_fraction,
            anchor_px: place.anchor_px,
            frame_size: draw.texture.cells.size_px().map(u32::cast_signed),
            samples_per_side: samples_per_side(map).cast_signed(),
            shown: draw.shown.into(),
            region_opacity: REGION_OPACITY as f32,
            padding: 0,
            shutter: colour(draw.texture.shutter_rgb),
            graphic: colour(GRAPHIC_RGB),
            region: colour(REGION_RGB),
        })
    }
}

fn colour([r, g, b]: [u8; 3]) -> [f32; 4] {
    [r, g, b, 255].map(|level| f32::from(level) / 255.0)
}

/// Complete WGSL.
const SOURCE: &str = concat!(
    include_str!("../shaders/cover.wgsl"),
    "\n",
    include_str!("../shaders/lib/position.wgsl")
);

/// Draws covers.
#[derive(Debug)]
pub(crate) struct CoverPipeline(wgpu::RenderPipeline);

impl CoverPipeline {
    pub(crate) fn new(device: &wgpu::Device, target_format: wgpu::TextureFormat) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("cover"),
            source: wgpu::ShaderSource::Wgsl(Cow::Borrowed(SOURCE)),
        });
        let target = wgpu::ColorTargetState {
            format: target_format,
            blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
            write_mask: wgpu::ColorWrites::ALL,
        };
        Self(device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("cover"),
            layout: None,
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some("cover"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: &[],
            },
            primitive: wgpu::PrimitiveState::default(),
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some("draw"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(target)],
            }),
            multiview_mask: None,
            cache: None,
        }))
    }

    pub(crate) fn bind(
        &self,
        device: &wgpu::Device,
        uniforms: &wgpu::Buffer,
        texture: &CoverTexture,
    ) -> wgpu::BindGroup {
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("cover"),
            layout: &self.0.get_bind_group_layout(0),
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: uniforms.as_entire_binding() },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::TextureView(texture.cells.view()),
                },
            ],
        })
    }

    pub(crate) fn render_pipeline(&self) -> &wgpu::RenderPipeline {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use naga::back::glsl;
    use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
    use std::mem::{offset_of, size_of};

    fn parsed() -> (naga::Module, ModuleInfo) {
        let module = naga::front::wgsl::parse_str(SOURCE)
            .unwrap_or_else(|error| panic!("{}", error.emit_to_string(SOURCE)));
        let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
            .validate(&module)
            .unwrap_or_else(|error| panic!("{}", error.emit_to_string(SOURCE)));
        (module, info)
    }

    /// WebGL2 takes GLSL ES 3.00 and nothing newer.
    #[test]
    fn the_shader_can_be_written_as_glsl_es_3_00() {
        let (module, info) = parsed();
        for (shader_stage, name) in
            [(naga::ShaderStage::Vertex, "cover"), (naga::ShaderStage::Fragment, "draw")]
        {
            let options = glsl::Options {
                version: glsl::Version::Embedded { version: 300, is_webgl: true },
                ..glsl::Options::default()
            };
            let entry = glsl::PipelineOptions {
                shader_stage,
                entry_point: name.to_owned(),
                multiview: None,
            };
            let policies = naga::proc::BoundsCheckPolicies::default();
            let mut text = String::new();
            glsl::Writer::new(&mut text, &module, &info, &options, &entry, policies)
                .and_then(|mut writer| writer.write())
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(text.starts_with("#version 300 es"), "{name}");
        }
    }

    #[test]
    fn uniforms_are_laid_out_as_the_shader_reads_them() {
        macro_rules! offsets {
            ($($field:ident),+ $(,)?) => {
                vec![$((stringify!($field).to_owned(), offset_of!(CoverUniforms, $field))),+]
            };
        }
        let expected = offsets![
            map_high,
            map_low,
            anchor_image_whole,
            anchor_image_fraction,
            anchor_px,
            frame_size,
            samples_per_side,
            shown,
            region_opacity,
            padding,
            shutter,
            graphic,
            region,
        ];
        let (module, _) = parsed();
        let pane = module.types.iter().find(|(_, ty)| ty.name.as_deref() == Some("CoverPane"));
        let Some((_, naga::Type { inner: naga::TypeInner::Struct { members, span }, .. })) = pane
        else {
            panic!("no struct CoverPane");
        };
        let found: Vec<(String, usize)> = members
            .iter()
            .map(|member| (member.name.clone().unwrap_or_default(), member.offset as usize))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(*span as usize, size_of::<CoverUniforms>());
    }
}
