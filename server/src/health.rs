//! `/health/live`: the process answers. `/health/ready` (and `/health`): what the site depends on works. No personal
//! data, no word about other sites.
//!
//! Answers are kept for a few seconds and asked for once at a time: however often somebody asks, the PACS, the
//! providers and the database are asked twelve times a minute.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Extension, Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use crate::{auth::oidc::Kind, sites::Site, source::SourceHealth, state::AppState};

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
    let checks = state.health.of(&state, &site).await;
    let is_up = checks.iter().all(|check| check.is_up || !check.is_required);
    let checks: Vec<Value> = checks.iter().map(Check::json).collect();
    let status = if is_up { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "status": word(is_up), "checks": checks }))).into_response()
}

const fn word(is_up: bool) -> &'static str {
    if is_up { "UP" } else { "DOWN" }
}

/// Something that a site depends on.
#[derive(Debug)]
pub struct Check {
    /// What it is called.
    pub name: &'static str,
    /// Whether it works.
    pub is_up: bool,
    /// Whether the site is of no use without it: there is more than one way to log in.
    is_required: bool,
    /// Details.
    data: Option<Value>,
    /// Whether a later answer may be another one at any moment.
    is_moving: bool,
}

impl Check {
    const fn new(name: &'static str, is_up: bool) -> Self {
        Self { name, is_up, is_required: true, data: None, is_moving: false }
    }

    fn json(&self) -> Value {
        let mut told = json!({ "name": self.name, "status": word(self.is_up) });
        if let Some(data) = &self.data {
            told["data"] = data.clone();
        }
        told
    }
}

async fn look(state: &AppState, site: &Site, now: i64) -> Vec<Check> {
    let database = sqlx::query("SELECT 1").execute(&state.store.pool).await.is_ok();
    let mut checks =
        vec![source_check(&site.source.health().await), Check::new("database", database)];
    checks.extend(certificate_check(state, site, now));
    checks.extend(trust_list_check(state));
    for kind in [Kind::Psc, Kind::FranceConnect] {
        if let Some(provider) = site.identity.provider(kind) {
            let is_up = provider.probe(now).await.is_ok();
            let data = Some(json!({ "required": false }));
            checks.push(Check { is_required: false, data, ..Check::new(kind.name(), is_up) });
        }
    }
    checks
}

/// While indexing, what is indexed is served: the source counts as up.
fn source_check(health: &SourceHealth) -> Check {
    match health {
        SourceHealth::Up => Check::new("source", true),
        SourceHealth::Down => Check::new("source", false),
        SourceHealth::Indexing { done, total } => Check {
            data: Some(json!({ "indexed": done, "files": total })),
            is_moving: true,
            ..Check::new("source", true)
        },
    }
}

/// Where this server encrypts: whether the site's certificate counts today, and for how long.
fn certificate_check(state: &AppState, site: &Site, now: i64) -> Option<Check> {
    let Some(certificate) = state.certificates.of(&site.id) else {
        return state.tls.then(|| Check::new("certificate", false));
    };
    let counts = (certificate.not_before..certificate.not_after).contains(&now);
    let days_left = (certificate.not_after - now).div_euclid(86_400);
    Some(Check {
        data: Some(json!({ "days_left": days_left })),
        ..Check::new("certificate", counts)
    })
}

/// Where there is a list of DRIMboxes: whether it is less than a week old. The site works on without.
fn trust_list_check(state: &AppState) -> Option<Check> {
    let age = state.trust_list.get()?.age();
    let data = json!({ "required": false, "age": age.word(), "hours": age.hours() });
    let check = Check::new("trust_list", age.is_good());
    Some(Check { is_required: false, data: Some(data), ..check })
}

type Answer = Option<(i64, Arc<Vec<Check>>)>;

/// Answers by site.
#[derive(Default)]
pub struct HealthCache(Mutex<HashMap<Arc<str>, Arc<tokio::sync::Mutex<Answer>>>>);

impl HealthCache {
    const SECONDS: i64 = 5;

    /// What a site depends on; whoever asks while it is looked up waits for the same answer.
    pub async fn of(&self, state: &AppState, site: &Site) -> Arc<Vec<Check>> {
        let kept = {
            let mut sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(sites.entry(Arc::clone(&site.id)).or_default())
        };
        let mut kept = kept.lock().await;
        let now = state.clock.seconds();
        if let Some((since, checks)) = &*kept
            && (0..Self::SECONDS).contains(&(now - since))
        {
            return Arc::clone(checks);
        }
        let checks = Arc::new(look(state, site, now).await);
        // Progress is cheap to ask for, and whoever waits for its end wants to know at once.
        if !checks.iter().any(|check| check.is_moving) {
            *kept = Some((now, Arc::clone(&checks)));
        }
        checks
    }
}
