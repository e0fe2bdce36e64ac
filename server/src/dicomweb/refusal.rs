//! Why a DICOMweb request is not answered, as `application/problem+json` (RFC 9457) with words.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::source::SourceError;

/// A request that is not answered.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// No session.
    Unauthorized,
    /// Unknown, or not granted: never told apart.
    NotFound,
    /// The request makes no sense.
    BadRequest(String),
    /// The site does not let this kind of visitor do it.
    Forbidden(&'static str),
    /// Too much of it at the same time.
    Busy(&'static str),
    /// None of the accepted media types can be delivered.
    NotAcceptable(String),
    /// The stored object cannot be turned into what was asked for.
    Unprocessable(String),
    /// The source failed.
    Source(SourceError),
    /// Something of ours failed.
    Internal(String),
}

impl From<SourceError> for Refusal {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::NotFound => Self::NotFound,
            other => Self::Source(other),
        }
    }
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Busy(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NotAcceptable(_) => StatusCode::NOT_ACCEPTABLE,
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Source(SourceError::Unavailable(_)) => StatusCode::BAD_GATEWAY,
            Self::Source(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What the client reads: nothing about the inside of the server or the PACS.
    fn detail(&self) -> String {
        match self {
            Self::Unauthorized => "There is no session, or it has ended.".to_owned(),
            Self::NotFound => "There is no such object in the exams of this session.".to_owned(),
            Self::BadRequest(text) | Self::NotAcceptable(text) | Self::Unprocessable(text) => {
                text.clone()
            }
            Self::Forbidden(text) | Self::Busy(text) => (*text).to_owned(),
            Self::Source(SourceError::Unavailable(_)) => {
                "The image archive does not answer. Try again in a moment.".to_owned()
            }
            Self::Source(SourceError::TooLarge(what)) => format!("Too large to serve: {what}."),
            Self::Source(_) => "The stored object cannot be read.".to_owned(),
            Self::Internal(_) => "The server failed.".to_owned(),
        }
    }

    fn log(&self) {
        match self {
            Self::Source(error) => tracing::warn!(%error, "source"),
            Self::Internal(cause) => tracing::error!(cause, "dicomweb"),
            _ => {}
        }
    }
}

/// A status with a sentence (RFC 9457).
pub(crate) fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let problem = json!({ "status": status.as_u16(), "title": title, "detail": detail });
    let mut response = (status, Json(problem)).into_response();
    let json = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.log();
        let mut response = problem(self.status(), &self.detail());
        if matches!(self, Self::Source(SourceError::Unavailable(_))) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}
