//! Why a list is refused, and why nothing can be said about one.

use rustls::pki_types::pem;
use thiserror::Error;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::document::DocumentError;

/// Files of the operator with which no list can be judged.
#[derive(Debug, Error)]
pub enum TrustError {
    /// Not PEM.
    #[error("not a PEM file with what belongs in it: {0}")]
    Pem(#[from] pem::Error),
    /// No root at all.
    #[error("no certificate in it")]
    NoRoot,
    /// Not a list of revoked certificates.
    #[error("not a list of revoked certificates (CRL): {0:?}")]
    RevocationList(webpki::Error),
}

/// Why a list is refused.
#[derive(Debug, Error)]
pub enum Refusal {
    /// The document, its signature or its content.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A certificate that cannot be understood.
    #[error("the signer's certificate cannot be read")]
    Certificate,
    /// Nobody's, or somebody else's.
    #[error("not signed by {expected}: its certificates are of {found}")]
    OtherSigner {
        /// Who should have.
        expected: String,
        /// Whose certificates are in it.
        found: String,
    },
    /// A certificate that is not for signing.
    #[error("the signer's certificate is not for signatures (key usage)")]
    KeyUsage,
    /// `SigningCertificate` names another certificate.
    #[error("the signer named another certificate in SigningCertificate than the one that is here")]
    OtherCertificate,
    /// The signer's certificate is over.
    #[error("the signer's certificate does not count at this time")]
    Expired,
    /// The signer's certificate, by those of the authorities.
    #[error("{}", chain_words(.0))]
    Chain(webpki::Error),
    /// Nobody could tell whether the signer's certificate was revoked.
    #[error("no list of revoked certificates (CRL): whether the signer's was revoked is not known")]
    NoRevocationList,
    /// A CRL that is none.
    #[error("a list of revoked certificates (CRL) cannot be read")]
    RevocationList,
    /// A CRL of tomorrow.
    #[error("a list of revoked certificates (CRL) is of a later time than now")]
    EarlyRevocationList,
    /// Signed tomorrow, or when the certificate was over.
    #[error("of {}, when the signer could not have signed it", written(*.0))]
    SigningTime(OffsetDateTime),
    /// Older than one that was accepted before.
    #[error("of {}, older than the one of {} that was accepted before", written(*.this), written(*.previous))]
    Older {
        /// This one.
        this: OffsetDateTime,
        /// The one before.
        previous: OffsetDateTime,
    },
}

impl Refusal {
    /// Whether the document could not even be read.
    #[must_use]
    pub const fn is_unreadable(&self) -> bool {
        matches!(self, Self::Document(error) if error.is_unreadable())
    }
}

fn chain_words(error: &webpki::Error) -> String {
    use webpki::Error as E;
    let words = match error {
        E::CertRevoked => "the certificate of the signer, or of an authority, was revoked",
        E::CrlExpired { .. } => "a list of revoked certificates (CRL) is too old",
        E::UnknownRevocationStatus => {
            "no list of revoked certificates (CRL) of the authority that issued the signer's certificate"
        }
        E::CertExpired { .. } => "the certificate of the signer, or of an authority, is over",
        E::CertNotValidYet { .. } => {
            "the certificate of the signer, or of an authority, does not count yet"
        }
        E::UnknownIssuer | E::InvalidSignatureForPublicKey => {
            "the signer's certificate leads to no authority that is trusted"
        }
        other => return format!("the signer's certificate does not count: {other:?}"),
    };
    words.to_owned()
}

/// A time as people and programs read it.
#[must_use]
pub fn written(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_else(|_| time.to_string())
}
