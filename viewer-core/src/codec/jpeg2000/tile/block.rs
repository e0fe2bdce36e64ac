//! Code-blocks and the codeword segments that packets bring for them (ISO/IEC 15444-1 B.10).

use std::borrow::Cow;
use std::ops::Range;

use crate::codec::jpeg2000::codestream::BlockStyle;
use crate::codec::jpeg2000::rect::Rect;

/// Passes before raw segments begin (table D.9): the clean-up of the first bit-plane and the nine
/// passes of the next three.
const PASSES_BEFORE_BYPASS: u32 = 10;

/// One code-block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codec::jpeg2000) struct Block {
    /// Its coefficients, in the coordinates of its sub-band.
    pub(in crate::codec::jpeg2000) area: Rect,
    /// Most significant bit-planes without any data.
    pub(in crate::codec::jpeg2000) zero_planes: u32,
    /// `Lblock` of B.10.7.1; 0 before the block is first included.
    pub(in crate::codec::jpeg2000) length_bits: u32,
    /// In their order.
    pub(in crate::codec::jpeg2000) segments: Vec<Segment>,
    /// A packet announced bytes of it that are not there.
    pub(in crate::codec::jpeg2000) is_cut: bool,
}

/// Passes that share a terminated codeword.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codec::jpeg2000) struct Segment {
    /// Coding passes in it so far.
    pub(in crate::codec::jpeg2000) passes: u32,
    /// Coding passes it may have.
    pub(in crate::codec::jpeg2000) max_passes: u32,
    /// Its bytes: parts of the tile's data, in their order.
    pub(in crate::codec::jpeg2000) parts: Vec<Range<usize>>,
}

impl Block {
    pub(super) fn new(area: Rect) -> Self {
        Self { area, zero_planes: 0, length_bits: 0, segments: Vec::new(), is_cut: false }
    }

    /// Coding passes in all segments.
    pub(in crate::codec::jpeg2000) fn passes(&self) -> u32 {
        self.segments.iter().map(|segment| segment.passes).sum()
    }

    /// The segment that takes the next pass, a new one where the last is full; how many of `passes`
    /// it takes.
    pub(in crate::codec::jpeg2000) fn next_segment(
        &mut self,
        style: BlockStyle,
        passes: u32,
    ) -> (usize, u32) {
        let is_full = self.segments.last().is_none_or(|last| last.passes == last.max_passes);
        if is_full {
            let max_passes = self.max_passes_of_next(style, passes);
            self.segments.push(Segment { passes: 0, max_passes, parts: Vec::new() });
        }
        let index = self.segments.len() - 1;
        let segment = &mut self.segments[index];
        let taken = passes.min(segment.max_passes - segment.passes);
        segment.passes += taken;
        (index, taken)
    }

    fn max_passes_of_next(&self, style: BlockStyle, passes: u32) -> u32 {
        let last = self.segments.last().map(|last| last.max_passes);
        if style.high_throughput() {
            // The clean-up pass, after place-holders for whole bit-planes; then its refinement.
            let placeholders = (passes - 1) / 3;
            return if last.is_none() { 1 + 3 * placeholders } else { 2 };
        }
        match last {
            _ if style.terminate_all() => 1,
            _ if !style.bypass() => u32::MAX,
            None => PASSES_BEFORE_BYPASS,
            Some(2) => 1,
            Some(_) => 2,
        }
    }
}

impl Segment {
    /// Its bytes within `data`, the tile's.
    pub(in crate::codec::jpeg2000) fn bytes<'a>(&self, data: &'a [u8]) -> Cow<'a, [u8]> {
        let part = |range: &Range<usize>| data.get(range.clone()).unwrap_or_default();
        match self.parts.as_slice() {
            [] => Cow::Borrowed(&[]),
            [only] => Cow::Borrowed(part(only)),
            parts => Cow::Owned(parts.iter().flat_map(part).copied().collect()),
        }
    }
}
