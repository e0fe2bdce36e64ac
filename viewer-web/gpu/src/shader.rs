use viewer_core::pixel::PixelKind;

use crate::PaneDraw;
use crate::lookup::Tables;
use crate::uniforms::PaneUniforms;

use crate::shader_kind::ShaderKind;

impl ShaderKind {
    /// The shader that draws frames of a kind as the uniforms say.
    pub(crate) fn of(kind: PixelKind, uniforms: &PaneUniforms) -> Self {
        let [full, plain] = match kind {
            PixelKind::GrayU8 | PixelKind::GrayU16 | PixelKind::GrayU32 => {
                [Self::GrayUnsigned, Self::PlainUnsigned]
            }
            PixelKind::GrayI8 | PixelKind::GrayI16 | PixelKind::GrayI32 => {
                [Self::GraySigned, Self::PlainSigned]
            }
            PixelKind::GrayF32 => [Self::GrayFloat; 2],
            PixelKind::Rgba8 | PixelKind::Rgba16 => [Self::Colour, Self::PlainColour],
        };
        if uniforms.is_plain(kind) { plain } else { full }
    }

    /// The shader that draws a pane; `None` for one without a frame.
    #[must_use]
    pub fn of_pane(pane: &PaneDraw<'_>) -> Option<Self> {
        let frame = pane.frame?;
        let tables = Tables::of(frame.kind(), pane.params);
        let uniforms = PaneUniforms::new(pane.rect_px, frame, pane.params, &tables);
        Some(Self::of(frame.kind(), &uniforms))
    }

    /// Whether it reads lookup tables; natively all shaders have a place for them.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn has_tables(self) -> bool {
        matches!(self, Self::GrayUnsigned | Self::GraySigned | Self::GrayFloat)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::lookup::ENTRIES_PER_ROW;
    use crate::shader_text::COVER;
    use naga::back::glsl;
    use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
    use std::mem::{offset_of, size_of};

    fn parsed(source: &str) -> (naga::Module, ModuleInfo) {
        let module = naga::front::wgsl::parse_str(source)
            .unwrap_or_else(|error| panic!("{}", error.emit_to_string(source)));
        let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
            .validate(&module)
            .unwrap_or_else(|error| panic!("{}", error.emit_to_string(source)));
        (module, info)
    }

    fn sources() -> Vec<String> {
        let panes = ShaderKind::ALL.map(ShaderKind::source);
        panes.into_iter().chain([COVER.to_owned()]).collect()
    }

    #[test]
    fn every_shader_is_valid_without_any_extension() {
        for source in sources() {
            let (module, _) = parsed(&source);
            let mut names: Vec<&str> =
                module.entry_points.iter().map(|entry| entry.name.as_str()).collect();
            names.sort_unstable();
            assert_eq!(names, ["cover", "draw"], "{source}");
        }
    }

    /// WebGL2 takes GLSL ES 3.00 and nothing newer.
    #[test]
    fn every_shader_can_be_written_as_glsl_es_3_00() {
        for source in sources() {
            let (module, info) = parsed(&source);
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
                let policies = naga::proc::BoundsCheckPolicies::default();
                let mut text = String::new();
                glsl::Writer::new(&mut text, &module, &info, &options, &entry, policies)
                    .and_then(|mut writer| writer.write())
                    .unwrap_or_else(|error| panic!("{name}: {error}\n{source}"));
                assert!(text.starts_with("#version 300 es"), "{name}\n{source}");
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

    /// Names and offsets of the members of a shader's structure, and how many bytes it spans.
    pub(crate) fn layout_of(source: &str, name: &str) -> (Vec<(String, usize)>, usize) {
        let (module, _) = parsed(source);
        let found = module.types.iter().find(|(_, ty)| ty.name.as_deref() == Some(name));
        let Some((_, naga::Type { inner: naga::TypeInner::Struct { members, span }, .. })) = found
        else {
            panic!("no struct {name}");
        };
        let members = members
            .iter()
            .map(|member| (member.name.clone().unwrap_or_default(), member.offset as usize));
        (members.collect(), *span as usize)
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
            plain_anchor,
            plain_frame,
            plain_tone,
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
            plain_padding,
        ];
        let found = layout_of(&ShaderKind::GrayUnsigned.source(), "Pane");
        assert_eq!(found, (expected, size_of::<PaneUniforms>()));
        assert_eq!(size_of::<PaneUniforms>() % 16, 0);
    }
}
