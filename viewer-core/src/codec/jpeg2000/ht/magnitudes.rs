//! Second step of the clean-up pass (ISO/IEC 15444-15 7.3.7, 7.3.8): magnitudes and signs are cut out of
//! their bit stream, whose places are known from the first step without reading it.

use super::lanes::{BITS_OF_A_CUT, Cutter, Four};
use super::plain::PlainBits;
use super::quads::{EXPONENT, PAIRS};
use super::tables::{E_1, E_K, ONE_SAMPLE, RHO};
use super::{HtDecoder, SAMPLE_PAIRS};

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

/// By a number of bits: the highest of them, and all of them, in each lane.
static BITS: [[[u32; 4]; 2]; 32] = {
    let mut table = [[[0; 4]; 2]; 32];
    let mut bits = 1;
    while bits < 32 {
        table[bits] = [[1 << (bits - 1); 4], [u32::MAX >> (32 - bits); 4]];
        bits += 1;
    }
    table
};

/// What samples are made with, the same for a code-block. Constants would be made anew for each quad: see
/// [`Cutter`].
struct Maker {
    cutter: Cutter,
    one: Four,
    two: Four,
    /// Moves magnitudes to their place.
    scale: Four,
}

/// What is known of the quads passed.
struct Passed {
    /// Of the next bit.
    position: u32,
    most_bits: u32,
    /// Magnitude of the lower right sample before.
    lower_right: u32,
    /// Of the row above, at the boundary before the next quad.
    above: u32,
}

impl HtDecoder {
    /// Cuts out the samples of a row of quads; next position and largest number of bits.
    ///
    /// Of the row above, `largest` has the magnitudes that meet at the boundary before each quad, their
    /// bits together; those of this row take their place.
    #[inline(never)]
    pub(super) fn read_magnitudes<const FIRST: bool>(
        &mut self,
        row: usize,
        position: u32,
        plane: u32,
    ) -> (u32, u32) {
        let pairs = self.pairs();
        let Self { quads, magnitudes, samples, largest, .. } = self;
        let maker = Maker::new(plane);
        let mut passed = Passed { position, most_bits: 0, lower_right: 0, above: largest[0] };
        let (upper, lower) = (4 * row * pairs, (4 * row + 2) * pairs);
        for pair in 0..pairs {
            let both = quads[(row * pairs + pair) & (PAIRS - 1)];
            for (half, quad) in both.into_iter().enumerate() {
                let index = 2 * pair + half;
                let next = largest[(index + 1) & 1023];
                let columns = if quad & RHO == 0 {
                    largest[index & 1023] = passed.lower_right;
                    passed.lower_right = 0;
                    [0; 2]
                } else {
                    // Bits of the largest of the four samples above, less one (kappa of 7.3.7).
                    let known = match FIRST || quad & ONE_SAMPLE != 0 {
                        true => 1,
                        false => (passed.above | next | 2).ilog2(),
                    };
                    let bits = (quad >> EXPONENT) + known;
                    let (values, columns) = maker.quad(quad, bits, magnitudes, &mut passed);
                    let [_, lower_left, _, lower_right] = values.array();
                    largest[index & 1023] = passed.lower_right | lower_left;
                    passed.lower_right = lower_right;
                    columns
                };
                passed.above = next;
                samples[(upper + index) & (SAMPLE_PAIRS - 1)] = columns[0].to_le();
                samples[(lower + index) & (SAMPLE_PAIRS - 1)] = columns[1].to_le();
            }
        }
        largest[(2 * pairs) & 1023] = passed.lower_right;
        (passed.position, passed.most_bits)
    }
}

impl Maker {
    fn new(plane: u32) -> Self {
        let [one, two, scale] = core::hint::black_box([1, 2, 1 << plane]).map(Four::splat);
        Self { cutter: Cutter::new(), one, two, scale }
    }

    /// The magnitudes of a quad whose largest has `bits` bits (less one, with a lowest bit of 1 instead
    /// of the sign; 0 of insignificant samples), and its samples: by columns, in halves with their sign,
    /// the lowest bit of a magnitude in the middle of what is not known.
    #[inline(always)]
    fn quad(
        &self,
        quad: u32,
        bits: u32,
        stream: &PlainBits,
        passed: &mut Passed,
    ) -> (Four, [u64; 2]) {
        let index = |place: u32| (quad >> place.trailing_zeros() & 15) as usize;
        let lanes = |place: u32| Four::new(LANES[index(place)]);
        // Where each sample starts, a byte for each, and where the last one ends.
        let starts = u64::from(bits) * COUNTS[index(RHO)] - COUNTS[index(E_K)];
        let raw = self.cut(stream, passed.position, starts, bits);
        passed.position = passed.position.wrapping_add((starts >> 32) as u32);
        passed.most_bits = passed.most_bits.max(bits);
        let [top, all] = BITS[bits as usize & 31].map(Four::new);
        let significant = lanes(RHO);
        let values = (raw & (all ^ lanes(E_K) & top) | lanes(E_1) & top | self.one) & significant;
        let magnitudes = (values + (significant & self.two)) * self.scale;
        (values, (magnitudes | raw << 31 & significant).columns())
    }

    /// What is in the stream for each sample, and more above: of each `bits` at most count.
    #[inline(always)]
    fn cut(&self, stream: &PlainBits, position: u32, starts: u64, bits: u32) -> Four {
        if bits <= BITS_OF_A_CUT {
            let starts = (starts as u32).wrapping_add((position & 7) * 0x0101_0101);
            return self.cutter.cut(stream.sixteen(position), starts);
        }
        let [a, b, c, d, ..] = starts.to_le_bytes();
        Four::new([a, b, c, d].map(|start| stream.from(position.wrapping_add(start.into())) as u32))
    }
}
