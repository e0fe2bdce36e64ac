//! HTTPS with certificate files, over a real connection.

use std::{net::SocketAddr, path::Path};

use axum_server::Handle;
use negatoscope_server::{config::TlsConfig, tls};

use crate::house::{House, SITE};

fn write_certificate(folder: &Path) -> (TlsConfig, String) {
    let pair = rcgen::generate_simple_self_signed([SITE.to_owned()]).unwrap();
    let files = TlsConfig { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
    std::fs::write(&files.certificate, pair.cert.pem()).unwrap();
    std::fs::write(&files.key, pair.signing_key.serialize_pem()).unwrap();
    (files, pair.cert.pem())
}

#[tokio::test]
async fn https_serves_http2_and_asks_for_https_ever_after() {
    let house = House::with("[server.tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"").await;
    let (files, pem) = write_certificate(house.folder.path());
    let rustls = tls::load(&files).await.unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let handle = Handle::new();
    let service = house.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    let server = axum_server::from_tcp_rustls(listener, rustls)
        .unwrap()
        .handle(handle.clone())
        .serve(service);
    let running = tokio::spawn(server);

    let client = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(pem.as_bytes()).unwrap()])
        .resolve(SITE, address)
        .build()
        .unwrap();
    let answer =
        client.get(format!("https://{SITE}:{}/health/live", address.port())).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.version(), reqwest::Version::HTTP_2);
    assert_eq!(
        answer.headers()["strict-transport-security"],
        "max-age=63072000; includeSubDomains"
    );

    handle.shutdown();
    running.await.unwrap().unwrap();
}
