//! How this server proves to a provider who it is.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use super::ProviderError;
use crate::{config::SigningAlgorithm, store::random_name};

/// Type of assertion (RFC 7523 2.2).
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Seconds an assertion is good for.
const ASSERTION_SECONDS: i64 = 60;
/// Seconds this clock may be ahead of the provider's.
const SKEW_SECONDS: i64 = 30;

/// Not `Debug`: it holds secrets.
pub(super) enum ClientAuth {
    /// A secret, in the header or in the form.
    Secret { secret: String, in_header: bool },
    /// An assertion signed with a private key.
    Assertion(Box<Signer>),
    /// The certificate of the TLS connection.
    MutualTls,
}

pub(super) struct Signer {
    pub(super) key: EncodingKey,
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
}

#[derive(Serialize)]
struct Assertion<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: String,
    iat: i64,
    exp: i64,
}

impl Signer {
    /// Reads a PEM key.
    pub(super) fn new(
        pem: &[u8],
        algorithm: SigningAlgorithm,
        key_id: Option<String>,
    ) -> Result<Self, jsonwebtoken::errors::Error> {
        let (key, algorithm) = match algorithm {
            SigningAlgorithm::Es256 => (EncodingKey::from_ec_pem(pem)?, Algorithm::ES256),
            SigningAlgorithm::Rs256 => (EncodingKey::from_rsa_pem(pem)?, Algorithm::RS256),
        };
        Ok(Self { key, algorithm, key_id })
    }

    /// An assertion for `issuer`, used once.
    pub(super) fn assertion(
        &self,
        client_id: &str,
        issuer: &str,
        now: i64,
    ) -> Result<String, ProviderError> {
        let header = Header { kid: self.key_id.clone(), ..Header::new(self.algorithm) };
        let claims = Assertion {
            iss: client_id,
            sub: client_id,
            aud: issuer,
            jti: random_name(),
            iat: now - SKEW_SECONDS,
            exp: now + ASSERTION_SECONDS,
        };
        jsonwebtoken::encode(&header, &claims, &self.key)
            .map_err(|_cause| ProviderError::Unusable("the client's key does not sign".to_owned()))
    }
}

impl ClientAuth {
    /// What goes into the form of a request to the token or introspection endpoint, beside the secret.
    pub(super) fn parameters(
        &self,
        client_id: &str,
        issuer: &str,
        now: i64,
    ) -> Result<Vec<(&'static str, String)>, ProviderError> {
        match self {
            Self::Assertion(signer) => Ok(vec![
                ("client_assertion_type", ASSERTION_TYPE.to_owned()),
                ("client_assertion", signer.assertion(client_id, issuer, now)?),
            ]),
            Self::Secret { .. } | Self::MutualTls => Ok(Vec::new()),
        }
    }
}
