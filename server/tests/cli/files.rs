//! DICOM files whose samples and whose defects are known.

use std::path::{Path, PathBuf};

use dicom_core::{
    DataElement, PrimitiveValue, Tag, VR, dicom_value,
    value::{DataSetSequence, PixelFragmentSequence},
};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};

pub(crate) const NATIVE: &str = uids::EXPLICIT_VR_LITTLE_ENDIAN;

/// A grey image of 3 columns and 2 rows, 12 of 16 bits signed, in so many frames.
pub(crate) fn grey(frames: u16) -> InMemDicomObject {
    let mut object = image(uids::SECONDARY_CAPTURE_IMAGE_STORAGE);
    put_format(&mut object, "MONOCHROME2", 1, [16, 12]);
    number(&mut object, tags::PIXEL_REPRESENTATION, 1);
    string(&mut object, tags::NUMBER_OF_FRAMES, VR::IS, &frames.to_string());
    let samples: Vec<u16> = (0..frames).flat_map(cells).collect();
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(samples.into())));
    object
}

/// As stored: the four highest bits are not part of the samples.
fn cells(frame: u16) -> [u16; 6] {
    [0x0001, 0x0FFF, 0xF002, 0x0800, 0x07FF, 0x0010 + frame]
}

/// The same, sign-extended, as the reference hashes are made of: little endian.
pub(crate) fn samples(frame: u16) -> Vec<u8> {
    let values = [1, -1, 2, -2048, 2047, 16 + frame as i16];
    values.iter().flat_map(|value: &i16| value.to_le_bytes()).collect()
}

/// Two pixels by plane: (1, 3, 5) and (2, 4, 6).
pub(crate) fn colour() -> InMemDicomObject {
    let mut object = image(uids::SECONDARY_CAPTURE_IMAGE_STORAGE);
    put_format(&mut object, "RGB", 3, [8, 8]);
    number(&mut object, tags::ROWS, 1);
    number(&mut object, tags::COLUMNS, 2);
    number(&mut object, tags::PLANAR_CONFIGURATION, 1);
    put_bytes(&mut object, &[1, 2, 3, 4, 5, 6]);
    object
}

/// Six pixels of one bit.
pub(crate) fn bits() -> InMemDicomObject {
    let mut object = image(uids::SECONDARY_CAPTURE_IMAGE_STORAGE);
    put_format(&mut object, "MONOCHROME2", 1, [1, 1]);
    put_bytes(&mut object, &[0b0010_1101, 0]);
    object
}

/// An image whose frames are these fragments.
pub(crate) fn encapsulated(fragments: Vec<Vec<u8>>) -> InMemDicomObject {
    let mut object = grey(1);
    let fragments = PixelFragmentSequence::new(Vec::<u32>::new(), fragments);
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, fragments));
    object
}

/// A report: an object without pixels.
pub(crate) fn report() -> InMemDicomObject {
    let mut object = InMemDicomObject::new_empty();
    string(&mut object, tags::SOP_CLASS_UID, VR::UI, uids::BASIC_TEXT_SR_STORAGE);
    string(&mut object, tags::MODALITY, VR::CS, "SR");
    object
}

fn image(sop_class_uid: &str) -> InMemDicomObject {
    let mut object = InMemDicomObject::new_empty();
    string(&mut object, tags::SOP_CLASS_UID, VR::UI, sop_class_uid);
    string(&mut object, tags::SOP_INSTANCE_UID, VR::UI, "2.25.1");
    number(&mut object, tags::ROWS, 2);
    number(&mut object, tags::COLUMNS, 3);
    object
}

fn put_format(object: &mut InMemDicomObject, photometric: &str, samples: u16, bits: [u16; 2]) {
    let [allocated, stored] = bits;
    string(object, tags::PHOTOMETRIC_INTERPRETATION, VR::CS, photometric);
    number(object, tags::SAMPLES_PER_PIXEL, samples);
    number(object, tags::BITS_ALLOCATED, allocated);
    number(object, tags::BITS_STORED, stored);
    number(object, tags::HIGH_BIT, stored - 1);
    number(object, tags::PIXEL_REPRESENTATION, 0);
}

fn put_bytes(object: &mut InMemDicomObject, bytes: &[u8]) {
    let value = PrimitiveValue::U8(bytes.to_vec().into());
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, value));
}

pub(crate) fn number(object: &mut InMemDicomObject, tag: Tag, value: u16) {
    object.put(DataElement::new(tag, VR::US, dicom_value!(U16, [value])));
}

pub(crate) fn string(object: &mut InMemDicomObject, tag: Tag, vr: VR, value: &str) {
    object.put(DataElement::new(tag, vr, value));
}

pub(crate) fn item(object: &mut InMemDicomObject, tag: Tag, item: InMemDicomObject) {
    object.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(vec![item])));
}

/// Writes an object and returns its path.
pub(crate) fn write(
    folder: &Path,
    name: &str,
    object: InMemDicomObject,
    transfer_syntax_uid: &str,
) -> String {
    let class = object.get(tags::SOP_CLASS_UID).unwrap().to_str().unwrap().into_owned();
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(transfer_syntax_uid)
        .media_storage_sop_class_uid(class)
        .media_storage_sop_instance_uid("2.25.1");
    let path = folder.join(name);
    object.with_exact_meta(meta.build().unwrap()).write_to_file(&path).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The same file without its last bytes.
pub(crate) fn cut(path: &str, bytes: usize) -> String {
    let whole = std::fs::read(path).unwrap();
    let cut = PathBuf::from(path).with_extension(format!("without-{bytes}"));
    std::fs::write(&cut, &whole[..whole.len() - bytes]).unwrap();
    cut.to_str().unwrap().to_owned()
}
