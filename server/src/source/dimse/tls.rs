//! DICOM over TLS (PS3.15 B.12): certificates in files, both sides name themselves.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::OpenError;

/// Files of one source.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// Authorities that may sign the certificate of the PACS.
    pub authorities: PathBuf,
    /// Our certificate with its chain, and its key, where the PACS wants one.
    pub own: Option<(PathBuf, PathBuf)>,
    /// Name in the certificate of the PACS, where it is not its host.
    pub name: Option<String>,
}

type Own = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl TlsFiles {
    /// For associations that we ask for.
    pub(super) fn connector(
        &self,
        host: &str,
    ) -> Result<(TlsConnector, ServerName<'static>), OpenError> {
        crate::tls::choose_provider();
        let name = self.name.clone().unwrap_or_else(|| host.to_owned());
        let name = ServerName::try_from(name.clone()).map_err(|_wrong| OpenError::Name(name))?;
        let builder = ClientConfig::builder().with_root_certificates(self.roots()?);
        let config = match self.own()? {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key)?,
            None => builder.with_no_client_auth(),
        };
        Ok((TlsConnector::from(Arc::new(config)), name))
    }

    /// For associations of a C-MOVE: the PACS shows a certificate of the same authorities.
    pub(super) fn acceptor(&self) -> Result<TlsAcceptor, OpenError> {
        crate::tls::choose_provider();
        let (chain, key) = self.own()?.ok_or(OpenError::NoCertificate)?;
        let verifier = WebPkiClientVerifier::builder(Arc::new(self.roots()?)).build();
        let verifier = verifier.map_err(|error| OpenError::Authorities(error.to_string()))?;
        let config = ServerConfig::builder()
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    fn roots(&self) -> Result<RootCertStore, OpenError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(&self.authorities)? {
            roots.add(certificate)?;
        }
        Ok(roots)
    }

    fn own(&self) -> Result<Option<Own>, OpenError> {
        let Some((certificate, key)) = &self.own else { return Ok(None) };
        let pem = |cause| OpenError::Pem { path: key.clone(), cause };
        let key = PrivateKeyDer::from_pem_file(key).map_err(pem)?;
        Ok(Some((certificates(certificate)?, key)))
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, OpenError> {
    let pem = |cause| OpenError::Pem { path: path.to_owned(), cause };
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(pem)?.collect();
    found.map_err(pem)
}
