//! The DICOMDIR of a copy (PS3.3 F.3, PS3.10 8.6): records of patients, studies, series and objects, each naming the place of
//! the next one beside it and of the first one below it, counted in bytes from the start of the file.

use dicom_dictionary_std::tags;
use dicom_encoding::TransferSyntax;
use dicom_encoding::text::SpecificCharacterSet;
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::entries::EXPLICIT_VR_LITTLE_ENDIAN;

use super::parcel::ParcelError;
use super::records::{self, FileId, text};
use crate::source::dimse::part10;

const DIRECTORY_CLASS: &str = "1.2.840.10008.1.3.10";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";
/// A record begins with these, of fixed length: place of the next record, in use, place of the record below.
const LINKS: usize = 34;
const NEXT: usize = 8;
const BELOW: usize = 30;
const ITEM_HEAD: usize = 8;
/// Places of the first and the last record, consistency, and the head of their sequence.
const BEFORE_RECORDS: usize = 12 + 12 + 10 + 12;

/// The records of a copy, in their order.
#[derive(Default)]
pub(super) struct Directory {
    patients: Vec<Node>,
}

struct Node {
    /// Tells nodes of one level apart.
    name: String,
    record: Vec<u8>,
    below: Vec<Node>,
}

impl Directory {
    /// Adds an object; those of a kind that has no record are none.
    pub(super) fn add(
        &mut self,
        object: &InMemDicomObject,
        has_pixels: bool,
        file: &FileId<'_>,
    ) -> Result<(), ParcelError> {
        let Some(leaf) = records::leaf(object, has_pixels, file) else { return Ok(()) };
        let patient =
            node(&mut self.patients, text(object, tags::PATIENT_ID), || records::patient(object))?;
        let study = text(object, tags::STUDY_INSTANCE_UID);
        let study = node(&mut patient.below, study, || records::study(object))?;
        let series = text(object, tags::SERIES_INSTANCE_UID);
        let series = node(&mut study.below, series, || records::series(object))?;
        series.below.push(Node { name: String::new(), record: written(&leaf)?, below: Vec::new() });
        Ok(())
    }

    /// The file.
    pub(super) fn file(self, instance_uid: &str) -> Vec<u8> {
        let mut file = part10::head(DIRECTORY_CLASS, instance_uid, EXPLICIT);
        file.extend(*b"\x04\x00\x30\x11CS\x0C\x00NEGATOSCOPE ");
        let root = file.len();
        let first = root + BEFORE_RECORDS;
        let mut sequence = Vec::new();
        let last = lay(self.patients, first, &mut sequence);
        let first = if sequence.is_empty() { 0 } else { first };
        element(&mut file, 0x1200, b"UL", &place(first));
        element(&mut file, 0x1202, b"UL", &place(last));
        element(&mut file, 0x1212, b"US", &[0, 0]);
        file.extend(*b"\x04\x00\x20\x12SQ\x00\x00");
        file.extend(place(sequence.len()));
        file.extend(sequence);
        file
    }
}

/// The node of this name, the last one where there are several; made where there is none.
fn node(
    nodes: &mut Vec<Node>,
    name: String,
    record: impl FnOnce() -> InMemDicomObject,
) -> Result<&mut Node, ParcelError> {
    // Objects come series by series: the one that is wanted is nearly always the last.
    let at = nodes.iter().rposition(|node| node.name == name).unwrap_or(nodes.len());
    if at == nodes.len() {
        nodes.push(Node { name, record: written(&record())?, below: Vec::new() });
    }
    nodes.get_mut(at).ok_or(ParcelError::Directory)
}

/// A record without the places that only the whole directory knows.
fn written(record: &InMemDicomObject) -> Result<Vec<u8>, ParcelError> {
    let mut bytes = Vec::new();
    element(&mut bytes, 0x1400, b"UL", &[0; 4]);
    element(&mut bytes, 0x1410, b"US", &[0xFF, 0xFF]);
    element(&mut bytes, 0x1420, b"UL", &[0; 4]);
    debug_assert_eq!(bytes.len(), LINKS);
    let syntax: TransferSyntax = EXPLICIT_VR_LITTLE_ENDIAN.erased();
    let written =
        record.write_dataset_with_ts_cs(&mut bytes, &syntax, SpecificCharacterSet::ISO_IR_192);
    written.map_err(|_unwritable| ParcelError::Directory)?;
    Ok(bytes)
}

/// Writes nodes and what is below them, the first at `start`; tells where the last one lies.
fn lay(nodes: Vec<Node>, start: usize, to: &mut Vec<u8>) -> usize {
    let base = start - to.len();
    let mut last: Option<usize> = None;
    for Node { record, below, .. } in nodes {
        let at = to.len();
        if let Some(last) = last {
            patch(to, last + ITEM_HEAD + NEXT, base + at);
        }
        last = Some(at);
        to.extend(*b"\xFE\xFF\x00\xE0");
        to.extend(place(record.len()));
        to.extend(record);
        if !below.is_empty() {
            let first = base + to.len();
            patch(to, at + ITEM_HEAD + BELOW, first);
            lay(below, first, to);
        }
    }
    last.map_or(0, |last| base + last)
}

fn patch(bytes: &mut [u8], at: usize, value: usize) {
    if let Some(field) = bytes.get_mut(at..at + 4) {
        field.copy_from_slice(&place(value));
    }
}

/// An element of group 0004.
fn element(to: &mut Vec<u8>, number: u16, vr: &[u8; 2], value: &[u8]) {
    to.extend(*b"\x04\x00");
    to.extend(number.to_le_bytes());
    to.extend(vr);
    to.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_le_bytes());
    to.extend(value);
}

/// A place or length in 32 bits; a directory of more than 4 GiB would be of some ten million images.
fn place(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes()
}
