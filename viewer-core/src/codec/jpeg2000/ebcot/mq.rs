//! The MQ arithmetic decoder (ISO/IEC 15444-1 annex C), arranged so that the usual symbol costs one
//! subtraction and one branch.
//!
//! With A the interval and C the code relative to it, a symbol that is the more probable one and
//! needs no renormalisation only subtracts Qe from both. As long as Qe fits into
//! `margin = min(C, A - 2^15)` that is the case, so the margin alone is kept up to date, and A and C
//! only when it is used up.

/// Fraction bits of A and C below the 16 of the standard.
const FRACTION: u32 = 14;
/// The interval is renormalised below this: 0x8000 of the standard.
const HALF: i32 = 0x8000 << FRACTION;
/// Bits of a context state that are Qe.
const QE: u32 = 0xFFFF << FRACTION;
/// Bits of a context state that are its row in [`ROWS`] and, lowest, its more probable symbol.
const ROW: u32 = 0x7F;

/// Context of a run of four coefficients without a significant one.
pub(super) const RUN: usize = 17;
/// Context of symbols that are equally probable.
pub(super) const UNIFORM: usize = 18;

/// Decoder of one codeword segment after another; contexts live on between them.
pub(super) struct Mq<'a> {
    data: &'a [u8],
    position: usize,
    /// A and C without [`Margin`].
    interval: i32,
    code: i32,
    /// Bits of C that can be shifted in before the next byte is due.
    shifts_left: u32,
    /// Padded so that any masked index is inside.
    contexts: [u32; 32],
}

/// What is left of A and C before they must be brought up to date. Kept apart from [`Mq`] so that it
/// stays in a register.
pub(super) struct Margin(i32);

impl<'a> Mq<'a> {
    /// A decoder with fresh contexts and no data.
    pub(super) fn new() -> Self {
        let mut mq = Self {
            data: &[],
            position: 0,
            interval: 0,
            code: 0,
            shifts_left: 0,
            contexts: [0; 32],
        };
        mq.reset_contexts();
        mq
    }

    /// Puts all contexts in their initial states (table D.7).
    pub(super) fn reset_contexts(&mut self) {
        self.contexts = [state(0); 32];
        self.contexts[0] = state(4);
        self.contexts[RUN] = state(3);
        self.contexts[UNIFORM] = state(46);
    }

    /// Starts a codeword segment (C.3.5).
    pub(super) fn start(&mut self, data: &'a [u8]) -> Margin {
        self.data = data;
        self.position = 0;
        self.code = i32::from(self.byte(0)) << FRACTION;
        self.next_byte();
        self.code <<= 7;
        self.shifts_left -= 7;
        self.interval = HALF;
        self.set_margin()
    }

    /// Decodes one symbol, 0 or 1.
    #[inline(always)]
    pub(super) fn decode(&mut self, margin: &mut Margin, context: usize) -> u32 {
        let state = self.contexts[context & 31];
        margin.0 -= (state & QE) as i32;
        if margin.0 >= 0 {
            return state & 1;
        }
        let (new_margin, symbol) = self.exchange_and_renormalise(margin.0, context);
        margin.0 = new_margin;
        symbol
    }

    /// The symbol that used up the margin (C.3.2).
    #[inline(always)]
    fn exchange_and_renormalise(&mut self, margin: i32, context: usize) -> (i32, u32) {
        let state = self.contexts[context & 31];
        let qe = (state & QE) as i32;
        let mut interval = self.interval + margin;
        let mut code = self.code + margin;
        // The smaller part of the interval counts as the more probable symbol's ("exchange").
        let is_exchanged = interval < qe;
        let in_lower_part = code < 0;
        if in_lower_part {
            code += qe;
            interval = qe;
        }
        let is_less_probable = in_lower_part != is_exchanged;
        let row = ROWS[(state & ROW) as usize];
        self.contexts[context & 31] = row[usize::from(is_less_probable)];
        let symbol = (state & 1) ^ u32::from(is_less_probable);
        let mut shift = interval.leading_zeros() - HALF.leading_zeros();
        interval <<= shift;
        while shift > self.shifts_left {
            code <<= self.shifts_left;
            shift -= self.shifts_left;
            self.code = code;
            self.next_byte();
            code = self.code;
        }
        self.code = code << shift;
        self.shifts_left -= shift;
        self.interval = interval;
        (self.set_margin().0, symbol)
    }

    /// Sets the margin aside. C lies in A, but for damaged data: a byte after 0xFF may carry it out, and then
    /// it would grow at each renormalisation.
    #[inline(always)]
    fn set_margin(&mut self) -> Margin {
        self.code = self.code.min(self.interval - 1);
        let margin = self.code.min(self.interval - HALF);
        self.interval -= margin;
        self.code -= margin;
        Margin(margin)
    }

    fn byte(&self, offset: usize) -> u8 {
        self.data.get(self.position + offset).copied().unwrap_or(0xFF)
    }

    /// BYTEIN (C.3.4); past the end the data goes on as if a marker followed.
    #[inline(always)]
    fn next_byte(&mut self) {
        let next = self.byte(1);
        let is_stuffed = self.byte(0) == 0xFF;
        let (bits, added) = match is_stuffed {
            true if next > 0x8F => (8, 0xFF00),
            true => (7, i32::from(next) << 9),
            false => (8, i32::from(next) << 8),
        };
        self.position += usize::from(!is_stuffed || next <= 0x8F);
        self.code += added >> (16 - FRACTION);
        self.shifts_left = bits;
    }
}

/// State of a context at a row of [`TRANSITIONS`], with symbol 0 the more probable one.
const fn state(row: usize) -> u32 {
    (TRANSITIONS[row].0 << FRACTION) | (row as u32) << 1
}

/// For each row and more probable symbol: the states after the more and the less probable symbol.
const ROWS: [[u32; 2]; 128] = {
    let mut rows = [[0; 2]; 128];
    let mut row = 0;
    while row < TRANSITIONS.len() {
        let (_, next_more, next_less, switches) = TRANSITIONS[row];
        let mut symbol = 0;
        while symbol < 2 {
            let switched = symbol ^ switches as u32;
            rows[row << 1 | symbol as usize] =
                [state(next_more) | symbol, state(next_less) | switched];
            symbol += 1;
        }
        row += 1;
    }
    rows
};

/// Qe, next row after the more probable symbol, after the less probable one, and whether that one
/// then becomes the more probable (table C.2).
#[rustfmt::skip]
const TRANSITIONS: [(u32, usize, usize, bool); 47] = [
    (0x5601, 1, 1, true), (0x3401, 2, 6, false), (0x1801, 3, 9, false), (0x0AC1, 4, 12, false),
    (0x0521, 5, 29, false), (0x0221, 38, 33, false), (0x5601, 7, 6, true), (0x5401, 8, 14, false),
    (0x4801, 9, 14, false), (0x3801, 10, 14, false), (0x3001, 11, 17, false), (0x2401, 12, 18, false),
    (0x1C01, 13, 20, false), (0x1601, 29, 21, false), (0x5601, 15, 14, true), (0x5401, 16, 14, false),
    (0x5101, 17, 15, false), (0x4801, 18, 16, false), (0x3801, 19, 17, false), (0x3401, 20, 18, false),
    (0x3001, 21, 19, false), (0x2801, 22, 19, false), (0x2401, 23, 20, false), (0x2201, 24, 21, false),
    (0x1C01, 25, 22, false), (0x1801, 26, 23, false), (0x1601, 27, 24, false), (0x1401, 28, 25, false),
    (0x1201, 29, 26, false), (0x1101, 30, 27, false), (0x0AC1, 31, 28, false), (0x09C1, 32, 29, false),
    (0x08A1, 33, 30, false), (0x0521, 34, 31, false), (0x0441, 35, 32, false), (0x02A1, 36, 33, false),
    (0x0221, 37, 34, false), (0x0141, 38, 35, false), (0x0111, 39, 36, false), (0x0085, 40, 37, false),
    (0x0049, 41, 38, false), (0x0025, 42, 39, false), (0x0015, 43, 40, false), (0x0009, 44, 41, false),
    (0x0005, 45, 42, false), (0x0001, 45, 43, false), (0x5601, 46, 46, false),
];

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// The test sequence of ITU-T T.88 (JBIG2) H.2, whose decoder is the same.
    #[test]
    fn the_test_sequence_of_the_standard() {
        let encoded = [
            0x84, 0xC7, 0x3B, 0xFC, 0xE1, 0xA1, 0x43, 0x04, 0x02, 0x20, 0x00, 0x00, 0x41, 0x0D,
            0xBB, 0x86, 0xF4, 0x31, 0x7F, 0xFF, 0x88, 0xFF, 0x37, 0x47, 0x1A, 0xDB, 0x6A, 0xDF,
            0xFF, 0xAC,
        ];
        let decoded = [
            0x00u8, 0x02, 0x00, 0x51, 0x00, 0x00, 0x00, 0xC0, 0x03, 0x52, 0x87, 0x2A, 0xAA, 0xAA,
            0xAA, 0xAA, 0x82, 0xC0, 0x20, 0x00, 0xFC, 0xD7, 0x9E, 0xF6, 0xBF, 0x7F, 0xED, 0x90,
            0x4F, 0x46, 0xA3, 0xBF,
        ];
        let mut mq = Mq::new();
        let mut margin = mq.start(&encoded);
        for (index, &expected) in decoded.iter().enumerate() {
            let byte = (0..8).fold(0, |byte, _| byte << 1 | mq.decode(&mut margin, 1));
            assert_eq!(byte, u32::from(expected), "byte {index}");
        }
    }

    proptest! {
        /// No encoder writes a code that is not in the interval; a damaged stream holds any bytes.
        #[test]
        fn the_code_stays_in_the_interval(
            damaged in vec(prop_oneof![Just(0xFF), 0x80u8..=0x8F, any::<u8>()], 0..40),
            contexts in vec(0..=UNIFORM, 1000),
        ) {
            let mut mq = Mq::new();
            let mut margin = mq.start(&damaged);
            for context in contexts {
                mq.decode(&mut margin, context);
                let (interval, code) = (mq.interval + margin.0, mq.code + margin.0);
                prop_assert!((0..interval).contains(&code), "{code} of {interval}");
            }
        }
    }

    /// What fuzzing found: a carry behind the first byte.
    #[test]
    fn a_carry_out_of_the_interval_is_not_kept() {
        let mut mq = Mq::new();
        let mut margin = mq.start(&[0xFF, 0x8F]);
        for _ in 0..1000 {
            mq.decode(&mut margin, 0);
            assert!(mq.code + margin.0 < mq.interval + margin.0);
        }
    }
}
