//! Why a box is not answered: a status and a sentence. No refusal says whether an exam exists that may not be had.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{dicomweb::refusal::problem, source::SourceError, trust_list::Stranger};

/// A request that is not answered with images.
#[derive(Debug)]
pub(super) enum Refused {
    /// The name asked for is none of our boxes'.
    Misdirected,
    /// The certificate is (no longer) that of a listed box.
    Stranger,
    /// There is no list that counts: nobody is known.
    NoList(Stranger),
    /// A header that the network asks for is missing or cannot be read.
    BadRequest(&'static str),
    /// No token, or one that does not count.
    Unauthorized,
    /// Unknown, hidden, or named by a manifest that is not the current one.
    NotFound,
    /// The manifest lists it, and it is there no more.
    Gone,
    /// Stored in a way that the box does not take.
    NotAcceptable(String),
    /// As many answers as may be are under way.
    Busy,
    /// Pro Santé Connect, the archive or the PACS does not answer.
    Unavailable(String),
    /// Something of ours failed.
    Internal(String),
}

impl From<SourceError> for Refused {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::NotFound => Self::Gone,
            SourceError::Unavailable(cause) => Self::Unavailable(cause),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        Self::Internal(format!("database: {error}"))
    }
}

impl Refused {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Stranger => StatusCode::FORBIDDEN,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Gone => StatusCode::GONE,
            Self::NotAcceptable(_) => StatusCode::NOT_ACCEPTABLE,
            Self::NoList(_) | Self::Busy | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn detail(&self) -> &str {
        match self {
            Self::Misdirected => "No box of this name is here.",
            Self::Stranger => "The certificate is not that of a box of the network's list.",
            Self::NoList(_) => "There is no current list of boxes: none is answered.",
            Self::BadRequest(text) => text,
            Self::Unauthorized => {
                "The access token of a professional is missing or does not count."
            }
            Self::NotFound => "There is no such object under this manifest.",
            Self::Gone => "The manifest lists it, and the images are there no more.",
            Self::NotAcceptable(text) => text,
            Self::Busy => "Too many answers are under way. Try again in a moment.",
            Self::Unavailable(_) => {
                "A system behind this box does not answer. Try again in a moment."
            }
            Self::Internal(_) => "The box failed.",
        }
    }

    fn log(&self) {
        match self {
            Self::Unavailable(cause) => tracing::warn!(cause, "interbox"),
            Self::NoList(cause) => tracing::warn!(%cause, "interbox"),
            Self::Internal(cause) => tracing::error!(cause, "interbox"),
            _ => {}
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.log();
        let status = self.status();
        let mut response = problem(status, self.detail());
        let headers = response.headers_mut();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static(r#"Bearer error="invalid_token""#);
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
