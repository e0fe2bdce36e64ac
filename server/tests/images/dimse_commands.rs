//! Command sets of DIMSE messages (PS3.7 annex E), written and read for the fake SCP.

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::entries::IMPLICIT_VR_LITTLE_ENDIAN;

pub(crate) fn short(tag: Tag, value: u16) -> DataElement<InMemDicomObject> {
    DataElement::new(tag, VR::US, PrimitiveValue::from(value))
}

pub(crate) fn number(command: &InMemDicomObject, tag: Tag) -> u16 {
    command.get(tag).unwrap().to_int().unwrap()
}

pub(crate) fn command_field(command: &InMemDicomObject) -> u16 {
    number(command, tags::COMMAND_FIELD)
}

pub(crate) fn command_bytes<const N: usize>(
    elements: [DataElement<InMemDicomObject>; N],
) -> Vec<u8> {
    let command = InMemDicomObject::command_from_element_iter(elements);
    let mut bytes = Vec::new();
    command.write_dataset_with_ts(&mut bytes, &IMPLICIT_VR_LITTLE_ENDIAN.erased()).unwrap();
    bytes
}

pub(crate) fn command_set(bytes: &[u8]) -> InMemDicomObject {
    implicit(bytes)
}

pub(crate) fn implicit(bytes: &[u8]) -> InMemDicomObject {
    InMemDicomObject::read_dataset_with_ts(bytes, &IMPLICIT_VR_LITTLE_ENDIAN.erased()).unwrap()
}
