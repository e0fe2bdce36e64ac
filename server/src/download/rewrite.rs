//! A file without identity: a new header, then the pixel data as it was.

use bytes::Bytes;
use dicom_dictionary_std::tags;
use dicom_encoding::text::SpecificCharacterSet;
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::entries::EXPLICIT_VR_LITTLE_ENDIAN;
use viewer_core::dicom::{DataSetPlace, DicomFile, PixelDataElement};
use viewer_core::exam::SampleKind;

use super::anonymous::{Anonymiser, LeftOut};
use super::extent::Extent;
use super::records::text;
use crate::source::dimse::part10;

const IMPLICIT: &str = "1.2.840.10008.1.2";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";

/// A file that is about to be written anew.
pub(super) struct Rewritten {
    /// What it says now.
    pub(super) object: InMemDicomObject,
    /// Transfer syntax; implicit becomes explicit.
    pub(super) transfer_syntax: String,
    /// Everything up to the value of the pixel data.
    pub(super) header: Bytes,
    /// Where that value begins in the old file.
    pub(super) value_offset: u64,
    /// And how far it goes.
    pub(super) extent: Extent,
}

/// Writes the header anew. Blocking for long headers.
pub(super) fn rewrite(file: DicomFile, anonymiser: &Anonymiser) -> Result<Rewritten, LeftOut> {
    let pixels = file
        .pixel_data
        .filter(|pixels| pixels.data_set == DataSetPlace::File && !pixels.is_big_endian());
    let pixels = pixels.ok_or(LeftOut::Content)?;
    let object = anonymiser.object(file.object, true)?;
    let transfer_syntax = match file.transfer_syntax_uid {
        implicit if implicit == IMPLICIT => EXPLICIT.to_owned(),
        other => other,
    };
    let (class, instance) =
        (text(&object, tags::SOP_CLASS_UID), text(&object, tags::SOP_INSTANCE_UID));
    let mut header = part10::head(&class, &instance, &transfer_syntax);
    let syntax = EXPLICIT_VR_LITTLE_ENDIAN.erased();
    object
        .write_dataset_with_ts_cs(&mut header, &syntax, SpecificCharacterSet::ISO_IR_192)
        .map_err(|_unwritable| LeftOut::Content)?;
    header.extend(pixel_head(&pixels));
    Ok(Rewritten {
        object,
        transfer_syntax,
        header: header.into(),
        value_offset: pixels.value_offset,
        extent: Extent::of(&pixels),
    })
}

/// Tag, VR and length of the pixel data element.
fn pixel_head(pixels: &PixelDataElement) -> Vec<u8> {
    let (element, vr) = match (pixels.samples, pixels.length) {
        (SampleKind::Integer, None) => (0x0010_u16, b"OB"),
        (SampleKind::Integer, Some(_)) => (0x0010, b"OW"),
        (SampleKind::Float, _) => (0x0008, b"OF"),
        (SampleKind::Double, _) => (0x0009, b"OD"),
    };
    let length = pixels.length.and_then(|length| u32::try_from(length).ok()).unwrap_or(u32::MAX);
    let mut head = b"\xE0\x7F".to_vec();
    head.extend(element.to_le_bytes());
    head.extend(vr);
    head.extend([0, 0]);
    head.extend(length.to_le_bytes());
    head
}
