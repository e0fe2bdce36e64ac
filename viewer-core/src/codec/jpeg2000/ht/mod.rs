//! The high-throughput block decoder of Part 15 (ISO/IEC 15444-15 clause 7).

mod bits;
mod cleanup;
mod code_words;
mod mel;
mod refine;
mod tables;

use self::bits::PlainBits;
use super::codestream::BlockStyle;
use super::tile::Block;
use super::{CODEC, corrupt};
use crate::codec::DecodeError;

/// Samples of the largest code-block, and room for its quads. A power of two: indices are masked
/// instead of checked.
const SIZE: usize = 4096;
const MASK: usize = SIZE - 1;

/// Decodes one code-block after another.
pub(super) struct HtDecoder {
    width: usize,
    height: usize,
    /// What is known of each quad: an entry of [`tables::QuadTable`], and above it the exponent that
    /// was coded.
    quads: Box<[u32; SIZE]>,
    /// Row by row, sign in the top bit, magnitudes in halves.
    samples: Box<[u32; SIZE]>,
    plain: PlainBits,
    significant: Vec<bool>,
}

impl HtDecoder {
    pub(super) fn new() -> Self {
        Self {
            width: 0,
            height: 0,
            quads: Box::new([0; SIZE]),
            samples: Box::new([0; SIZE]),
            plain: PlainBits::new(),
            significant: Vec::new(),
        }
    }

    /// Decodes a block whose magnitudes have `planes` bit-planes, at most 29, zero ones counted.
    pub(super) fn decode(
        &mut self,
        block: &Block,
        data: &[u8],
        planes: u32,
        style: BlockStyle,
    ) -> Result<(), DecodeError> {
        (self.width, self.height) = (block.area.width() as usize, block.area.height() as usize);
        let [cleanup, refinement @ ..] = block.segments.as_slice() else {
            return Err(corrupt("an HT code-block without passes"));
        };
        if refinement.len() > 1 {
            return Err(DecodeError::feature(CODEC, "several HT sets in a code-block"));
        }
        // Place-holder passes stand for bit-planes above the clean-up pass.
        let zero_planes = block.zero_planes + (cleanup.passes - 1) / 3;
        let plane = planes
            .checked_sub(zero_planes + 1)
            .ok_or_else(|| corrupt("more coding passes than bit-planes"))?;
        let bytes = cleanup.bytes(data);
        if bytes.is_empty() {
            self.samples.fill(0);
            return Ok(());
        }
        let quads = self.quad(0, self.height.div_ceil(2));
        self.quads[..quads.min(SIZE)].fill(0);
        self.cleanup(&bytes, plane, zero_planes)?;
        if let [refinement] = refinement {
            if plane == 0 {
                return Err(corrupt("more coding passes than bit-planes"));
            }
            let has_magnitudes = refinement.passes > 1;
            let bytes = refinement.bytes(data);
            self.refine(&bytes, plane, has_magnitudes, style.vertically_causal());
        }
        Ok(())
    }

    /// Distance between rows of samples: whole quads.
    fn pitch(&self) -> usize {
        self.width.next_multiple_of(2)
    }

    /// Index of a quad: one more on the left of each row, three on the right.
    fn quad(&self, column: usize, row: usize) -> usize {
        row * (self.width.div_ceil(2) + 4) + 1 + column
    }

    /// One row of the block last decoded: what `dequantise` makes of signed coefficients in halves.
    pub(super) fn copy_row<S>(&self, y: usize, row: &mut [S], dequantise: impl Fn(i32) -> S) {
        let first = y * self.pitch();
        for (value, &sample) in row.iter_mut().zip(&self.samples[first..first + self.width]) {
            // 0 or -1: without a branch, so that several samples are done at a time.
            let sign = sample as i32 >> 31;
            let magnitude = (sample & 0x7FFF_FFFF) as i32;
            *value = dequantise((magnitude ^ sign) - sign);
        }
    }
}
