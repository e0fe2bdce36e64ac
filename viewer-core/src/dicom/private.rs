//! Private elements, found by their creator (PS3.5 7.8.1): the block a vendor uses differs from file
//! to file, and another vendor's element may have the same number.

use dicom_core::header::Header as _;
use dicom_core::{PrimitiveValue, Tag};
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;

/// The element `element` (its last two hexadecimal digits) of the block that `creator` reserved.
fn value<'a>(
    object: &'a InMemDicomObject,
    group: u16,
    creator: &str,
    element: u8,
) -> Option<&'a PrimitiveValue> {
    // Of the elements that there are: most objects have none, and 240 may be asked for.
    let tags = object.iter().map(|found| found.tag());
    let mut creators =
        tags.filter(|tag| tag.group() == group && (0x10..=0xFF).contains(&tag.element()));
    let block = creators.find(|tag| {
        let stated = object.value(*tag).map(as_text);
        stated.is_some_and(|stated| stated.eq_ignore_ascii_case(creator))
    })?;
    object.value(Tag(group, block.element() << 8 | u16::from(element)))
}

/// The first value as text.
pub(super) fn text(
    object: &InMemDicomObject,
    group: u16,
    creator: &str,
    element: u8,
) -> Option<String> {
    let whole = as_text(value(object, group, creator, element)?);
    let first = whole.split('\\').next()?.trim().to_owned();
    (!first.is_empty()).then_some(first)
}

/// The first value as a finite number.
pub(super) fn float(
    object: &InMemDicomObject,
    group: u16,
    creator: &str,
    element: u8,
) -> Option<f64> {
    let found = match value(object, group, creator, element)? {
        PrimitiveValue::Str(_) | PrimitiveValue::Strs(_) => None,
        // Without a VR (implicit, UN) it is text, or else a binary number by its length.
        PrimitiveValue::U8(bytes) => binary(bytes),
        number => number.to_float64().ok(),
    };
    found
        .or_else(|| text(object, group, creator, element)?.parse().ok())
        .filter(|number: &f64| number.is_finite())
}

fn binary(bytes: &[u8]) -> Option<f64> {
    let is_text = bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | 0));
    match (is_text, bytes.len()) {
        (false, 4) => Some(f64::from(f32::from_le_bytes(bytes.try_into().ok()?))),
        (false, 8) => Some(f64::from_le_bytes(bytes.try_into().ok()?)),
        _ => None,
    }
}

fn as_text(value: &PrimitiveValue) -> String {
    let text = match value {
        PrimitiveValue::U8(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => other.to_str().into_owned(),
    };
    text.trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_core::{DataElement, VR};

    fn bytes(bytes: &[u8]) -> PrimitiveValue {
        PrimitiveValue::U8(bytes.into())
    }

    fn object() -> InMemDicomObject {
        let mut object = InMemDicomObject::new_empty();
        let mut put =
            |element, vr, value| object.put(DataElement::new(Tag(0x7053, element), vr, value));
        put(0x10, VR::LO, PrimitiveValue::from("Somebody else"));
        put(0x11, VR::UN, bytes(b"Philips PET Private Group "));
        put(0x1000, VR::DS, PrimitiveValue::from("7"));
        put(0x1100, VR::UN, bytes(b"0.000587 "));
        put(0x1109, VR::UN, bytes(&2.5_f64.to_le_bytes()));
        put(0x110A, VR::FL, PrimitiveValue::from(1.5_f32));
        object
    }

    #[test]
    fn the_block_is_that_of_the_creator() {
        let object = object();
        let philips = |element| float(&object, 0x7053, "Philips PET Private Group", element);
        assert_eq!(philips(0x00), Some(0.000_587));
        assert_eq!(philips(0x09), Some(2.5));
        assert_eq!(philips(0x0A), Some(1.5));
        assert_eq!(philips(0x01), None);
        assert_eq!(float(&object, 0x7053, "Nobody", 0x00), None);
        assert_eq!(text(&object, 0x7053, "somebody else", 0x00).as_deref(), Some("7"));
    }
}
