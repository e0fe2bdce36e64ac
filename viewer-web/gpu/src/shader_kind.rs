//! Which shaders there are; the build script reads this file too.

/// Which shader draws frames of a kind. The plain ones leave out what few images need (tables, palettes, other
/// interpolation than linear, windows that are no ramp, more than 16 bits): drivers that draw with the processor go
/// through every branch, taken or not, and take ten times as long for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShaderKind {
    /// Unsigned whole numbers.
    GrayUnsigned,
    /// Signed whole numbers.
    GraySigned,
    /// Fractions.
    GrayFloat,
    /// Colours.
    Colour,
    /// Plain unsigned whole numbers.
    PlainUnsigned,
    /// Plain signed whole numbers.
    PlainSigned,
    /// Plain colours.
    PlainColour,
}

impl ShaderKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::GrayUnsigned,
        Self::GraySigned,
        Self::GrayFloat,
        Self::Colour,
        Self::PlainUnsigned,
        Self::PlainSigned,
        Self::PlainColour,
    ];
}
