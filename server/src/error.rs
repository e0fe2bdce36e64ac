//! What can go wrong inside: told to the log with its cause, to the visitor in a sentence.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{Html, IntoResponse, Response},
};
use negatoscope_text::{Lang, text};
use thiserror::Error;

use crate::source::SourceError;

/// A request that could not be served.
#[derive(Debug, Error)]
pub enum Failure {
    /// A layer that should have run did not: a mistake in the router.
    #[error("no {0} in the request")]
    Layer(&'static str),
    /// The database.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The session store.
    #[error("session: {0}")]
    Session(#[from] tower_sessions::session::Error),
    /// The source.
    #[error("source: {0}")]
    Source(#[from] SourceError),
    /// The hash function.
    #[error("hash: {0}")]
    Hash(argon2::Error),
    /// No thread or turn left, or shutting down.
    #[error("busy")]
    Busy,
    /// The audit journal cannot be written.
    #[error("audit: {0}")]
    Audit(std::io::Error),
    /// A page cannot be made.
    #[error("page: {0}")]
    Page(#[from] askama::Error),
    /// A form that does not come from this site's pages.
    #[error("a form from elsewhere")]
    Forged,
}

impl Failure {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Forged => StatusCode::FORBIDDEN,
            Self::Source(_) | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    const fn key(&self) -> &'static str {
        match self {
            Self::Forged => "entry.failure.forged",
            Self::Source(_) => "entry.failure.source",
            _ => "entry.failure.inside",
        }
    }
}

/// In both languages: here the visitor's choice may not be known.
#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    style: &'static str,
    french: String,
    english: String,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(cause = %self, "request failed");
        } else {
            tracing::warn!(cause = %self, "request refused");
        }
        let words = |lang| text(lang, self.key()).into_owned();
        let page = FailurePage {
            style: crate::entry::style::path(),
            french: words(Lang::Fr),
            english: words(Lang::En),
        };
        let Ok(html) = page.render() else { return status.into_response() };
        let mut response = (status, Html(html)).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("30"));
        }
        response
    }
}

/// A failed request in words, causes included, for the log: without the address, which may hold UIDs or parameters.
pub(crate) fn transport_words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
