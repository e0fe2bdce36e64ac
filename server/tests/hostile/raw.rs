//! Bytes on a connection, as no well-behaved client would send them.

use std::{sync::Arc, time::Duration};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::fort::{Fort, HOST};

/// Longer than the server waits for anybody's request.
const PATIENCE: Duration = Duration::from_secs(50);

/// An encrypted connection that speaks what is named (`http/1.1`, `h2`).
pub(crate) async fn connect(fort: &Fort, protocol: &str) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(fort.certificate.as_bytes()).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::aws_lc_rs::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_root_certificates(roots)
    .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let tcp = TcpStream::connect(fort.address).await.unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(HOST.try_into().unwrap(), tcp).await.unwrap()
}

/// Sends bytes and reads until the server closes the connection; fails where it does not.
pub(crate) async fn exchange(fort: &Fort, bytes: &[u8]) -> String {
    let mut stream = connect(fort, "http/1.1").await;
    // It may be closed before all is sent: that is an answer, too.
    let (mut reading, mut writing) = tokio::io::split(&mut stream);
    let mut answer = Vec::new();
    let (_sent, read) = tokio::join!(writing.write_all(bytes), async {
        timeout(PATIENCE, reading.read_to_end(&mut answer)).await
    });
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]);
    assert!(read.is_ok(), "the connection stayed open: {start}");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Statuses of all answers in a stream of answers.
pub(crate) fn statuses(answers: &str) -> Vec<u16> {
    let lines = answers.split("HTTP/1.1 ").skip(1);
    lines.filter_map(|line| line.get(..3)?.parse().ok()).collect()
}
