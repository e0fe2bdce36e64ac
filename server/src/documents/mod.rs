//! What an exam holds beside its images: key images, reports, saved presentations. Asked for by the page after the first
//! image, so that nothing of it weighs on that one.
//!
//! | route under `/api/examen/{visit}/{number}` | what |
//! |---|---|
//! | `/documents` | which there are, with the key images |
//! | `/documents/{series}/{instance}` | a structured report as JSON |
//! | `/documents/{series}/{instance}/presentation` | a saved presentation as JSON |
//! | `/documents/{series}/{instance}/pdf` | an encapsulated PDF as it is |

mod list;
mod pdf;
mod read;
mod tables;

use axum::Router;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, RequestPartsExt};
use serde::{Deserialize, Serialize};
use tower_http::compression::CompressionLayer;

use crate::access::Access;
use crate::dicomweb::granted::Visitor;
use crate::dicomweb::refusal::Refusal;
use crate::source::InstanceRef;

/// The route of a PDF, for the journal.
pub(crate) const PDF_ROUTE: &str = "/api/examen/{visit}/{number}/documents/{series}/{instance}/pdf";

/// The routes. The session layer puts [`Access`] into the request.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/api/examen/{visit}/{number}/documents", get(list::list))
        .route("/api/examen/{visit}/{number}/documents/{series}/{instance}", get(read::report))
        .route(
            "/api/examen/{visit}/{number}/documents/{series}/{instance}/presentation",
            get(read::presentation),
        )
        .layer(CompressionLayer::new())
        .route(PDF_ROUTE, get(pdf::pdf))
}

/// A study that this visitor may see. Text, so that nonsense is as unknown as another visitor's exam.
struct OfVisit {
    access: Access,
    study: String,
    series: String,
    instance: String,
}

#[derive(Deserialize)]
struct DocumentPath {
    visit: String,
    number: String,
    #[serde(default)]
    series: String,
    #[serde(default)]
    instance: String,
}

impl OfVisit {
    fn at(&self) -> InstanceRef {
        let (study, series) = (self.study.clone(), self.series.clone());
        InstanceRef { study, series, instance: self.instance.clone() }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OfVisit {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Visitor(access) = parts.extract_with_state(state).await?;
        let path = parts.extract::<Path<DocumentPath>>().await;
        let Path(path) = path.map_err(|_no_path| Refusal::NotFound)?;
        let visit = path.visit.parse().map_err(|_not_a_number| Refusal::NotFound)?;
        let index = path.number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let study = access.studies(visit).zip(index).and_then(|(all, index)| all.get(index));
        let study = study.cloned().ok_or(Refusal::NotFound)?;
        Ok(Self { access, study, series: path.series, instance: path.instance })
    }
}

/// JSON that nobody keeps.
fn answer(value: &impl Serialize) -> Response {
    let headers = [(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"))];
    (headers, Json(value)).into_response()
}
