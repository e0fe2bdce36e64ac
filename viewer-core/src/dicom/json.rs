//! Metadata of a DICOMweb server (DICOM JSON, PS3.18 annex F) gives the same [`Instance`] as the file.

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use serde_json::{Map, Value};
use thiserror::Error;

use super::attributes::Attributes;
use super::icc;
use super::instance::{InstanceError, PixelData, instance};
use super::overlay::is_overlay_data;
use crate::exam::{Content, Instance, SampleKind};

/// Why metadata gives no instance.
#[derive(Debug, Error)]
pub enum JsonError {
    /// Not an object of attributes.
    #[error("no DICOM JSON object")]
    NotAnObject,
    /// The attributes do not identify an instance.
    #[error(transparent)]
    Instance(#[from] InstanceError),
}

/// An instance from metadata, with the attributes whose values the server keeps apart.
#[derive(Debug)]
pub struct JsonInstance {
    /// What the metadata says.
    pub instance: Instance,
    /// The attributes themselves, without bulk data.
    pub object: InMemDicomObject,
    /// Attributes given as a bulk data URI, with it. A palette, LUT or profile among them is missing in
    /// `instance`: fetch it, put it into the JSON as `InlineBinary`, and convert again.
    pub bulk_data: Vec<(Tag, String)>,
    /// Attributes that could not be read and were passed over.
    pub unreadable: Vec<Tag>,
}

/// Reads one element of the array that WADO-RS `/metadata` returns.
///
/// `transfer_syntax_uid` is the syntax frames will be delivered in, where the caller knows it; else
/// Available Transfer Syntax UID (0008,3002) or Transfer Syntax UID (0002,0010) of the metadata.
///
/// # Errors
/// [`JsonError`] where the value is no attribute map, or identifies no instance.
pub fn from_json(
    metadata: &Value,
    transfer_syntax_uid: Option<&str>,
) -> Result<JsonInstance, JsonError> {
    let map = metadata.as_object().ok_or(JsonError::NotAnObject)?;
    let mut object = InMemDicomObject::new_empty();
    let (mut bulk_data, mut unreadable) = (Vec::new(), Vec::new());
    for (key, element) in map {
        let Some(tag) = tag_of(key) else { continue };
        if let Some(uri) = element.get("BulkDataURI").and_then(Value::as_str) {
            bulk_data.push((tag, uri.to_owned()));
            if is_overlay_data(tag) {
                // It is there, though not here.
                object.put(DataElement::new(tag, VR::OW, PrimitiveValue::Empty));
            }
        } else if !read_element(&mut object, key, element) {
            unreadable.push(tag);
        }
    }
    let stated = || {
        let available = object.text(tags::AVAILABLE_TRANSFER_SYNTAX_UID);
        available.or_else(|| object.text(tags::TRANSFER_SYNTAX_UID)).unwrap_or_default()
    };
    let syntax = transfer_syntax_uid.map_or_else(stated, str::to_owned);
    let mut instance = instance(&object, &syntax, pixel_data(map, &syntax))?;
    let lacks_profile = bulk_data.iter().any(|(tag, _)| *tag == tags::ICC_PROFILE);
    if let Content::Image(content) = &mut instance.content
        && lacks_profile
        && (icc::has_colours(&content.format)
            || content.displays.iter().any(|d| d.palette.is_some()))
    {
        content.image.icc_defect = Some("the ICC profile is kept apart".to_owned());
    }
    Ok(JsonInstance { instance, object, bulk_data, unreadable })
}

/// One element at a time, so that a malformed one does not cost the others.
fn read_element(object: &mut InMemDicomObject, key: &str, element: &Value) -> bool {
    let single = Value::Object(Map::from_iter([(key.to_owned(), repaired(element))]));
    match dicom_json::from_value::<InMemDicomObject>(single) {
        Ok(parsed) => {
            for element in parsed {
                object.put(element);
            }
            true
        }
        Err(_) => false,
    }
}

/// Without the `null` that servers write for an empty value in lists of numbers.
fn repaired(element: &Value) -> Value {
    let mut repaired = element.clone();
    let is_sequence = element.get("vr").and_then(Value::as_str) == Some("SQ");
    if let Some(Value::Array(values)) = repaired.get_mut("Value")
        && !is_sequence
        && values.iter().all(Value::is_null)
    {
        values.clear();
    }
    repaired
}

/// The tag that a key of DICOM JSON names.
pub(super) fn tag_of(key: &str) -> Option<Tag> {
    if key.len() != 8 {
        return None;
    }
    let number = u32::from_str_radix(key, 16).ok()?;
    Some(Tag((number >> 16) as u16, (number & 0xFFFF) as u16))
}

fn pixel_data(map: &Map<String, Value>, transfer_syntax_uid: &str) -> PixelData {
    let kinds = [
        ("7FE00010", SampleKind::Integer),
        ("7FE00008", SampleKind::Float),
        ("7FE00009", SampleKind::Double),
    ];
    let present = kinds.iter().find(|(key, _)| map.contains_key(*key));
    present.map_or(PixelData::Unknown, |&(_, samples)| PixelData::Present {
        samples,
        is_encapsulated: !super::layout::is_native(transfer_syntax_uid),
    })
}
