//! HTTPS with certificate files, over real connections.

use std::{net::SocketAddr, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use axum_server::Handle;
use negatoscope_server::{
    config::TlsConfig,
    tls::{self, Certificates, Followed},
};
use reqwest::{Certificate, Client, Version};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;

use crate::house::{House, OTHER_SITE, SITE};

fn write_certificate(folder: &Path, host: &str) -> (TlsConfig, String) {
    let pair = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
    let path = |end: &str| folder.join(format!("{host}.{end}"));
    let files = TlsConfig { certificate: path("pem"), key: path("key") };
    std::fs::write(&files.certificate, pair.cert.pem()).unwrap();
    std::fs::write(&files.key, pair.signing_key.serialize_pem()).unwrap();
    std::fs::set_permissions(&files.key, PermissionsExt::from_mode(0o600)).unwrap();
    (files, pair.cert.pem())
}

/// A house whose two sites have a certificate each; tells the address and the certificates.
async fn encrypted() -> (House, Handle<SocketAddr>, SocketAddr, [String; 2]) {
    let house = House::with("[server.tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"").await;
    let held = Arc::new(Certificates::default());
    let pems = [SITE, OTHER_SITE].map(|host| {
        let (files, pem) = write_certificate(house.folder.path(), host);
        Followed::open(&files, &[host.to_owned()], &held).unwrap();
        pem
    });
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let handle = Handle::new();
    let service = house.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    let server = axum_server::from_tcp_rustls(listener, tls::listener(held)).unwrap();
    tokio::spawn(server.handle(handle.clone()).serve(service));
    (house, handle, address, pems)
}

fn client(host: &str, address: SocketAddr, pem: &str) -> Client {
    let trusted = [Certificate::from_pem(pem.as_bytes()).unwrap()];
    Client::builder().tls_certs_only(trusted).resolve(host, address).build().unwrap()
}

#[tokio::test]
async fn https_serves_http2_and_asks_for_https_ever_after() {
    let (_house, handle, address, [pem, _]) = encrypted().await;
    let url = format!("https://{SITE}:{}/health/live", address.port());
    let answer = client(SITE, address, &pem).get(url).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
    assert_eq!(
        answer.headers()["strict-transport-security"],
        "max-age=63072000; includeSubDomains"
    );
    handle.shutdown();
}

#[tokio::test]
async fn each_name_has_its_own_certificate_and_an_unknown_one_none() {
    let (_house, handle, address, [first, second]) = encrypted().await;
    let ask = async |host: &str, pem: &str| {
        let url = format!("https://{host}:{}/health/live", address.port());
        client(host, address, pem).get(url).send().await.map(|answer| answer.status().as_u16())
    };
    assert_eq!(ask(SITE, &first).await.unwrap(), 200);
    assert_eq!(ask(OTHER_SITE, &second).await.unwrap(), 200);
    assert!(ask(OTHER_SITE, &first).await.is_err());
    assert!(ask("vi9.349.example.fr", &first).await.is_err());
    handle.shutdown();
}

#[tokio::test]
async fn item_44_nothing_older_than_tls_1_2_and_only_ciphers_with_forward_secrecy() {
    let (_house, handle, address, [pem, _]) = encrypted().await;
    let mut roots = RootCertStore::empty();
    roots.add(rustls::pki_types::pem::PemObject::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = ClientConfig::builder_with_protocol_versions(&[version])
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        let tcp = TcpStream::connect(address).await.unwrap();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let stream = connector.connect(SITE.try_into().unwrap(), tcp).await.unwrap();
        let suite = stream.get_ref().1.negotiated_cipher_suite().unwrap().suite();
        let name = suite.as_str().unwrap();
        let is_safe = name.starts_with("TLS13_") || name.starts_with("TLS_ECDHE_");
        assert!(is_safe && !name.contains("CBC"), "{name}");
    }
    // A client of 2006: TLS 1.1 in its first words (RFC 4346), with a name and a cipher of the time.
    let mut old = TcpStream::connect(address).await.unwrap();
    let body = [&[3, 2][..], &[7; 32], &[0, 0, 2, 0xc0, 0x13, 1, 0]].concat();
    let length = u8::try_from(body.len()).unwrap();
    let hello = [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &body].concat();
    tokio::io::AsyncWriteExt::write_all(&mut old, &hello).await.unwrap();
    let mut answer = [0; 7];
    tokio::io::AsyncReadExt::read_exact(&mut old, &mut answer).await.unwrap();
    // An alert, fatal.
    assert_eq!((answer[0], answer[5]), (21, 2), "{answer:?}");
    handle.shutdown();
}
