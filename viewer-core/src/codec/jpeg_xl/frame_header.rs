//! The first bits of a frame header (ISO/IEC 18181-1, FrameHeader): how the frame is coded, which the
//! library does not tell.

/// How a frame is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    /// Modular coding without a colour transform of its own: the samples that the encoder was given
    /// (unless it rounded them beforehand, which no decoder can see).
    pub(super) keeps_samples: bool,
}

impl FrameHeader {
    /// Reads the header of a frame at its first byte; `xyb` is what the image header says of all frames.
    /// `None` where the bytes end.
    pub(super) fn read(bytes: &[u8], xyb: bool) -> Option<Self> {
        let mut bits = Bits { bytes, position: 0 };
        let all_default = bits.take(1)? == 1;
        if all_default {
            return Some(Self { keeps_samples: false });
        }
        let _frame_type = bits.take(2)?;
        let is_modular = bits.take(1)? == 1;
        bits.skip_u64()?;
        let is_ycbcr = !xyb && bits.take(1)? == 1;
        Some(Self { keeps_samples: is_modular && !xyb && !is_ycbcr })
    }
}

/// Bits from the lowest of each byte.
struct Bits<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Option<u32> {
        let bit =
            |position: usize| Some(u32::from(self.bytes.get(position / 8)? >> (position % 8) & 1));
        let value = (0..count)
            .try_fold(0, |value, index| Some(value | bit(self.position + index)? << index))?;
        self.position += count;
        Some(value)
    }

    /// Passes over a U64 (annex B.2.3 of the standard: 0, 4, 8 or a chain of bits).
    fn skip_u64(&mut self) -> Option<()> {
        match self.take(2)? {
            0 => {}
            1 => _ = self.take(4)?,
            2 => _ = self.take(8)?,
            _ => {
                self.take(12)?;
                let mut shift = 12;
                while self.take(1)? == 1 {
                    if shift == 60 {
                        self.take(4)?;
                        break;
                    }
                    self.take(8)?;
                    shift += 8;
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields of `(bits, value)`, the lowest bit first.
    fn packed(fields: &[(usize, u32)]) -> Vec<u8> {
        let bits: Vec<u32> = fields
            .iter()
            .flat_map(|&(count, value)| (0..count).map(move |index| value >> index & 1))
            .collect();
        bits.chunks(8)
            .map(|byte| byte.iter().rev().fold(0, |sum, bit| sum << 1 | *bit as u8))
            .collect()
    }

    fn keeps_samples(fields: &[(usize, u32)], xyb: bool) -> Option<bool> {
        FrameHeader::read(&packed(fields), xyb).map(|header| header.keeps_samples)
    }

    #[test]
    fn only_modular_frames_without_a_transform_keep_their_samples() {
        let header = |modular, ycbcr| [(1, 0), (2, 0), (1, modular), (2, 0), (1, ycbcr)];
        assert_eq!(keeps_samples(&header(1, 0), false), Some(true));
        assert_eq!(keeps_samples(&header(1, 1), false), Some(false));
        assert_eq!(keeps_samples(&header(1, 0), true), Some(false));
        assert_eq!(keeps_samples(&header(0, 0), false), Some(false));
        assert_eq!(keeps_samples(&[(1, 1)], false), Some(false));
    }

    #[test]
    fn flags_of_any_length_are_passed_over() {
        let start = [(1, 0), (2, 0), (1, 1)];
        let long = [(2, 3), (12, 0xFFF), (1, 1), (8, 0xFF), (1, 1), (8, 0xFF), (1, 0)];
        for flags in [&[(2, 1), (4, 0xF)][..], &[(2, 2), (8, 0xFF)], &long] {
            for (ycbcr, expected) in [(0, true), (1, false)] {
                let fields = [&start[..], flags, &[(1, ycbcr), (8, 0)]].concat();
                assert_eq!(keeps_samples(&fields, false), Some(expected), "{flags:?}");
            }
        }
        assert_eq!(FrameHeader::read(&[0b0011_1000], false), None);
        assert_eq!(FrameHeader::read(&[], false), None);
    }
}
