//! A PACS on loopback that holds the phantom's exam, and behaves as badly as told.

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use negatoscope_server::source::pacs::{Pacs, PacsOptions};

use crate::setup::{Opened, app, open_folder, phantoms};

/// How the PACS misbehaves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Quirks {
    /// 500 for frames with `transfer-syntax=*`.
    pub(crate) fails_on_any_syntax: bool,
    /// Answers everything as stored, whatever is asked for: like a PACS that does not know the encoding.
    pub(crate) never_decodes: bool,
    /// The transfer syntax in the header of each part, instead of the right one; empty: none at all.
    pub(crate) label: Option<String>,
    /// The Content-Type quoted as Orthanc does.
    pub(crate) misquotes: bool,
    /// Bytes cut off the end of frame answers.
    pub(crate) cuts: usize,
    /// 503 for so many requests.
    pub(crate) busy: usize,
    /// This value of the Authorization header is needed.
    pub(crate) authorization: Option<String>,
    /// Sends the client to another server.
    pub(crate) redirects: bool,
    /// Accepts requests and never answers.
    pub(crate) hangs: bool,
    /// Never answers requests whose address holds one of these.
    pub(crate) withholds: Vec<String>,
}

pub(crate) struct FakePacs {
    pub(crate) url: String,
    pub(crate) opened: Opened,
    shared: Arc<Shared>,
}

struct Shared {
    quirks: Mutex<Quirks>,
    /// `path?query accept` of every request.
    log: Mutex<Vec<(String, String)>>,
}

impl FakePacs {
    pub(crate) async fn start(quirks: Quirks) -> Self {
        Self::over(phantoms().folder(), quirks).await
    }

    /// With what is in a folder.
    pub(crate) async fn over(folder: &Path, quirks: Quirks) -> Self {
        let opened = open_folder(folder).await;
        let (exam, other) = (&phantoms().exam, &phantoms().other);
        let studies = [exam.study_instance_uid.as_str(), other.study_instance_uid.as_str()];
        let shared = Arc::new(Shared { quirks: Mutex::new(quirks), log: Mutex::default() });
        let app = app(opened.archive.clone(), &studies)
            .layer(from_fn_with_state(Arc::clone(&shared), misbehave));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/dicomweb", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, opened, shared }
    }

    pub(crate) fn options(&self) -> PacsOptions {
        PacsOptions::new("vi1.test", &self.url)
    }

    pub(crate) fn open(&self) -> Arc<Pacs> {
        Pacs::open(&self.options()).unwrap()
    }

    /// Changes how it behaves.
    pub(crate) fn behave(&self, quirks: Quirks) {
        *self.shared.quirks.lock().unwrap() = quirks;
    }

    /// Requests so far, and forgets them.
    pub(crate) fn requests(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.shared.log.lock().unwrap())
    }
}

async fn misbehave(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    let accept = text(&request, &header::ACCEPT);
    let authorization = text(&request, &header::AUTHORIZATION);
    shared.log.lock().unwrap().push((request.uri().to_string(), accept.clone()));
    let quirks = shared.quirks.lock().unwrap().clone();
    if quirks.hangs {
        std::future::pending::<()>().await;
    }
    if quirks.withholds.iter().any(|part| request.uri().path().contains(part)) {
        std::future::pending::<()>().await;
    }
    if quirks.redirects {
        return (StatusCode::FOUND, [(header::LOCATION, "http://127.0.0.1:9/")]).into_response();
    }
    if quirks.busy > 0 {
        shared.quirks.lock().unwrap().busy -= 1;
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if quirks.authorization.is_some_and(|wanted| authorization != wanted) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let is_frame = request.uri().path().contains("/frames/");
    if is_frame && quirks.fails_on_any_syntax && accept.contains("transfer-syntax=*") {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    if is_frame && quirks.never_decodes {
        let stored = r#"multipart/related; type="application/octet-stream"; transfer-syntax=*"#;
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(stored));
    }
    let response = next.run(request).await;
    if is_frame { distort(response, &shared).await } else { response }
}

fn text(request: &Request, name: &HeaderName) -> String {
    let value = request.headers().get(name);
    value.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

async fn distort(response: Response, shared: &Shared) -> Response {
    let quirks = shared.quirks.lock().unwrap().clone();
    let (mut parts, body) = response.into_parts();
    let mut body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    if let Some(label) = &quirks.label {
        body = relabel(&body, label);
    }
    body.truncate(body.len() - quirks.cuts);
    if quirks.misquotes {
        let own = parts.headers[header::CONTENT_TYPE].to_str().unwrap();
        let boundary = own.split("boundary=").nth(1).unwrap();
        let misquoted = format!(
            "multipart/related; type=\"image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50\"; boundary={boundary}"
        );
        parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(&misquoted).unwrap());
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

/// Replaces the Content-Type of the first part.
fn relabel(body: &[u8], label: &str) -> Vec<u8> {
    let find = |needle: &[u8], from: usize| {
        from + body[from..].windows(needle.len()).position(|w| w == needle).unwrap()
    };
    let start = find(b"Content-Type:", 0);
    let end = find(b"\r\n", start);
    let syntax =
        if label.is_empty() { String::new() } else { format!("; transfer-syntax={label}") };
    let line = format!("Content-Type: application/octet-stream{syntax}");
    [&body[..start], line.as_bytes(), &body[end..]].concat()
}
