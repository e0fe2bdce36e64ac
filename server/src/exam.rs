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
use crate::source::Beginning;

/// Number of studies of the visit, in every answer.
const STUDIES: &str = "x-studies";
/// Whether an answer holds the whole exam: `true` or `false`.
const WHOLE: &str = "x-whole";

/// `/api/examen/{visit}` and, where a link named several studies, `/api/examen/{visit}/{number}` for each
/// of them from 1; `…/{number}/debut` is its first series, where that is there sooner than the whole. Compressed as the
/// client accepts. The session layer puts [`crate::access::Access`] into the request.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/api/examen/{visit}", get(summary))
        .route("/api/examen/{visit}/{number}", get(summary))
        .route("/api/examen/{visit}/{number}/debut", get(beginning))
        .layer(CompressionLayer::new())
}

/// Path of a summary. Text, so that nonsense is as unknown as another visitor's exam.
#[derive(Deserialize)]
struct VisitPath {
    visit: String,
    number: Option<String>,
}

impl VisitPath {
    /// The study that is meant, and how many the visit has.
    fn study<'a>(&self, visitor: &'a Visitor) -> Result<(&'a str, usize), Refusal> {
        let visit = self.visit.parse().map_err(|_not_a_number| Refusal::NotFound)?;
        let studies = visitor.0.studies(visit).ok_or(Refusal::NotFound)?;
        let number: usize = self.number.as_deref().unwrap_or("1").parse().unwrap_or(0);
        let study = number.checked_sub(1).and_then(|index| studies.get(index));
        Ok((study.ok_or(Refusal::NotFound)?, studies.len()))
    }
}

async fn summary(visitor: Visitor, Path(path): Path<VisitPath>) -> Result<Response, Refusal> {
    let (study, studies) = path.study(&visitor)?;
    let whole = visitor.0.source.summary(study).await.map(Beginning::whole)?;
    Ok(answer(&whole, studies))
}

async fn beginning(visitor: Visitor, Path(path): Path<VisitPath>) -> Result<Response, Refusal> {
    let (study, studies) = path.study(&visitor)?;
    let beginning = visitor.0.source.beginning(study).await?;
    Ok(answer(&beginning, studies))
}

fn answer(exam: &Beginning, studies: usize) -> Response {
    let whole = if exam.is_whole { "true" } else { "false" };
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (HeaderName::from_static(STUDIES), HeaderValue::from(studies)),
        (HeaderName::from_static(WHOLE), HeaderValue::from_static(whole)),
    ];
    (headers, Json(&*exam.summary)).into_response()
}
