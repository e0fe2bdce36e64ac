//! The high-throughput block decoder of Part 15 (ISO/IEC 15444-15 clause 7).

mod bits;
mod cleanup;
mod code_words;
mod events;
mod lanes;
mod magnitudes;
mod plain;
mod quads;
mod refine;
mod tables;

use self::plain::PlainBits;
use self::quads::PAIRS;
use super::codestream::BlockStyle;
use super::tile::Block;
use super::{CODEC, corrupt};
use crate::codec::DecodeError;

/// Samples of the largest code-block. A power of two: indices are masked instead of checked.
const SIZE: usize = 4096;
const MASK: usize = SIZE - 1;

/// Decodes one code-block after another.
pub(super) struct HtDecoder {
    width: usize,
    height: usize,
    /// What is known of each quad, by pairs: an entry of [`tables::QuadTable`], and above it the exponent
    /// that was coded.
    quads: Box<[[u32; 2]; PAIRS]>,
    /// See [`Self::read_quads`].
    boundaries: Box<[u8; PAIRS]>,
    /// See [`Self::read_magnitudes`].
    largest: Box<[u32; 1024]>,
    /// Row by row in pairs, sign in the top bit, magnitudes in halves.
    samples: Box<[[u32; 2]; SIZE / 2]>,
    magnitudes: PlainBits,
    code_words: PlainBits,
    events: PlainBits,
    significant: Vec<bool>,
}

impl HtDecoder {
    pub(super) fn new() -> Self {
        Self {
            width: 0,
            height: 0,
            quads: Box::new([[0; 2]; PAIRS]),
            boundaries: Box::new([0; PAIRS]),
            largest: Box::new([0; 1024]),
            samples: Box::new([[0; 2]; SIZE / 2]),
            magnitudes: PlainBits::new(),
            code_words: PlainBits::new(),
            events: PlainBits::new(),
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
            self.samples.fill([0; 2]);
            return Ok(());
        }
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

    /// One row of the block last decoded: what `dequantise` makes of signed coefficients in halves.
    pub(super) fn copy_row<S>(&self, y: usize, row: &mut [S], dequantise: impl Fn(i32) -> S) {
        let (samples, first) = (self.samples.as_flattened(), y * self.pitch());
        for (value, &sample) in row.iter_mut().zip(&samples[first..first + self.width]) {
            // 0 or -1: without a branch, so that several samples are done at a time.
            let sign = sample as i32 >> 31;
            let magnitude = (sample & 0x7FFF_FFFF) as i32;
            *value = dequantise((magnitude ^ sign) - sign);
        }
    }
}
