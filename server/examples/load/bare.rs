//! A server that does nothing but send: the same libraries, one answer out of memory.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use anyhow::{Context, Result};
use bytes::Bytes;
use futures::future::join_all;
use http::Response;
use http_body_util::Full;
use hyper::{server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::{
    BARE,
    client::{HOST, Viewer},
    process::Program,
};

const SIGN: &str = "bare server on ";

/// The running server.
pub(crate) struct Bare {
    program: Program,
    address: SocketAddr,
    certificate: String,
    _folder: tempfile::TempDir,
}

impl Bare {
    /// Answers with so many bytes.
    pub(crate) fn start(bytes: usize) -> Result<Self> {
        let folder = tempfile::tempdir().context("a folder for the bare server")?;
        let pair = rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap();
        let [certificate, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
        std::fs::write(&certificate, pair.cert.pem())?;
        std::fs::write(&key, pair.signing_key.serialize_pem())?;
        let arguments =
            [BARE, &bytes.to_string(), certificate.to_str().unwrap(), key.to_str().unwrap()];
        let own = std::env::current_exe().unwrap();
        let (program, address) = Program::start(&own, &arguments, SIGN)?;
        let address = address.parse().with_context(|| format!("no address: {address}"))?;
        Ok(Self { program, address, certificate: pair.cert.pem(), _folder: folder })
    }

    pub(crate) fn process(&self) -> u32 {
        self.program.id()
    }

    pub(crate) async fn viewers(&self, count: usize) -> Vec<Arc<Viewer>> {
        let viewers = (0..count).map(|_| {
            let [address, accept] = ["192.0.2.1", "*/*"].map(str::to_owned);
            Viewer::connect(self.address, &self.certificate, address, accept)
        });
        join_all(viewers).await.into_iter().map(Arc::new).collect()
    }
}

/// Sends until it is ended: number of bytes, certificate file, key file.
pub(crate) async fn serve(arguments: &[String]) -> Result<()> {
    let [bytes, certificate, key] = arguments else { panic!("bytes, certificate and key") };
    let body = Bytes::from(vec![0x5A; bytes.parse().unwrap()]);
    let chain = vec![CertificateDer::from_pem_file(certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let mut config =
        rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.context("cannot listen on 127.0.0.1")?;
    eprintln!("{SIGN}{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (acceptor, body) = (acceptor.clone(), body.clone());
        tokio::spawn(async move {
            let stream = acceptor.accept(stream).await.unwrap();
            let answer = service_fn(move |_| {
                let answer = Response::new(Full::new(body.clone()));
                async { Ok::<_, Infallible>(answer) }
            });
            let connection = http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), answer);
            // It ends when the client goes.
            drop(connection.await);
        });
    }
}
