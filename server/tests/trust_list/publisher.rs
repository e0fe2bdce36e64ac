//! Somebody who publishes the list over HTTPS, and a door that nobody should ever knock at.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use base64::Engine as _;
use negatoscope_server::clock::Clock;
use negatoscope_server::config::Config;
use negatoscope_server::trust_list::Keeper;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::Digest as _;
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::io::AsyncReadExt as _;

use crate::certificates::{Pair, pair};
use crate::pki::{now, pki, revoked};

/// What is answered to the next request for the list.
#[derive(Clone)]
pub(crate) enum Says {
    List(Vec<u8>),
    Redirect(String),
    Status(u16),
    Endless,
}

#[derive(Default)]
pub(crate) struct Published {
    says: Mutex<Option<Says>>,
    revoked: Mutex<Vec<u8>>,
    /// If-None-Match of each request for the list.
    pub(crate) asked: Mutex<Vec<Option<String>>>,
}

pub(crate) struct Publisher {
    pub(crate) folder: TempDir,
    pub(crate) published: Arc<Published>,
    pub(crate) port: u16,
    pub(crate) own: Pair,
    now: Arc<Mutex<OffsetDateTime>>,
    handle: Handle<SocketAddr>,
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

impl Publisher {
    /// Of this list, with nobody revoked.
    pub(crate) fn of(list: Vec<u8>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = pair(folder.path(), "publisher");
        let published = Arc::new(Published::default());
        let app = Router::new().fallback(answer).with_state(Arc::clone(&published));
        let (port, handle) = serve(app, tls(&own));
        std::fs::write(folder.path().join("root.pem"), pki().root.pem()).unwrap();
        std::fs::write(folder.path().join("middle.pem"), pki().middle.pem()).unwrap();
        let now = Arc::new(Mutex::new(now()));
        let publisher = Self { folder, published, port, own, now, handle };
        publisher.say(Says::List(list));
        publisher.revoke(&[]);
        publisher
    }

    pub(crate) fn say(&self, says: Says) {
        *self.published.says.lock().unwrap() = Some(says);
    }

    /// Renews the list of revoked certificates, for six days from now.
    pub(crate) fn revoke(&self, serials: &[&[u8]]) {
        let days = (*self.now.lock().unwrap() - now()).whole_days();
        let list = revoked(&pki().middle, serials, [days - 1, days + 6]);
        *self.published.revoked.lock().unwrap() = list;
    }

    pub(crate) fn wait(&self, time: time::Duration) {
        *self.now.lock().unwrap() += time;
    }

    pub(crate) fn asked(&self) -> Vec<Option<String>> {
        self.published.asked.lock().unwrap().clone()
    }

    /// `[trust_list]`, with this machine permitted or not.
    pub(crate) fn table(&self, host: &str, permitted: bool) -> String {
        let networks = if permitted { "\"127.0.0.0/8\", \"::1/128\"" } else { "" };
        format!(
            "[trust_list]\nurl = \"https://{host}:{0}/liste.xml\"\ncrl_urls = [\"https://{host}:{0}/x.crl\"]\n\
             root_file = \"root.pem\"\nintermediate_files = [\"middle.pem\"]\nca_file = {1:?}\n\
             allowed_networks = [{networks}]\n",
            self.port, self.own.ca
        )
    }

    pub(crate) fn configuration(&self, table: &str, site: &str) -> Config {
        let text = format!(
            "[server]\nstate = \"state\"\nassets = \"assets\"\n{table}\n[[site]]\nhosts = [\"vi1.example\"]\n\
             name = \"Centre\"\ncontact = \"01\"\n{site}\n"
        );
        let file = self.folder.path().join("negatoscope.toml");
        std::fs::write(&file, &text).unwrap();
        Config::parse(&text, &file).unwrap()
    }

    /// As the server opens it.
    pub(crate) fn keeper(&self) -> Arc<Keeper> {
        self.keeper_with(&self.table("localhost", true))
    }

    /// The time of everything here.
    pub(crate) fn clock(&self) -> Clock {
        let now = Arc::clone(&self.now);
        Clock::new(move || *now.lock().unwrap())
    }

    pub(crate) fn keeper_with(&self, table: &str) -> Arc<Keeper> {
        let clock = self.clock();
        let config = self.configuration(table, "source = { archive = { path = \"x\" } }");
        Keeper::of(&config, clock).unwrap().unwrap()
    }
}

async fn answer(State(published): State<Arc<Published>>, request: Request) -> Response {
    if request.uri().path() == "/x.crl" {
        return published.revoked.lock().unwrap().clone().into_response();
    }
    let mark = request.headers().get(header::IF_NONE_MATCH);
    let mark = mark.map(|mark| mark.to_str().unwrap().to_owned());
    published.asked.lock().unwrap().push(mark.clone());
    match published.says.lock().unwrap().clone().unwrap() {
        Says::List(list) => {
            let etag = mark_of(&list);
            if mark.as_ref() == Some(&etag) {
                return StatusCode::NOT_MODIFIED.into_response();
            }
            ([(header::ETAG, etag)], list).into_response()
        }
        Says::Redirect(to) => {
            let mut headers = HeaderMap::new();
            headers.insert(header::LOCATION, to.parse().unwrap());
            (StatusCode::FOUND, headers).into_response()
        }
        Says::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Says::Endless => {
            let piece = bytes::Bytes::from(vec![b' '; 1 << 20]);
            let pieces = futures::stream::repeat(Ok::<_, std::convert::Infallible>(piece));
            axum::body::Body::from_stream(pieces).into_response()
        }
    }
}

/// Of these bytes and no others.
pub(crate) fn mark_of(list: &[u8]) -> String {
    let hash = sha2::Sha256::digest(list);
    format!("\"{}\"", base64::engine::general_purpose::STANDARD.encode(hash))
}

fn tls(own: &Pair) -> rustls::ServerConfig {
    negatoscope_server::tls::choose_provider();
    let chain = vec![CertificateDer::from_pem_file(&own.certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_file(&own.key).unwrap();
    rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap()
}

/// On loopback; the port.
pub(crate) fn serve(app: Router, tls: rustls::ServerConfig) -> (u16, Handle<SocketAddr>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let handle = Handle::new();
    let tls = RustlsConfig::from_config(Arc::new(tls));
    let server = axum_server::from_tcp_rustls(listener, tls).unwrap();
    tokio::spawn(server.handle(handle.clone()).serve(app.into_make_service()));
    (port, handle)
}

/// Counts who connects, and says nothing.
pub(crate) struct Door {
    pub(crate) port: u16,
    knocks: Arc<AtomicUsize>,
    own: AtomicUsize,
}

impl Door {
    pub(crate) async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let knocks = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&knocks);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                drop(connection);
            }
        });
        Self { port, knocks, own: AtomicUsize::new(0) }
    }

    /// How often somebody else than this did so far.
    pub(crate) async fn knocks(&self) -> usize {
        // One of our own, so that whoever came before was counted.
        let mut own = tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        assert_eq!(own.read(&mut [0]).await.unwrap(), 0, "the door is shut after counting");
        let own_knocks = self.own.fetch_add(1, Ordering::SeqCst) + 1;
        self.knocks.load(Ordering::SeqCst) - own_knocks
    }
}

/// Whether a folder holds nothing yet.
pub(crate) fn is_missing(folder: &Path) -> bool {
    !folder.exists()
}
