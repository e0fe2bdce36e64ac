//! The bit streams of HT refinement passes (ISO/IEC 15444-15 7.1): a forward one, whose byte after `FF`
//! has seven bits, and a backward one, where that goes for `7F` before a byte above `8F`.

/// A forward stream read bit by bit, followed by zeros (significance propagation).
pub(super) struct ForwardBits<'a> {
    data: &'a [u8],
    /// The byte read last, its next bit lowest, and how many of it are left.
    current: u8,
    left: u32,
    after_ff: bool,
}

impl<'a> ForwardBits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, current: 0, left: 0, after_ff: false }
    }

    /// 0 or 1.
    pub(super) fn bit(&mut self) -> u32 {
        if self.left == 0 {
            let (&byte, rest) = self.data.split_first().unwrap_or((&0, &[]));
            self.left = if self.after_ff { 7 } else { 8 };
            self.after_ff = byte == 0xFF;
            (self.current, self.data) = (byte, rest);
        }
        let bit = self.current & 1;
        self.current >>= 1;
        self.left -= 1;
        u32::from(bit)
    }
}

/// A backward stream: from the end of its data to the start, lowest bits first, followed by zeros.
#[derive(Clone, Copy)]
pub(super) struct BackwardBits<'a> {
    data: &'a [u8],
    window: u64,
    bits: u32,
    /// The byte read before was above `8F`.
    after_large: bool,
}

impl<'a> BackwardBits<'a> {
    /// Of refinements.
    pub(super) fn of_refinements(data: &'a [u8]) -> Self {
        Self { data, window: 0, bits: 0, after_large: true }
    }

    /// Sees to it that at least 32 bits are in the window.
    #[inline(always)]
    pub(super) fn fill(&mut self) {
        if self.bits < 32 {
            *self = self.refilled();
        }
    }

    /// The next bits: those that the last [`Self::fill`] saw to, less those passed over.
    #[inline(always)]
    pub(super) fn window(&self) -> u64 {
        self.window
    }

    /// Passes over bits that were seen.
    #[inline(always)]
    pub(super) fn skip(&mut self, count: u32) {
        self.window >>= count;
        self.bits = self.bits.wrapping_sub(count);
    }

    /// Four bytes at once where none of them could be `7F`, with or without its top bit: nothing is
    /// stuffed there.
    #[inline(always)]
    fn refilled(self) -> Self {
        if let Some((rest, word)) = self.data.split_last_chunk::<4>() {
            let word = u32::from_be_bytes(*word);
            if ((word & 0x7F7F_7F7F) + 0x0101_0101) & 0x8080_8080 == 0 {
                return Self {
                    data: rest,
                    window: self.window | u64::from(word) << self.bits,
                    bits: self.bits + 32,
                    after_large: word >> 24 > 0x8F,
                };
            }
        }
        self.refilled_by_bytes()
    }

    fn refilled_by_bytes(mut self) -> Self {
        while self.bits <= 48 {
            let (&byte, rest) = self.data.split_last().unwrap_or((&0, &[]));
            let is_stuffed = self.after_large && byte & 0x7F == 0x7F;
            self.window |= u64::from(byte) << self.bits;
            self.bits += if is_stuffed { 7 } else { 8 };
            self.after_large = byte > 0x8F;
            self.data = rest;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forward_streams_lose_their_stuffing() {
        let stuffed = [0x12, 0xFF, 0x55, 0xFF, 0x7F, 0x01, 0x80, 0x34, 0x56];
        let mut expected = Vec::new();
        let mut after_ff = false;
        for byte in stuffed {
            (0..8 - u32::from(after_ff)).for_each(|bit| expected.push(byte >> bit & 1));
            after_ff = byte == 0xFF;
        }
        let mut forward = ForwardBits::new(&stuffed);
        for (position, &bit) in expected.iter().enumerate() {
            assert_eq!(forward.bit(), u32::from(bit), "bit {position}");
        }
        assert_eq!(forward.bit(), 0);
    }

    #[test]
    fn backward_streams_lose_their_stuffing() {
        let data = [0x11, 0x22, 0x33, 0x44, 0x55, 0x7F, 0x90, 0x7F, 0xA0];
        let mut bits = BackwardBits::of_refinements(&data);
        let expected =
            [(8, 0xA0), (7, 0x7F), (8, 0x90), (7, 0x7F), (8, 0x55), (8, 0x44), (8, 0x33)];
        for (width, value) in expected {
            bits.fill();
            assert_eq!(bits.window() & ((1 << width) - 1), value);
            bits.skip(width);
        }
    }
}
