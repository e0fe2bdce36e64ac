//! Whom the list lets us contact: a box is known by its host name before anything is sent, and by the subject of its
//! certificate before it is told what is wanted.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use thiserror::Error;

use super::{Age, DistinguishedName, Keeper};

/// Why a host is not contacted.
#[derive(Debug, Error)]
pub enum Stranger {
    /// There is no list yet.
    #[error("there is no list of DRIMboxes yet: none is contacted")]
    NoList,
    /// Nobody knows whom the list would have by now.
    #[error("the list of DRIMboxes is more than a week old: no address of a manifest is asked")]
    TooOld,
    /// It is not in the list.
    #[error("{0} is not in the list of DRIMboxes: not contacted")]
    Host(String),
}

impl Keeper {
    /// Whether the list has this host, now.
    ///
    /// # Errors
    /// [`Stranger`].
    pub fn check_host(&self, host: &str) -> Result<(), Stranger> {
        let kept = self.kept().ok_or(Stranger::NoList)?;
        if kept.list.lists(host) { Ok(()) } else { Err(Stranger::Host(host.to_owned())) }
    }

    /// Whether the list is young enough for addresses that somebody brings.
    ///
    /// # Errors
    /// [`Stranger::NoList`], [`Stranger::TooOld`].
    pub fn check_age(&self) -> Result<(), Stranger> {
        match self.age() {
            Age::Fresh(_) | Age::Old(_) => Ok(()),
            Age::TooOld(_) => Err(Stranger::TooOld),
            Age::None => Err(Stranger::NoList),
        }
    }

    /// Host name of the box that a certificate with this subject belongs to, now.
    #[must_use]
    pub fn box_of(&self, subject: &DistinguishedName) -> Option<String> {
        self.kept()?.list.box_of(subject).map(str::to_owned)
    }

    fn knows(&self, host: &str, certificate: &CertificateDer<'_>) -> bool {
        let Some(subject) = DistinguishedName::of_certificate(certificate) else { return false };
        self.kept().is_some_and(|kept| kept.list.is_certificate_of(host, &subject))
    }
}

/// What every TLS client asks of a server's certificate, and then what the list says of it.
#[derive(Debug)]
pub(crate) struct ListedPeer {
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) usual: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for ListedPeer {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified =
            self.usual.verify_server_cert(certificate, intermediates, name, ocsp, now)?;
        let ServerName::DnsName(host) = name else {
            return Err(CertificateError::NotValidForName.into());
        };
        if self.keeper.knows(host.as_ref(), certificate) {
            return Ok(verified);
        }
        Err(Error::General("its certificate is not the one in the list of DRIMboxes".to_owned()))
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
