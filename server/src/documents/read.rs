//! A structured report to be read, or a presentation to be applied.

use axum::response::Response;
use dicom_object::InMemDicomObject;
use futures::TryStreamExt;
use viewer_core::dicom::{from_json, presentation_state, structured_report};

use super::{OfVisit, answer};
use crate::dicomweb::refusal::Refusal;

pub(super) async fn report(of: OfVisit) -> Result<Response, Refusal> {
    let object = object(&of).await?;
    let report = structured_report(&object)
        .ok_or_else(|| Refusal::Unprocessable("This object is no structured report.".to_owned()))?;
    Ok(answer(&report))
}

pub(super) async fn presentation(of: OfVisit) -> Result<Response, Refusal> {
    let object = object(&of).await?;
    let state = presentation_state(&object).ok_or_else(|| {
        Refusal::Unprocessable("This object is no grayscale presentation.".to_owned())
    })?;
    Ok(answer(&state))
}

/// The attributes of a document, without its bulk data.
pub(super) async fn object(of: &OfVisit) -> Result<InMemDicomObject, Refusal> {
    let mut objects = of.access.source.metadata(&of.at().scope()).await?;
    let object = objects.try_next().await?.ok_or(Refusal::NotFound)?;
    let read = from_json(&object, None);
    Ok(read.map_err(|error| Refusal::Unprocessable(error.to_string()))?.object)
}
