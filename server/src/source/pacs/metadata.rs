//! Series metadata of a PACS, as it arrives.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::stream::{BoxStream, StreamExt};
use serde_json::{Map, Value};
use viewer_core::exam::MAX_ICC_PROFILE_BYTES;

use super::Pacs;
use super::json_objects::objects;
use crate::source::{ElementPath, InstanceRef, Scope, SourceError, bulk_uri, is_uid};

const DICOM_JSON: &str = "application/dicom+json";
/// Longest palette or LUT.
const MAX_TABLE_BYTES: u64 = 65536 * 2 + 2;
/// Palette Color Lookup Table Data, LUT Data and ICC Profile: needed to draw, so they must not stay bulk
/// data.
const TABLES: [&str; 5] = ["00281201", "00281202", "00281203", "00283006", ICC_PROFILE];
const ICC_PROFILE: &str = "00282000";

impl Pacs {
    /// Metadata as the PACS sends it, one object per instance; objects of another study are left out.
    pub(super) async fn raw_metadata(
        &self,
        scope: &Scope,
    ) -> Result<BoxStream<'static, Result<Value, SourceError>>, SourceError> {
        let path = metadata_path(scope).ok_or(SourceError::NotFound)?;
        let answer = self.client.get(&self.client.url(&path, &[]), DICOM_JSON).await?.success()?;
        let study = scope.study.clone();
        let of_study = move |object: &Result<Value, SourceError>| {
            let belongs = match object {
                Ok(object) => text(object, "0020000D") == Some(study.as_str()),
                Err(_) => true,
            };
            futures::future::ready(belongs)
        };
        Ok(objects(answer.stream()).filter(of_study).boxed())
    }

    /// Brings palettes, LUTs and profiles that the PACS keeps apart into the metadata. One that cannot be had
    /// stays missing, and its image is then not drawn, or said to be drawn without its profile.
    pub(super) async fn fetch_tables(&self, elements: &mut Map<String, Value>) {
        let mut wanted = Vec::new();
        collect_tables(elements, &mut Vec::new(), &mut wanted);
        for (path, uri) in wanted {
            let fetched = self.fetch_bulk(&uri, max_bytes(&path)).await;
            match fetched {
                Ok(bytes) => {
                    if let Some(element) = element_mut(elements, &path) {
                        element.remove("BulkDataURI");
                        element.insert("InlineBinary".to_owned(), STANDARD.encode(bytes).into());
                    }
                }
                Err(error) => {
                    tracing::warn!(site = %self.name, %error, "a lookup table of the PACS is missing");
                }
            }
        }
    }
}

fn max_bytes(path: &ElementPath) -> u64 {
    match format!("{:08X}", path.tag).as_str() {
        ICC_PROFILE => MAX_ICC_PROFILE_BYTES as u64,
        _ => MAX_TABLE_BYTES,
    }
}

/// `None` where a UID could not stand in an address.
fn metadata_path(scope: &Scope) -> Option<String> {
    let path = object_path(scope)?;
    Some(format!("{path}/metadata"))
}

/// Path of a study, series or instance below the root of the service.
pub(super) fn object_path(scope: &Scope) -> Option<String> {
    let mut path = format!("studies/{}", checked(&scope.study)?);
    if let Some(series) = &scope.series {
        path.push_str(&format!("/series/{}", checked(series)?));
    }
    if let Some(instance) = &scope.instance {
        path.push_str(&format!("/instances/{}", checked(instance)?));
    }
    Some(path)
}

fn checked(uid: &str) -> Option<&str> {
    Some(uid).filter(|uid| is_uid(uid))
}

/// First value of a text element.
pub(super) fn text<'a>(object: &'a Value, tag: &str) -> Option<&'a str> {
    let value = object.get(tag)?.get("Value")?.get(0)?.as_str()?;
    Some(value.trim_end_matches(['\0', ' ']))
}

/// Which instance a metadata object describes.
pub(super) fn instance_ref(object: &Value) -> Option<InstanceRef> {
    let uid = |tag| text(object, tag).filter(|uid| is_uid(uid)).map(str::to_owned);
    Some(InstanceRef {
        study: uid("0020000D")?,
        series: uid("0020000E")?,
        instance: uid("00080018")?,
    })
}

fn collect_tables(
    elements: &Map<String, Value>,
    items: &mut Vec<(u32, u32)>,
    wanted: &mut Vec<(ElementPath, String)>,
) {
    each_bulk(elements, items, &mut |path, uri| {
        if TABLES.contains(&format!("{:08X}", path.tag).as_str()) {
            wanted.push((path, uri.to_owned()));
        }
    });
}

/// Calls `found` for every bulk data address, at any depth.
fn each_bulk(
    elements: &Map<String, Value>,
    items: &mut Vec<(u32, u32)>,
    found: &mut impl FnMut(ElementPath, &str),
) {
    for (key, element) in elements {
        let Ok(tag) = u32::from_str_radix(key, 16) else { continue };
        if let Some(uri) = element.get("BulkDataURI").and_then(Value::as_str) {
            found(ElementPath { items: items.clone(), tag }, uri);
        }
        let nested = element.get("Value").and_then(Value::as_array);
        for (number, item) in (1..).zip(nested.into_iter().flatten()) {
            if let Some(item) = item.as_object() {
                items.push((tag, number));
                each_bulk(item, items, found);
                items.pop();
            }
        }
    }
}

/// The element at a path.
fn element_mut<'a>(
    elements: &'a mut Map<String, Value>,
    path: &ElementPath,
) -> Option<&'a mut Map<String, Value>> {
    let mut elements = elements;
    for (sequence, number) in &path.items {
        let items = elements.get_mut(&format!("{sequence:08X}"))?.get_mut("Value")?;
        let index = usize::try_from(*number).ok()?.checked_sub(1)?;
        elements = items.get_mut(index)?.as_object_mut()?;
    }
    elements.get_mut(&format!("{:08X}", path.tag))?.as_object_mut()
}

/// The address the PACS gave for an element.
pub(super) fn bulk_address(object: &Value, wanted: &ElementPath) -> Option<String> {
    let mut address = None;
    each_bulk(object.as_object()?, &mut Vec::new(), &mut |path, uri| {
        if path == *wanted {
            address = Some(uri.to_owned());
        }
    });
    address
}

/// The value of an element that the PACS sends within the metadata.
pub(super) fn inline_value(object: &Value, wanted: &ElementPath) -> Option<Vec<u8>> {
    let mut elements = object.as_object()?;
    for (sequence, number) in &wanted.items {
        let items = elements.get(&format!("{sequence:08X}"))?.get("Value")?;
        elements = items.get(usize::try_from(*number).ok()?.checked_sub(1)?)?.as_object()?;
    }
    let text = elements.get(&format!("{:08X}", wanted.tag))?.get("InlineBinary")?.as_str()?;
    STANDARD.decode(text).ok()
}

/// Replaces the addresses of the PACS, which a browser cannot reach, by our own.
pub(super) fn with_own_addresses(mut object: Value) -> Value {
    let Some(at) = instance_ref(&object) else { return object };
    let Value::Object(elements) = &mut object else { return object };
    let mut paths = Vec::new();
    each_bulk(elements, &mut Vec::new(), &mut |path, _| paths.push(path));
    for path in paths {
        if let Some(element) = element_mut(elements, &path) {
            element.insert("BulkDataURI".to_owned(), bulk_uri(&at, &path).into());
        }
    }
    object
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses_of_the_pacs_do_not_get_out() {
        let object = json!({
            "0020000D": { "vr": "UI", "Value": ["1.2"] },
            "0020000E": { "vr": "UI", "Value": ["1.3"] },
            "00080018": { "vr": "UI", "Value": ["1.4"] },
            "7FE00010": { "vr": "OW", "BulkDataURI": "http://pacs.internal/x" },
            "00283010": { "vr": "SQ", "Value": [{}, { "00283006": { "vr": "OW", "BulkDataURI": "../y" } }] },
        });
        let nested = ElementPath { items: vec![(0x0028_3010, 2)], tag: 0x0028_3006 };
        assert_eq!(bulk_address(&object, &nested).as_deref(), Some("../y"));
        let own = with_own_addresses(object);
        let base = "/dicomweb/studies/1.2/series/1.3/instances/1.4/bulkdata";
        assert_eq!(own["7FE00010"]["BulkDataURI"], format!("{base}/7FE00010"));
        let uri = &own["00283010"]["Value"][1]["00283006"]["BulkDataURI"];
        assert_eq!(uri, &format!("{base}/00283010.2.00283006"));
    }

    #[test]
    fn short_values_come_with_the_metadata() {
        let object = json!({
            "60003000": { "vr": "OW", "InlineBinary": "/wE=" },
            "00283010": { "vr": "SQ", "Value": [{ "00283006": { "vr": "OW", "InlineBinary": "AA==" } }] },
        });
        let value =
            |path: &str| ElementPath::parse(path).and_then(|path| inline_value(&object, &path));
        assert_eq!(value("60003000"), Some(vec![0xFF, 1]));
        assert_eq!(value("00283010.1.00283006"), Some(vec![0]));
        assert_eq!([value("60023000"), value("00283010.2.00283006")], [None, None]);
    }

    #[test]
    fn no_address_is_made_of_anything_but_uids() {
        let scope = |series: &str| Scope {
            study: "1.2".to_owned(),
            series: Some(series.to_owned()),
            instance: None,
        };
        assert_eq!(object_path(&scope("1.3")).as_deref(), Some("studies/1.2/series/1.3"));
        assert_eq!(object_path(&scope("../../instances")), None);
    }
}
