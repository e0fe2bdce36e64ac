//! Objects that may say who the patient is in what cannot be read attribute by attribute.

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// Storage classes of pictures that devices make of patients, without text in them unless they say so (PS3.4 B.5): CR, DX, MG,
/// CT, MR, NM, PET, angiography, tomosynthesis, and their enhanced forms.
const CLEAN: [&str; 24] = [
    "1.2.840.10008.5.1.4.1.1.1",
    "1.2.840.10008.5.1.4.1.1.1.1",
    "1.2.840.10008.5.1.4.1.1.1.1.1",
    "1.2.840.10008.5.1.4.1.1.1.2",
    "1.2.840.10008.5.1.4.1.1.1.2.1",
    "1.2.840.10008.5.1.4.1.1.1.3",
    "1.2.840.10008.5.1.4.1.1.1.3.1",
    "1.2.840.10008.5.1.4.1.1.2",
    "1.2.840.10008.5.1.4.1.1.2.1",
    "1.2.840.10008.5.1.4.1.1.2.2",
    "1.2.840.10008.5.1.4.1.1.4",
    "1.2.840.10008.5.1.4.1.1.4.1",
    "1.2.840.10008.5.1.4.1.1.4.3",
    "1.2.840.10008.5.1.4.1.1.4.4",
    "1.2.840.10008.5.1.4.1.1.12.1",
    "1.2.840.10008.5.1.4.1.1.12.1.1",
    "1.2.840.10008.5.1.4.1.1.12.2",
    "1.2.840.10008.5.1.4.1.1.12.2.1",
    "1.2.840.10008.5.1.4.1.1.13.1.1",
    "1.2.840.10008.5.1.4.1.1.13.1.2",
    "1.2.840.10008.5.1.4.1.1.13.1.3",
    "1.2.840.10008.5.1.4.1.1.20",
    "1.2.840.10008.5.1.4.1.1.128",
    "1.2.840.10008.5.1.4.1.1.130",
];

/// Ultrasound, secondary captures and photographs: text and faces are usual there.
const WITH_RISK: [&str; 4] = [
    "1.2.840.10008.5.1.4.1.1.3.1",
    "1.2.840.10008.5.1.4.1.1.6.",
    "1.2.840.10008.5.1.4.1.1.7",
    "1.2.840.10008.5.1.4.1.1.77.1.",
];

/// What an object is to somebody who wants a copy without identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Risk {
    /// Its attributes are all there is.
    Attributes,
    /// A picture that may show a name or a face.
    Pixels,
    /// No picture of a kind that is known: reports, drawings, volumes made of others.
    Content,
}

/// The risk of an object that has pixel data or not.
pub(super) fn risk(object: &InMemDicomObject, has_pixels: bool) -> Risk {
    let class = text(object, tags::SOP_CLASS_UID);
    let is_clean = CLEAN.contains(&class.as_str());
    let is_risky = WITH_RISK.iter().any(|start| class.starts_with(start));
    if !has_pixels || !(is_clean || is_risky) {
        return Risk::Content;
    }
    let is_burned_in = text(object, tags::BURNED_IN_ANNOTATION) == "YES";
    // A capture of a screen that is stored as what was on it.
    let is_capture = text(object, tags::IMAGE_TYPE).contains("SCREEN")
        || object.get(tags::CONVERSION_TYPE).is_some()
        || text(object, tags::RECOGNIZABLE_VISUAL_FEATURES) == "YES";
    if is_risky || is_burned_in || is_capture { Risk::Pixels } else { Risk::Attributes }
}

fn text(object: &InMemDicomObject, tag: dicom_core::Tag) -> String {
    let value = object.get(tag).and_then(|element| element.to_str().ok());
    value.map(|text| text.trim_end_matches(['\0', ' ']).to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use dicom_core::{DataElement, VR};

    use super::*;

    fn object(class: &str, more: &[(dicom_core::Tag, &str)]) -> InMemDicomObject {
        let mut object = InMemDicomObject::new_empty();
        object.put(DataElement::new(tags::SOP_CLASS_UID, VR::UI, class));
        for (tag, value) in more {
            object.put(DataElement::new(*tag, VR::CS, *value));
        }
        object
    }

    #[test]
    fn pictures_with_text_and_what_is_no_picture_are_told_apart() {
        const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
        let table = [
            (object(CT, &[]), true, Risk::Attributes),
            (object(CT, &[(tags::BURNED_IN_ANNOTATION, "NO")]), true, Risk::Attributes),
            (object(CT, &[(tags::BURNED_IN_ANNOTATION, "YES")]), true, Risk::Pixels),
            (
                object(CT, &[(tags::IMAGE_TYPE, "DERIVED\\SECONDARY\\SCREEN SAVE")]),
                true,
                Risk::Pixels,
            ),
            (object(CT, &[(tags::CONVERSION_TYPE, "WSD")]), true, Risk::Pixels),
            (object(CT, &[]), false, Risk::Content),
            (object("1.2.840.10008.5.1.4.1.1.6.1", &[]), true, Risk::Pixels),
            (object("1.2.840.10008.5.1.4.1.1.7", &[]), true, Risk::Pixels),
            (object("1.2.840.10008.5.1.4.1.1.7.2", &[]), true, Risk::Pixels),
            (object("1.2.840.10008.5.1.4.1.1.88.33", &[]), false, Risk::Content),
            (object("1.2.840.10008.5.1.4.1.1.66.4", &[]), true, Risk::Content),
        ];
        for (object, has_pixels, expected) in table {
            assert_eq!(
                risk(&object, has_pixels),
                expected,
                "{}",
                text(&object, tags::SOP_CLASS_UID)
            );
        }
    }
}
