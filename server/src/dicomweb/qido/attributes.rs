//! Reading DICOM JSON objects (PS3.18 F) and the attributes each level returns (PS3.18 10.6.3).

use serde_json::{Map, Value, json};

use super::level::Level;

pub(super) const MODALITY: &str = "00080060";
pub(super) const MODALITIES_IN_STUDY: &str = "00080061";
pub(super) const SOP_CLASS_UID: &str = "00080016";
pub(super) const SOP_CLASSES_IN_STUDY: &str = "00080062";
pub(super) const SOP_INSTANCE_UID: &str = "00080018";
pub(super) const STUDY_INSTANCE_UID: &str = "0020000D";
pub(super) const SERIES_INSTANCE_UID: &str = "0020000E";
pub(super) const RETRIEVE_URL: &str = "00081190";
pub(super) const STUDY_RELATED_SERIES: &str = "00201206";
pub(super) const STUDY_RELATED_INSTANCES: &str = "00201208";
pub(super) const SERIES_RELATED_INSTANCES: &str = "00201209";

const STUDY: &[&str] = &[
    "00080005",
    "00080020",
    "00080030",
    "00080050",
    "00080056",
    MODALITIES_IN_STUDY,
    "00080090",
    "00080201",
    RETRIEVE_URL,
    "00100010",
    "00100020",
    "00100030",
    "00100040",
    STUDY_INSTANCE_UID,
    "00200010",
    STUDY_RELATED_SERIES,
    STUDY_RELATED_INSTANCES,
];
const SERIES: &[&str] = &[
    "00080005",
    MODALITY,
    "00080201",
    "0008103E",
    RETRIEVE_URL,
    STUDY_INSTANCE_UID,
    SERIES_INSTANCE_UID,
    "00200011",
    SERIES_RELATED_INSTANCES,
    "00400244",
    "00400245",
    "00400275",
];
const INSTANCE: &[&str] = &[
    "00080005",
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    "00080056",
    "00080201",
    RETRIEVE_URL,
    STUDY_INSTANCE_UID,
    SERIES_INSTANCE_UID,
    "00200013",
    "00280008",
    "00280010",
    "00280011",
    "00280100",
];

/// Tags returned without being asked for.
pub(super) fn returned(level: Level) -> &'static [&'static str] {
    match level {
        Level::Study => STUDY,
        Level::Series => SERIES,
        Level::Instance => INSTANCE,
    }
}

/// The values of an element as text, trimmed; person names as their alphabetic group. Empty where the
/// element is absent.
pub(super) fn texts(object: &Value, tag: &str) -> Vec<String> {
    let values = object.get(tag).and_then(|element| element.get("Value")).and_then(Value::as_array);
    values.into_iter().flatten().filter_map(text).collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim_end_matches(['\0', ' ']).to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(name) => name.get("Alphabetic").and_then(text),
        _ => None,
    }
}

/// The first value of an element as text.
pub(super) fn first(object: &Value, tag: &str) -> Option<String> {
    texts(object, tag).into_iter().next()
}

/// Puts an element into an object.
pub(super) fn set(object: &mut Map<String, Value>, tag: &str, vr: &str, values: &[Value]) {
    object.insert(tag.to_owned(), json!({ "vr": vr, "Value": values }));
}
