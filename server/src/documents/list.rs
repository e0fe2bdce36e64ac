//! Which documents an exam holds.

use std::collections::BTreeSet;

use axum::response::Response;
use futures::TryStreamExt;
use viewer_core::dicom::{document, from_json};
use viewer_core::exam::{Content, Documents, ExamSummary};

use super::{OfVisit, answer};
use crate::dicomweb::refusal::Refusal;
use crate::source::{Scope, SourceError};

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
            let (series, instance) =
                (read.instance.series.series_instance_uid, read.instance.sop_instance_uid);
            if !found.push(document(&read.object, series, instance)) {
                return Ok(answer(&found));
            }
        }
    }
    Ok(answer(&found))
}

fn series_with_documents(summary: &ExamSummary) -> BTreeSet<String> {
    let with = summary.series.iter().filter(|series| !series.unsupported.is_empty());
    with.map(|series| series.series_instance_uid.clone()).collect()
}
