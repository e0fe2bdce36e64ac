//! The HT clean-up pass (ISO/IEC 15444-15 7.3): quads of 2 × 2 samples, row by row, in two steps.
//! First code words say which samples are significant and how large the largest is; then magnitudes
//! and signs are cut out of their bit stream, whose places are known by then without reading it.

use std::array;

use super::bits::BackwardBits;
use super::mel::Mel;
use super::tables::{
    BOTH_IN_FIRST_ROW, BOTH_IN_OTHER_ROWS, EXPONENTS, FIRST_ROW_QUADS, OTHER_QUADS,
};
use super::{HtDecoder, MASK, SIZE};
use crate::codec::DecodeError;
use crate::codec::jpeg2000::corrupt;

/// Significance of the lower left, upper right and lower right sample of a quad.
const LOWER_LEFT: u32 = 1 << 5;
const LOWER_RIGHT: u32 = 1 << 7;
const RIGHT: u32 = 1 << 6 | 1 << 7;
const U_OFF: u32 = 1 << 3;

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

/// The three streams of a clean-up segment.
pub(super) struct Streams<'a> {
    mel: Mel<'a>,
    code_words: BackwardBits<'a>,
    magnitudes: &'a [u8],
}

impl<'a> Streams<'a> {
    /// Parts a segment (7.1.1): its last 12 bits say how long the last two streams are.
    pub(super) fn new(segment: &'a [u8]) -> Result<Self, DecodeError> {
        let [.., before_last, last] = *segment else { return Err(corrupt("a short HT segment")) };
        let suffix = usize::from(last) << 4 | usize::from(before_last & 0xF);
        if suffix < 2 || suffix > segment.len() || suffix > 4079 {
            return Err(corrupt("lengths within an HT segment"));
        }
        let (magnitudes, suffix) = segment.split_at(segment.len() - suffix);
        let suffix = &suffix[..suffix.len() - 1];
        let code_words = BackwardBits::of_code_words(suffix);
        Ok(Self { mel: Mel::new(suffix), code_words, magnitudes })
    }
}

/// Magnitudes of a row's lower samples: at the boundary before each quad, the bits of its lower left
/// sample and of its neighbour's lower right one together.
type Boundaries = [u32; 1024];

impl HtDecoder {
    /// Decodes the pass; `plane` is 0 for the lowest bit-plane, `zero_planes` those above the first.
    pub(super) fn cleanup(
        &mut self,
        segment: &[u8],
        plane: u32,
        zero_planes: u32,
    ) -> Result<(), DecodeError> {
        let mut streams = Streams::new(segment)?;
        streams = self.read_first_quads(streams);
        for row in 1..self.height.div_ceil(2) {
            streams = self.read_quads(streams, row);
        }
        self.plain.fill(streams.magnitudes);
        let mut boundaries: [Boundaries; 2] = [[0; 1024]; 2];
        let [mut above, mut own] = boundaries.each_mut();
        let mut position = 0;
        let mut largest = 0;
        for row in 0..self.height.div_ceil(2) {
            let quads = (self.width.div_ceil(2), row);
            let read = if row == 0 {
                self.read_magnitudes::<true>(quads, position, plane, above, own)
            } else {
                self.read_magnitudes::<false>(quads, position, plane, above, own)
            };
            position = read.0;
            largest = largest.max(read.1);
            core::mem::swap(&mut above, &mut own);
            // One more bit than planes: the sign.
            if largest > zero_planes + 2 || !self.plain.reaches(position) {
                return Err(corrupt("magnitudes of an HT code-block"));
            }
        }
        Ok(())
    }

    /// The first row of quads: contexts look to the left only. Streams come and go by value, as what
    /// a reference points to is in memory, not in registers.
    fn read_first_quads<'a>(&mut self, mut streams: Streams<'a>) -> Streams<'a> {
        let quads = self.width.div_ceil(2);
        let first = self.quad(0, 0);
        let mut left = 0u32;
        for pair in (0..quads).step_by(2) {
            let context = |left: u32| (left >> 4 | left >> 5) & 1 | left >> 5 & 6;
            streams.code_words.fill();
            let one = read_quad(&mut streams, context(left), &FIRST_ROW_QUADS);
            let two = match pair + 1 < quads {
                true => read_quad(&mut streams, context(one), &FIRST_ROW_QUADS),
                false => 0,
            };
            let mut row = usize::from(one & U_OFF != 0) + 2 * usize::from(two & U_OFF != 0);
            if row == BOTH_IN_FIRST_ROW {
                row += usize::from(streams.mel.event());
            }
            let exponents = read_exponents(&mut streams, row);
            self.quads[(first + pair) & MASK] = one | exponents[0] << 16;
            self.quads[(first + pair + 1) & MASK] = two | exponents[1] << 16;
            left = two;
        }
        streams
    }

    /// Another row: contexts look to the left and above.
    fn read_quads<'a>(&mut self, mut streams: Streams<'a>, row: usize) -> Streams<'a> {
        let quads = self.width.div_ceil(2);
        let first = self.quad(0, row);
        let above = self.quad(0, row - 1);
        let mut left = 0u32;
        let mut north_west = 0;
        let mut north = self.quads[above & MASK];
        for pair in (0..quads).step_by(2) {
            let north_east = self.quads[(above + pair + 1) & MASK];
            let far_east = self.quads[(above + pair + 2) & MASK];
            streams.code_words.fill();
            let context_one = context(left, [north_west, north, north_east]);
            let one = read_quad(&mut streams, context_one, &OTHER_QUADS);
            let context_two = context(one, [north, north_east, far_east]);
            let two = match pair + 1 < quads {
                true => read_quad(&mut streams, context_two, &OTHER_QUADS),
                false => 0,
            };
            let count = usize::from(one & U_OFF != 0) + 2 * usize::from(two & U_OFF != 0);
            let row = if count == 3 { BOTH_IN_OTHER_ROWS } else { count };
            let exponents = read_exponents(&mut streams, row);
            self.quads[(first + pair) & MASK] = one | exponents[0] << 16;
            self.quads[(first + pair + 1) & MASK] = two | exponents[1] << 16;
            (left, north_west, north) = (two, north_east, far_east);
        }
        streams
    }

    /// Cuts out the samples of a row of quads; next position and largest number of bits.
    fn read_magnitudes<const FIRST: bool>(
        &mut self,
        (quads, row): (usize, usize),
        mut position: u32,
        plane: u32,
        above: &Boundaries,
        own: &mut Boundaries,
    ) -> (u32, u32) {
        let first = self.quad(0, row);
        let upper = 2 * row * self.pitch();
        let lower = upper + self.pitch();
        let (mut largest, mut before) = (0, 0);
        for index in 0..quads {
            let quad = self.quads[(first + index) & MASK];
            let [rho, e_1, e_k] = [4, 8, 12].map(|place| (quad >> place & 0xF) as usize);
            if rho == 0 {
                self.set_quad(upper + 2 * index, lower + 2 * index, [0; 4]);
                own[index & 1023] = before;
                before = 0;
                continue;
            }
            let known = if FIRST || rho.is_power_of_two() { 1 } else { exponent(above, index) };
            let bits = (quad >> 16) + known;
            largest = largest.max(bits);
            // Where each sample starts, a byte for each, and where the last one ends.
            let starts = u64::from(bits) * COUNTS[rho] - COUNTS[e_k];
            let raw = self.plain.four(position, starts, bits);
            position = position.wrapping_add((starts >> 32) as u32);
            let (significant, one_less, ones) = (&LANES[rho], &LANES[e_k], &LANES[e_1]);
            let top = 1u32.wrapping_shl(bits - 1);
            let all = (top << 1).wrapping_sub(1);
            let values: [u32; 4] = array::from_fn(|n| {
                (raw[n] & (all ^ one_less[n] & top) | ones[n] & top | 1) & significant[n]
            });
            // In halves, the lowest bit of a value in the middle of what is not known.
            let samples = array::from_fn(|n| {
                let magnitude = values[n].wrapping_add(significant[n] & 2) << plane;
                raw[n] << 31 & significant[n] | magnitude & 0x7FFF_FFFF
            });
            self.set_quad(upper + 2 * index, lower + 2 * index, samples);
            own[index & 1023] = before | values[1];
            before = values[3];
        }
        own[quads & 1023] = before;
        (position, largest)
    }

    #[inline(always)]
    fn set_quad(&mut self, upper: usize, lower: usize, [a, b, c, d]: [u32; 4]) {
        (self.samples[upper & MASK], self.samples[(upper + 1) & MASK]) = (a, c);
        (self.samples[lower & MASK], self.samples[(lower + 1) & MASK]) = (b, d);
    }
}

/// Bits of the largest of the four samples above a quad, less one (kappa of 7.3.7).
#[inline(always)]
fn exponent(above: &Boundaries, quad: usize) -> u32 {
    (above[quad & 1023] | above[(quad + 1) & 1023] | 2).ilog2()
}

/// Context of a quad in all rows but the first (7.3.5).
#[inline(always)]
fn context(left: u32, [north_west, north, north_east]: [u32; 3]) -> u32 {
    let bit = |is_set: bool, place: u32| u32::from(is_set) << place;
    bit((north_west & LOWER_RIGHT) | (north & LOWER_LEFT) != 0, 0)
        | bit(left & RIGHT != 0, 1)
        | bit((north & LOWER_RIGHT) | (north_east & LOWER_LEFT) != 0, 2)
}

/// Reads the code word of a quad, at most seven bits; among insignificant neighbours an event comes first.
#[inline(always)]
fn read_quad(streams: &mut Streams<'_>, context: u32, table: &[u16; 1024]) -> u32 {
    if context == 0 && !streams.mel.event() {
        return 0;
    }
    let next = streams.code_words.window() as u32 & 0x7F;
    let entry = u32::from(table[((context & 7) << 7 | next) as usize]);
    streams.code_words.skip(entry & 7);
    entry
}

/// Reads what follows of the exponents of two quads: at most 16 bits.
#[inline(always)]
fn read_exponents(streams: &mut Streams<'_>, row: usize) -> [u32; 2] {
    if row == 0 {
        return [0, 0];
    }
    let next = streams.code_words.window();
    let entry = u32::from(EXPONENTS[(row << 6 | (next & 0x3F) as usize) & 511]);
    let [prefixes, suffixes, first] = [entry & 7, entry >> 3 & 0xF, entry >> 7 & 7];
    let suffix = (next >> prefixes) as u32 & ((1 << suffixes) - 1);
    streams.code_words.skip(prefixes + suffixes);
    let first_suffix = suffix & ((1 << first) - 1);
    [(entry >> 10 & 7) + first_suffix, (entry >> 13) + (suffix >> first)]
}

// One column of border on the left and three on the right of each row of quads must fit.
const _: () = assert!(SIZE >= 512 * (2 + 4));
