//! The built viewer: read once at start, served from memory under hashed names for a year.
//!
//! Only files found in the folder at start can be served, by their bare name: there is no path to
//! climb out with.

use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    path::Path,
};

use axum::{
    Router,
    extract::{Path as UrlPath, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use thiserror::Error;

use crate::{entry::style, state::AppState};

/// Served names never change their content.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// The list of logical names, not served itself.
const MANIFEST: &str = "manifest.json";

/// Why the viewer cannot be served.
#[derive(Debug, Error)]
pub enum AssetsError {
    /// The folder, or a file in it, cannot be read.
    #[error("cannot read the viewer's files: {0}")]
    Unreadable(#[from] io::Error),
    /// The manifest is not a JSON object of names.
    #[error("manifest.json: {0}")]
    Manifest(#[from] serde_json::Error),
    /// The manifest names a file that is not there.
    #[error("manifest.json names `{0}`, which is not in the folder")]
    Missing(String),
}

/// One file with its precompressed siblings.
#[derive(Default)]
struct Asset {
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
    media_type: &'static str,
}

/// The viewer's files.
#[derive(Default)]
pub struct Assets {
    files: HashMap<String, Asset>,
    names: BTreeMap<String, String>,
}

impl Assets {
    /// Reads a folder with its `manifest.json` (logical name → file name).
    ///
    /// # Errors
    /// [`AssetsError`].
    pub fn load(folder: &Path) -> Result<Self, AssetsError> {
        let names: BTreeMap<String, String> =
            serde_json::from_slice(&fs::read(folder.join(MANIFEST))?)?;
        let mut contents = read_files(folder)?;
        let plain_names: Vec<String> = contents
            .keys()
            .filter(|name| !is_compressed(name) && *name != MANIFEST)
            .cloned()
            .collect();
        let mut files = HashMap::new();
        for name in plain_names {
            let asset = Asset {
                plain: contents.remove(&name).unwrap_or_default(),
                brotli: contents.remove(&format!("{name}.br")),
                gzip: contents.remove(&format!("{name}.gz")),
                media_type: media_type(&name),
            };
            files.insert(name, asset);
        }
        if let Some(missing) = names.values().find(|name| !files.contains_key(*name)) {
            return Err(AssetsError::Missing(missing.clone()));
        }
        Ok(Self { files, names })
    }

    /// Address of the file with this logical name.
    #[must_use]
    pub fn url(&self, logical: &str) -> Option<String> {
        self.names.get(logical).map(|name| format!("/assets/{name}"))
    }

    /// Logical name → address, as JSON, for the viewer's loader.
    #[must_use]
    pub fn map_as_json(&self) -> String {
        let urls: BTreeMap<&str, String> = self
            .names
            .iter()
            .map(|(logical, name)| (logical.as_str(), format!("/assets/{name}")))
            .collect();
        serde_json::to_value(urls).unwrap_or_default().to_string()
    }
}

fn read_files(folder: &Path) -> io::Result<HashMap<String, Bytes>> {
    let mut files = HashMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let (true, Ok(name)) = (entry.file_type()?.is_file(), entry.file_name().into_string()) {
            files.insert(name, fs::read(entry.path())?.into());
        }
    }
    Ok(files)
}

fn is_compressed(name: &str) -> bool {
    extension(name).is_some_and(|extension| matches!(extension, "br" | "gz"))
}

fn extension(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, extension)| extension)
}

fn media_type(name: &str) -> &'static str {
    match extension(name).unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "html" => "text/html; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/assets/{file}", get(serve))
}

async fn serve(
    State(state): State<AppState>,
    UrlPath(file): UrlPath<String>,
    headers: HeaderMap,
) -> Response {
    if style::is(&file) {
        let head = [
            (CACHE_CONTROL, IMMUTABLE),
            (CONTENT_TYPE, HeaderValue::from_static(media_type("a.css"))),
        ];
        return (head, style::CSS).into_response();
    }
    match state.assets.files.get(&file) {
        Some(asset) => asset.answer(accepted(&headers)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Codings the browser takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Accepted {
    brotli: bool,
    gzip: bool,
}

/// Reads `Accept-Encoding` (RFC 9110 12.5.3); `q=0` means no.
fn accepted(headers: &HeaderMap) -> Accepted {
    let values: Vec<&str> =
        headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).collect();
    let takes = |coding: &str| {
        values.iter().flat_map(|value| value.split(',')).any(|item| {
            let mut parts = item.split(';').map(str::trim);
            parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding))
                && !parts.any(is_zero_weight)
        })
    };
    Accepted { brotli: takes("br"), gzip: takes("gzip") }
}

fn is_zero_weight(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, weight)| {
        name.trim().eq_ignore_ascii_case("q") && weight.trim().parse() == Ok(0.0)
    })
}

impl Asset {
    fn answer(&self, accepted: Accepted) -> Response {
        let (coding, body) = match (&self.brotli, &self.gzip) {
            (Some(brotli), _) if accepted.brotli => (Some("br"), brotli),
            (_, Some(gzip)) if accepted.gzip => (Some("gzip"), gzip),
            _ => (None, &self.plain),
        };
        let mut response = body.clone().into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        headers.insert(CACHE_CONTROL, IMMUTABLE);
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(coding) = coding {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_are_negotiated() {
        let accepts = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, value.parse().unwrap());
            let accepted = accepted(&headers);
            (accepted.brotli, accepted.gzip)
        };
        assert_eq!(accepts("gzip, deflate, br, zstd"), (true, true));
        assert_eq!(accepts("GZIP;q=0.5"), (false, true));
        assert_eq!(accepts("br;q=0, gzip;q=0.000"), (false, false));
        assert_eq!(accepts("identity"), (false, false));
    }

    #[test]
    fn a_manifest_that_names_a_missing_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(MANIFEST), r#"{"boot.js":"boot.1.js"}"#).unwrap();
        let refused = Assets::load(folder.path()).map(drop);
        assert_eq!(
            refused.map_err(|error| error.to_string()),
            Err("manifest.json names `boot.1.js`, which is not in the folder".to_owned())
        );
    }
}
