//! Who may use the administration's interface: whoever has the token.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

use super::{Admin, refuse};
use crate::audit::{Entry, Event, LOCAL, SERVER};

/// A shorter token could be guessed.
const SHORTEST_TOKEN: usize = 32;

/// Why a token file is not used.
#[derive(Debug, Error)]
pub enum TokenError {
    /// It cannot be read.
    #[error("{path}: {cause}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Others can read it.
    #[error("{0}: others than its owner can read it (chmod 600)")]
    Open(PathBuf),
    /// It could be guessed.
    #[error("{0}: shorter than {SHORTEST_TOKEN} characters")]
    Short(PathBuf),
}

/// Reads a token file, if it is a safe one.
///
/// # Errors
/// [`TokenError`], which never holds the token.
pub fn check_token_file(path: &Path) -> Result<String, TokenError> {
    let unreadable = |cause| TokenError::Unreadable { path: path.to_owned(), cause };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let mode = std::fs::metadata(path).map_err(unreadable)?.mode();
        if mode & 0o077 != 0 {
            return Err(TokenError::Open(path.to_owned()));
        }
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let token = text.trim();
    if token.len() < SHORTEST_TOKEN {
        return Err(TokenError::Short(path.to_owned()));
    }
    Ok(token.to_owned())
}

/// Lets the holder of the token in, some at a time.
pub(super) async fn check(State(admin): State<Admin>, request: Request, next: Next) -> Response {
    let address = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(LOCAL, |ConnectInfo(peer)| peer.ip().to_canonical());
    let now = admin.state.clock.seconds();
    if admin.wrong_tokens.count(address, now).is_err() {
        return refuse(StatusCode::TOO_MANY_REQUESTS, "too many wrong tokens");
    }
    let expected = match check_token_file(&admin.token_file) {
        Ok(expected) => expected,
        Err(cause) => {
            tracing::error!(%cause, "the administration's token cannot be used");
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "the token file cannot be used");
        }
    };
    if !shows(request.headers(), &expected) {
        let entry = Entry::new(Event::AdminRefused, SERVER, address);
        if let Err(cause) = admin.state.audit.record(&entry).await {
            tracing::error!(%cause, "audit");
        }
        let mut response = refuse(StatusCode::UNAUTHORIZED, "no token, or another one");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return response;
    }
    admin.wrong_tokens.forgive(address);
    let Ok(_turn) = admin.turns.acquire().await else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "stopping");
    };
    next.run(request).await
}

/// Hashes are compared, so that time tells nothing about length or content.
pub(crate) fn shows(headers: &HeaderMap, expected: &str) -> bool {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let digest = |text: &str| Sha256::digest(text.trim().as_bytes());
    bool::from(digest(shown).ct_eq(&digest(expected)))
}
