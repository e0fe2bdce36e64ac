//! Which box asks: known by its certificate, and by what the network's list says of it.

use std::{future::Future, io, pin::Pin, sync::Arc};

use axum_server::{accept::Accept, tls_rustls::RustlsAcceptor, tls_rustls::RustlsConfig};
use rustls::{
    DigitallySignedStruct, Error, RootCertStore, ServerConfig, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    pki_types::{CertificateDer, UnixTime, pem, pem::PemObject},
    server::{
        VerifierBuilderError, WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tower_http::add_extension::AddExtension;

use crate::{
    config::{Config, TlsConfig},
    connections::{Connections, Doorkeeper, Watched},
    tls::{self as server_tls, CertificateError, Certificates, Followed},
    trust_list::{DistinguishedName, Keeper},
};

/// Why the listener cannot be opened.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The file of authorities.
    #[error("interbox.ca_file: {0}")]
    Authorities(#[from] pem::Error),
    /// A certificate in it.
    #[error("interbox.ca_file: {0}")]
    Authority(Error),
    /// None in it.
    #[error("interbox.ca_file: {0}")]
    Verifier(#[from] VerifierBuilderError),
    /// A box's own certificate.
    #[error("site {site}: interbox.tls: {cause}")]
    Own {
        /// The site.
        site: String,
        /// What is wrong.
        cause: CertificateError,
    },
}

/// What a connection tells of who is at its other end.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Subject of the certificate.
    pub(super) subject: DistinguishedName,
}

/// The listener's settings: our boxes' certificates, followed from now on; nobody without a certificate of a listed box.
///
/// # Errors
/// [`TlsError`].
pub fn tls(config: &Config, keeper: &Arc<Keeper>) -> Result<Option<RustlsConfig>, TlsError> {
    let Some(usual) = usual(config)? else { return Ok(None) };
    let verifier = ListedCaller { keeper: Arc::clone(keeper), usual };
    let versions = [&rustls::version::TLS13, &rustls::version::TLS12];
    let mut settings = ServerConfig::builder_with_protocol_versions(&versions)
        .with_client_cert_verifier(Arc::new(verifier))
        .with_cert_resolver(own_certificates(config)?);
    settings.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Some(RustlsConfig::from_config(Arc::new(settings))))
}

/// Whether the file of authorities can be used.
///
/// # Errors
/// [`TlsError`].
pub fn check(config: &Config) -> Result<(), TlsError> {
    usual(config).map(drop)
}

/// What every TLS server asks of a client's certificate.
fn usual(config: &Config) -> Result<Option<Arc<dyn ClientCertVerifier>>, TlsError> {
    let Some(interbox) = &config.interbox else { return Ok(None) };
    server_tls::choose_provider();
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&interbox.ca_file)? {
        roots.add(certificate?).map_err(TlsError::Authority)?;
    }
    Ok(Some(WebPkiClientVerifier::builder(Arc::new(roots)).build()?))
}

fn own_certificates(config: &Config) -> Result<Arc<Certificates>, TlsError> {
    let held = Arc::new(Certificates::default());
    let mut followed = Vec::new();
    for site in &config.sites {
        let Some(interbox) = &site.interbox else { continue };
        let files: &TlsConfig = &interbox.tls;
        let opened = Followed::open(files, &interbox.hosts, &held);
        followed.push(opened.map_err(|cause| TlsError::Own { site: site.id(), cause })?);
    }
    tokio::spawn(server_tls::follow(followed, Arc::clone(&held)));
    Ok(held)
}

/// What every TLS server asks of a client's certificate, and then what the list says of it.
#[derive(Debug)]
struct ListedCaller {
    keeper: Arc<Keeper>,
    usual: Arc<dyn ClientCertVerifier>,
}

impl ClientCertVerifier for ListedCaller {
    fn root_hint_subjects(&self) -> &[rustls::DistinguishedName] {
        self.usual.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.usual.verify_client_cert(certificate, intermediates, now)?;
        let subject = DistinguishedName::of_certificate(certificate);
        if subject.and_then(|subject| self.keeper.box_of(&subject)).is_some() {
            return Ok(verified);
        }
        Err(Error::General("its certificate is none of the list of DRIMboxes".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

/// Takes connections within limits, encrypts them, and tells every request of a connection whose it is.
#[derive(Clone)]
pub struct BoxAcceptor(RustlsAcceptor<Doorkeeper>);

impl BoxAcceptor {
    /// With these settings, and within these limits.
    #[must_use]
    pub fn new(settings: RustlsConfig, connections: Arc<Connections>) -> Self {
        Self(RustlsAcceptor::new(settings).acceptor(Doorkeeper(connections)))
    }
}

type Accepted<S> = (TlsStream<Watched<TcpStream>>, AddExtension<S, Caller>);

impl<S: Send + 'static> Accept<TcpStream, S> for BoxAcceptor {
    type Stream = TlsStream<Watched<TcpStream>>;
    type Service = AddExtension<S, Caller>;
    type Future = Pin<Box<dyn Future<Output = io::Result<Accepted<S>>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let accepted = self.0.accept(stream, service);
        Box::pin(async move {
            let (stream, service) = accepted.await?;
            let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
            let subject = certificate.and_then(|it| DistinguishedName::of_certificate(it));
            let subject = subject.ok_or(io::ErrorKind::PermissionDenied)?;
            Ok((stream, AddExtension::new(service, Caller { subject })))
        })
    }
}
