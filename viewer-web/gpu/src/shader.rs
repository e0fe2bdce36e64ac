use std::borrow::Cow;

use viewer_core::pixel::PixelKind;

/// Which shader draws frames of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShaderKind {
    GrayUnsigned,
    GraySigned,
    GrayFloat,
    Colour,
}

/// Parts every shader is made of.
const COMMON: [&str; 5] = [
    include_str!("../shaders/lib/pane.wgsl"),
    include_str!("../shaders/lib/position.wgsl"),
    include_str!("../shaders/lib/sampling.wgsl"),
    include_str!("../shaders/lib/lookup.wgsl"),
    include_str!("../shaders/lib/tone.wgsl"),
];
const GRAY: &str = include_str!("../shaders/lib/gray.wgsl");
const INTEGER: &str = include_str!("../shaders/lib/integer.wgsl");

impl ShaderKind {
    pub(crate) const ALL: [Self; 4] =
        [Self::GrayUnsigned, Self::GraySigned, Self::GrayFloat, Self::Colour];

    pub(crate) fn of(kind: PixelKind) -> Self {
        match kind {
            PixelKind::GrayU8 | PixelKind::GrayU16 => Self::GrayUnsigned,
            PixelKind::GrayI8 | PixelKind::GrayI16 => Self::GraySigned,
            PixelKind::GrayF32 => Self::GrayFloat,
            PixelKind::Rgba8 => Self::Colour,
        }
    }

    /// Complete WGSL: WGSL has no imports, and the order of declarations does not matter.
    pub(crate) fn source(self) -> String {
        let own: &[&str] = match self {
            Self::GrayUnsigned => &[include_str!("../shaders/gray_unsigned.wgsl"), GRAY, INTEGER],
            Self::GraySigned => &[include_str!("../shaders/gray_signed.wgsl"), GRAY, INTEGER],
            Self::GrayFloat => &[include_str!("../shaders/gray_float.wgsl"), GRAY],
            Self::Colour => &[include_str!("../shaders/colour.wgsl")],
        };
        [own, &COMMON].concat().join("\n")
    }

    /// How the frame texture is bound.
    pub(crate) fn sample_type(self) -> wgpu::TextureSampleType {
        match self {
            Self::GrayUnsigned | Self::Colour => wgpu::TextureSampleType::Uint,
            Self::GraySigned => wgpu::TextureSampleType::Sint,
            Self::GrayFloat => wgpu::TextureSampleType::Float { filterable: false },
        }
    }

    pub(crate) fn module(self, device: &wgpu::Device) -> wgpu::ShaderModule {
        device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("pane"),
            source: wgpu::ShaderSource::Wgsl(Cow::Owned(self.source())),
        })
    }
}
