//! WGSL of the pane shaders, put together from its parts. The build script reads this file too: for WebGL2 the
//! shaders are translated when the crate is built, not on the visitor's machine.

use crate::shader_kind::ShaderKind;

const PANE: &str = include_str!("../shaders/lib/pane.wgsl");
const POSITION: &str = include_str!("../shaders/lib/position.wgsl");
/// Parts every shader that is not plain is made of.
const FULL: [&str; 5] = [
    PANE,
    POSITION,
    include_str!("../shaders/lib/sampling.wgsl"),
    include_str!("../shaders/lib/lookup.wgsl"),
    include_str!("../shaders/lib/tone.wgsl"),
];
const GRAY: &str = include_str!("../shaders/lib/gray.wgsl");
const INTEGER: &str = include_str!("../shaders/lib/integer.wgsl");
/// Parts every plain shader is made of.
const PLAIN: [&str; 2] = [PANE, include_str!("../shaders/lib/plain.wgsl")];
const PLAIN_GRAY: &str = include_str!("../shaders/lib/plain_gray.wgsl");

/// Complete WGSL of what lies over a pane.
pub(crate) const COVER: &str = concat!(
    include_str!("../shaders/cover.wgsl"),
    "\n",
    include_str!("../shaders/lib/position.wgsl")
);

impl ShaderKind {
    /// Complete WGSL: WGSL has no imports, and the order of declarations does not matter.
    pub(crate) fn source(self) -> String {
        let (common, own): (&[&str], &[&str]) = match self {
            Self::GrayUnsigned => {
                (&FULL, &[include_str!("../shaders/gray_unsigned.wgsl"), GRAY, INTEGER])
            }
            Self::GraySigned => {
                (&FULL, &[include_str!("../shaders/gray_signed.wgsl"), GRAY, INTEGER])
            }
            Self::GrayFloat => (&FULL, &[include_str!("../shaders/gray_float.wgsl"), GRAY]),
            Self::Colour => (&FULL, &[include_str!("../shaders/colour.wgsl")]),
            Self::PlainUnsigned => {
                (&PLAIN, &[include_str!("../shaders/plain_unsigned.wgsl"), PLAIN_GRAY])
            }
            Self::PlainSigned => {
                (&PLAIN, &[include_str!("../shaders/plain_signed.wgsl"), PLAIN_GRAY])
            }
            Self::PlainColour => (&PLAIN, &[include_str!("../shaders/plain_colour.wgsl")]),
        };
        [own, common].concat().join("\n")
    }
}
