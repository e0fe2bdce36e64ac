//! A private authority with certificates for the box and for us, and one that nobody trusts.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;

/// Files `NAME-ca.pem`, `NAME.pem` and `NAME.key`.
pub(crate) struct Pair {
    pub(crate) ca: PathBuf,
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// An authority of its own, and a certificate signed by it for `localhost`.
pub(crate) fn pair(folder: &Path, name: &str) -> Pair {
    pair_of(folder, name, "localhost")
}

/// The same for another host.
pub(crate) fn pair_of(folder: &Path, name: &str, host: &str) -> Pair {
    pair_called(folder, name, host, "rcgen self signed cert")
}

/// The same under this common name, its only one.
pub(crate) fn pair_called(folder: &Path, name: &str, host: &str, common_name: &str) -> Pair {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let path = |end: &str| folder.join(format!("{name}{end}"));
    let pair = Pair { ca: path("-ca.pem"), certificate: path(".pem"), key: path(".key") };
    std::fs::write(&pair.ca, root.pem()).unwrap();
    std::fs::write(&pair.certificate, certificate.pem()).unwrap();
    std::fs::write(&pair.key, key.serialize_pem()).unwrap();
    std::fs::set_permissions(&pair.key, PermissionsExt::from_mode(0o600)).unwrap();
    pair
}

/// A server that lets in whoever has a certificate of `clients`' authority, and nobody else.
pub(crate) fn mutual(own: &Pair, clients: &Pair) -> rustls::ServerConfig {
    negatoscope_server::tls::choose_provider();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&clients.ca).unwrap()).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
    rustls::ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![CertificateDer::from_pem_file(&own.certificate).unwrap()],
            PrivateKeyDer::from_pem_file(&own.key).unwrap(),
        )
        .unwrap()
}
