//! Copies without identity, by the Basic Application Level Confidentiality Profile (PS3.15 E.2).
//!
//! UIDs and the patient's name in the copy come from a key that is drawn for each copy and kept nowhere: within a copy everything
//! still belongs together, two copies of one exam cannot be put together again, and nobody can lead back.

mod risk;

use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use sha2::{Digest, Sha256};
use viewer_core::dicom::confidentiality::{Action, REGISTERED, action};

use risk::{Risk, risk};

/// UIDs made of a number (ISO/IEC 9834-8).
const OF_NUMBERS: &str = "2.25.";
/// Basic Application Confidentiality Profile (PS3.16 CID 7050).
const BASIC_PROFILE: [&str; 3] = ["113100", "DCM", "Basic Application Confidentiality Profile"];
const METHOD: &str = "DICOM PS3.15 E.2 Basic Profile";

/// Why an object is no part of a copy without identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeftOut {
    /// Its picture may show who it is.
    Pixels,
    /// It is no picture, or written in a way that cannot be rewritten.
    Content,
}

/// Takes identities out of one copy.
pub(super) struct Anonymiser {
    key: [u8; 32],
    /// Whether pictures that may show text are taken, too.
    with_pixel_risk: bool,
}

impl Anonymiser {
    /// With a key of its own.
    pub(super) fn new(with_pixel_risk: bool) -> Self {
        Self { key: rand::random(), with_pixel_risk }
    }

    /// The object without identity.
    pub(super) fn object(
        &self,
        object: InMemDicomObject,
        has_pixels: bool,
    ) -> Result<InMemDicomObject, LeftOut> {
        match risk(&object, has_pixels) {
            Risk::Content => return Err(LeftOut::Content),
            Risk::Pixels if !self.with_pixel_risk => return Err(LeftOut::Pixels),
            _ => {}
        }
        let patient = self.patient(&object);
        let mut object = self.items(object);
        // What was read is Unicode, whatever the object was written in.
        object.put(DataElement::new(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"));
        // Empty where the image module wants them (type 2).
        for (tag, vr) in [(tags::PATIENT_BIRTH_DATE, VR::DA), (tags::PATIENT_SEX, VR::CS)] {
            object.put(DataElement::new(tag, vr, PrimitiveValue::Empty));
        }
        object.put(DataElement::new(tags::PATIENT_NAME, VR::PN, "ANONYME"));
        object.put(DataElement::new(tags::PATIENT_ID, VR::LO, patient));
        object.put(DataElement::new(tags::PATIENT_IDENTITY_REMOVED, VR::CS, "YES"));
        object.put(DataElement::new(tags::DEIDENTIFICATION_METHOD, VR::LO, METHOD));
        object.put(method_code());
        let temporal = tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED;
        object.put(DataElement::new(temporal, VR::CS, "REMOVED"));
        Ok(object)
    }

    fn items(&self, object: InMemDicomObject) -> InMemDicomObject {
        InMemDicomObject::from_element_iter(
            object.into_iter().filter_map(|element| self.element(element)),
        )
    }

    fn element(&self, element: InMemElement) -> Option<InMemElement> {
        let (tag, vr) = (element.header().tag, element.header().vr());
        match action(tag, vr) {
            Action::Remove => None,
            Action::Empty if vr == VR::SQ => {
                Some(DataElement::new(tag, vr, DataSetSequence::empty()))
            }
            Action::Empty => Some(DataElement::new(tag, vr, PrimitiveValue::Empty)),
            Action::Dummy(value) => Some(DataElement::new(tag, vr, PrimitiveValue::from(value))),
            Action::Uid => Some(self.uids(tag, &element)),
            Action::Keep if vr == VR::SQ => Some(self.sequence(tag, element)),
            Action::Keep => Some(element),
        }
    }

    fn sequence(&self, tag: Tag, element: InMemElement) -> InMemElement {
        let items = element.into_value().into_items().unwrap_or_default();
        let items: Vec<_> = items.into_iter().map(|item| self.items(item)).collect();
        DataElement::new(tag, VR::SQ, DataSetSequence::from(items))
    }

    fn uids(&self, tag: Tag, element: &InMemElement) -> InMemElement {
        let uids = element.to_multi_str().unwrap_or_default();
        let uids: Vec<String> = uids.iter().map(|uid| self.uid(uid)).collect();
        DataElement::new(tag, VR::UI, PrimitiveValue::Strs(uids.into()))
    }

    /// What a UID becomes, the same wherever it stands.
    fn uid(&self, uid: &str) -> String {
        let uid = uid.trim_end_matches(['\0', ' ']);
        if uid.is_empty() || uid.starts_with(REGISTERED) {
            return uid.to_owned();
        }
        format!("{OF_NUMBERS}{}", self.number("uid", uid))
    }

    /// What the patient is called instead, so that two patients' images do not become one's.
    fn patient(&self, object: &InMemDicomObject) -> String {
        let id = object.get(tags::PATIENT_ID).and_then(|element| element.to_str().ok());
        let number = self.number("patient", id.unwrap_or_default().trim());
        format!("ANON{:08X}", number >> 96)
    }

    fn number(&self, kind: &str, text: &str) -> u128 {
        let digest = Sha256::new().chain_update(self.key).chain_update(kind).chain_update(text);
        let digest: [u8; 32] = digest.finalize().into();
        digest.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
    }
}

fn method_code() -> InMemElement {
    let code_tags = [tags::CODE_VALUE, tags::CODING_SCHEME_DESIGNATOR, tags::CODE_MEANING];
    let vrs = [VR::SH, VR::SH, VR::LO];
    let elements = code_tags.into_iter().zip(vrs).zip(BASIC_PROFILE);
    let item = InMemDicomObject::from_element_iter(
        elements.map(|((tag, vr), value)| DataElement::new(tag, vr, PrimitiveValue::from(value))),
    );
    let tag = tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE;
    DataElement::new(tag, VR::SQ, DataSetSequence::from(vec![item]))
}

#[cfg(test)]
mod tests;
