//! The compact summary of an exam, one document per visit.

use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use tower_http::compression::CompressionLayer;

use crate::dicomweb::granted::Visitor;
use crate::dicomweb::refusal::Refusal;

/// Number of studies of the visit, in every answer.
const STUDIES: &str = "x-studies";

/// `/api/examen/{visit}` and, where a link named several studies, `/api/examen/{visit}/{number}` for each
/// of them from 1; compressed as the client accepts. The session layer puts [`crate::access::Access`]
/// into the request.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/api/examen/{visit}", get(summary))
        .route("/api/examen/{visit}/{number}", get(summary))
        .layer(CompressionLayer::new())
}

/// Path of a summary. Text, so that nonsense is as unknown as another visitor's exam.
#[derive(Deserialize)]
struct VisitPath {
    visit: String,
    number: Option<String>,
}

async fn summary(visitor: Visitor, Path(path): Path<VisitPath>) -> Result<Response, Refusal> {
    let visit = path.visit.parse().map_err(|_not_a_number| Refusal::NotFound)?;
    let studies = visitor.0.studies(visit).ok_or(Refusal::NotFound)?;
    let number: usize = path.number.as_deref().unwrap_or("1").parse().unwrap_or(0);
    let study = number.checked_sub(1).and_then(|index| studies.get(index));
    let summary = visitor.0.source.summary(study.ok_or(Refusal::NotFound)?).await?;
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (HeaderName::from_static(STUDIES), HeaderValue::from(studies.len())),
    ];
    Ok((headers, Json(&*summary)).into_response())
}
