//! `…/instances/{instance}/attributes`: every attribute of an object in rows, for people to read
//! ([`viewer_core::dicom::attribute_rows`]). Not of the standard: the metadata of PS3.18 has no names.

use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use futures::TryStreamExt;
use viewer_core::dicom::attribute_rows;

use super::granted::Visitor;
use super::refusal::Refusal;
use super::retrieve::ObjectPath;

pub(super) async fn attributes(
    visitor: Visitor,
    Path(path): Path<ObjectPath>,
) -> Result<Response, Refusal> {
    visitor.may_see(path.study())?;
    let mut objects = visitor.0.source.metadata(&path.into()).await?;
    let object = objects.try_next().await?.ok_or(Refusal::NotFound)?;
    Ok(Json(object.as_object().map(attribute_rows).unwrap_or_default()).into_response())
}
