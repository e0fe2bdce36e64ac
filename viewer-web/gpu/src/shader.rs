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
            PixelKind::GrayU8 | PixelKind::GrayU16 | PixelKind::GrayU32 => Self::GrayUnsigned,
            PixelKind::GrayI8 | PixelKind::GrayI16 | PixelKind::GrayI32 => Self::GraySigned,
            PixelKind::GrayF32 => Self::GrayFloat,
            PixelKind::Rgba8 | PixelKind::Rgba16 => Self::Colour,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup::ENTRIES_PER_ROW;
    use crate::uniforms::PaneUniforms;
    use naga::back::glsl;
    use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
    use std::mem::{offset_of, size_of};

    fn parsed(kind: ShaderKind) -> (naga::Module, ModuleInfo) {
        let source = kind.source();
        let module = naga::front::wgsl::parse_str(&source)
            .unwrap_or_else(|error| panic!("{kind:?}: {}", error.emit_to_string(&source)));
        let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
            .validate(&module)
            .unwrap_or_else(|error| panic!("{kind:?}: {}", error.emit_to_string(&source)));
        (module, info)
    }

    #[test]
    fn every_shader_is_valid_without_any_extension() {
        for kind in ShaderKind::ALL {
            let (module, _) = parsed(kind);
            let names: Vec<&str> =
                module.entry_points.iter().map(|entry| entry.name.as_str()).collect();
            assert!(names.contains(&"cover") && names.contains(&"draw"), "{kind:?}: {names:?}");
        }
    }

    /// WebGL2 takes GLSL ES 3.00 and nothing newer.
    #[test]
    fn every_shader_can_be_written_as_glsl_es_3_00() {
        for kind in ShaderKind::ALL {
            let (module, info) = parsed(kind);
            for (stage, name) in
                [(naga::ShaderStage::Vertex, "cover"), (naga::ShaderStage::Fragment, "draw")]
            {
                let options = glsl::Options {
                    version: glsl::Version::Embedded { version: 300, is_webgl: true },
                    ..glsl::Options::default()
                };
                let entry = glsl::PipelineOptions {
                    shader_stage: stage,
                    entry_point: name.to_owned(),
                    multiview: None,
                };
                let mut text = String::new();
                glsl::Writer::new(
                    &mut text,
                    &module,
                    &info,
                    &options,
                    &entry,
                    naga::proc::BoundsCheckPolicies::default(),
                )
                .and_then(|mut writer| writer.write())
                .unwrap_or_else(|error| panic!("{kind:?} {name}: {error}"));
                assert!(text.starts_with("#version 300 es"), "{kind:?} {name}");
            }
        }
    }

    #[test]
    fn constants_are_those_of_the_rust_side() {
        let source = ShaderKind::GrayUnsigned.source();
        assert!(source.contains("EDGE_TOLERANCE: f32 = 1.0 / 512.0;"));
        assert_eq!(viewer_core::display::EDGE_TOLERANCE, 1.0 / 512.0);
        assert!(source.contains("ENTRIES_PER_ROW_LOG2: u32 = 10u;"));
        assert_eq!(ENTRIES_PER_ROW, 1 << 10);
    }

    #[test]
    fn uniforms_are_laid_out_as_the_shader_reads_them() {
        macro_rules! offsets {
            ($($field:ident),+ $(,)?) => {
                vec![$((stringify!($field).to_owned(), offset_of!(PaneUniforms, $field))),+]
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
            interpolation,
            invert,
            background,
            level_scale,
            voi,
            voi_scale,
            voi_offset,
            reference_float,
            reference,
            padding_first,
            padding_last,
            modality_first,
            modality_last,
            voi_at,
            voi_last,
            voi_max,
            palette_first,
            palette_at,
            palette_last,
            output_at,
            output_last,
            filler,
        ];
        let (module, _) = parsed(ShaderKind::GrayUnsigned);
        let pane = module.types.iter().find(|(_, ty)| ty.name.as_deref() == Some("Pane"));
        let Some((_, naga::Type { inner: naga::TypeInner::Struct { members, span }, .. })) = pane
        else {
            panic!("no struct Pane");
        };
        let found: Vec<(String, usize)> = members
            .iter()
            .map(|member| (member.name.clone().unwrap_or_default(), member.offset as usize))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(*span as usize, size_of::<PaneUniforms>());
        assert_eq!(size_of::<PaneUniforms>() % 16, 0);
    }
}
