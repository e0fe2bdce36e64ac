//! Bits of packet headers (ISO/IEC 15444-1 B.10.1): the byte after `FF` has seven bits of data.

use crate::codec::DecodeError;
use crate::codec::jpeg2000::cut_packet;

/// Reads bits, most significant first.
pub(super) struct HeaderBits<'a> {
    data: &'a [u8],
    position: usize,
    current: u8,
    left: u32,
}

impl<'a> HeaderBits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, position: 0, current: 0, left: 0 }
    }

    pub(super) fn bit(&mut self) -> Result<bool, DecodeError> {
        if self.left == 0 {
            let after_ff = self.current == 0xFF;
            self.current = *self.data.get(self.position).ok_or_else(cut_packet)?;
            self.position += 1;
            self.left = if after_ff { 7 } else { 8 };
        }
        self.left -= 1;
        Ok(self.current >> self.left & 1 != 0)
    }

    /// Up to 32 bits as a number.
    pub(super) fn take(&mut self, count: u32) -> Result<u32, DecodeError> {
        (0..count).try_fold(0u32, |value, _| Ok(value << 1 | u32::from(self.bit()?)))
    }

    /// Ends the header; bytes it took.
    pub(super) fn finish(self) -> Result<usize, DecodeError> {
        let stuffed = usize::from(self.current == 0xFF);
        let end = self.position + stuffed;
        if end <= self.data.len() { Ok(end) } else { Err(cut_packet()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_bit_is_stuffed_after_ff() {
        let mut bits = HeaderBits::new(&[0xFF, 0b0101_0000, 9]);
        assert_eq!(bits.take(11), Ok(0b111_1111_1101));
        assert_eq!(bits.finish(), Ok(2));
        let mut ends_in_ff = HeaderBits::new(&[0xFF, 0]);
        assert_eq!(ends_in_ff.take(8), Ok(255));
        assert_eq!(ends_in_ff.finish(), Ok(2));
        assert!(HeaderBits::new(&[1]).take(9).is_err());
    }
}
