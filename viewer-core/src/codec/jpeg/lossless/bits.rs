//! Entropy-coded bits with byte stuffing (T.81 F.2.2.5): `FF 00` is a data byte, any other `FF xx` ends.

/// Reads bits, most significant first. Past the end it gives zeros and remembers that it did.
pub(super) struct BitReader<'a> {
    data: &'a [u8],
    position: usize,
    /// Next bits, left-aligned.
    window: u64,
    /// Valid bits of the window.
    available: u32,
    /// Zero bits that were made up.
    padding: u32,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, position: 0, window: 0, available: 0, padding: 0 }
    }

    /// Makes at least 32 bits available to [`Self::peek_16`] and [`Self::take`].
    pub(super) fn refill(&mut self) {
        if self.available >= 32 {
            return;
        }
        if let Some(chunk) = self.data.get(self.position..).and_then(|d| d.first_chunk::<8>()) {
            let word = u64::from_be_bytes(*chunk);
            if !has_ff_byte(word) {
                self.window |= word >> self.available;
                let bytes = (63 - self.available) / 8;
                self.position += bytes as usize;
                self.available += bytes * 8;
                return;
            }
        }
        while self.available <= 56 {
            let byte = self.next_byte();
            self.window |= u64::from(byte) << (56 - self.available);
            self.available += 8;
        }
    }

    fn next_byte(&mut self) -> u8 {
        let next = self.data.get(self.position).copied();
        match (next, self.data.get(self.position + 1)) {
            (Some(0xFF), Some(0)) => {
                self.position += 2;
                0xFF
            }
            (Some(byte), _) if byte != 0xFF => {
                self.position += 1;
                byte
            }
            _ => {
                self.padding = self.padding.saturating_add(8);
                0
            }
        }
    }

    /// The next 16 bits.
    pub(super) fn peek_16(&self) -> u32 {
        (self.window >> 48) as u32
    }

    /// Drops `count` bits, at most those made available.
    pub(super) fn skip(&mut self, count: u32) {
        self.window <<= count;
        self.available = self.available.saturating_sub(count);
    }

    /// The next `count` bits, 1 to 16.
    pub(super) fn take(&mut self, count: u32) -> u32 {
        let value = (self.window >> (64 - count)) as u32;
        self.skip(count);
        value
    }

    /// Whether bits were used that the data does not have.
    pub(super) fn is_past_end(&self) -> bool {
        self.padding > self.available
    }

    /// What follows the entropy-coded data: from the next marker on, or nothing.
    pub(super) fn after_marker(self) -> &'a [u8] {
        let rest = self.data.get(self.position..).unwrap_or_default();
        let is_marker = |pair: &[u8]| matches!(pair, [0xFF, 1..=0xFE]);
        let start = rest.windows(2).position(is_marker).unwrap_or(rest.len());
        rest.get(start..).unwrap_or_default()
    }
}

fn has_ff_byte(word: u64) -> bool {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let inverted = !word;
    inverted.wrapping_sub(LOW) & word & HIGH != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuffed_bytes_are_data_and_markers_end_it() {
        let data = [0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD9];
        let mut bits = BitReader::new(&data);
        bits.refill();
        assert_eq!((bits.take(8), bits.take(16)), (0x12, 0xFF34));
        assert!(!bits.is_past_end());
        bits.refill();
        assert_eq!(bits.take(1), 0);
        assert!(bits.is_past_end());
        assert_eq!(bits.after_marker(), [0xFF, 0xD9]);
    }

    #[test]
    fn long_data_takes_the_fast_path_without_losing_bits() {
        let data: Vec<u8> = (0..200).map(|i| (i * 37 % 251) as u8).collect();
        let mut bits = BitReader::new(&data);
        let read: Vec<u8> = (0..400)
            .map(|_| {
                bits.refill();
                bits.take(4) as u8
            })
            .collect();
        let expected: Vec<u8> = data.iter().flat_map(|b| [b >> 4, b & 15]).collect();
        assert_eq!(read, expected);
        assert!(!bits.is_past_end());
    }

    #[test]
    fn ff_bytes_are_found_anywhere() {
        for byte in 0..8 {
            assert!(has_ff_byte(0x0080_7F01_FE00_8001 | (0xFF << (byte * 8))));
        }
        assert!(!has_ff_byte(0x0080_7F01_FE00_8001));
    }
}
