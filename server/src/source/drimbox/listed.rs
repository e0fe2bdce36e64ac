//! A box under the network's list: named in it, known by its certificate, at an address that may be contacted.

use std::sync::Arc;

use reqwest::{ClientBuilder, Url};
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, RootCertStore};

use super::{DrimboxError, DrimboxOptions, client};
use crate::tls;
use crate::trust_list::{Keeper, ListedPeer};

/// Whether the box may be asked now; in words, why not.
pub(super) fn check(keeper: &Keeper, base: &Url) -> Result<(), String> {
    keeper
        .check_host(base.host_str().unwrap_or_default())
        .map_err(|stranger| stranger.to_string())?;
    keeper.guard().check(base).map_err(|refused| refused.to_string())
}

/// The same TLS as without a list, and then what the list asks for.
pub(super) fn restrict(
    builder: ClientBuilder,
    options: &DrimboxOptions,
    keeper: &Arc<Keeper>,
) -> Result<ClientBuilder, DrimboxError> {
    tls::choose_provider();
    let wrong = |cause: rustls::Error| DrimboxError::Client(cause.to_string());
    let usual = WebPkiServerVerifier::builder(Arc::new(roots(options)?)).build();
    let usual = usual.map_err(|cause| DrimboxError::Authorities(cause.to_string()))?;
    let peer = ListedPeer { keeper: Arc::clone(keeper), usual };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let own = client::certificate(options)?.key;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(wrong)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(peer))
        .with_client_cert_resolver(Arc::new(SingleCertAndKey::from((*own).clone())));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let guard = keeper.guard().clone();
    Ok(builder.tls_backend_preconfigured(config).no_proxy().dns_resolver(guard))
}

fn roots(options: &DrimboxOptions) -> Result<RootCertStore, DrimboxError> {
    let wrong = |cause: String| {
        DrimboxError::Authorities(format!("{}: {cause}", options.ca_file.display()))
    };
    let pem = std::fs::read(&options.ca_file).map_err(|cause| wrong(cause.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|cause| wrong(cause.to_string()))?;
        roots.add(certificate).map_err(|cause| wrong(cause.to_string()))?;
    }
    Ok(roots)
}
