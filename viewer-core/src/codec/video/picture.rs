//! What the headers of H.264 and H.265 have in common.

use super::colour::Colour;

/// Size and colour of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CodedSize {
    /// After cropping.
    pub(super) columns: u32,
    /// After cropping.
    pub(super) rows: u32,
    /// Where the stream says.
    pub(super) colour: Option<Colour>,
}

/// What a NAL unit is for taking a stream apart into access units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NalKind {
    /// First slice of a picture.
    First(Picture),
    /// More of the picture, or behind it.
    Inside,
    /// Parameter set, of a sequence with its size: stands before the picture it belongs to.
    Parameters(Option<CodedSize>),
    /// Anything else that stands before the picture it belongs to.
    Before,
}

/// One coded picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    /// Picture order count: pictures are shown in its order, up to the next that restarts it.
    pub(super) order: i64,
    /// Decoding can begin here.
    pub(super) is_sync: bool,
    /// Everything before is shown first.
    pub(super) restarts_order: bool,
    /// Whether a decoder gives it out.
    pub(super) is_shown: bool,
}
