//! This centre's exams for the boxes of other centres: the network's WADO-RS, on a listener of its own.
//!
//! Who asks shows three things, each checked at every request: the certificate of a box of the network's signed list, the access token of
//! a professional, which Pro Santé Connect is asked about, and the manifest that names the exam here, which must be the current one. What
//! is sent is what that manifest lists and nobody has rejected, as files; what the reports about an exam hide from professionals is not
//! there. A line of the audit journal is written before the first byte.

mod caller;
mod convert;
mod delivery;
mod door;
mod listed;
mod objects;
mod refused;
mod token;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Extension, Json, Router,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tower_http::{limit::RequestBodyLimitLayer, timeout::TimeoutLayer};

pub use self::caller::{BoxAcceptor, TlsError, check, tls};
use self::{delivery::Converting, door::Asking, listed::Listed, refused::Refused, token::Tokens};
use crate::{
    config::Config, logs, metrics, sites::Site, source::SourceHealth, state::AppState,
    trust_list::Keeper,
};

/// Where the service lies on the box (`https://dbN…/dicom-web-rs`).
pub const ROOT: &str = "/dicom-web-rs";
/// Nobody sends anything but headers.
const MAX_BODY_BYTES: usize = 1024;

/// What the handlers share.
struct Shared {
    state: AppState,
    keeper: Arc<Keeper>,
    /// By the names of their boxes, in lower case.
    sites: HashMap<String, Arc<Site>>,
    tokens: Tokens,
    listed: Listed,
    streams: Arc<Semaphore>,
    converting: Arc<Converting>,
    /// Held while a line of the journal is written.
    writing: Mutex<()>,
}

/// Cheap to clone.
type Interbox = Arc<Shared>;

/// The service; `None` where the configuration asks for none, or there is no list of boxes.
#[must_use]
pub fn router(state: &AppState, config: &Config) -> Option<Router> {
    let (own, keeper) = (config.interbox.as_ref()?, state.trust_list.get()?);
    let shared = Arc::new(Shared {
        state: state.clone(),
        keeper: Arc::clone(keeper),
        sites: sites(state, config),
        tokens: Tokens::default(),
        listed: Listed::default(),
        streams: Arc::new(Semaphore::new(own.streams)),
        converting: Arc::default(),
        writing: Mutex::default(),
    });
    let series = "/studies/{study}/series/{series}";
    let service = Router::new()
        .route("/", get(health))
        .route("/studies/{study}", get(objects::objects))
        .route(series, get(objects::objects))
        .route(&format!("{series}/instances/{{instance}}"), get(objects::objects))
        .layer(from_fn_with_state(Arc::clone(&shared), door::admit));
    let patience = Duration::from_secs(state.request_seconds);
    let router = Router::new()
        .nest(ROOT, service)
        .fallback(|| async { Refused::NotFound })
        .layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, patience))
        .layer(from_fn_with_state(state.clone(), metrics::count))
        .layer(from_fn(logs::request_line))
        .with_state(shared);
    Some(router)
}

fn sites(state: &AppState, config: &Config) -> HashMap<String, Arc<Site>> {
    let with_box = config.sites.iter().filter_map(|site| Some((site, site.interbox.as_ref()?)));
    let named = with_box.filter_map(|(site, own)| Some((own, state.sites.by_id(&site.id())?)));
    let by_host = named.flat_map(|(own, site)| {
        let hosts = own.hosts.iter();
        hosts.map(|host| (host.trim_end_matches('.').to_ascii_lowercase(), Arc::clone(site)))
    });
    by_host.collect()
}

/// Whether the box and its archive or PACS answer; told to boxes of the network only.
async fn health(Extension(asking): Extension<Asking>) -> (StatusCode, Json<Value>) {
    let (status, word) = match asking.site.source.health().await {
        SourceHealth::Down => (StatusCode::SERVICE_UNAVAILABLE, "DOWN"),
        SourceHealth::Up | SourceHealth::Indexing { .. } => (StatusCode::OK, "UP"),
    };
    let checks = json!([{ "name": "PACS", "status": word }]);
    (status, Json(json!({ "status": word, "checks": checks })))
}
