//! The stand-in: what the published demonstrator and test data of the network say of a DRIMbox's WADO-RS, and what can
//! go wrong with it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use bytes::Bytes;
use futures::stream;
use negatoscope_phantom::Exam;
use tokio::sync::{Semaphore, mpsc};

/// How the box behaves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Quirks {
    /// The boundary in quotes, and a preamble.
    pub(crate) quotes: bool,
    /// `start=` names the last part.
    pub(crate) starts_with_the_last: bool,
    /// Pieces of so many bytes, each after a pause; 0: as they are.
    pub(crate) slow_pieces: usize,
    /// Breaks the connection in the middle of the part with this number (from 0), so many times.
    pub(crate) cut: Option<(usize, usize)>,
    /// Sent before the instances.
    pub(crate) strays: Vec<Vec<u8>>,
    /// The last stray again and again, until the client has enough.
    pub(crate) is_endless: bool,
    /// This value of the Authorization header is needed.
    pub(crate) authorization: Option<String>,
    /// Answers everything with this.
    pub(crate) status: Option<u16>,
    /// Sends nothing after the headers.
    pub(crate) hangs: bool,
    /// Waits for a permit before the content of the part with this number.
    pub(crate) holds_at: Option<usize>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) accept: String,
    pub(crate) kos: String,
    pub(crate) authorization: String,
}

pub(crate) struct Shared {
    /// Series address → instances in the order they are sent.
    series: HashMap<String, Vec<(String, PathBuf)>>,
    quirks: Mutex<Quirks>,
    asked: Mutex<Vec<Asked>>,
    /// Let parts through that [`Quirks::holds_at`] holds back.
    pub(crate) gate: Semaphore,
}

pub(crate) struct Peer {
    pub(crate) url: String,
    pub(crate) shared: Arc<Shared>,
    handle: Handle<SocketAddr>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

impl Peer {
    pub(crate) fn start(exams: &[&Exam], tls: rustls::ServerConfig, quirks: Quirks) -> Self {
        let mut series = HashMap::new();
        for (exam, of_exam) in
            exams.iter().flat_map(|exam| exam.series.iter().map(move |s| (exam, s)))
        {
            let path = format!(
                "/dicom-web-rs/studies/{}/series/{}",
                exam.study_instance_uid, of_exam.series_instance_uid
            );
            let files = of_exam.sop_instance_uids.iter().cloned().zip(of_exam.files.clone());
            series.insert(path, files.collect());
        }
        let shared = Arc::new(Shared {
            series,
            quirks: Mutex::new(quirks),
            asked: Mutex::default(),
            gate: Semaphore::new(0),
        });
        let app = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let handle = Handle::new();
        let tls = RustlsConfig::from_config(Arc::new(tls));
        let server = axum_server::from_tcp_rustls(listener, tls).unwrap();
        tokio::spawn(server.handle(handle.clone()).serve(app.into_make_service()));
        Self { url: format!("https://localhost:{port}/dicom-web-rs"), shared, handle }
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Quirks)) {
        change(&mut self.shared.quirks.lock().unwrap());
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let text = |name: &str| {
        let value = request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        value.unwrap_or_default()
    };
    let asked = Asked {
        path: request.uri().to_string(),
        accept: text("accept"),
        kos: text("kos-sopinstanceuid"),
        authorization: text("authorization"),
    };
    let quirks = shared.quirks.lock().unwrap().clone();
    if quirks.authorization.as_ref().is_some_and(|wanted| *wanted != asked.authorization) {
        shared.asked.lock().unwrap().push(asked);
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if let Some(status) = quirks.status {
        return StatusCode::from_u16(status).unwrap().into_response();
    }
    let (series, instance) = match asked.path.split_once("/instances/") {
        Some((series, instance)) => (series.to_owned(), Some(instance.to_owned())),
        None => (asked.path.clone(), None),
    };
    let Some(files) = shared.series.get(&series).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let needed = ["transfer-syntax=", ";q=0.", ";boundary=**", "type=\"application/dicom\""];
    let is_complete = needed.iter().all(|word| asked.accept.contains(word));
    let has_manifest = !asked.kos.is_empty();
    shared.asked.lock().unwrap().push(asked);
    if !is_complete || !has_manifest {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let wanted = files.into_iter().filter(|(uid, _)| instance.as_ref().is_none_or(|it| it == uid));
    send(&shared, quirks, wanted.collect())
}

const BOUNDARY: &str = "7f0e2c1a-55d4-4b0f-9a6e-000000000001";

fn send(shared: &Arc<Shared>, quirks: Quirks, files: Vec<(String, PathBuf)>) -> Response {
    let count = quirks.strays.len() + files.len();
    let start = if quirks.starts_with_the_last { count - 1 } else { 0 };
    let boundary = if quirks.quotes { format!("\"{BOUNDARY}\"") } else { BOUNDARY.to_owned() };
    let content_type = format!(
        "multipart/related;start=\"<{start}>\";transfer-syntax=1.2.840.10008.1.2.1;type=\"application/dicom\"; boundary={boundary}"
    );
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(parts(Arc::clone(shared), quirks, files, sender));
    let body = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    ([(header::CONTENT_TYPE, content_type)], Body::from_stream(body)).into_response()
}

type Sender = mpsc::Sender<Result<Bytes, std::io::Error>>;

async fn parts(shared: Arc<Shared>, quirks: Quirks, files: Vec<(String, PathBuf)>, to: Sender) {
    if quirks.hangs {
        return std::future::pending().await;
    }
    if quirks.quotes {
        let _ = to.send(Ok(Bytes::from_static(b"This is a preamble.\r\n"))).await;
    }
    let strays = quirks.strays.iter().cloned();
    let contents = strays.chain(files.iter().map(|(_, file)| std::fs::read(file).unwrap()));
    for (number, content) in contents.enumerate() {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Type: application/dicom\r\nContent-ID: <{number}>\r\n\r\n"
        );
        let mut part = [head.as_bytes(), &content, b"\r\n"].concat();
        if quirks.holds_at == Some(number) {
            // The one before is complete when its delimiter has come.
            let _ = to.send(Ok(Bytes::from(part.drain(..head.len()).collect::<Vec<_>>()))).await;
            shared.gate.acquire().await.unwrap().forget();
        }
        let is_cut = quirks.cut.is_some_and(|(at, times)| at == number && times > 0);
        if is_cut {
            shared.quirks.lock().unwrap().cut = quirks.cut.map(|(at, times)| (at, times - 1));
            let _ = to.send(Ok(Bytes::copy_from_slice(&part[..part.len() / 2]))).await;
            // Long enough for what was sent before to be on its way.
            tokio::time::sleep(Duration::from_millis(50)).await;
            let _ = to.send(Err(std::io::Error::other("cut"))).await;
            return;
        }
        let is_last_stray = number + 1 == quirks.strays.len();
        loop {
            if !pieces(&part, quirks.slow_pieces, &to).await {
                return;
            }
            if !(quirks.is_endless && is_last_stray) {
                break;
            }
        }
    }
    let _ = to.send(Ok(Bytes::from(format!("--{BOUNDARY}--\r\n")))).await;
}

/// Whether the client still takes them.
async fn pieces(part: &[u8], slow: usize, to: &Sender) -> bool {
    let size = if slow == 0 { part.len() } else { slow };
    for piece in part.chunks(size) {
        if slow > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        if to.send(Ok(Bytes::copy_from_slice(piece))).await.is_err() {
            return false;
        }
    }
    true
}
