//! All routes with their layers.

use std::time::Duration;

use axum::{
    Router,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
};
use tower_http::{limit::RequestBodyLimitLayer, timeout::TimeoutLayer};

use crate::{
    assets, consultation, dicomweb, documents, download, entry, exam, headers, health, import,
    logs, metrics, session, sites, state::AppState,
};

/// The largest request body taken, but for manifests: a form of a few fields.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// The server as one service. From the outside in: log line, headers, site, limits, forms from
/// elsewhere refused, then session and access where they are needed.
pub fn build(state: &AppState) -> Router {
    let images = Router::new()
        .merge(exam::routes())
        .merge(documents::routes())
        .merge(dicomweb::routes())
        .merge(download::routes())
        .merge(import::routes())
        .layer(from_fn_with_state(state.clone(), session::trace_exports))
        .layer(from_fn_with_state(state.clone(), session::require_access));
    let personal = |routes: Router<AppState>| {
        routes
            .layer(session::layer(&state.store, state.session.visit_hours))
            .layer(from_fn(session::same_origin))
    };
    let time_limit = Duration::from_secs(state.request_seconds);
    Router::new()
        .merge(personal(entry::routes().merge(images)))
        .merge(assets::routes())
        .merge(health::routes())
        .fallback(entry::not_found)
        .layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES))
        // With limits of their own: manifests are larger.
        .merge(personal(consultation::routes()))
        .merge(consultation::calls())
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, time_limit))
        .layer(from_fn_with_state(state.clone(), sites::find_site))
        .layer(from_fn_with_state(state.clone(), headers::secure))
        .layer(from_fn_with_state(state.clone(), metrics::count))
        .layer(from_fn(logs::request_line))
        .with_state(state.clone())
}
