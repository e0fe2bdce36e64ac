//! Takes a certificate back: its name is given up, or somebody else has its key.

use instant_acme::{RevocationReason, RevocationRequest};
use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::{AcmeError, account, kept};
use crate::config::{AcmeConfig, Config};

/// Why it is taken back (RFC 5280 5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Reason {
    /// The name is not used any more.
    Cessation,
    /// Somebody else may have the key.
    KeyCompromise,
    /// There is another certificate.
    Superseded,
}

impl Reason {
    const fn code(self) -> RevocationReason {
        match self {
            Self::Cessation => RevocationReason::CessationOfOperation,
            Self::KeyCompromise => RevocationReason::KeyCompromise,
            Self::Superseded => RevocationReason::Superseded,
        }
    }
}

/// Asks the authority to revoke the certificate kept for a site, and forgets it.
///
/// # Errors
/// [`AcmeError`]; the certificate is kept then.
pub async fn revoke(
    config: &Config,
    acme: &AcmeConfig,
    site: &str,
    reason: Reason,
) -> Result<(), AcmeError> {
    crate::tls::choose_provider();
    let folder = config.server.state.join("acme");
    let text = kept::text(&folder, site)?.ok_or(AcmeError::NothingKept)?;
    let certificate = CertificateDer::from_pem_slice(text.as_bytes());
    let certificate = certificate.map_err(|cause| AcmeError::Certificate(cause.into()))?;
    let account = account::open(acme, &folder).await?;
    let request = RevocationRequest { certificate: &certificate, reason: Some(reason.code()) };
    // The authority may refuse its own nonces, as for orders.
    for _beginning in 1..super::BEGINNINGS {
        match account.revoke(&request).await.map_err(AcmeError::from) {
            Err(AcmeError::Nonces) => {}
            decided => return decided.and_then(|()| Ok(kept::forget(&folder, site)?)),
        }
    }
    account.revoke(&request).await?;
    Ok(kept::forget(&folder, site)?)
}
