//! Which documents an exam holds.

use std::collections::BTreeSet;

use axum::response::Response;
use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use futures::TryStreamExt;
use serde::Serialize;
use viewer_core::dicom::{from_json, key_images, presentation_state, sop_class_name};
use viewer_core::exam::{Content, ExamSummary, ImageReference, KeyImages};

use super::{OfVisit, answer};
use crate::dicomweb::refusal::Refusal;
use crate::source::{Scope, SourceError};

/// Most documents of one exam that are listed.
const MOST: usize = 500;
/// All storage classes of structured reports begin with it.
const STRUCTURED_REPORTS: &str = "1.2.840.10008.5.1.4.1.1.88.";

/// How a document can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    KeyImages,
    Report,
    Pdf,
    Presentation,
    Other,
}

/// One document.
#[derive(Debug, Serialize)]
struct Document {
    kind: Kind,
    series: String,
    instance: String,
    /// Name of its SOP class.
    class: String,
    /// What it calls itself; may be empty.
    title: String,
    /// Description of its series; may be empty.
    description: String,
    /// Content Date and Time as DICOM writes them; may be empty.
    date: String,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_images: Option<KeyImages>,
    /// The images that a presentation is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<Vec<ImageReference>>,
}

/// All of them.
#[derive(Debug, Default, Serialize)]
struct Documents {
    documents: Vec<Document>,
    /// Whether there are more than are listed.
    is_cut: bool,
}

pub(super) async fn list(of: OfVisit) -> Result<Response, Refusal> {
    let summary = of.access.source.summary(&of.study).await?;
    let mut found = Documents::default();
    for series in series_with_documents(&summary) {
        let scope = Scope { study: of.study.clone(), series: Some(series), instance: None };
        let mut objects = match of.access.source.metadata(&scope).await {
            // All of it was rejected meanwhile.
            Err(SourceError::NotFound) => continue,
            other => other?,
        };
        while let Some(object) = objects.try_next().await? {
            let Ok(read) = from_json(&object, None) else { continue };
            if matches!(read.instance.content, Content::Image(_)) {
                continue;
            }
            if found.documents.len() == MOST {
                found.is_cut = true;
                return Ok(answer(&found));
            }
            let (series, instance) =
                (read.instance.series.series_instance_uid, read.instance.sop_instance_uid);
            found.documents.push(document(&read.object, series, instance));
        }
    }
    Ok(answer(&found))
}

fn series_with_documents(summary: &ExamSummary) -> BTreeSet<String> {
    let with = summary.series.iter().filter(|series| !series.unsupported.is_empty());
    with.map(|series| series.series_instance_uid.clone()).collect()
}

fn document(object: &InMemDicomObject, series: String, instance: String) -> Document {
    let class = text(object, tags::SOP_CLASS_UID);
    let key_images = key_images(object);
    let state = presentation_state(object);
    let kind = match class.as_str() {
        _ if key_images.is_some() => Kind::KeyImages,
        _ if state.is_some() => Kind::Presentation,
        uids::ENCAPSULATED_PDF_STORAGE => Kind::Pdf,
        uids::KEY_OBJECT_SELECTION_DOCUMENT_STORAGE => Kind::Other,
        class if class.starts_with(STRUCTURED_REPORTS) => Kind::Report,
        _ => Kind::Other,
    };
    Document {
        kind,
        series,
        instance,
        class: sop_class_name(&class),
        title: title(object),
        description: text(object, tags::SERIES_DESCRIPTION),
        date: first(object, [tags::PRESENTATION_CREATION_DATE, tags::CONTENT_DATE]),
        time: first(object, [tags::PRESENTATION_CREATION_TIME, tags::CONTENT_TIME]),
        key_images,
        images: state.map(|state| state.images),
    }
}

/// Document Title, else the meaning of its code, else Content Description or Label.
fn title(object: &InMemDicomObject) -> String {
    let code = object.get(tags::CONCEPT_NAME_CODE_SEQUENCE).and_then(|element| element.items());
    let code = code.and_then(|items| items.first()).map(|code| text(code, tags::CODE_MEANING));
    let own = || first(object, [tags::CONTENT_DESCRIPTION, tags::CONTENT_LABEL]);
    let all = [text(object, tags::DOCUMENT_TITLE), code.unwrap_or_default()];
    all.into_iter().find(|text| !text.is_empty()).unwrap_or_else(own)
}

/// The first of some attributes that says something.
fn first(object: &InMemDicomObject, tags: [Tag; 2]) -> String {
    tags.map(|tag| text(object, tag)).into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

/// The first value, without padding.
pub(super) fn text(object: &InMemDicomObject, tag: Tag) -> String {
    let value = object.get(tag).and_then(|element| element.value().primitive());
    let values = value.map(|value| value.to_multi_str().into_owned()).unwrap_or_default();
    let first = values.first().map(String::as_str).unwrap_or_default();
    first.trim_matches(|mark: char| mark == '\0' || mark.is_whitespace()).to_owned()
}
