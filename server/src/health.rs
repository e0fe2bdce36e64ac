//! `/health/live`: the process answers. `/health/ready` (and `/health`): the site's source answers too.
//! No personal data, no word about other sites.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use crate::{sites::Site, source::SourceHealth, state::AppState};

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/health", get(ready))
        .route("/health/ready", get(ready))
        .route("/health/live", get(live))
}

async fn live() -> Json<Value> {
    Json(json!({ "status": "UP", "checks": [] }))
}

async fn ready(State(state): State<AppState>, Extension(site): Extension<Arc<Site>>) -> Response {
    let source = source_check(&state.health.of(&site, state.clock.seconds()).await);
    let database = sqlx::query("SELECT 1").execute(&state.store.pool).await.is_ok();
    let checks = [source, json!({ "name": "database", "status": word(database) })];
    let is_up = checks.iter().all(|check| check["status"] == "UP");
    let status = if is_up { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "status": word(is_up), "checks": checks }))).into_response()
}

const fn word(is_up: bool) -> &'static str {
    if is_up { "UP" } else { "DOWN" }
}

/// While indexing, what is indexed is served: the source counts as up.
fn source_check(health: &SourceHealth) -> Value {
    match health {
        SourceHealth::Up => json!({ "name": "source", "status": "UP" }),
        SourceHealth::Down => json!({ "name": "source", "status": "DOWN" }),
        SourceHealth::Indexing { done, total } => {
            json!({ "name": "source", "status": "UP", "data": { "indexed": done, "files": total } })
        }
    }
}

/// Remembers answers for a few seconds: probes must not load the PACS.
#[derive(Default)]
pub struct HealthCache(
    tokio::sync::Mutex<std::collections::HashMap<Arc<str>, (i64, SourceHealth)>>,
);

impl HealthCache {
    const SECONDS: i64 = 5;

    async fn of(&self, site: &Site, now: i64) -> SourceHealth {
        let mut known = self.0.lock().await;
        if let Some((since, health)) = known.get(&site.id)
            && (0..Self::SECONDS).contains(&(now - since))
        {
            return health.clone();
        }
        let health = site.source.health().await;
        // Progress is cheap to ask for, and whoever waits for its end wants to know at once.
        if !matches!(health, SourceHealth::Indexing { .. }) {
            known.insert(Arc::clone(&site.id), (now, health.clone()));
        }
        health
    }
}
