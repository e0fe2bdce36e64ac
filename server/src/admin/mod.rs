//! The administration's HTTP interface: what a RIS tells this server about reports, who is logged
//! in, and what is counted. A listener of its own, on
//! loopback unless it encrypts; every request carries the token of a file.

mod desk;
mod door;
mod reports;
mod sessions;

use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use serde_json::json;
use tokio::sync::Semaphore;
use tower_http::{limit::RequestBodyLimitLayer, timeout::TimeoutLayer};

pub(crate) use self::door::shows;
pub use self::{
    desk::{Desk, DeskError},
    door::{TokenError, check_token_file},
};
use crate::{auth::AddressLimit, reports::MAX_IMPORT, state::AppState};

/// Documents read at the same time, each at most [`MAX_IMPORT`].
const PARALLEL: usize = 4;
/// Wrong tokens one address may show in a minute.
const WRONG_TOKENS: u32 = 10;
/// Time for an answer to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the handlers share.
#[derive(Clone)]
struct Admin {
    state: AppState,
    token_file: Arc<PathBuf>,
    wrong_tokens: Arc<AddressLimit>,
    turns: Arc<Semaphore>,
}

/// The service; `token_file` is read at every request, so that a new token counts at once.
pub fn router(state: &AppState, token_file: PathBuf) -> Router {
    let admin = Admin {
        state: state.clone(),
        token_file: Arc::new(token_file),
        wrong_tokens: Arc::new(AddressLimit::new(WRONG_TOKENS, 60)),
        turns: Arc::new(Semaphore::new(PARALLEL)),
    };
    Router::new()
        .route("/metrics", get(metrics))
        .route("/v1/sites/{site}/facts", post(reports::import))
        .route("/v1/sites/{site}/studies/{study}", get(reports::study))
        .route("/v1/sites/{site}/reports/{report}", get(reports::show).patch(reports::change))
        .route("/v1/sites/{site}/reports/{report}/depublish", post(reports::depublish))
        .route("/v1/sites/{site}/reports/{report}/publish", post(reports::publish))
        .route("/v1/sites/{site}/rejections/{note}", delete(reports::forget_rejection))
        .route("/v1/sites/{site}/sessions", get(sessions::list).delete(sessions::end))
        .fallback(|| async { refuse(StatusCode::NOT_FOUND, "there is nothing at this address") })
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(MAX_IMPORT))
        .layer(from_fn_with_state(admin.clone(), door::check))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, PATIENCE))
        .layer(axum::middleware::from_fn(crate::logs::request_line))
        .with_state(admin)
}

async fn metrics(State(admin): State<Admin>) -> Response {
    match admin.state.metrics.tell(&admin.state).await {
        Ok(text) => {
            let media = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, media)], text).into_response()
        }
        Err(cause) => {
            tracing::error!(%cause, "metrics");
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "the database failed")
        }
    }
}

/// An answer with a sentence.
fn refuse(status: StatusCode, sentence: &str) -> Response {
    (status, Json(json!({ "error": sentence }))).into_response()
}
