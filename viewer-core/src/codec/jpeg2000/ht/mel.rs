//! The adaptive run-length decoder of an HT code-block (ISO/IEC 15444-15 7.3.3): which quads among
//! insignificant neighbours have a significant sample.

/// Base-2 logarithm of the run that a `1` stands for, by state.
const RUN_BITS: [u32; 13] = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5];

/// Decodes events.
#[derive(Clone, Copy)]
pub(super) struct Mel<'a> {
    data: &'a [u8],
    /// Next bits from the top.
    window: u64,
    bits: u32,
    after_ff: bool,
    state: usize,
    /// Events of value 0 that are still to come.
    run: u32,
    /// An event of value 1 follows them.
    ends_in_one: bool,
}

impl<'a> Mel<'a> {
    /// A decoder of `data`, which ends before the last byte of the clean-up segment.
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, window: 0, bits: 0, after_ff: false, state: 0, run: 0, ends_in_one: false }
    }

    /// The next event.
    #[inline(always)]
    pub(super) fn event(&mut self) -> bool {
        if self.run == 0 && !self.ends_in_one {
            *self = self.with_next_run();
        }
        if self.run > 0 {
            self.run -= 1;
            return false;
        }
        core::mem::take(&mut self.ends_in_one)
    }

    /// By value, so that a decoder kept in registers stays there.
    fn with_next_run(mut self) -> Self {
        while self.bits < 8 {
            self.push_byte();
        }
        let run_bits = RUN_BITS[self.state];
        let is_full = self.window >> 63 != 0;
        let used = if is_full {
            self.run = 1 << run_bits;
            self.state = (self.state + 1).min(RUN_BITS.len() - 1);
            1
        } else {
            self.run = (self.window >> (63 - run_bits)) as u32 & ((1 << run_bits) - 1);
            self.ends_in_one = true;
            self.state = self.state.saturating_sub(1);
            1 + run_bits
        };
        self.window <<= used;
        self.bits -= used;
        self
    }

    #[inline(always)]
    fn push_byte(&mut self) {
        let byte = match self.data {
            [] => 0xFF,
            // Its lower half belongs to the code words or to the length field.
            [last] => last | 0xF,
            [byte, ..] => *byte,
        };
        self.data = self.data.get(1..).unwrap_or_default();
        let width = 8 - u32::from(self.after_ff);
        self.window |= u64::from(byte) << (64 - width - self.bits);
        self.bits += width;
        self.after_ff = byte == 0xFF;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_grow_with_success_and_shrink_with_events() {
        // 1 1 1 (runs of 1 zero), 1 (run of 2), 0 1 (in a state of one bit: a zero, then a one).
        let mut mel = Mel::new(&[0b1111_0100, 0, 0]);
        let events: Vec<bool> = (0..7).map(|_| mel.event()).collect();
        assert_eq!(events, [false, false, false, false, false, false, true]);
    }
}
