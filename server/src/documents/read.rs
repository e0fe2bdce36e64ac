//! A structured report to be read, or a presentation to be applied.

use axum::response::Response;
use dicom_object::InMemDicomObject;
use futures::TryStreamExt;
use serde_json::Value;
use viewer_core::dicom::{from_json, presentation_state, structured_report};
use viewer_core::viewport::SavedPresentation;

use super::{OfVisit, answer, tables};
use crate::dicomweb::refusal::Refusal;

pub(super) async fn report(of: OfVisit) -> Result<Response, Refusal> {
    let object = object(&of).await?;
    let report = structured_report(&object)
        .ok_or_else(|| Refusal::Unprocessable("This object is no structured report.".to_owned()))?;
    Ok(answer(&report))
}

pub(super) async fn presentation(of: OfVisit) -> Result<Response, Refusal> {
    let mut found = metadata(&of).await?;
    if presentation_state(&object_of(&found)?).is_none() {
        let why = "This object is no presentation of greys or colours.";
        return Err(Refusal::Unprocessable(why.to_owned()));
    }
    tables::bring(&of, &mut found).await?;
    let state = presentation_state(&object_of(&found)?).ok_or(Refusal::NotFound)?;
    let summary = of.access.source.summary(&of.study).await?;
    Ok(answer(&SavedPresentation::new(state, &summary)))
}

/// The attributes of a document, without its bulk data.
pub(super) async fn object(of: &OfVisit) -> Result<InMemDicomObject, Refusal> {
    object_of(&metadata(of).await?)
}

async fn metadata(of: &OfVisit) -> Result<Value, Refusal> {
    let mut objects = of.access.source.metadata(&of.at().scope()).await?;
    objects.try_next().await?.ok_or(Refusal::NotFound)
}

fn object_of(metadata: &Value) -> Result<InMemDicomObject, Refusal> {
    let read = from_json(metadata, None);
    Ok(read.map_err(|error| Refusal::Unprocessable(error.to_string()))?.object)
}
