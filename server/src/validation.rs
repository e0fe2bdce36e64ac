//! What is answered without encryption: proofs for certificate authorities, and nothing else.
//!
//! `/.well-known/acme-challenge/` answers orders under way; `/.well-known/pki-validation/` serves files that the
//! operator puts into a folder for authorities that want a file.

use std::{
    path::{Path as FilePath, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    middleware::from_fn,
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::{limit::RequestBodyLimitLayer, timeout::TimeoutLayer};

use crate::{acme::Challenges, config::ValidationConfig};

/// Time between two looks for old files.
const LOOK: Duration = Duration::from_secs(60);
/// The largest file served: a hash and a name.
const MAX_FILE_BYTES: u64 = 16 * 1024;
/// Time for an answer to start.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone)]
struct Validation {
    challenges: Arc<Challenges>,
    folder: Option<PathBuf>,
}

/// The service of the plain listener.
pub fn router(config: &ValidationConfig, challenges: Arc<Challenges>) -> Router {
    Router::new()
        .route("/.well-known/acme-challenge/{token}", get(challenge))
        .route("/.well-known/pki-validation/{name}", get(file))
        .fallback(nothing)
        .method_not_allowed_fallback(nothing)
        .layer(RequestBodyLimitLayer::new(0))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, PATIENCE))
        .layer(from_fn(crate::logs::request_line))
        .with_state(Validation { challenges, folder: config.folder.clone() })
}

async fn nothing() -> StatusCode {
    StatusCode::NOT_FOUND
}

async fn challenge(State(validation): State<Validation>, Path(token): Path<String>) -> Response {
    match validation.challenges.answer(&token) {
        Some(answer) => {
            ([(header::CONTENT_TYPE, "application/octet-stream")], answer).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn file(State(validation): State<Validation>, Path(name): Path<String>) -> Response {
    match validation.folder.and_then(|folder| read(&folder, &name)) {
        Some(text) => (
            [(header::CONTENT_TYPE, "text/plain"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")],
            text,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Letters, digits, `-` and `_`, then `.txt`: no name leads out of the folder.
fn is_plain(name: &str) -> bool {
    name.len() <= 128
        && name.strip_suffix(".txt").is_some_and(|stem| {
            !stem.is_empty()
                && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        })
}

fn read(folder: &FilePath, name: &str) -> Option<Vec<u8>> {
    let file = is_plain(name).then(|| folder.join(name))?;
    // A link could lead anywhere: only files that lie here.
    let data = std::fs::symlink_metadata(&file).ok()?;
    let is_good = data.is_file() && data.len() <= MAX_FILE_BYTES;
    is_good.then(|| std::fs::read(file).ok())?
}

/// Deletes files that have done their work, for ever: at once, then every minute.
pub async fn purge_for_ever(config: ValidationConfig) {
    let Some(folder) = config.folder else { return };
    loop {
        if let Err(cause) = purge(&folder, config.keep_hours, SystemTime::now()) {
            tracing::error!(%cause, "cannot delete old files of server.validation.folder");
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Deletes the files that would be served and are older than `keep_hours`.
fn purge(folder: &FilePath, keep_hours: u32, now: SystemTime) -> std::io::Result<()> {
    let keep = Duration::from_secs(u64::from(keep_hours) * 3600);
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let data = entry.metadata()?;
        let is_ours = data.is_file() && entry.file_name().to_str().is_some_and(is_plain);
        let age = now.duration_since(data.modified()?).unwrap_or_default();
        if is_ours && age >= keep {
            std::fs::remove_file(entry.path())?;
            tracing::info!("an old file of server.validation.folder is deleted");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_files_of_the_folder_are_served() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("0A1b.txt"), "hash").unwrap();
        std::fs::write(path("large.txt"), vec![b'x'; 20_000]).unwrap();
        std::fs::write(path(".txt"), "x").unwrap();
        std::fs::write(path("key.pem"), "x").unwrap();
        std::fs::create_dir(path("folder.txt")).unwrap();
        std::os::unix::fs::symlink(path("0A1b.txt"), path("link.txt")).unwrap();
        assert_eq!(read(folder.path(), "0A1b.txt").as_deref(), Some(b"hash".as_slice()));
        for name in [
            "large.txt",
            ".txt",
            "key.pem",
            "folder.txt",
            "link.txt",
            "../0A1b.txt",
            "none.txt",
            "",
        ] {
            assert_eq!(read(folder.path(), name), None, "{name}");
        }
    }

    #[test]
    fn old_files_are_deleted_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("old.txt"), "x").unwrap();
        std::fs::write(path("key.pem"), "x").unwrap();
        let later = |hours: u64| SystemTime::now() + Duration::from_secs(hours * 3600 + 60);
        purge(folder.path(), 72, later(71)).unwrap();
        assert!(path("old.txt").exists());
        purge(folder.path(), 72, later(72)).unwrap();
        assert!(!path("old.txt").exists() && path("key.pem").exists());
    }
}
