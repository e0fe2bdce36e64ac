//! Second step of the clean-up pass (ISO/IEC 15444-15 7.3.7, 7.3.8): magnitudes and signs are cut out of
//! their bit stream, whose places are known from the first step without reading it.

use core::array;

use super::lanes::{BITS_OF_A_CUT, Four};
use super::plain::PlainBits;
use super::quads::{EXPONENT, PAIRS};
use super::{HtDecoder, MASK};

/// By four bits, one for each sample of a quad: all ones for each that is set.
static LANES: [[u32; 4]; 16] = {
    let mut lanes = [[0; 4]; 16];
    let mut at = 0;
    while at < 64 {
        lanes[at / 4][at % 4] = ((at / 4) as u32 >> (at % 4) & 1).wrapping_neg();
        at += 1;
    }
    lanes
};

/// By the same: in byte `n`, from the lowest, how many of the first `n` are set.
static COUNTS: [u64; 16] = {
    let mut counts = [0; 16];
    let mut bits = 0u64;
    while bits < 16 {
        let mut n = 1;
        while n <= 4 {
            counts[bits as usize] |= ((bits & ((1 << n) - 1)).count_ones() as u64) << (8 * n);
            n += 1;
        }
        bits += 1;
    }
    counts
};

impl HtDecoder {
    /// Cuts out the samples of a row of quads; next position and largest number of bits.
    ///
    /// Of the row above, `largest` has the magnitudes that meet at the boundary before each quad, their
    /// bits together; those of this row take their place.
    #[inline(never)]
    pub(super) fn read_magnitudes<const FIRST: bool>(
        &mut self,
        row: usize,
        mut position: u32,
        plane: u32,
    ) -> (u32, u32) {
        let Self { quads, magnitudes, samples, largest, .. } = self;
        let count = self.width.div_ceil(2);
        let first = row * count.div_ceil(2);
        let (upper, lower) = (2 * row * count, (2 * row + 1) * count);
        let (mut most_bits, mut lower_right, mut here) = (0, 0, largest[0]);
        for index in 0..count {
            let quad = quads[(first + index / 2) & (PAIRS - 1)][index & 1];
            let next = largest[(index + 1) & 1023];
            let above = here | next;
            here = next;
            let rho = (quad >> 4 & 0xF) as usize;
            let (mut pairs, mut lower_left) = ([[0; 2]; 2], 0);
            if rho != 0 {
                // Bits of the largest of the four samples above, less one (kappa of 7.3.7).
                let known = if FIRST || rho.is_power_of_two() { 1 } else { (above | 2).ilog2() };
                let bits = (quad >> EXPONENT) + known;
                most_bits = most_bits.max(bits);
                // Where each sample starts, a byte for each, and where the last one ends.
                let one_less = COUNTS[(quad >> 12 & 0xF) as usize];
                let starts = u64::from(bits) * COUNTS[rho] - one_less;
                let raw = cut(magnitudes, position, starts, bits);
                position = position.wrapping_add((starts >> 32) as u32);
                let values = magnitudes_of(quad, raw, bits);
                pairs = samples_of(rho, raw, values, plane);
                let [_, second, _, fourth] = values.array();
                (lower_left, here) = (second, next);
                largest[index & 1023] = lower_right | lower_left;
                lower_right = fourth;
            } else {
                largest[index & 1023] = lower_right;
                lower_right = 0;
            }
            samples[(upper + index) & (MASK / 2)] = pairs[0];
            samples[(lower + index) & (MASK / 2)] = pairs[1];
        }
        largest[count & 1023] = lower_right;
        (position, most_bits)
    }
}

/// What is in the stream for each sample, and more above: of each `bits` at most count.
#[inline(always)]
fn cut(stream: &PlainBits, position: u32, starts: u64, bits: u32) -> Four {
    if bits <= BITS_OF_A_CUT {
        return Four::cut(stream.sixteen(position), starts as u32 + (position & 7) * 0x0101_0101);
    }
    let [a, b, c, d, ..] = starts.to_le_bytes();
    Four::new([a, b, c, d].map(|start| stream.from(position.wrapping_add(start.into())) as u32))
}

/// Magnitudes less one with a lowest bit of 1 instead of the sign; 0 of insignificant samples.
#[inline(always)]
fn magnitudes_of(quad: u32, raw: Four, bits: u32) -> Four {
    let lanes = |place: u32| Four::new(LANES[(quad >> place & 0xF) as usize]);
    let top = 1u32.wrapping_shl(bits.wrapping_sub(1));
    let all = Four::splat((top << 1).wrapping_sub(1));
    let top = Four::splat(top);
    (raw & (all ^ lanes(12) & top) | lanes(8) & top | Four::splat(1)) & lanes(4)
}

/// Samples in halves with their sign, the lowest bit of a value in the middle of what is not known: the
/// upper two and the lower two.
#[inline(always)]
fn samples_of(rho: usize, raw: Four, values: Four, plane: u32) -> [[u32; 2]; 2] {
    let significant = Four::new(LANES[rho]);
    let magnitudes = (values + (significant & Four::splat(2))) << plane;
    let signs = raw << 31 & significant;
    let samples = signs | magnitudes & Four::splat(0x7FFF_FFFF);
    let [a, b, c, d] = samples.array();
    [[a, c], [b, d]]
}
