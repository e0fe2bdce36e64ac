//! Tables, profiles and overlays of a document that its metadata only names by an address: sources keep long values apart, and a saved
//! presentation is nothing without them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::BytesMut;
use futures::TryStreamExt;
use serde_json::{Map, Value};

use super::OfVisit;
use crate::dicomweb::refusal::Refusal;
use crate::source::ElementPath;

const LUT_DATA: u32 = 0x0028_3006;
const ICC_PROFILE: u32 = 0x0028_2000;
/// Overlay Data of group 6000; further groups go in steps of two.
const OVERLAY_DATA: u32 = 0x6000_3000;
const OVERLAY_GROUPS: u32 = 0x001F_0000;
/// Most of them, and their bytes together.
const MOST: usize = 256;
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Brings them into the metadata of the document.
///
/// # Errors
/// [`Refusal`] where one of them cannot be had, or they are too many: half of a presentation would be another one.
pub(super) async fn bring(of: &OfVisit, object: &mut Value) -> Result<(), Refusal> {
    let mut wanted = Vec::new();
    if let Some(elements) = object.as_object() {
        collect(elements, &mut Vec::new(), &mut wanted);
    }
    if wanted.len() > MOST {
        return Err(too_large());
    }
    let mut left = MOST_BYTES;
    for path in wanted {
        let bytes = fetch(of, &path, left).await?;
        left = left.saturating_sub(bytes.len());
        if let Some(element) = element_mut(object, &path) {
            element.remove("BulkDataURI");
            element.insert("InlineBinary".to_owned(), STANDARD.encode(bytes).into());
        }
    }
    Ok(())
}

fn too_large() -> Refusal {
    Refusal::Unprocessable("The tables of this presentation are too large.".to_owned())
}

async fn fetch(of: &OfVisit, path: &ElementPath, most: usize) -> Result<BytesMut, Refusal> {
    let mut pieces = of.access.source.bulk(&of.at(), path).await?.bytes;
    let mut whole = BytesMut::new();
    while let Some(piece) = pieces.try_next().await? {
        if whole.len() + piece.len() > most {
            return Err(too_large());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

fn is_wanted(tag: u32) -> bool {
    tag == LUT_DATA || tag == ICC_PROFILE || tag & !OVERLAY_GROUPS == OVERLAY_DATA
}

/// Where they are; sequences nest no deeper than they were read.
fn collect(
    elements: &Map<String, Value>,
    items: &mut Vec<(u32, u32)>,
    wanted: &mut Vec<ElementPath>,
) {
    for (key, element) in elements {
        let Ok(tag) = u32::from_str_radix(key, 16) else { continue };
        if is_wanted(tag) && element.get("BulkDataURI").is_some() {
            wanted.push(ElementPath { items: items.clone(), tag });
        }
        let nested = element.get("Value").and_then(Value::as_array);
        for (number, item) in (1..).zip(nested.into_iter().flatten()) {
            if let Some(item) = item.as_object() {
                items.push((tag, number));
                collect(item, items, wanted);
                items.pop();
            }
        }
    }
}

fn element_mut<'a>(
    object: &'a mut Value,
    path: &ElementPath,
) -> Option<&'a mut Map<String, Value>> {
    let mut place = object;
    for (sequence, number) in &path.items {
        let items = place.get_mut(format!("{sequence:08X}"))?.get_mut("Value")?;
        place = items.get_mut(usize::try_from(*number).ok()?.checked_sub(1)?)?;
    }
    place.get_mut(format!("{:08X}", path.tag))?.as_object_mut()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tables_are_found_wherever_they_stand_and_nothing_else_is() {
        let mut object = json!({
            "00282000": { "vr": "OB", "BulkDataURI": "/p" },
            "00283000": { "vr": "SQ", "Value": [
                { "00283006": { "vr": "OW", "InlineBinary": "AAA=" } },
                { "00283006": { "vr": "OW", "BulkDataURI": "/m" } },
            ] },
            "00283110": { "vr": "SQ", "Value": [{}, { "00283010": { "vr": "SQ", "Value": [
                { "00283006": { "vr": "OW", "BulkDataURI": "/v" } },
            ] } }] },
            "601E3000": { "vr": "OW", "BulkDataURI": "/o" },
            "00420011": { "vr": "OB", "BulkDataURI": "/d" },
        });
        let mut wanted = Vec::new();
        collect(object.as_object().unwrap(), &mut Vec::new(), &mut wanted);
        let found: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        let curve = "00283110.2.00283010.1.00283006";
        assert_eq!(found, ["00282000", "00283000.2.00283006", curve, "601E3000"]);
        for path in &wanted {
            let uri = element_mut(&mut object, path).unwrap().remove("BulkDataURI");
            assert!(uri.is_some(), "{path}");
        }
    }
}
