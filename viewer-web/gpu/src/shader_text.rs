//! WGSL of the pane shaders, put together from its parts. The build script reads this file too: for WebGL2 the
//! shaders are translated when the crate is built, not on the visitor's machine.

use crate::shader_kind::ShaderKind;

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

/// Complete WGSL of what lies over a pane.
pub(crate) const COVER: &str = concat!(
    include_str!("../shaders/cover.wgsl"),
    "\n",
    include_str!("../shaders/lib/position.wgsl")
);

impl ShaderKind {
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
}
