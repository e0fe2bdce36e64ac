//! Bits of entropy-coded data, as an encoder writes them (T.87 A.1).

/// Writes bits, the most significant first; after a byte of ones the next begins with a zero.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// Bits that wait for their byte, in the low `waiting` ones.
    bits: u64,
    waiting: u32,
}

impl BitWriter {
    /// For about as many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// Writes the low `count` bits of a value that has no others, 0 to 32.
    #[inline(always)]
    pub(super) fn put(&mut self, value: u32, count: u32) {
        debug_assert!(count >= 32 || value >> count == 0, "bits beyond those to be written");
        self.bits = self.bits << count | u64::from(value);
        self.waiting += count;
        while self.waiting >= 8 {
            self.put_byte();
        }
    }

    /// Eight bits, or seven after a byte of ones.
    #[inline(always)]
    fn put_byte(&mut self) {
        let count = if self.bytes.last() == Some(&0xFF) { 7 } else { 8 };
        self.waiting -= count;
        self.bytes.push((self.bits >> self.waiting) as u8 & (0xFF >> (8 - count)));
    }

    /// A Golomb code, as [`BitReader::golomb`](super::super::bits::BitReader::golomb) reads it.
    #[inline(always)]
    pub(super) fn golomb(&mut self, mapped: u32, k: u32, escape: u32, plain_bits: u32) {
        let high = mapped >> k;
        if high < escape {
            self.zeros_and_one(high);
            self.put(mapped & ((1 << k) - 1), k);
        } else {
            self.zeros_and_one(escape);
            self.put(mapped - 1, plain_bits);
        }
    }

    #[inline(always)]
    fn zeros_and_one(&mut self, zeros: u32) {
        let first = zeros.min(31);
        self.put(0, zeros - first);
        self.put(1, first + 1);
    }

    /// What was written, the last byte filled with zeros.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.waiting > 0 {
            self.put(0, 8 - self.waiting);
        }
        // A byte of ones would make a marker of what follows.
        if self.bytes.last() == Some(&0xFF) {
            self.bytes.push(0);
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_of_ones_is_followed_by_a_zero_bit() {
        let mut bits = BitWriter::default();
        bits.put(0x3FF, 10);
        bits.put(0b101, 3);
        assert_eq!(bits.finish(), [0xFF, 0b0111_0100]);
        let mut ones = BitWriter::default();
        ones.put(0xFF, 8);
        assert_eq!(ones.finish(), [0xFF, 0]);
        assert_eq!(BitWriter::default().finish(), [0_u8; 0]);
    }

    #[test]
    fn golomb_codes_as_they_are_read() {
        let mut bits = BitWriter::default();
        bits.golomb(10, 2, 50, 8);
        bits.golomb(3, 2, 50, 8);
        assert_eq!(bits.finish(), [0b0011_0111]);
        let mut escaped = BitWriter::default();
        escaped.golomb(200, 0, 12, 8);
        // Twelve zeros, a one, 199.
        assert_eq!(escaped.finish(), [0, 0b0000_1110, 0b0011_1000]);
        let mut long = BitWriter::default();
        long.golomb(45, 0, 47, 16);
        assert_eq!(long.finish(), [0, 0, 0, 0, 0, 0b0000_0100]);
    }
}
