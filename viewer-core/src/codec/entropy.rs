//! Entropy-coded data of JPEG and JPEG-LS: cut at restart markers and freed from what is stuffed into it
//! once, so that its bits are read without a look at single bytes.

use core::ops::Range;

use super::bits::BitReader;

/// What encoders do so that data never looks like a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stuffing {
    /// JPEG: a zero byte after `FF` (T.81 F.1.2.3).
    Byte,
    /// JPEG-LS: a zero bit after `FF` (T.87 A.1); the byte has seven bits of data.
    Bit,
}

/// The restart intervals of a scan.
#[derive(Debug)]
pub(super) struct Intervals<'a> {
    /// The bits of all intervals, most significant first: 32 of each word's own and those of the next
    /// one, so that a look at one word shows 33 bits from anywhere. Each interval begins with a word.
    words: Vec<u64>,
    intervals: Vec<Interval>,
    /// What follows the scan: from its end marker on, or nothing.
    pub(super) rest: &'a [u8],
}

#[derive(Debug)]
struct Interval {
    words: Range<usize>,
    bits: usize,
    /// Number of the restart marker before it, 0 to 7; `None` for the first.
    restart: Option<u8>,
}

impl<'a> Intervals<'a> {
    /// Reads up to the first marker that is no restart, at most `most` intervals.
    pub(super) fn read(data: &'a [u8], stuffing: Stuffing, most: usize) -> Self {
        let mut words = Words::with_capacity(data.len());
        let (mut intervals, mut rest, mut restart) = (Vec::new(), data, None);
        while intervals.len() < most {
            let first = words.finished.len();
            let (bits, after) = words.read(rest, stuffing);
            // The first word is the lower half of one that is not of this interval.
            intervals.push(Interval { words: first + 1..words.finished.len(), bits, restart });
            rest = after;
            let [0xFF, marker @ 0xD0..=0xD7, after @ ..] = rest else { break };
            (rest, restart) = (after, Some(marker - 0xD0));
        }
        Self { words: words.finished, intervals, rest }
    }

    /// The bits of an interval, counted from 0; `None` if the marker before it is not there or not
    /// the one that is due.
    pub(super) fn bits(&self, number: usize) -> Option<BitReader<'_>> {
        let interval = self.intervals.get(number)?;
        let due = number.checked_sub(1).map(|before| before % 8);
        let is_due = interval.restart.map(usize::from) == due;
        let words = self.words.get(interval.words.clone()).filter(|_| is_due)?;
        Some(BitReader::new(words, interval.bits))
    }

    /// Whether the data ends with its intervals, without any marker.
    pub(super) fn is_cut_off(&self) -> bool {
        self.rest.is_empty()
    }
}

/// Words of 32 bits as they are completed.
struct Words {
    finished: Vec<u64>,
    /// The word before, which waits for its lower half.
    before: u32,
    /// Bits that do not make a word yet, left-aligned.
    window: u64,
    pending: u32,
}

impl Words {
    fn with_capacity(bytes: usize) -> Self {
        Self { finished: Vec::with_capacity(bytes / 4 + 2), before: 0, window: 0, pending: 0 }
    }

    /// Reads one interval; gives how many bits it has and what follows.
    fn read<'a>(&mut self, data: &'a [u8], stuffing: Stuffing) -> (usize, &'a [u8]) {
        let first = self.finished.len();
        let mut rest = data;
        loop {
            if let Some((chunk, after)) = rest.split_first_chunk::<4>()
                && !has_ff_byte(u32::from_be_bytes(*chunk))
            {
                self.push(u32::from_be_bytes(*chunk), 32);
                rest = after;
                continue;
            }
            rest = match (rest, stuffing) {
                ([0xFF, 0, after @ ..], Stuffing::Byte) => {
                    self.push(0xFF, 8);
                    after
                }
                ([0xFF, stuffed @ ..=0x7F, after @ ..], Stuffing::Bit) => {
                    self.push(0xFF, 8);
                    self.push(u32::from(*stuffed), 7);
                    after
                }
                // Fill bytes before a marker (T.81 B.1.1.2).
                ([0xFF, after @ ..], _) if after.first() == Some(&0xFF) => after,
                ([0xFF, ..] | [], _) => break,
                ([byte, after @ ..], _) => {
                    self.push(u32::from(*byte), 8);
                    after
                }
            };
        }
        let bits = (self.finished.len() - first) * 32 + self.pending as usize;
        // Fills the last word and gives it its lower half.
        self.push(0, 32 - self.pending);
        self.push(0, 32);
        (bits, if rest.len() > 1 { rest } else { &[] })
    }

    #[inline]
    fn push(&mut self, value: u32, bits: u32) {
        self.window |= u64::from(value) << (64 - bits - self.pending);
        self.pending += bits;
        if self.pending >= 32 {
            let word = (self.window >> 32) as u32;
            self.finished.push(u64::from(self.before) << 32 | u64::from(word));
            self.before = word;
            self.window <<= 32;
            self.pending -= 32;
        }
    }
}

/// Whether any byte is `FF`.
#[inline]
fn has_ff_byte(word: u32) -> bool {
    // A byte of the inverse is 0 where taking 1 off it borrows.
    (!word).wrapping_sub(0x0101_0101) & word & 0x8080_8080 != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(data: &[u8], stuffing: Stuffing, count: u32) -> Vec<u32> {
        let intervals = Intervals::read(data, stuffing, 1);
        let mut bits = intervals.bits(0).expect("the first interval");
        let read = (0..count).map(|_| bits.take(8)).collect();
        assert!(!bits.is_past_end());
        bits.take(1);
        assert!(bits.is_past_end(), "no more than {count} bytes");
        read
    }

    #[test]
    fn stuffed_bytes_are_taken_out() {
        let data = [0x12, 0xFF, 0x00, 0x34, 0xFF, 0x00, 0xFF, 0xD9, 1];
        assert_eq!(bytes(&data, Stuffing::Byte, 4), [0x12, 0xFF, 0x34, 0xFF]);
        assert_eq!(Intervals::read(&data, Stuffing::Byte, 1).rest, [0xFF, 0xD9, 1]);
    }

    #[test]
    fn stuffed_bits_are_taken_out() {
        // FF, then 1010101 and 1 of the next byte.
        let data = [0xFF, 0b0101_0101, 0b1000_0001, 0xFF, 0xD9];
        let intervals = Intervals::read(&data, Stuffing::Bit, 1);
        let mut bits = intervals.bits(0).expect("the first interval");
        assert_eq!((bits.take(8), bits.take(8), bits.take(7)), (0xFF, 0b1010_1011, 1));
        assert!(!bits.is_past_end());
        assert_eq!(intervals.rest, [0xFF, 0xD9]);
    }

    #[test]
    fn long_data_loses_nothing_wherever_the_stuffing_is() {
        for ff_at in 0..40 {
            let plain: Vec<u8> = (0..40).map(|i| if i == ff_at { 0xFF } else { i * 5 }).collect();
            let stuffed: Vec<u8> = plain
                .iter()
                .flat_map(|&b| [b, 0].into_iter().take(1 + usize::from(b == 255)))
                .collect();
            let expected: Vec<u32> = plain.iter().map(|&b| u32::from(b)).collect();
            assert_eq!(bytes(&stuffed, Stuffing::Byte, 40), expected);
        }
    }

    #[test]
    fn intervals_are_cut_and_numbered() {
        let data = [1, 0xFF, 0xD0, 2, 3, 0xFF, 0xFF, 0xD1, 0xFF, 0xD3, 4, 0xFF, 0xDA, 9];
        let intervals = Intervals::read(&data, Stuffing::Byte, 10);
        let first = |number: usize| intervals.bits(number).map(|mut bits| bits.take(8));
        assert_eq!((first(0), first(1), first(2)), (Some(1), Some(2), Some(0)));
        assert_eq!((first(3), first(4)), (None, None), "marker 3 where 2 is due, and no more");
        assert_eq!(intervals.rest, [0xFF, 0xDA, 9]);
        assert_eq!(Intervals::read(&data, Stuffing::Byte, 2).intervals.len(), 2);
    }

    #[test]
    fn data_that_just_ends_has_no_rest() {
        for data in [&[1, 2, 3][..], &[1, 0xFF], &[]] {
            assert!(Intervals::read(data, Stuffing::Bit, 4).is_cut_off());
        }
    }

    #[test]
    fn ff_bytes_are_found_anywhere() {
        for byte in 0..4 {
            assert!(has_ff_byte(0x0080_7F01 & !(0xFF << (byte * 8)) | 0xFF << (byte * 8)));
        }
        assert!(!has_ff_byte(0x0080_7F01) && !has_ff_byte(0xFE00_8001));
    }
}
