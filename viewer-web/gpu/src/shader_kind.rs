//! Which shaders there are; the build script reads this file too.

/// Which shader draws frames of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShaderKind {
    GrayUnsigned,
    GraySigned,
    GrayFloat,
    Colour,
}

impl ShaderKind {
    pub(crate) const ALL: [Self; 4] =
        [Self::GrayUnsigned, Self::GraySigned, Self::GrayFloat, Self::Colour];
}
