//! What can go wrong with an order.

use thiserror::Error;

use crate::{secret_file::SecretFileError, tls::CertificateError};

/// Why there is no new certificate.
#[derive(Debug, Error)]
pub enum AcmeError {
    /// What the authority answers, or that it does not.
    #[error("the authority: {0}")]
    Authority(String),
    /// It did not take several nonces in a row: nothing that is wrong with the order.
    #[error("the authority refuses its own nonces")]
    Nonces,
    /// The authority offers no proof over HTTP.
    #[error("the authority does not offer HTTP-01")]
    NoHttp01,
    /// The authority could not verify a name.
    #[error("the authority could not verify the names")]
    NotVerified,
    /// The authority took too long.
    #[error("the authority took too long")]
    TooLong,
    /// The certificate is for something else.
    #[error("the certificate is not for every name of the site")]
    OtherNames,
    /// The certificate is of a kind that is not wanted.
    #[error("the certificate has none of server.certificate_policies; it has: {0}")]
    Policies(String),
    /// There is nothing to revoke.
    #[error("no certificate of the authority is kept for this site")]
    NothingKept,
    /// The certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A file with a secret.
    #[error(transparent)]
    Secret(#[from] SecretFileError),
    /// The key of the account binding is not base64url.
    #[error("server.acme.hmac_key_file: not a base64url key")]
    HmacKey,
    /// The kept account cannot be understood; how exactly is not told, since it would quote the key.
    #[error("the kept account cannot be understood")]
    Account,
    /// A file cannot be written.
    #[error("cannot keep it: {0}")]
    Keep(#[from] std::io::Error),
}

impl From<instant_acme::Error> for AcmeError {
    fn from(error: instant_acme::Error) -> Self {
        if let instant_acme::Error::Api(problem) = &error
            && problem.r#type.as_deref() == Some("urn:ietf:params:acme:error:badNonce")
        {
            return Self::Nonces;
        }
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            text = format!("{text}: {inner}");
            cause = inner.source();
        }
        Self::Authority(text)
    }
}
