//! Which attributes an object holds, without their values.

use std::collections::BTreeSet;

use dicom_core::header::Header as _;
use dicom_core::value::Value;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::file::DicomFile;
use crate::exam::SampleKind;

impl DicomFile {
    /// (group, element) of every attribute with a value, inside sequences too.
    #[must_use]
    pub fn attributes_present(&self) -> BTreeSet<(u16, u16)> {
        let mut found = BTreeSet::new();
        collect(&self.object, &mut found);
        let pixels = self.pixel_data.map(|element| match element.samples {
            SampleKind::Integer => tags::PIXEL_DATA,
            SampleKind::Float => tags::FLOAT_PIXEL_DATA,
            SampleKind::Double => tags::DOUBLE_FLOAT_PIXEL_DATA,
        });
        found.extend(pixels.map(|tag| (tag.group(), tag.element())));
        found
    }
}

/// As deep as the file was read, which is bounded.
fn collect(object: &InMemDicomObject, found: &mut BTreeSet<(u16, u16)>) {
    for element in object {
        let tag = element.tag();
        let is_filled = match element.value() {
            Value::Primitive(value) => value.multiplicity() > 0,
            Value::Sequence(sequence) => {
                sequence.items().iter().for_each(|item| collect(item, found));
                !sequence.items().is_empty()
            }
            Value::PixelSequence(_) => true,
        };
        if is_filled {
            found.insert((tag.group(), tag.element()));
        }
    }
}
