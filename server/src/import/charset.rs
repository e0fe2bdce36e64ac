//! In which character set new values are written.
//!
//! A value goes in the set the object states, where that has its signs. Else the object becomes Unicode, where every other text
//! of it is ASCII and so means the same; where one is not, nothing is written: other texts would have to change.

use dicom_core::{DicomValue, VR};
use dicom_encoding::text::{SpecificCharacterSet, TextCodec};
use dicom_object::InMemDicomObject;

use super::error::Unwritable;

/// What an object becomes that is ASCII so far.
pub(super) const UNICODE: &str = "ISO_IR 192";

/// How new values of one object are written.
#[derive(Debug)]
pub(super) struct Charset {
    set: SpecificCharacterSet,
    /// Whether Specific Character Set becomes [`UNICODE`].
    pub becomes_unicode: bool,
}

impl Charset {
    /// For these values, in an object that states `stated` (as written, several joined by backslashes).
    pub(super) fn for_values(
        stated: &str,
        object: &InMemDicomObject,
        values: &[&str],
    ) -> Result<Self, Unwritable> {
        let code = stated.trim_matches(['\0', ' ']);
        let ascii = Self { set: SpecificCharacterSet::ISO_IR_6, becomes_unicode: false };
        if values.iter().all(|value| value.is_ascii()) {
            return Ok(ascii);
        }
        let known = if code.is_empty() { None } else { SpecificCharacterSet::from_code(code) };
        if let Some(set) = known.filter(|set| values.iter().all(|value| has_all(set, value))) {
            return Ok(Self { set, becomes_unicode: false });
        }
        if !is_ascii(object) {
            return Err(Unwritable::CharacterSet);
        }
        Ok(Self { set: SpecificCharacterSet::ISO_IR_192, becomes_unicode: true })
    }

    pub(super) fn encode(&self, value: &str) -> Result<Vec<u8>, Unwritable> {
        if value.is_ascii() {
            return Ok(value.as_bytes().to_vec());
        }
        self.set.encode(value).map_err(|_no_sign| Unwritable::CharacterSet)
    }
}

fn has_all(set: &SpecificCharacterSet, value: &str) -> bool {
    // Escape sequences change what comes after them.
    let encoded = set.encode(value).ok().filter(|bytes| !bytes.contains(&0x1B));
    encoded.and_then(|bytes| set.decode(&bytes).ok()).is_some_and(|back| back == value)
}

/// Whether all texts that a character set has to do with are ASCII, those of items too.
fn is_ascii(object: &InMemDicomObject) -> bool {
    object.iter().all(|element| match element.value() {
        DicomValue::Sequence(sequence) => sequence.items().iter().all(is_ascii),
        DicomValue::Primitive(value) if is_text(element.vr()) => value.to_str().is_ascii(),
        _ => true,
    })
}

const fn is_text(vr: VR) -> bool {
    matches!(vr, VR::LO | VR::LT | VR::PN | VR::SH | VR::ST | VR::UC | VR::UT)
}

#[cfg(test)]
mod tests {
    use dicom_core::DataElement;
    use dicom_dictionary_std::tags;

    use super::*;

    #[test]
    fn the_stated_set_where_it_has_the_signs_else_unicode_else_nothing() {
        let ascii = InMemDicomObject::new_empty();
        let mut french = InMemDicomObject::new_empty();
        french.put(DataElement::new(tags::STUDY_DESCRIPTION, VR::LO, "Crâne"));
        let made = |stated: &str, object, value: &str| -> Result<_, Unwritable> {
            let set = Charset::for_values(stated, object, &[value])?;
            Ok((set.encode(value)?, set.becomes_unicode))
        };
        let (latin, unicode) = (b"\xC9LISE".to_vec(), "ÉLISE".as_bytes().to_vec());
        assert_eq!(made("ISO_IR 100", &french, "ÉLISE"), Ok((latin, false)));
        assert_eq!(made("ISO_IR 192", &french, "ÉLISE"), Ok((unicode.clone(), false)));
        assert_eq!(made("", &ascii, "ÉLISE"), Ok((unicode.clone(), true)));
        assert_eq!(made("\\ISO 2022 IR 100", &ascii, "ÉLISE"), Ok((unicode, true)));
        assert_eq!(made("\\ISO 2022 IR 87", &french, "ELISE"), Ok((b"ELISE".to_vec(), false)));
        assert_eq!(made("ISO_IR 144", &french, "ÉLISE"), Err(Unwritable::CharacterSet));
        assert_eq!(made("ISO_IR 100", &french, "Łukasz"), Err(Unwritable::CharacterSet));
    }
}
