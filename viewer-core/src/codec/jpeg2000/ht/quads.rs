//! First step of the clean-up pass (ISO/IEC 15444-15 7.3.4 to 7.3.6): code words say which samples of a
//! quad are significant and how large the largest is.

use super::HtDecoder;
use super::events::Events;
use super::plain::PlainBits;
use super::tables::{BOTH_IN_FIRST_ROW, EXPONENTS, FIRST_ROW_QUADS, OTHER_QUADS, QuadTable, U_OFF};

/// Where an exponent is in what is known of a quad, above an entry of [`QuadTable`].
pub(super) const EXPONENT: u32 = 24;
/// Pairs of quads of the largest code-blocks. A power of two: indices are masked instead of checked.
pub(super) const PAIRS: usize = 512;

/// The next bits to be read. Comes and goes by value, so that it stays in registers.
#[derive(Clone, Copy, Default)]
pub(super) struct Reading {
    code_words: u32,
    events: Events,
}

impl HtDecoder {
    /// Reads a row of quads, two by two. In the first one contexts look to the left only.
    ///
    /// Of the row above, contexts ask about the boundaries between quads: whether one of the two
    /// lower samples that meet there is significant. `boundaries` has two bits for each pair, of the
    /// boundary before it and of that between its quads; those of this row take their place.
    #[inline(never)]
    pub(super) fn read_quads<const FIRST: bool>(&mut self, row: usize, from: Reading) -> Reading {
        let pairs = self.pairs();
        let Self { quads, boundaries, code_words, events, .. } = self;
        let mut reading = from;
        let count = self.width.div_ceil(2);
        let first = row * pairs;
        let table = if FIRST { &FIRST_ROW_QUADS } else { &OTHER_QUADS };
        let mut here = if FIRST { 0 } else { u32::from(boundaries[0]) };
        let (mut left, mut lower_right) = (0u32, 0);
        for pair in 0..pairs {
            let next = if FIRST { 0 } else { u32::from(boundaries[(pair + 1) & (PAIRS - 1)]) };
            let above = here | next << 2;
            here = next;
            let mut window = code_words.from(reading.code_words);
            let context = left >> 16 & 7 | above & 3;
            let one = reading.quad(&mut window, context, table, events);
            let context = one >> 16 & 7 | above >> 1 & 3;
            let has_two = 2 * pair + 1 < count;
            let two = if has_two { reading.quad(&mut window, context, table, events) } else { 0 };
            let mut kind = (one & U_OFF) as usize >> 3 | (two & U_OFF) as usize >> 2;
            if FIRST && kind == 3 {
                kind = BOTH_IN_FIRST_ROW + usize::from(reading.events.next(events));
            }
            let exponents = if kind == 0 { [0; 2] } else { reading.exponents(window, kind) };
            quads[(first + pair) & (PAIRS - 1)] =
                [one | exponents[0] << EXPONENT, two | exponents[1] << EXPONENT];
            let own = (one >> 5 | lower_right) & 1 | (one >> 7 | two >> 5) << 1 & 2;
            boundaries[pair & (PAIRS - 1)] = own as u8;
            (left, lower_right) = (two, two >> 7);
        }
        boundaries[pairs & (PAIRS - 1)] = lower_right as u8 & 1;
        reading
    }
}

impl Reading {
    /// Reads the code word of a quad, at most seven bits; among insignificant neighbours an event comes
    /// first.
    #[inline(always)]
    fn quad(
        &mut self,
        window: &mut u64,
        context: u32,
        table: &QuadTable,
        events: &PlainBits,
    ) -> u32 {
        if context == 0 && !self.events.next(events) {
            return 0;
        }
        let entry = table[((context & 7) << 7 | *window as u32 & 0x7F) as usize];
        *window >>= entry & 7;
        self.code_words += entry & 7;
        entry
    }

    /// Reads what follows of the exponents of two quads: at most 16 bits.
    #[inline(always)]
    fn exponents(&mut self, window: u64, kind: usize) -> [u32; 2] {
        let window = window as u32;
        let entry = EXPONENTS[(kind << 6 | (window & 0x3F) as usize) & 511];
        self.code_words += entry >> 3 & 31;
        let suffixes = window >> (entry & 7) & !(u32::MAX << (entry >> 11 & 15));
        let first = entry >> 8 & 7;
        let own = suffixes & !(u32::MAX << first);
        [(entry >> 15 & 7) + own, (entry >> 18 & 7) + (suffixes >> first)]
    }
}
