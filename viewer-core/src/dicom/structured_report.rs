//! Structured reports (PS3.3 A.35, C.17.3) as documents to be read: the tree of content items in one row, each with its depth.

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::date_time;
use super::key_images::{reference, short_text};
use super::person_name;
use crate::base::limits::{MAX_DOCUMENT_ITEMS, MAX_DOCUMENT_TEXT_CHARS, MAX_SEQUENCE_DEPTH};
use crate::exam::{ContentItem, ItemKind, StructuredReport};

/// All storage classes of structured reports begin with it.
const STRUCTURED_REPORTS: &str = "1.2.840.10008.5.1.4.1.1.88.";

/// The report in an object; `None` for any other object.
#[must_use]
pub fn structured_report(object: &InMemDicomObject) -> Option<StructuredReport> {
    object.text(tags::SOP_CLASS_UID).filter(|class| class.starts_with(STRUCTURED_REPORTS))?;
    let observers = object.items(tags::VERIFYING_OBSERVER_SEQUENCE).iter();
    let observers = observers.filter_map(|one| person(&one.text(tags::VERIFYING_OBSERVER_NAME)?));
    let mut report = StructuredReport {
        title: concept(object),
        date: object.text(tags::CONTENT_DATE).and_then(|date| date_time::date(&date)),
        time: object.text(tags::CONTENT_TIME).and_then(|time| date_time::time(&time)),
        is_complete: object.text(tags::COMPLETION_FLAG).map(|flag| flag == "COMPLETE"),
        is_verified: object.text(tags::VERIFICATION_FLAG).as_deref() == Some("VERIFIED"),
        verified_by: observers.take(MAX_OBSERVERS).collect(),
        ..StructuredReport::default()
    };
    collect(&mut report, object, 0);
    Some(report)
}

const MAX_OBSERVERS: usize = 20;

/// The items under one, each before what stands under itself.
fn collect(report: &mut StructuredReport, parent: &InMemDicomObject, depth: u32) {
    let items = parent.items(tags::CONTENT_SEQUENCE);
    if depth >= MAX_SEQUENCE_DEPTH {
        report.is_cut |= !items.is_empty();
        return;
    }
    for object in items {
        if report.items.len() >= MAX_DOCUMENT_ITEMS {
            report.is_cut = true;
            return;
        }
        report.items.push(item(object, depth));
        collect(report, object, depth + 1);
    }
}

fn item(object: &InMemDicomObject, depth: u32) -> ContentItem {
    let value_type = object.text(tags::VALUE_TYPE).unwrap_or_default();
    let kind = kind(&value_type);
    let measured = object.items(tags::MEASURED_VALUE_SEQUENCE).first();
    let unit = measured.and_then(|one| one.items(tags::MEASUREMENT_UNITS_CODE_SEQUENCE).first());
    let referenced = object.items(tags::REFERENCED_SOP_SEQUENCE).first().and_then(reference);
    ContentItem {
        depth,
        kind,
        name: concept(object),
        value: value(object, kind, &value_type).unwrap_or_default(),
        unit: unit.map(unit_name).unwrap_or_default(),
        image: referenced.filter(|_| kind == ItemKind::Image),
    }
}

fn kind(value_type: &str) -> ItemKind {
    match value_type {
        "CONTAINER" => ItemKind::Container,
        "TEXT" => ItemKind::Text,
        "CODE" => ItemKind::Code,
        "NUM" => ItemKind::Number,
        "DATE" | "TIME" | "DATETIME" => ItemKind::Date,
        "PNAME" => ItemKind::Person,
        "UIDREF" => ItemKind::Identifier,
        "IMAGE" => ItemKind::Image,
        "COMPOSITE" | "WAVEFORM" => ItemKind::Object,
        "SCOORD" | "SCOORD3D" | "TCOORD" => ItemKind::Place,
        _ => ItemKind::Other,
    }
}

fn value(object: &InMemDicomObject, kind: ItemKind, value_type: &str) -> Option<String> {
    match kind {
        ItemKind::Text => short_text(object, tags::TEXT_VALUE),
        ItemKind::Code => object.items(tags::CONCEPT_CODE_SEQUENCE).first().map(meaning),
        ItemKind::Number => number(object),
        ItemKind::Person => person(&object.text(tags::PERSON_NAME)?),
        ItemKind::Identifier => object.text(tags::UID),
        ItemKind::Date => object.text(match value_type {
            "DATE" => tags::DATE,
            "TIME" => tags::TIME,
            _ => tags::DATE_TIME,
        }),
        ItemKind::Place => {
            object.text(tags::GRAPHIC_TYPE).or_else(|| object.text(tags::TEMPORAL_RANGE_TYPE))
        }
        _ => None,
    }
}

/// The number as it is written, else why there is none.
fn number(object: &InMemDicomObject) -> Option<String> {
    let measured = object.items(tags::MEASURED_VALUE_SEQUENCE).first();
    let written = measured.and_then(|one| one.text(tags::NUMERIC_VALUE));
    let why = || object.items(tags::NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE).first().map(meaning);
    written.or_else(why)
}

/// The symbol of a unit of UCUM, else its meaning; `1` is the code of what has none.
fn unit_name(code: &InMemDicomObject) -> String {
    let is_symbol = code.text(tags::CODING_SCHEME_DESIGNATOR).as_deref() == Some("UCUM");
    match code.text(tags::CODE_VALUE).filter(|symbol| is_symbol && !symbol.starts_with('{')) {
        Some(symbol) if symbol == "1" => String::new(),
        Some(symbol) => symbol,
        None => meaning(code),
    }
}

fn concept(object: &InMemDicomObject) -> String {
    object.items(tags::CONCEPT_NAME_CODE_SEQUENCE).first().map(meaning).unwrap_or_default()
}

/// What a code means in the words of the file, else the code.
fn meaning(code: &InMemDicomObject) -> String {
    let found = [tags::CODE_MEANING, tags::CODE_VALUE, tags::LONG_CODE_VALUE, tags::URN_CODE_VALUE]
        .into_iter()
        .find_map(|tag| short_text(code, tag));
    found.unwrap_or_default()
}

fn person(written: &str) -> Option<String> {
    let (family, given) = person_name::split(written);
    let name: String = format!("{family} {given}").chars().take(MAX_DOCUMENT_TEXT_CHARS).collect();
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
