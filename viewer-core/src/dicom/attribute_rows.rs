//! Every attribute of an object in rows, with its name and whether it says who somebody is, for people to read.

use std::collections::BTreeMap;

use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;
use serde::Serialize;
use serde_json::{Map, Value};

use super::confidentiality::is_personal;
use super::json::tag_of;
use super::sop_class_name;

/// Sequences in sequences; the reader of files goes no deeper.
const DEEPEST: usize = 32;

/// One attribute, or the head of an item.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct AttributeRow {
    /// How deep it is nested.
    pub depth: usize,
    /// Eight hexadecimal digits; `#1` for the first item of a sequence.
    pub tag: String,
    /// Value representation.
    pub vr: String,
    /// Its name in the standard, or who made it up.
    pub name: String,
    /// The values as a file has them, with `\` between.
    pub value: String,
    /// Whether a copy without identity would not have this value.
    pub personal: bool,
}

/// The rows of an object, by its DICOM JSON (PS3.18 F).
#[must_use]
pub fn attribute_rows(elements: &Map<String, Value>) -> Vec<AttributeRow> {
    let mut rows = Vec::new();
    collect(&mut rows, elements, 0, false);
    rows
}

/// What is in a personal sequence is personal.
fn collect(
    rows: &mut Vec<AttributeRow>,
    elements: &Map<String, Value>,
    depth: usize,
    within: bool,
) {
    // By tag, however the source writes them.
    for (key, element) in elements.iter().collect::<BTreeMap<_, _>>() {
        let Some(tag) = tag_of(key) else { continue };
        let vr = element.get("vr").and_then(Value::as_str).unwrap_or("UN");
        let items = element.get("Value").filter(|_| vr == "SQ").and_then(Value::as_array);
        let value = items.map_or_else(|| words(element), |items| format!("[{}]", items.len()));
        let personal = within || is_personal(tag, vr.parse().unwrap_or(VR::UN), &value);
        let name = name(tag, elements);
        let value = named(vr, value);
        rows.push(AttributeRow {
            depth,
            tag: key.clone(),
            vr: vr.to_owned(),
            name,
            value,
            personal,
        });
        for (item, number) in items.into_iter().flatten().zip(1_u32..) {
            let Value::Object(item) = item else { continue };
            if depth >= DEEPEST {
                continue;
            }
            let (name, value, vr) = Default::default();
            let head = AttributeRow {
                depth: depth + 1,
                tag: format!("#{number}"),
                vr,
                name,
                value,
                personal,
            };
            rows.push(head);
            collect(rows, item, depth + 2, personal);
        }
    }
}

/// The name of an attribute: that of the standard, or who made it up.
fn name(Tag(group, element): Tag, beside: &Map<String, Value>) -> String {
    if group % 2 == 1 {
        let creator = beside.get(&format!("{group:04X}{:04X}", element >> 8));
        return creator.map(words).unwrap_or_default();
    }
    let entry = StandardDataDictionary.by_tag(Tag(group, element));
    entry.map(|entry| spaced(entry.alias())).unwrap_or_default()
}

/// `SOPInstanceUID` as words: `SOP Instance UID`.
fn spaced(keyword: &str) -> String {
    let letters: Vec<char> = keyword.chars().collect();
    let mut words = String::new();
    for (at, &letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let begins = letter.is_uppercase()
            && before.is_some_and(|before| {
                !before.is_uppercase() || after.is_some_and(|after| after.is_lowercase())
            });
        if begins {
            words.push(' ');
        }
        words.push(letter);
    }
    words
}

/// The values of an element as a file has them, with `\` between; bulk data by its length.
fn words(element: &Value) -> String {
    if let Some(inline) = element.get("InlineBinary").and_then(Value::as_str) {
        return format!("<{}>", inline.trim_end_matches('=').len() * 3 / 4);
    }
    if element.get("BulkDataURI").is_some() {
        return "<…>".to_owned();
    }
    let values = element.get("Value").and_then(Value::as_array);
    let values: Vec<String> = values.into_iter().flatten().map(one_value).collect();
    values.join("\\")
}

fn one_value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        // A person's name in up to three writings (PS3.18 F.2.2).
        Value::Object(name) => {
            let groups = ["Alphabetic", "Ideographic", "Phonetic"];
            let groups = groups.map(|group| name.get(group).and_then(Value::as_str).unwrap_or(""));
            groups.join("=").trim_end_matches('=').to_owned()
        }
        other => other.to_string(),
    }
}

/// With the name of a storage class.
fn named(vr: &str, value: String) -> String {
    match vr {
        "UI" => match sop_class_name(&value) {
            name if name != value => format!("{value} ({name})"),
            _ => value,
        },
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_becomes_rows_with_names_and_nesting() {
        let object = json!({
            "00080016": { "vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.2"] },
            "00080018": { "vr": "UI", "Value": ["1.2.3"] },
            "00100010": { "vr": "PN", "Value": [{ "Alphabetic": "LEFEVRE^ELISE", "Phonetic": "x" }] },
            "00280030": { "vr": "DS", "Value": [0.5, 0.75] },
            "00081140": { "vr": "SQ", "Value": [{ "00081155": { "vr": "UI", "Value": ["1.9"] } }] },
            "00290010": { "vr": "LO", "Value": ["ACME 1.0"] },
            "00291001": { "vr": "OB", "InlineBinary": "AAECAw==" },
            "7FE00010": { "vr": "OW", "BulkDataURI": "/x" },
        });
        let rows = attribute_rows(object.as_object().unwrap());
        let text = |row: &AttributeRow| {
            let mark = if row.personal { "!" } else { "" };
            format!("{} {}{mark} {}: {}", row.depth, row.tag, row.name, row.value)
        };
        let expected = [
            "0 00080016 SOP Class UID: 1.2.840.10008.5.1.4.1.1.2 (CT Image Storage)",
            "0 00080018! SOP Instance UID: 1.2.3",
            "0 00081140 Referenced Image Sequence: [1]",
            "1 #1 : ",
            "2 00081155! Referenced SOP Instance UID: 1.9",
            "0 00100010! Patient Name: LEFEVRE^ELISE==x",
            "0 00280030 Pixel Spacing: 0.5\\0.75",
            "0 00290010! : ACME 1.0",
            "0 00291001! ACME 1.0: <4>",
            "0 7FE00010 Pixel Data: <…>",
        ];
        assert_eq!(rows.iter().map(text).collect::<Vec<_>>(), expected);
    }
}
