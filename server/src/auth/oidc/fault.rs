//! What may be wrong with a login at a provider.

use thiserror::Error;

/// Why a proof of identity is not accepted. Never told to the visitor; the audit has its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The answer names another issuer (RFC 9207), or none where one is promised.
    ResponseIssuer,
    /// The code is wrong, used or too old.
    Code,
    /// The token answer holds no ID token, or one that cannot be read.
    IdToken,
    /// Issuer of the ID token.
    Issuer,
    /// Audience or authorized party of the ID token.
    Audience,
    /// Signature, algorithm or key of the ID token.
    Signature,
    /// The ID token is too old, or from the future.
    Time,
    /// Nonce of the ID token.
    Nonce,
    /// The access token is not the one the ID token was issued with.
    AccessToken,
    /// The visitor was authenticated by weaker means than asked for.
    Level,
    /// The user information cannot be read.
    Userinfo,
    /// The user information is not signed by the provider for this client.
    UserinfoSignature,
    /// The user information is about somebody else.
    UserinfoSubject,
    /// The provider tells no identifier of the professional, or no pivot identity.
    Claims,
}

impl Fault {
    /// As the audit writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ResponseIssuer => "oidc_response_issuer",
            Self::Code => "oidc_code",
            Self::IdToken => "oidc_id_token",
            Self::Issuer => "oidc_issuer",
            Self::Audience => "oidc_audience",
            Self::Signature => "oidc_signature",
            Self::Time => "oidc_time",
            Self::Nonce => "oidc_nonce",
            Self::AccessToken => "oidc_access_token",
            Self::Level => "oidc_level",
            Self::Userinfo => "oidc_userinfo",
            Self::UserinfoSignature => "oidc_userinfo_signature",
            Self::UserinfoSubject => "oidc_userinfo_subject",
            Self::Claims => "oidc_claims",
        }
    }
}

/// A login that could not be completed. Its words go to the log: no address with parameters, no token, no
/// claim is in them.
#[derive(Debug, Error)]
pub enum ProviderError {
    /// No answer, or none that makes sense; may be tried again.
    #[error("identity provider unavailable: {0}")]
    Unavailable(String),
    /// The provider is not the configured one, or refuses this client.
    #[error("identity provider unusable: {0}")]
    Unusable(String),
    /// The proof is not good.
    #[error("proof of identity refused: {}", .0.name())]
    Refused(Fault),
}

impl From<Fault> for ProviderError {
    fn from(fault: Fault) -> Self {
        Self::Refused(fault)
    }
}
