//! The technical log: what the server did, never for whom.
//!
//! A request is named by its route (`/entree/{number}`), not by its path or query.

use std::{io, time::Instant};

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::config::{LogConfig, LogFormat, LogLevel};

/// Starts the log on standard error. Libraries only speak of what looks wrong: their finer lines may
/// hold addresses and headers.
pub fn start(config: &LogConfig) {
    let level = match config.level {
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "info",
        LogLevel::Debug => "debug",
    };
    let others = if config.level == LogLevel::Error { "error" } else { "warn" };
    let filter = EnvFilter::new(format!("{others},negatoscope_server={level},negatoscope={level}"));
    let registry = tracing_subscriber::registry().with(filter);
    let lines = fmt::layer().with_writer(io::stderr);
    // A second start (tests) keeps the first log.
    let started = match config.format {
        LogFormat::Text => registry.with(lines.with_ansi(false)).try_init(),
        LogFormat::Json => registry.with(lines.json()).try_init(),
    };
    drop(started);
}

/// One line per request.
pub(crate) async fn request_line(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("(none)", MatchedPath::as_str);
    let milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(%method, route, status = response.status().as_u16(), milliseconds, "request");
    response
}
