//! DICOMweb for the viewer and other clients (PS3.18): same origin, within the exams of the session only.
//!
//! Every handler takes `Visitor`, which is 401 without a session, and asks it about the study;
//! a study that is not granted answers exactly like one that does not exist, and the source never hears
//! of it. Nothing is cached by the client (`no-store`), so there are no entity tags either.

pub(crate) mod accept;
mod attributes;
mod bulkdata;
mod covering;
mod drawing;
mod film;
mod frames;
pub(crate) mod granted;
mod json;
mod lookup;
pub(crate) mod multipart;
mod qido;
pub(crate) mod refusal;
mod render_options;
mod rendered;
mod retrieve;
mod series_frames;
mod services;
mod smaller;
mod traffic;
mod transcode;
mod video;

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use serde::Deserialize;
use tower_http::compression::CompressionLayer;

use refusal::Refusal;
use services::Services;

/// Where the service lies on the server.
pub const ROOT: &str = "/dicomweb";

/// The `accept` query parameter (PS3.18 8.3.3.1).
#[derive(Debug, Deserialize)]
struct AcceptQuery {
    accept: Option<String>,
}

/// All routes, with their full paths. The session layer puts [`crate::access::Access`] into the request.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let service = Router::new()
        .merge(documents())
        .merge(pictures())
        .fallback(|| async { Refusal::NotFound })
        .layer(Extension(Arc::new(Services::new())))
        .layer(middleware::from_fn(finish));
    Router::new().nest(ROOT, service)
}

/// Text, compressed on the way.
fn documents<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/studies", get(qido::studies))
        .route("/series", get(qido::all_series))
        .route("/instances", get(qido::all_instances))
        .route("/studies/{study}/series", get(qido::series))
        .route("/studies/{study}/instances", get(qido::study_instances))
        .route("/studies/{study}/series/{series}/instances", get(qido::series_instances))
        .route("/studies/{study}/metadata", get(retrieve::metadata))
        .route("/studies/{study}/series/{series}/metadata", get(retrieve::metadata))
        .route(
            "/studies/{study}/series/{series}/instances/{instance}/metadata",
            get(retrieve::metadata),
        )
        .route(
            "/studies/{study}/series/{series}/instances/{instance}/attributes",
            get(attributes::attributes),
        )
        .layer(CompressionLayer::new())
}

/// Bytes, as they are.
fn pictures<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let instance = "/studies/{study}/series/{series}/instances/{instance}";
    Router::new()
        .route("/studies/{study}", get(retrieve::objects))
        .route("/studies/{study}/series/{series}", get(retrieve::objects))
        .route("/studies/{study}/series/{series}/frames", get(series_frames::frames))
        .route("/studies/{study}/thumbnail", get(rendered::study_thumbnail))
        .route("/studies/{study}/series/{series}/thumbnail", get(rendered::series_thumbnail))
        .route(instance, get(retrieve::objects))
        .route(&format!("{instance}/rendered"), get(rendered::rendered))
        .route(&format!("{instance}/thumbnail"), get(rendered::instance_thumbnail))
        .route(&format!("{instance}/frames/{{frames}}"), get(frames::frames))
        .route(&format!("{instance}/frames/{{frame}}/rendered"), get(rendered::rendered))
        .route(&format!("{instance}/bulkdata/{{element}}"), get(bulkdata::bulkdata))
}

/// OPTIONS says what there is; nothing is kept by browsers or proxies.
async fn finish(request: Request, next: Next) -> Response {
    let mut response = if request.method() == Method::OPTIONS {
        (StatusCode::NO_CONTENT, [(header::ALLOW, "GET, HEAD, OPTIONS")]).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
