//! Streams of an HT clean-up segment without their stuffing (ISO/IEC 15444-15 7.1), so that a reader
//! of one is no more than the number of its next bit.

/// Bytes that a stream can have: magnitudes and signs of 4096 samples of 31 bits.
const CAPACITY: usize = 4096 * 4;
/// Bytes that follow a stream at least; an encoder may leave out those that are all ones.
const PADDING: usize = 16;
/// Bytes of code words that a code-block can use: 512 pairs of quads of 30 bits, seven to a byte.
const CODE_WORDS: usize = 512 * 30 / 7 + 1;
/// Bytes of events that a code-block can use: those of 1024 quads and 256 pairs, of six bits.
const EVENTS: usize = (1024 + 256) * 6 / 7 + 1;

/// A stream as plain bits, lowest first.
pub(super) struct PlainBits {
    bytes: Box<[u8; CAPACITY + PADDING + 16]>,
    /// Bits of magnitudes up to which reading makes sense.
    end: u32,
}

impl PlainBits {
    pub(super) fn new() -> Self {
        Self { bytes: Box::new([0; CAPACITY + PADDING + 16]), end: 0 }
    }

    /// Takes over magnitudes and signs, followed by ones.
    pub(super) fn fill_magnitudes(&mut self, stuffed: &[u8]) {
        let (words, rest) = stuffed[..stuffed.len().min(CAPACITY)].as_chunks::<4>();
        let mut packer = Packer::new(self, AfterFf(false));
        words.iter().for_each(|word| packer.word(*word));
        let end = packer.at + PADDING;
        rest.iter().for_each(|&byte| packer.byte(byte));
        packer.finish(0xFF, 0);
        self.end = 8 * end as u32;
    }

    /// Takes over code words, which go from the end of `suffix` to its start, followed by zeros. Its last
    /// byte shares its lower half with the length field.
    pub(super) fn fill_code_words(&mut self, suffix: &[u8]) {
        let (&last, stuffed) = suffix.split_last().unwrap_or((&0, &[]));
        let (rest, words) = stuffed[stuffed.len().saturating_sub(CODE_WORDS)..].as_rchunks::<4>();
        let mut packer = Packer::new(self, AfterLarge(last | 0xF > 0x8F));
        packer.push(u64::from(last >> 4), if last >> 4 & 7 == 7 { 3 } else { 4 });
        words.iter().rev().for_each(|&[a, b, c, d]| packer.word([d, c, b, a]));
        rest.iter().rev().for_each(|&byte| packer.byte(byte));
        packer.finish(0, CODE_WORDS);
    }

    /// Takes over events, whose bits go from the highest of a byte to the lowest, followed by ones. The
    /// lower half of the last byte of `suffix` is not theirs.
    pub(super) fn fill_events(&mut self, suffix: &[u8]) {
        let (&last, stuffed) = suffix.split_last().unwrap_or((&0xFF, &[]));
        let (words, rest) = stuffed[..stuffed.len().min(EVENTS)].as_chunks::<4>();
        let mut packer = Packer::new(self, HighestFirst(AfterFf(false)));
        words.iter().for_each(|word| packer.word(*word));
        rest.iter().for_each(|&byte| packer.byte(byte));
        packer.byte(last | 0xF);
        packer.finish(0xFF, EVENTS);
    }

    /// The bits from number `position` on, lowest first; 57 of them count.
    #[inline(always)]
    pub(super) fn from(&self, position: u32) -> u64 {
        let at = (position >> 3) as usize & (CAPACITY - 1);
        let bytes = self.bytes[at..at + 8].first_chunk::<8>();
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes)) >> (position & 7)
    }

    /// The 16 bytes from that of bit `position` on.
    #[inline(always)]
    pub(super) fn sixteen(&self, position: u32) -> [u8; 16] {
        let at = (position >> 3) as usize & (CAPACITY - 1);
        self.bytes[at..at + 16].first_chunk::<16>().copied().unwrap_or_default()
    }

    /// Whether bits of magnitudes up to `position` were in the data, or in the ones that an encoder may leave out.
    pub(super) fn reaches(&self, position: u32) -> bool {
        position <= self.end
    }
}

/// Where bits are stuffed and how those of a byte lie.
trait Stuffing {
    /// Bits of four bytes, none of which is stuffed; `None` where one may be.
    fn four(&mut self, word: u32) -> Option<u32>;
    /// Bits of a byte, and how many.
    fn one(&mut self, byte: u8) -> (u8, u32);
}

/// Bytes after `FF` have seven bits.
struct AfterFf(bool);

impl Stuffing for AfterFf {
    #[inline(always)]
    fn four(&mut self, word: u32) -> Option<u32> {
        let inverted = !word;
        let has_ff = inverted.wrapping_sub(0x0101_0101) & word & 0x8080_8080 != 0;
        (!self.0 && !has_ff).then_some(word)
    }

    #[inline(always)]
    fn one(&mut self, byte: u8) -> (u8, u32) {
        let width = 8 - u32::from(self.0);
        self.0 = byte == 0xFF;
        (byte, width)
    }
}

/// The same, highest bit of a byte first.
struct HighestFirst(AfterFf);

impl Stuffing for HighestFirst {
    #[inline(always)]
    fn four(&mut self, word: u32) -> Option<u32> {
        let mut word = self.0.four(word)?;
        word = word >> 4 & 0x0F0F_0F0F | (word & 0x0F0F_0F0F) << 4;
        word = word >> 2 & 0x3333_3333 | (word & 0x3333_3333) << 2;
        Some(word >> 1 & 0x5555_5555 | (word & 0x5555_5555) << 1)
    }

    #[inline(always)]
    fn one(&mut self, byte: u8) -> (u8, u32) {
        let (byte, width) = self.0.one(byte);
        (byte.reverse_bits() >> (8 - width), width)
    }
}

/// Bytes `7F` and `FF` after one above `8F` have seven bits.
struct AfterLarge(bool);

impl Stuffing for AfterLarge {
    #[inline(always)]
    fn four(&mut self, word: u32) -> Option<u32> {
        let may_be_stuffed = ((word & 0x7F7F_7F7F) + 0x0101_0101) & 0x8080_8080 != 0;
        if may_be_stuffed {
            return None;
        }
        self.0 = word >> 24 > 0x8F;
        Some(word)
    }

    #[inline(always)]
    fn one(&mut self, byte: u8) -> (u8, u32) {
        let is_stuffed = self.0 && byte & 0x7F == 0x7F;
        self.0 = byte > 0x8F;
        (byte, 8 - u32::from(is_stuffed))
    }
}

/// Writes a stream.
struct Packer<'a, S> {
    bytes: &'a mut [u8; CAPACITY + PADDING + 16],
    at: usize,
    window: u64,
    /// Bits in the window, fewer than 8 between calls.
    bits: u32,
    stuffing: S,
}

impl<'a, S: Stuffing> Packer<'a, S> {
    fn new(plain: &'a mut PlainBits, stuffing: S) -> Self {
        Self { bytes: &mut plain.bytes, at: 0, window: 0, bits: 0, stuffing }
    }

    #[inline(always)]
    fn push(&mut self, value: u64, width: u32) {
        self.window |= value << self.bits;
        self.bits += width;
    }

    #[inline(always)]
    fn word(&mut self, word: [u8; 4]) {
        match self.stuffing.four(u32::from_le_bytes(word)) {
            Some(bits) => self.push(bits.into(), 32),
            None => word.into_iter().for_each(|byte| self.push_byte(byte)),
        }
        self.flush();
    }

    #[inline(always)]
    fn byte(&mut self, byte: u8) {
        self.push_byte(byte);
        self.flush();
    }

    #[inline(always)]
    fn push_byte(&mut self, byte: u8) {
        let (byte, width) = self.stuffing.one(byte);
        self.push(byte.into(), width);
    }

    /// Writes four bytes, as many of which count as are whole.
    #[inline(always)]
    fn flush(&mut self) {
        let at = self.at & (2 * CAPACITY - 1);
        if let Some(place) = self.bytes.get_mut(at..at + 4) {
            place.copy_from_slice(&(self.window as u32).to_le_bytes());
        }
        let whole = (self.bits / 8).min(4);
        self.window >>= 8 * whole;
        self.bits -= 8 * whole;
        self.at += whole as usize;
    }

    /// Ends it with `padding`, up to byte `least` in any case.
    fn finish(mut self, padding: u8, least: usize) {
        self.push(u64::from_le_bytes([padding; 8]), 32);
        self.flush();
        let end = self.at.max(least) + PADDING;
        let end = end.min(self.bytes.len());
        self.bytes[self.at.min(end)..end].fill(padding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: [u8; 11] = [0x12, 0xFF, 0x55, 0xFF, 0x7F, 0x01, 0x80, 0x34, 0x56, 0x9A, 0x3C];

    /// What is read bit by bit, as the standard describes it.
    fn expect(bits: &PlainBits, expected: &[u8]) {
        for (position, &bit) in expected.iter().enumerate() {
            assert_eq!(bits.from(position as u32) as u8 & 1, bit, "bit {position}");
        }
    }

    #[test]
    fn magnitudes_lose_their_stuffing() {
        let mut expected = Vec::new();
        let mut after_ff = false;
        for byte in DATA {
            (0..8 - u32::from(after_ff)).for_each(|bit| expected.push(byte >> bit & 1));
            after_ff = byte == 0xFF;
        }
        let end = expected.len() as u32;
        let mut plain = PlainBits::new();
        plain.fill_magnitudes(&DATA);
        expect(&plain, &[&expected[..], &[1; 64]].concat());
        assert!(plain.reaches(end + 50) && !plain.reaches(end + 150));
    }

    #[test]
    fn code_words_lose_their_stuffing() {
        let data = [0x11, 0x22, 0x33, 0x44, 0x55, 0x7F, 0x90, 0x7F, 0xA0, 0x6B];
        let widths = [(4, 6), (8, 0xA0), (7, 0x7F), (8, 0x90), (7, 0x7F), (8, 0x55), (8, 0x44)];
        let rest = [(8, 0x33), (8, 0x22), (8, 0x11), (32, 0)];
        let bits = |(width, value): &(u32, u32)| {
            let value = *value;
            (0..*width).map(move |bit| (value >> bit & 1) as u8).collect::<Vec<_>>()
        };
        let mut plain = PlainBits::new();
        plain.fill_magnitudes(&[0xAA; 4000]);
        plain.fill_code_words(&data);
        expect(&plain, &widths.iter().chain(&rest).flat_map(bits).collect::<Vec<_>>());
        assert_eq!(plain.from(CODE_WORDS as u32 * 8), 0);
    }

    #[test]
    fn events_begin_with_the_highest_bit_of_a_byte() {
        let mut expected = Vec::new();
        let mut after_ff = false;
        for byte in DATA.map(|byte| if byte == DATA[10] { byte | 0xF } else { byte }) {
            (0..8 - u32::from(after_ff)).rev().for_each(|bit| expected.push(byte >> bit & 1));
            after_ff = byte == 0xFF;
        }
        let mut plain = PlainBits::new();
        plain.fill_magnitudes(&[0; 4000]);
        plain.fill_events(&DATA);
        expect(&plain, &[&expected[..], &[1; 64]].concat());
        assert_eq!(plain.from(EVENTS as u32 * 8) as u8, 0xFF);
    }
}
