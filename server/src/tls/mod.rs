//! HTTPS: TLS 1.2 and 1.3, the certificate of each name, changed without closing a connection.

mod certificate;
mod files;
mod held;

use std::sync::{Arc, Once};

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;

pub use self::{
    certificate::{Certificate, CertificateError},
    files::{Followed, follow},
    held::Certificates,
};

/// Makes one library answer for cryptography everywhere in this process.
pub fn choose_provider() {
    static PROVIDER: Once = Once::new();
    // An error means that one is installed already, which is just as well.
    PROVIDER.call_once(|| drop(rustls::crypto::aws_lc_rs::default_provider().install_default()));
}

/// A listener's settings: certificates by the name that is asked for, HTTP/2 and HTTP/1.1.
#[must_use]
pub fn listener(certificates: Arc<Certificates>) -> RustlsConfig {
    choose_provider();
    let mut config = ServerConfig::builder_with_protocol_versions(&[
        &rustls::version::TLS13,
        &rustls::version::TLS12,
    ])
    .with_no_client_auth()
    .with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    RustlsConfig::from_config(Arc::new(config))
}
