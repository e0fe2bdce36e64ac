//! The way back: code against tokens, tokens against a proof.

use std::sync::Arc;

use openidconnect::{
    AuthorizationCode, OAuth2TokenResponse, PkceCodeVerifier, RefreshToken, RequestTokenError,
    core::{CoreErrorResponseType, CoreTokenResponse},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Fault, Provider, ProviderError, discovery::Snapshot, http::HttpError, pending::Pending,
};

pub(super) type TokenError =
    RequestTokenError<HttpError, openidconnect::StandardErrorResponse<CoreErrorResponseType>>;

/// What the browser brought back.
pub struct Returned<'a> {
    /// `code`
    pub code: &'a str,
    /// `iss` (RFC 9207), where it is there.
    pub issuer: Option<&'a str>,
}

/// A person, as the provider vouches for them.
pub struct Proof {
    /// Who vouches.
    pub issuer: String,
    /// The person's name there. Only together with the issuer it means somebody.
    pub subject: String,
    /// Level of authentication.
    pub acr: String,
    /// Means of authentication.
    pub amr: Vec<String>,
    /// User information.
    pub claims: Map<String, Value>,
    /// Kept on the server, for logout and heart-beat.
    pub tokens: Tokens,
}

/// Tokens of one login. Not `Debug`: they are secrets.
#[derive(Clone, Serialize, Deserialize)]
pub struct Tokens {
    /// As received, for `id_token_hint`.
    pub id_token: String,
    /// For the heart-beat, where the provider gives one.
    pub refresh_token: Option<String>,
}

impl Provider {
    /// Exchanges the code and verifies everything.
    ///
    /// # Errors
    /// [`ProviderError`], with the [`Fault`] where the proof is not good.
    pub async fn finish(
        &self,
        returned: &Returned<'_>,
        pending: &Pending,
        now: i64,
    ) -> Result<Proof, ProviderError> {
        let snapshot = self.discovery.current(&self.http, now).await?;
        check_response_issuer(&snapshot, returned.issuer)?;
        let answer = self.exchange(&snapshot, returned.code, pending, now).await?;
        let verified = self.verify(snapshot, &answer, &pending.nonce, now).await?;
        let claims = self.userinfo(&verified, answer.access_token().secret(), now).await?;
        Ok(Proof {
            issuer: self.issuer.clone(),
            subject: verified.subject,
            acr: verified.acr,
            amr: verified.amr,
            claims,
            tokens: Tokens {
                id_token: verified.id_token,
                refresh_token: answer.refresh_token().map(|token| token.secret().clone()),
            },
        })
    }

    async fn exchange(
        &self,
        snapshot: &Arc<Snapshot>,
        code: &str,
        pending: &Pending,
        now: i64,
    ) -> Result<CoreTokenResponse, ProviderError> {
        let client = self.client(snapshot, &pending.redirect_uri)?;
        let mut request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()));
        for (name, value) in self.auth.parameters(&self.client_id, &self.issuer, now)? {
            request = request.add_extra_param(name, value);
        }
        request.request_async(&self.http).await.map_err(token_error)
    }

    /// Fresh tokens for a refresh token.
    pub(super) async fn refresh(
        &self,
        refresh_token: &str,
        now: i64,
    ) -> Result<CoreTokenResponse, ProviderError> {
        let snapshot = self.discovery.current(&self.http, now).await?;
        // No redirect takes place; the client wants an address all the same.
        let client = self.client(&snapshot, &self.issuer)?;
        let token = RefreshToken::new(refresh_token.to_owned());
        let mut request = client.exchange_refresh_token(&token);
        for (name, value) in self.auth.parameters(&self.client_id, &self.issuer, now)? {
            request = request.add_extra_param(name, value);
        }
        request.request_async(&self.http).await.map_err(token_error)
    }
}

/// Byte for byte, and there where the provider promises it: a code of another provider stops here.
fn check_response_issuer(snapshot: &Snapshot, found: Option<&str>) -> Result<(), Fault> {
    let metadata = &snapshot.metadata;
    match found {
        Some(issuer) if issuer == metadata.issuer => Ok(()),
        None if !metadata.authorization_response_iss_parameter_supported => Ok(()),
        _ => Err(Fault::ResponseIssuer),
    }
}

fn token_error(error: TokenError) -> ProviderError {
    match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            CoreErrorResponseType::InvalidGrant => Fault::Code.into(),
            // Words of the provider's own could be anything.
            CoreErrorResponseType::Extension(_) => {
                ProviderError::Unusable("token request refused".to_owned())
            }
            known => ProviderError::Unusable(format!("token request refused: {}", known.as_ref())),
        },
        RequestTokenError::Request(cause) => ProviderError::Unavailable(cause.to_string()),
        // The body is not repeated: it may hold tokens.
        RequestTokenError::Parse(..) => Fault::IdToken.into(),
        RequestTokenError::Other(_) => {
            ProviderError::Unavailable("token answer cannot be read".to_owned())
        }
    }
}
