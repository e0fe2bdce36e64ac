//! Bits of entropy-coded data, most significant first.

use core::hint::cold_path;

/// Reads bits. Past the end it gives zeros and remembers that it did.
///
/// Decoders work on a copy in a local variable, and nothing here is a call once compiled: then it stays
/// in registers, and so does what the decoder's loop works with (a call in a loop, however rare, makes
/// WebAssembly compilers keep everything in memory).
#[derive(Clone, Copy, Debug)]
pub(super) struct BitReader<'w> {
    /// Each word of 32 bits with the next one below it.
    words: &'w [u64],
    /// Of the next bit.
    position: usize,
    /// How many bits there are.
    length: usize,
}

impl<'w> BitReader<'w> {
    /// The first `length` bits of `words`, each of which has the next 32 bits below its own.
    pub(super) fn new(words: &'w [u64], length: usize) -> Self {
        Self { words, position: 0, length }
    }

    /// The next 33 bits, left-aligned, and what is known of those behind.
    #[inline(always)]
    pub(super) fn window(&self) -> u64 {
        self.words.get(self.position / 32).copied().unwrap_or(0) << (self.position % 32)
    }

    /// Whether bits were used that the data does not have.
    pub(super) fn is_past_end(&self) -> bool {
        self.position > self.length
    }

    /// Drops `count` bits.
    #[inline(always)]
    pub(super) fn skip(&mut self, count: u32) {
        self.position += count as usize;
    }

    /// The next `count` bits, 0 to 32.
    #[inline(always)]
    pub(super) fn take(&mut self, count: u32) -> u32 {
        let value = first_bits(self.window(), count);
        self.skip(count);
        value
    }

    /// A Golomb code of parameter `k` (T.87 A.5.3): as many zeros as the value has in its high bits, a
    /// one, the `k` low bits; or `escape` zeros (at most 63), a one and the value less one in
    /// `plain_bits` bits. `None` for more zeros than that.
    #[inline(always)]
    pub(super) fn golomb(&mut self, k: u32, escape: u32, plain_bits: u32) -> Option<u32> {
        let window = self.window();
        let high = window.leading_zeros();
        let length = high + 1 + k;
        if high < escape && length <= 33 {
            // The high bits above all that may be low ones: k is what everything waits for.
            let all = u64::from(high) << 32 | (window << high << 1) >> 32;
            self.skip(length);
            return Some((all >> (32 - k)) as u32);
        }
        cold_path();
        let high = self.zeros();
        self.skip(1);
        match high {
            high if high < escape => Some(high << k | self.take(k)),
            high if high == escape => Some(self.take(plain_bits) + 1),
            _ => None,
        }
    }

    /// Zeros up to the next one bit, at most 64.
    #[inline(always)]
    fn zeros(&mut self) -> u32 {
        let zeros = self.window().leading_zeros().min(32);
        self.skip(zeros);
        if zeros < 32 {
            return zeros;
        }
        let more = self.window().leading_zeros().min(32);
        self.skip(more);
        zeros + more
    }
}

/// The first `count` bits, 0 to 32, of a window.
#[inline(always)]
pub(super) fn first_bits(window: u64, count: u32) -> u32 {
    // Two shifts, as one by 64 is none.
    (window >> 1 >> (63 - count)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of 32 bits, each with the next one below it.
    fn paired(words: &[u32]) -> Vec<u64> {
        let next = words.iter().skip(1).chain([&0]);
        words
            .iter()
            .zip(next)
            .map(|(&word, &next)| u64::from(word) << 32 | u64::from(next))
            .collect()
    }

    #[test]
    fn bits_come_in_order_and_end() {
        let words = paired(&[0x1234_5678, 0x9ABC_DEF0]);
        let mut bits = BitReader::new(&words, 53);
        assert_eq!((bits.take(4), bits.take(0), bits.take(32)), (1, 0, 0x2345_6789));
        assert_eq!(bits.window() >> 48, 0xABCD);
        bits.skip(16);
        assert_eq!(bits.take(1), 1);
        assert!(!bits.is_past_end());
        assert_eq!(bits.take(11), 0xDE0 >> 1);
        assert!(bits.is_past_end());
        assert_eq!((bits.take(32), bits.take(32)), (0, 0));
    }

    #[test]
    fn golomb_codes_escape_and_end() {
        // 001 10 → 2·4 + 2; 1 11 → 3; then 60 zeros, 1, 101.
        let words = paired(&[0b0011_0111 << 24, 0, 0b1101 << 24]);
        let mut bits = BitReader::new(&words, 96);
        assert_eq!((bits.golomb(2, 50, 8), bits.golomb(2, 50, 8)), (Some(10), Some(3)));
        let (mut long, mut escaped) = (bits, bits);
        assert_eq!(long.golomb(3, 61, 8), Some(60 << 3 | 0b101));
        assert_eq!(escaped.golomb(3, 60, 3), Some(0b101 + 1));
        assert_eq!(bits.golomb(3, 59, 3), None);
        assert_eq!(BitReader::new(&[], 0).golomb(3, 59, 3), None);
    }

    /// Every length that the quick way has, and the next ones.
    #[test]
    fn golomb_codes_of_every_length() {
        for k in 0..=31 {
            for high in 0..=40u32 {
                let low = 0x2AAA_AAAA & ((1u64 << k) - 1) as u32;
                let code = (1u128 << k | u128::from(low)) << (128 - high - 1 - k) >> 5;
                let words = paired(&[96, 64, 32, 0].map(|shift| (code >> shift) as u32));
                let mut bits = BitReader::new(&words, 128);
                bits.skip(5);
                let expected = (u64::from(high) << k | u64::from(low)) as u32;
                assert_eq!(bits.golomb(k, 50, 16), Some(expected), "k {k}, {high} zeros");
                assert_eq!(bits.position, (5 + high + 1 + k) as usize);
            }
        }
    }
}
