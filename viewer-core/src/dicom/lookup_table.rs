//! LUT Descriptor and LUT Data (PS3.3 C.11.1.1, C.11.2.1.1, C.7.6.3.1.5).

use dicom_core::{PrimitiveValue, Tag};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use crate::exam::LookupTable;

/// The three values of a LUT descriptor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Descriptor {
    /// Number of entries, 1 to 65536.
    pub(super) entries: usize,
    /// First input value mapped.
    pub(super) first_mapped: i32,
    /// Bits of an entry as stated.
    pub(super) bits: i64,
}

impl Descriptor {
    /// Reads a descriptor whose second value is signed if `signed_input`. Its VR (US or SS) is not
    /// relied on: implicit VR files do not carry it, and the others get it wrong.
    pub(super) fn read(object: &InMemDicomObject, tag: Tag, signed_input: bool) -> Option<Self> {
        let [entries, first, bits]: [i64; 3] = object.integers(tag).try_into().ok()?;
        let entries = match u16::try_from(entries & 0xFFFF).ok()? {
            0 => 65_536,
            count => usize::from(count),
        };
        let word = u16::try_from(first & 0xFFFF).ok()?;
        let first_mapped = if signed_input { (word as i16).into() } else { word.into() };
        Some(Self { entries, first_mapped, bits })
    }
}

/// Entries of a table: 16-bit words, or bytes packed two to a word, told apart by how many there
/// are (C.7.6.3.1.6 note 2: eight-bit entries are met in words of their own, too).
pub(super) fn entries(object: &InMemDicomObject, tag: Tag, expected: usize) -> Option<Vec<u16>> {
    let mut words = match object.value(tag)? {
        PrimitiveValue::U8(bytes) if bytes.len() < expected * 2 => {
            bytes.iter().map(|&byte| byte.into()).collect()
        }
        PrimitiveValue::U8(bytes) => {
            bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
        }
        PrimitiveValue::U16(words) if words.len() < expected => {
            words.iter().flat_map(|word| word.to_le_bytes()).map(u16::from).collect()
        }
        PrimitiveValue::U16(words) => words.to_vec(),
        PrimitiveValue::I16(words) => words.iter().map(|&word| word as u16).collect::<Vec<u16>>(),
        _ => return None,
    };
    words.truncate(expected);
    (words.len() == expected).then_some(words)
}

/// One item of a Modality LUT or VOI LUT Sequence; `None` where it is broken.
pub(super) fn item(item: &InMemDicomObject, signed_input: bool) -> Option<LookupTable> {
    let descriptor = Descriptor::read(item, tags::LUT_DESCRIPTOR, signed_input)?;
    let entries = entries(item, tags::LUT_DATA, descriptor.entries)?;
    let largest = entries.iter().copied().max().unwrap_or(0);
    let needed = 16 - largest.leading_zeros() as u16;
    let stated = u16::try_from(descriptor.bits).ok().filter(|bits| (8..=16).contains(bits));
    Some(LookupTable {
        first_mapped: descriptor.first_mapped,
        // An entry that does not fit says that the stated bits are wrong.
        bits: stated.unwrap_or(8).max(needed),
        entries,
        explanation: item.text(tags::LUT_EXPLANATION).unwrap_or_default(),
    })
}
