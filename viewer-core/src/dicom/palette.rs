//! Palette Color Lookup Tables, plain and segmented (PS3.3 C.7.6.3.1.5, C.7.9.2).

use dicom_core::{PrimitiveValue, Tag};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::image_pixel::is_signed;
use super::lookup_table::{Descriptor, entries};
use crate::exam::Palette;

const DESCRIPTORS: [Tag; 3] = [
    tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
    tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
    tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
];
const PLAIN: [Tag; 3] = [
    tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
];
const SEGMENTED: [Tag; 3] = [
    tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
];

/// The palette of a PALETTE COLOR image; `None` where it is absent or the three tables do not agree.
pub(super) fn read(object: &InMemDicomObject) -> Option<Palette> {
    let [red, green, blue] =
        DESCRIPTORS.map(|tag| Descriptor::read(object, tag, is_signed(object)));
    let descriptor = red?;
    if [green?, blue?] != [descriptor; 2] {
        return None;
    }
    let table = |index: usize| {
        let (plain, segmented) = (*PLAIN.get(index)?, *SEGMENTED.get(index)?);
        entries(object, plain, descriptor.entries)
            .or_else(|| expand(object, segmented, &descriptor))
    };
    let rgb = [table(0)?, table(1)?, table(2)?];
    let largest = rgb.iter().flatten().copied().max().unwrap_or(0);
    // A palette of 16 bits that stays below 256 would be black: its bits are misstated, as are those
    // of one of 8 bits that goes beyond.
    let bits = if largest > 255 { 16 } else { 8 };
    Some(Palette { first_mapped: descriptor.first_mapped, bits, rgb })
}

/// Expands a segmented table (C.7.9.2): runs of values, lines between values, and copies of earlier
/// segments. `None` where it does not give exactly the entries announced.
fn expand(object: &InMemDicomObject, tag: Tag, descriptor: &Descriptor) -> Option<Vec<u16>> {
    let (data, unit_bytes): (Vec<u16>, usize) = match object.value(tag)? {
        PrimitiveValue::U16(words) if descriptor.bits == 8 => {
            (words.iter().flat_map(|word| word.to_le_bytes()).map(u16::from).collect(), 1)
        }
        PrimitiveValue::U16(words) => (words.to_vec(), 2),
        PrimitiveValue::U8(bytes) if descriptor.bits == 8 => {
            (bytes.iter().map(|&byte| byte.into()).collect(), 1)
        }
        PrimitiveValue::U8(bytes) => {
            (bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect(), 2)
        }
        _ => return None,
    };
    let mut expander =
        Expander { data: &data, unit_bytes, limit: descriptor.entries, out: Vec::new() };
    let mut at = 0;
    while at < data.len() && expander.out.len() < descriptor.entries {
        at = expander.segment(at, true)?;
    }
    (expander.out.len() == descriptor.entries).then_some(expander.out)
}

struct Expander<'a> {
    data: &'a [u16],
    /// Bytes of one value, for the byte offsets of indirect segments.
    unit_bytes: usize,
    limit: usize,
    out: Vec<u16>,
}

impl Expander<'_> {
    /// Expands the segment at `at`, returns where the next one starts.
    fn segment(&mut self, at: usize, may_copy: bool) -> Option<usize> {
        let opcode = *self.data.get(at)?;
        let length = usize::from(*self.data.get(at + 1)?);
        match opcode {
            0 => {
                let values = self.data.get(at + 2..at + 2 + length)?;
                self.out.extend_from_slice(values);
                self.check(at + 2 + length)
            }
            1 => {
                let (from, to) = (f64::from(*self.out.last()?), f64::from(*self.data.get(at + 2)?));
                let step = (to - from) / length as f64;
                self.out.extend((1..=length).map(|i| (from + step * i as f64).round() as u16));
                self.check(at + 3)
            }
            2 if may_copy => {
                let value_at = |index: usize| self.data.get(index).map(|&value| value as usize);
                let offset = if self.unit_bytes == 2 {
                    value_at(at + 2)? | value_at(at + 3)? << 16
                } else {
                    let bytes = (2..6).map(|i| value_at(at + i)).collect::<Option<Vec<_>>>()?;
                    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | byte)
                };
                let mut source = offset / self.unit_bytes;
                for _ in 0..length {
                    source = self.segment(source, false)?;
                }
                Some(at + 2 + 4 / self.unit_bytes)
            }
            _ => None,
        }
    }

    fn check(&self, next: usize) -> Option<usize> {
        (self.out.len() <= self.limit).then_some(next)
    }
}
