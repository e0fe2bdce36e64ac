//! Draws covers.

use super::pipeline::{render_pipeline, shader_module};
use crate::cover::CoverTexture;
use crate::shader_text::COVER;

/// Draws covers.
#[derive(Debug)]
pub(crate) struct CoverPipeline(wgpu::RenderPipeline);

impl CoverPipeline {
    pub(crate) fn new(device: &wgpu::Device, target_format: wgpu::TextureFormat) -> Self {
        let module = shader_module(device, COVER.into());
        let target = wgpu::ColorTargetState {
            format: target_format,
            blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
            write_mask: wgpu::ColorWrites::ALL,
        };
        Self(render_pipeline(device, None, &module, target))
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
                    resource: wgpu::BindingResource::TextureView(texture.cells().view()),
                },
            ],
        })
    }

    pub(crate) fn render_pipeline(&self) -> &wgpu::RenderPipeline {
        &self.0
    }
}
