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

/// Samples of the largest code-block, two by two. A power of two: indices are masked instead of checked.
const SAMPLE_PAIRS: usize = 4096 / 2;

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
    /// Row by row, two in each, little-endian, the left one lower: sign in the top bit, magnitudes in
    /// halves.
    samples: Box<[u64; SAMPLE_PAIRS]>,
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
            samples: Box::new([0; SAMPLE_PAIRS]),
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
            self.samples.fill(0);
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

    /// Pairs of quads in a row of them.
    fn pairs(&self) -> usize {
        self.width.div_ceil(4)
    }

    /// The sample at column `x` of row `y`.
    fn sample(&self, x: usize, y: usize) -> u32 {
        (u64::from_le(self.samples[self.place(x, y)]) >> (x % 2 * 32)) as u32
    }

    fn set_sample(&mut self, x: usize, y: usize, sample: u32) {
        let (place, shift) = (self.place(x, y), x % 2 * 32);
        let other = u64::from_le(self.samples[place]) & !(u64::from(u32::MAX) << shift);
        self.samples[place] = (other | u64::from(sample) << shift).to_le();
    }

    fn place(&self, x: usize, y: usize) -> usize {
        (y * 2 * self.pairs() + x / 2) & (SAMPLE_PAIRS - 1)
    }

    /// One row of the block last decoded: what `dequantise` makes of signed coefficients in halves.
    pub(super) fn copy_row<S>(&self, y: usize, row: &mut [S], dequantise: impl Fn(i32) -> S) {
        let pairs = &self.samples[self.place(0, y)..];
        // As single numbers, several of which are done at a time.
        let samples: &[u32] = bytemuck::cast_slice(pairs);
        for (value, &sample) in row.iter_mut().zip(samples) {
            let sample = u32::from_le(sample);
            // 0 or -1: without a branch.
            let sign = sample as i32 >> 31;
            let magnitude = (sample & 0x7FFF_FFFF) as i32;
            *value = dequantise((magnitude ^ sign) - sign);
        }
    }
}
