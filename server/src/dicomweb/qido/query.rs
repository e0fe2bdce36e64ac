//! The query of a search: filters, fields to return, paging (PS3.18 8.3.4).

use std::collections::BTreeSet;

use dicom_core::Tag;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_dictionary_std::StandardDataDictionary;
use serde_json::{Map, Value};

use super::attributes::{
    self, RETRIEVE_URL, SERIES_INSTANCE_UID, SOP_INSTANCE_UID, STUDY_INSTANCE_UID,
};
use super::level::Level;
use super::matching::matches;
use crate::dicomweb::refusal::Refusal;

/// Most filters and fields one query may name.
const MAX_TERMS: usize = 100;

/// A parsed search query.
pub(super) struct Query {
    /// Tag and wanted value.
    filters: Vec<(String, String)>,
    include: BTreeSet<String>,
    include_all: bool,
    /// Results left out at the start.
    pub offset: usize,
    /// Most results returned.
    pub limit: usize,
}

impl Query {
    /// Reads a query string; an attribute that is not in the dictionary is refused by name.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut query = Self {
            filters: Vec::new(),
            include: BTreeSet::new(),
            include_all: false,
            offset: 0,
            limit: usize::MAX,
        };
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            query.add(&name, &value)?;
            if query.filters.len() + query.include.len() > MAX_TERMS {
                return Err(Refusal::BadRequest("Too many query parameters.".to_owned()));
            }
        }
        Ok(query)
    }

    fn add(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        match name {
            "limit" => self.limit = number(name, value)?,
            "offset" => self.offset = number(name, value)?,
            // Fuzzy matching is optional; literal matching is what a server without it does.
            "fuzzymatching" | "emptyvaluematching" | "multiplevaluematching" | "accept" => {}
            "includefield" => {
                for field in value.split(',').map(str::trim) {
                    if field == "all" {
                        self.include_all = true;
                    } else {
                        self.include.insert(tag_of(field)?);
                    }
                }
            }
            attribute => self.filters.push((tag_of(attribute)?, value.to_owned())),
        }
        Ok(())
    }

    /// The object with the attributes to return, or nothing where a filter does not match.
    pub(super) fn select(&self, level: Level, object: &Value) -> Option<Value> {
        let hit = self.filters.iter().all(|(tag, wanted)| {
            let vr = object.get(tag).and_then(|element| element.get("vr")).and_then(Value::as_str);
            matches(vr.unwrap_or_default(), wanted, &attributes::texts(object, tag))
        });
        hit.then(|| self.project(level, object))
    }

    fn project(&self, level: Level, object: &Value) -> Value {
        let asked = |tag: &str| {
            self.include_all
                || attributes::returned(level).contains(&tag)
                || self.include.contains(tag)
                || self.filters.iter().any(|(filter, _)| filter == tag)
        };
        let all = object.as_object().into_iter().flatten();
        let mut kept: Map<String, Value> = all
            .filter(|(tag, _)| asked(tag))
            .map(|(tag, element)| (tag.clone(), element.clone()))
            .collect();
        let url = retrieve_url(level, object);
        attributes::set(&mut kept, RETRIEVE_URL, "UR", &[Value::from(url)]);
        Value::Object(kept)
    }
}

/// The address of an object on this server, without the host: it resolves against whatever name the
/// client used.
fn retrieve_url(level: Level, object: &Value) -> String {
    let uid = |tag| attributes::first(object, tag).unwrap_or_default();
    let mut url = format!("{}/studies/{}", crate::dicomweb::ROOT, uid(STUDY_INSTANCE_UID));
    if level != Level::Study {
        url.push_str(&format!("/series/{}", uid(SERIES_INSTANCE_UID)));
    }
    if level == Level::Instance {
        url.push_str(&format!("/instances/{}", uid(SOP_INSTANCE_UID)));
    }
    url
}

fn number(name: &str, value: &str) -> Result<usize, Refusal> {
    value.parse().map_err(|_not_a_number| {
        Refusal::BadRequest(format!("The value of {name} must be a whole number."))
    })
}

/// `PatientName` or `00100010` → `00100010`.
fn tag_of(attribute: &str) -> Result<String, Refusal> {
    let by_number = || {
        let hex = attribute.len() == 8 && attribute.chars().all(|c| c.is_ascii_hexdigit());
        hex.then(|| attribute.to_ascii_uppercase())
    };
    let by_name = || {
        let Tag(group, element) = StandardDataDictionary.by_name(attribute)?.tag();
        Some(format!("{group:04X}{element:04X}"))
    };
    by_number().or_else(by_name).ok_or_else(|| {
        let known: String =
            attribute.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').take(64).collect();
        Refusal::BadRequest(format!("Not a DICOM attribute of the first level: {known}."))
    })
}
