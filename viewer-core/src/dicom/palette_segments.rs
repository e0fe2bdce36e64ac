//! Segmented Palette Color Lookup Table Data (PS3.3 C.7.9.2).

use dicom_core::PrimitiveValue;

use super::lookup_table::Descriptor;

/// Expands a segmented table: runs of values, lines between values, and copies of earlier segments.
/// `None` where it does not give exactly the entries announced.
///
/// Values of 8 bits are bytes, two to a word; they are met in words of their own, too.
pub(super) fn expand(value: &PrimitiveValue, descriptor: &Descriptor) -> Option<Vec<u16>> {
    let (bytes, words): (Vec<u16>, Vec<u16>) = match value {
        PrimitiveValue::U16(words) => (
            words.iter().flat_map(|word| word.to_le_bytes()).map(u16::from).collect(),
            words.to_vec(),
        ),
        PrimitiveValue::U8(bytes) => (
            bytes.iter().map(|&byte| byte.into()).collect(),
            bytes.as_chunks().0.iter().map(|&pair| u16::from_le_bytes(pair)).collect(),
        ),
        _ => return None,
    };
    let of_bytes = || Expander::run(&bytes, 1, descriptor.entries);
    let of_words = || Expander::run(&words, 2, descriptor.entries);
    if descriptor.bits == 8 { of_bytes().or_else(of_words) } else { of_words() }
}

struct Expander<'a> {
    data: &'a [u16],
    /// Bytes of one value, for the byte offsets of indirect segments.
    unit_bytes: usize,
    limit: usize,
    out: Vec<u16>,
}

impl<'a> Expander<'a> {
    /// Segments up to the last entry; a byte of padding after it is no segment.
    fn run(data: &'a [u16], unit_bytes: usize, entries: usize) -> Option<Vec<u16>> {
        let mut expander = Self { data, unit_bytes, limit: entries, out: Vec::new() };
        let mut at = 0;
        while at < data.len() && expander.out.len() < entries {
            at = expander.segment(at, true)?;
        }
        (expander.out.len() == entries).then_some(expander.out)
    }

    /// Expands the segment at `at`, returns where the next one starts.
    fn segment(&mut self, at: usize, may_copy: bool) -> Option<usize> {
        let opcode = *self.data.get(at)?;
        // None of them is empty, so that copies come to an end at the limit.
        let length = usize::from(*self.data.get(at + 1)?).checked_sub(1)? + 1;
        match opcode {
            0 => self.discrete(at + 2, length),
            1 => self.linear(at + 2, length),
            2 if may_copy => self.indirect(at + 2, length),
            _ => None,
        }
    }

    fn discrete(&mut self, at: usize, length: usize) -> Option<usize> {
        let values = self.data.get(at..at + length)?;
        self.out.extend_from_slice(values);
        self.check(at + length)
    }

    /// From the last entry so far, which is not repeated, to the value given.
    fn linear(&mut self, at: usize, length: usize) -> Option<usize> {
        let (from, to) = (f64::from(*self.out.last()?), f64::from(*self.data.get(at)?));
        let step = (to - from) / length as f64;
        self.out.extend((1..=length).map(|i| (from + step * i as f64).round() as u16));
        self.check(at + 1)
    }

    /// The segments from an earlier place on, none of which is indirect itself.
    fn indirect(&mut self, at: usize, segments: usize) -> Option<usize> {
        let units = 4 / self.unit_bytes;
        let offset = self
            .data
            .get(at..at + units)?
            .iter()
            .rev()
            .fold(0_usize, |offset, &unit| offset << (8 * self.unit_bytes) | usize::from(unit));
        let mut source = offset / self.unit_bytes;
        for _ in 0..segments {
            source = self.segment(source, false)?;
        }
        Some(at + units)
    }

    fn check(&self, next: usize) -> Option<usize> {
        (self.out.len() <= self.limit).then_some(next)
    }
}
