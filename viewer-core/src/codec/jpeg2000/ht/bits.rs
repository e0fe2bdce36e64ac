//! The bit streams of an HT code-block (ISO/IEC 15444-15 7.1): forward ones, whose byte after `FF`
//! has seven bits, and backward ones, where that goes for `7F` before a byte above `8F`.

/// Whether a byte of `word` is `FF`.
fn has_ff(word: u32) -> bool {
    let inverted = !word;
    inverted.wrapping_sub(0x0101_0101) & !inverted & 0x8080_8080 != 0
}

/// Bytes of magnitudes and signs that a code-block can have: 4096 samples of 31 bits.
const CAPACITY: usize = 4096 * 4;
/// Bits that one look into them gives at least.
const BITS_OF_A_LOOK: u32 = 57;
/// Ones that follow the data, as bytes.
const PADDING: usize = 16;

/// A forward stream without its stuffing, so that bits are found by their number.
pub(super) struct PlainBits {
    bytes: Box<[u8; CAPACITY + PADDING + 8]>,
    /// Bits up to which reading makes sense.
    end: u32,
}

impl PlainBits {
    pub(super) fn new() -> Self {
        Self { bytes: Box::new([0; CAPACITY + PADDING + 8]), end: 0 }
    }

    /// Takes over `stuffed`, followed by ones.
    pub(super) fn fill(&mut self, stuffed: &[u8]) {
        let (mut window, mut bits, mut at) = (0u64, 0u32, 0);
        let mut after_ff = false;
        let (words, rest) = stuffed[..stuffed.len().min(CAPACITY)].as_chunks::<4>();
        for word in words {
            let word = u32::from_le_bytes(*word);
            if after_ff || has_ff(word) {
                for byte in word.to_le_bytes() {
                    window |= u64::from(byte) << bits;
                    bits += 8 - u32::from(after_ff);
                    after_ff = byte == 0xFF;
                }
            } else {
                window |= u64::from(word) << bits;
                bits += 32;
            }
            self.bytes[at..at + 4].copy_from_slice(&(window as u32).to_le_bytes());
            // Fewer than 32 bits where some were stuffed.
            let whole = (bits / 8).min(4);
            window >>= 8 * whole;
            bits -= 8 * whole;
            at += whole as usize;
        }
        for &byte in rest {
            window |= u64::from(byte) << bits;
            bits += 8 - u32::from(after_ff);
            after_ff = byte == 0xFF;
        }
        window |= u64::MAX << bits;
        self.bytes[at..at + 8].copy_from_slice(&window.to_le_bytes());
        self.bytes[at + 8..at + 8 + PADDING].fill(0xFF);
        self.end = ((at + PADDING) * 8) as u32;
    }

    /// The bits from number `position` on, lowest first; [`BITS_OF_A_LOOK`] of them count.
    #[inline(always)]
    fn from(&self, position: u32) -> u64 {
        let at = (position >> 3) as usize & (CAPACITY - 1);
        let bytes = self.bytes[at..at + 8].first_chunk::<8>();
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes)) >> (position & 7)
    }

    /// From four places at once: `position` and a byte each of `starts`, lowest first; at most `bits`
    /// from each are wanted.
    #[inline(always)]
    pub(super) fn four(&self, position: u32, starts: u64, bits: u32) -> [u32; 4] {
        let [a, b, c, d, ..] = starts.to_le_bytes().map(u32::from);
        if bits <= BITS_OF_A_LOOK / 4 {
            let look = self.from(position);
            [a, b, c, d].map(|start| (look >> (start & 63)) as u32)
        } else {
            [a, b, c, d].map(|start| self.from(position.wrapping_add(start)) as u32)
        }
    }

    /// Whether bits up to `position` were in the data, or in the ones that an encoder may leave out.
    pub(super) fn reaches(&self, position: u32) -> bool {
        position <= self.end
    }
}

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
    /// Of code words: `data` ends with the byte that shares its lower half with the length field.
    pub(super) fn of_code_words(data: &'a [u8]) -> Self {
        let (&last, data) = data.split_last().unwrap_or((&0, &[]));
        let window = u64::from(last >> 4);
        let bits = if window & 7 == 7 { 3 } else { 4 };
        Self { data, window, bits, after_large: last | 0xF > 0x8F }
    }

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
        let mut plain = PlainBits::new();
        plain.fill(&stuffed);
        let mut expected = Vec::new();
        let mut after_ff = false;
        for byte in stuffed {
            (0..8 - u32::from(after_ff)).for_each(|bit| expected.push(byte >> bit & 1));
            after_ff = byte == 0xFF;
        }
        let mut forward = ForwardBits::new(&stuffed);
        for (position, &bit) in expected.iter().enumerate() {
            assert_eq!(plain.from(position as u32) as u8 & 1, bit, "bit {position}");
            assert_eq!(forward.bit(), u32::from(bit), "bit {position}");
        }
        assert_eq!(plain.from(expected.len() as u32) & 0xFFFF, 0xFFFF);
        assert_eq!(forward.bit(), 0);
        assert!(plain.reaches(expected.len() as u32) && !plain.reaches(1000));
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
