//! One viewer: one connection as a browser has it (HTTP/2 over TLS 1.3), one cookie.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use viewer_core::base::PACKED_UID;

pub(crate) const HOST: &str = "vi1.349.example.fr";
/// Frames as the archive has them.
pub(crate) const AS_STORED: &str =
    r#"multipart/related; type="application/octet-stream"; transfer-syntax=*"#;
/// What Chromium allows to be under way on a stream, and on a connection.
const STREAM_WINDOW: u32 = 6 << 20;
const CONNECTION_WINDOW: u32 = 15 << 20;

/// As a page on a fast network: native frames rather packed.
pub(crate) fn rather_packed() -> String {
    let packed = AS_STORED.replace('*', PACKED_UID);
    format!("{packed}, {AS_STORED}; q=0.5")
}

/// A viewer.
pub(crate) struct Viewer {
    requests: http2::SendRequest<Full<Bytes>>,
    /// As a proxy tells it: nobody's limits are shared.
    address: String,
    accept: String,
    cookie: Mutex<String>,
}

/// What came of a request for a frame.
pub(crate) struct Fetched {
    pub(crate) bytes: usize,
    /// From the request to the first byte of the body.
    pub(crate) first_byte: Duration,
}

impl Viewer {
    /// `accept` are the media types it asks for.
    pub(crate) async fn connect(
        server: SocketAddr,
        certificate: &str,
        address: String,
        accept: String,
    ) -> Self {
        let mut trusted = rustls::RootCertStore::empty();
        trusted.add(CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
        let mut config =
            rustls::ClientConfig::builder().with_root_certificates(trusted).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let stream = TcpStream::connect(server).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let name = ServerName::try_from(HOST).unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
        let (requests, connection) = http2::Builder::new(TokioExecutor::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .handshake(TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("a connection broke: {error}");
            }
        });
        Self { requests, address, accept, cookie: Mutex::default() }
    }

    pub(crate) async fn ask(&self, path: &str, form: Option<String>) -> Response<Incoming> {
        let cookie = self.cookie.lock().unwrap().clone();
        let request = Request::builder()
            .method(if form.is_some() { "POST" } else { "GET" })
            .uri(format!("https://{HOST}{path}"))
            .header(header::ACCEPT, &self.accept)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header("x-forwarded-for", &self.address)
            .body(Full::new(form.unwrap_or_default().into()))
            .unwrap();
        let answer = self.requests.clone().send_request(request).await.unwrap();
        self.keep_cookie(answer.headers());
        answer
    }

    fn keep_cookie(&self, headers: &HeaderMap) {
        if let Some(cookie) = headers.get(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            cookie.clone_into(&mut self.cookie.lock().unwrap());
        }
    }

    /// A frame, thrown away.
    pub(crate) async fn fetch(&self, path: &str) -> Fetched {
        let began = Instant::now();
        let answer = self.ask(path, None).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let mut body = answer.into_body();
        let (mut bytes, mut first_byte) = (0, None);
        while let Some(piece) = body.frame().await {
            first_byte.get_or_insert_with(|| began.elapsed());
            bytes += piece.unwrap().data_ref().map_or(0, Bytes::len);
        }
        Fetched { bytes, first_byte: first_byte.unwrap_or_default() }
    }
}
