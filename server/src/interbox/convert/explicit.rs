//! Implicit VR Little Endian → Explicit VR Little Endian: every value as it stands, with the VR that the dictionary has for it.

use dicom_core::{
    Tag as DicomTag, VR,
    dictionary::{DataDictionary as _, DataDictionaryEntry as _, VirtualVr},
};
use dicom_dictionary_std::StandardDataDictionary;

use super::{EXPLICIT_LITTLE_ENDIAN, meta};
use crate::data_set::{
    Unwritable,
    elements::{Encoding, Span, Tag, Walk, is_long},
    encode::Writer,
    start,
};

const IMPLICIT: Encoding = Encoding { explicit: false, big: false };
const EXPLICIT: Encoding = Encoding { explicit: true, big: false };
const PIXEL_REPRESENTATION: Tag = 0x0028_0103;
/// Tag and length, before an item's content and behind one of undefined length.
const HEAD: usize = 8;
const UNDEFINED: &[u8] = &[0xFF; 4];
/// Sequences inside sequences.
const MAX_DEPTH: usize = 32;

/// The whole file.
pub(super) fn explicit(file: &[u8]) -> Result<Vec<u8>, Unwritable> {
    let mut written = meta::head(file, EXPLICIT_LITTLE_ENDIAN)?;
    let data_set = file.get(start(file)?..).unwrap_or_default();
    written.extend(elements(data_set, false, 0)?);
    Ok(written)
}

/// `signed`: Pixel Representation of the data set around, where this one has none.
fn elements(bytes: &[u8], signed: bool, depth: usize) -> Result<Vec<u8>, Unwritable> {
    if depth > MAX_DEPTH {
        return Err(Unwritable::TooDeep);
    }
    let spans = Walk::new(bytes, IMPLICIT).until(0, |_tag| false)?;
    let representation = spans.iter().find(|span| span.tag == PIXEL_REPRESENTATION);
    let signed = representation.map_or(signed, |span| bytes.get(span.value) == Some(&1));
    let mut writer = Writer::new(EXPLICIT);
    // Group lengths (retired) would count the former bytes.
    for span in spans.into_iter().filter(|span| span.tag & 0xFFFF != 0) {
        let vr = vr(span.tag, signed);
        if vr == *b"SQ" || span.end != span.value_end {
            writer.sequence(span.tag, &items(bytes, span, signed, depth)?)?;
            continue;
        }
        let value = bytes.get(span.value..span.value_end).unwrap_or_default();
        let fits = is_long(vr) || value.len() <= usize::from(u16::MAX);
        // PS3.5 6.2.2 note 6: what is too long for its VR is of an unknown one.
        writer.element(span.tag, if fits { vr } else { *b"UN" }, value)?;
    }
    Ok(writer.finish())
}

/// The items of a sequence, each of a defined length.
fn items(bytes: &[u8], of: Span, signed: bool, depth: usize) -> Result<Vec<u8>, Unwritable> {
    let mut written = Vec::new();
    for item in Walk::new(bytes, IMPLICIT).items(of)? {
        let is_delimited = item.get(4..HEAD) == Some(UNDEFINED);
        let end = item.len() - if is_delimited { HEAD } else { 0 };
        let content = item.get(HEAD..end).ok_or(Unwritable::Malformed)?;
        let mut writer = Writer::new(EXPLICIT);
        writer.raw(&elements(content, signed, depth + 1)?);
        written.extend(writer.into_item()?);
    }
    Ok(written)
}

/// Of the dictionary (PS3.6). Where it leaves a choice, what implicit data sets mean (PS3.5 A.1): words.
fn vr(tag: Tag, signed: bool) -> [u8; 2] {
    let (group, element) = ((tag >> 16) as u16, tag as u16);
    if group % 2 == 1 {
        let is_creator = (0x0010..=0x00FF).contains(&element);
        return if is_creator { *b"LO" } else { *b"UN" };
    }
    let entry = StandardDataDictionary.by_tag(DicomTag(group, element));
    let vr = match entry.map(|entry| entry.vr()) {
        Some(VirtualVr::Exact(vr)) => vr,
        Some(VirtualVr::Xs) if signed => VR::SS,
        Some(VirtualVr::Xs) => VR::US,
        Some(VirtualVr::Ox | VirtualVr::Px | VirtualVr::Lt) => VR::OW,
        _ => VR::UN,
    };
    vr.to_bytes()
}
