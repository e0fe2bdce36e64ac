//! The DICOM JSON of an instance (PS3.18 F): everything but long binary values, which get an address.

use serde_json::{Map, Value, json};
use viewer_core::dicom::DicomFile;

use super::ArchiveError;
use crate::source::{ElementPath, InstanceRef, bulk_uri};

/// Longest base64 text that stays inline: 1 KiB of bytes.
const MAX_INLINE: usize = 1024 / 3 * 4;

/// The metadata object of one instance.
pub(in crate::source) fn metadata(
    file: &DicomFile,
    at: &InstanceRef,
) -> Result<Value, ArchiveError> {
    let mut object = dicom_json::to_value(&file.object)?;
    if let Value::Object(elements) = &mut object {
        externalise(elements, at, &mut Vec::new());
        let syntax = json!({ "vr": "UI", "Value": [file.transfer_syntax_uid] });
        // Available Transfer Syntax UID: what frames and the file come in.
        elements.insert("00083002".to_owned(), syntax);
        if let Some(pixels) = &file.pixel_data {
            let (tag, vr) = pixels.tag_and_vr();
            let path = ElementPath { items: Vec::new(), tag };
            let element = json!({ "vr": vr, "BulkDataURI": bulk_uri(at, &path) });
            elements.insert(format!("{tag:08X}"), element);
        }
    }
    Ok(object)
}

/// Replaces long inline values by their address, at any depth.
fn externalise(elements: &mut Map<String, Value>, at: &InstanceRef, items: &mut Vec<(u32, u32)>) {
    for (key, element) in elements.iter_mut() {
        let (Ok(tag), Some(element)) = (u32::from_str_radix(key, 16), element.as_object_mut())
        else {
            continue;
        };
        let inline = element.get("InlineBinary").and_then(Value::as_str);
        if inline.is_some_and(|text| text.len() > MAX_INLINE) {
            element.remove("InlineBinary");
            let path = ElementPath { items: items.clone(), tag };
            element.insert("BulkDataURI".to_owned(), Value::from(bulk_uri(at, &path)));
        }
        if element.get("vr").and_then(Value::as_str) != Some("SQ") {
            continue;
        }
        let nested = element.get_mut("Value").and_then(Value::as_array_mut);
        for (number, item) in (1..).zip(nested.into_iter().flatten()) {
            if let Some(item) = item.as_object_mut() {
                items.push((tag, number));
                externalise(item, at, items);
                items.pop();
            }
        }
    }
}
