//! Bits of the headers of H.264 and H.265: fixed lengths and Exp-Golomb codes (H.264 9.1, H.265 9.2).

/// A NAL unit without its emulation prevention bytes, read bit by bit. Every read says `None` at the
/// end.
pub(super) struct Bits {
    bytes: Vec<u8>,
    position: usize,
}

impl Bits {
    /// Takes a NAL unit from its first header byte on; 00 00 03 stands for 00 00 (H.264 7.4.1).
    pub(super) fn of_nal(nal: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(nal.len());
        let mut zeros = 0;
        for &byte in nal {
            if zeros >= 2 && byte == 3 {
                zeros = 0;
                continue;
            }
            zeros = if byte == 0 { zeros + 1 } else { 0 };
            bytes.push(byte);
        }
        Self { bytes, position: 0 }
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.position / 8)?;
        let bit = byte >> (7 - self.position % 8) & 1;
        self.position += 1;
        Some(bit == 1)
    }

    /// Up to 32 bits, most significant first.
    pub(super) fn bits(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |value: u32, _| Some(value << 1 | u32::from(self.flag()?)))
    }

    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        self.position = self.position.checked_add(count)?;
        (self.position <= self.bytes.len() * 8).then_some(())
    }

    /// `ue(v)`.
    pub(super) fn unsigned(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1_u32 << zeros) - 1 + self.bits(zeros)?)
    }

    /// `ue(v)` of at most `most`: larger values make no sense and would only cost time.
    pub(super) fn unsigned_to(&mut self, most: u32) -> Option<u32> {
        self.unsigned().filter(|value| *value <= most)
    }

    /// `se(v)`.
    pub(super) fn signed(&mut self) -> Option<i32> {
        let code = i64::from(self.unsigned()?);
        let value = if code % 2 == 1 { (code + 1) / 2 } else { -(code / 2) };
        i32::try_from(value).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_golomb_codes() {
        // 1, 010, 011, 00100, 00111 and the rest.
        let mut bits = Bits::of_nal(&[0b1010_0110, 0b0100_0011, 0b1000_0000]);
        assert_eq!(bits.unsigned(), Some(0));
        assert_eq!(bits.unsigned(), Some(1));
        assert_eq!(bits.signed(), Some(-1));
        assert_eq!(bits.unsigned(), Some(3));
        assert_eq!(bits.signed(), Some(-3));
        assert_eq!(Bits::of_nal(&[0, 0, 0, 0, 0]).unsigned(), None);
        assert_eq!(Bits::of_nal(&[0, 0]).unsigned(), None);
    }

    #[test]
    fn emulation_prevention_is_taken_out() {
        let mut bits = Bits::of_nal(&[0, 0, 3, 1, 0, 0, 3, 3]);
        assert_eq!(bits.bits(32), Some(0x0000_0100));
        assert_eq!(bits.bits(16), Some(0x0003));
        assert_eq!(bits.flag(), None);
    }
}
