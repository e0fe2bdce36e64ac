//! Entropy-coded bits with JPEG-LS bit stuffing (T.87 C.1): the byte after `FF` has seven bits of data;
//! where its top bit is set, `FF` starts a marker and the data ends before it.

/// Reads bits, most significant first. Past the end it gives zeros and remembers that it did.
pub(super) struct BitReader<'a> {
    data: &'a [u8],
    position: usize,
    /// Next bits, left-aligned; zeros below [`Self::available`] bits.
    window: u64,
    available: u32,
    /// Zero bits that were made up.
    padding: u32,
    after_ff: bool,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, position: 0, window: 0, available: 0, padding: 0, after_ff: false }
    }

    /// Makes at least 32 bits available.
    fn refill(&mut self) {
        if self.available >= 32 {
            return;
        }
        let next = self.data.get(self.position..).and_then(|data| data.first_chunk::<4>());
        if let Some(chunk) = next
            && !self.after_ff
            && !chunk.contains(&0xFF)
        {
            self.window |= u64::from(u32::from_be_bytes(*chunk)) << (32 - self.available);
            self.position += 4;
            self.available += 32;
            return;
        }
        while self.available <= 56 {
            self.push_byte();
        }
    }

    fn push_byte(&mut self) {
        let byte = self.data.get(self.position).copied();
        let follower = self.data.get(self.position + 1).copied();
        let (value, bits) = match (byte, follower) {
            (Some(0xFF), None | Some(0x80..)) | (None, _) => {
                self.padding = self.padding.saturating_add(8);
                (0, 8)
            }
            (Some(byte), _) => {
                self.position += 1;
                (byte, if self.after_ff { 7 } else { 8 })
            }
        };
        self.after_ff = value == 0xFF;
        self.window |= u64::from(value) << (64 - bits - self.available);
        self.available += bits;
    }

    /// Whether bits were used that the data does not have.
    pub(super) fn is_past_end(&self) -> bool {
        self.padding > self.available
    }

    /// One bit.
    pub(super) fn bit(&mut self) -> bool {
        self.take(1) == 1
    }

    /// The next `count` bits, 0 to 32.
    pub(super) fn take(&mut self, count: u32) -> u32 {
        self.refill();
        let value = self.window.checked_shr(64 - count).unwrap_or(0) as u32;
        self.skip(count);
        value
    }

    fn skip(&mut self, count: u32) {
        self.window = self.window.checked_shl(count).unwrap_or(0);
        self.available = self.available.saturating_sub(count);
    }

    /// Number of zeros up to the next one bit, which is read too; `None` if more than `most`.
    pub(super) fn zeros(&mut self, most: u32) -> Option<u32> {
        let mut count = 0;
        loop {
            self.refill();
            let leading = self.window.leading_zeros();
            if leading < self.available {
                self.skip(leading + 1);
                count += leading;
                return (count <= most).then_some(count);
            }
            count += self.available;
            self.skip(self.available);
            if count > most {
                return None;
            }
        }
    }

    /// What follows the entropy-coded data: from the next marker on, or nothing.
    pub(super) fn after_marker(self) -> &'a [u8] {
        let rest = self.data.get(self.position..).unwrap_or_default();
        let is_marker = |pair: &[u8]| matches!(pair, [0xFF, next] if *next >= 0x80);
        let start = rest.windows(2).position(is_marker).unwrap_or(rest.len());
        rest.get(start..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_after_ff_has_seven_bits() {
        let mut bits = BitReader::new(&[0xFF, 0x2A, 0x81, 0xFF, 0xD9]);
        assert_eq!((bits.take(8), bits.take(7), bits.take(8)), (0xFF, 0x2A, 0x81));
        assert!(!bits.is_past_end());
        assert!(!bits.bit());
        assert!(bits.is_past_end());
        assert_eq!(bits.after_marker(), [0xFF, 0xD9]);
    }

    #[test]
    fn zeros_are_counted_across_refills() {
        let mut data = vec![0; 12];
        data.extend([0b0001_0110]);
        let mut bits = BitReader::new(&data);
        assert_eq!(bits.zeros(200), Some(99));
        assert_eq!(bits.zeros(5), Some(1));
        assert_eq!((bits.zeros(0), bits.take(1)), (Some(0), 0));
        assert_eq!(BitReader::new(&data).zeros(98), None);
        assert_eq!(BitReader::new(&[]).zeros(64), None);
    }

    #[test]
    fn fast_and_slow_refills_agree() {
        let data: Vec<u8> = (0..=255).chain((0..=127).rev()).collect();
        let mut bits = BitReader::new(&data);
        let mut expected = Vec::new();
        let mut after_ff = false;
        for &byte in &data {
            let width = if after_ff { 7 } else { 8 };
            expected.extend((0..width).rev().map(|bit| byte >> bit & 1 == 1));
            after_ff = byte == 0xFF;
        }
        let read: Vec<bool> = (0..expected.len()).map(|_| bits.bit()).collect();
        assert_eq!(read, expected);
        assert!(!bits.is_past_end());
    }
}
