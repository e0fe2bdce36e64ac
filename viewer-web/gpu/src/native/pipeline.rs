use std::borrow::Cow;

use crate::ShaderKind;

/// Draws panes of one shader kind.
#[derive(Debug)]
pub(crate) struct PanePipeline {
    bindings: wgpu::BindGroupLayout,
    pipeline: wgpu::RenderPipeline,
}

/// What a pane reads.
pub(crate) struct PaneResources<'a> {
    pub(crate) uniforms: &'a wgpu::Buffer,
    pub(crate) frame: &'a wgpu::TextureView,
    pub(crate) tables: &'a wgpu::TextureView,
}

impl PanePipeline {
    pub(crate) fn new(
        device: &wgpu::Device,
        kind: ShaderKind,
        target_format: wgpu::TextureFormat,
    ) -> Self {
        let bindings = bind_group_layout(device, kind);
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("pane"),
            bind_group_layouts: &[Some(&bindings)],
            immediate_size: 0,
        });
        let module = shader_module(device, kind.source().into());
        let pipeline = render_pipeline(device, Some(&layout), &module, target_format.into());
        Self { bindings, pipeline }
    }

    pub(crate) fn bind(
        &self,
        device: &wgpu::Device,
        resources: &PaneResources<'_>,
    ) -> wgpu::BindGroup {
        let texture = |binding, view| wgpu::BindGroupEntry {
            binding,
            resource: wgpu::BindingResource::TextureView(view),
        };
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("pane"),
            layout: &self.bindings,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: resources.uniforms.as_entire_binding(),
                },
                texture(1, resources.frame),
                texture(2, resources.tables),
            ],
        })
    }

    pub(crate) fn render_pipeline(&self) -> &wgpu::RenderPipeline {
        &self.pipeline
    }
}

pub(crate) fn shader_module(device: &wgpu::Device, wgsl: Cow<'_, str>) -> wgpu::ShaderModule {
    device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some("pane"),
        source: wgpu::ShaderSource::Wgsl(wgsl),
    })
}

/// Draws one triangle that covers the target; without a layout it is the one that the shader implies.
pub(crate) fn render_pipeline(
    device: &wgpu::Device,
    layout: Option<&wgpu::PipelineLayout>,
    module: &wgpu::ShaderModule,
    target: wgpu::ColorTargetState,
) -> wgpu::RenderPipeline {
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some("pane"),
        layout,
        vertex: wgpu::VertexState {
            module,
            entry_point: Some("cover"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            buffers: &[],
        },
        primitive: wgpu::PrimitiveState::default(),
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module,
            entry_point: Some("draw"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            targets: &[Some(target)],
        }),
        multiview_mask: None,
        cache: None,
    })
}

fn bind_group_layout(device: &wgpu::Device, kind: ShaderKind) -> wgpu::BindGroupLayout {
    let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty,
        count: None,
    };
    let texture = |binding, sample_type| {
        let ty = wgpu::BindingType::Texture {
            sample_type,
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        };
        entry(binding, ty)
    };
    let uniforms = wgpu::BindingType::Buffer {
        ty: wgpu::BufferBindingType::Uniform,
        has_dynamic_offset: false,
        min_binding_size: None,
    };
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("pane"),
        entries: &[
            entry(0, uniforms),
            texture(1, sample_type(kind)),
            texture(2, wgpu::TextureSampleType::Uint),
        ],
    })
}

/// How a frame's texture is bound.
fn sample_type(kind: ShaderKind) -> wgpu::TextureSampleType {
    match kind {
        ShaderKind::GrayUnsigned
        | ShaderKind::PlainUnsigned
        | ShaderKind::Colour
        | ShaderKind::PlainColour => wgpu::TextureSampleType::Uint,
        ShaderKind::GraySigned | ShaderKind::PlainSigned => wgpu::TextureSampleType::Sint,
        ShaderKind::GrayFloat => wgpu::TextureSampleType::Float { filterable: false },
    }
}
