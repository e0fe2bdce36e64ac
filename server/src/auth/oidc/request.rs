//! The way out: the authorization request (OpenID Connect Core 3.1.2.1, RFC 7636).

use openidconnect::{
    AuthType, AuthUrl, AuthenticationContextClass, AuthenticationFlow, ClientId, ClientSecret,
    CsrfToken, EndpointNotSet, EndpointSet, IssuerUrl, Nonce, PkceCodeChallenge, RedirectUrl,
    Scope, TokenUrl,
    core::{CoreClient, CoreResponseType},
};
use url::Url;

use super::{ClientAuth, Provider, ProviderError, discovery::Snapshot};

/// Random bytes of state and nonce: 43 characters each.
const RANDOM_BYTES: u32 = 32;

/// A client with the addresses that the code flow needs.
pub(super) type CodeClient = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
>;

/// Where the browser is sent, and what must be kept here until it comes back.
pub struct Departure {
    /// Address at the provider.
    pub url: Url,
    /// Comes back in the answer's `state`.
    pub state: String,
    /// Comes back inside the ID token.
    pub nonce: String,
    /// Proves with the code that the same client asked (PKCE).
    pub verifier: String,
}

impl Provider {
    /// Makes an authorization request that answers to `redirect_uri`.
    ///
    /// # Errors
    /// [`ProviderError`] when the provider is not there.
    pub async fn begin(&self, redirect_uri: &str, now: i64) -> Result<Departure, ProviderError> {
        let snapshot = self.discovery.current(&self.http, now).await?;
        let client = self.client(&snapshot, redirect_uri)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let random_state = || CsrfToken::new_random_len(RANDOM_BYTES);
        let random_nonce = || Nonce::new_random_len(RANDOM_BYTES);
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let mut request = client
            .authorize_url(flow, random_state, random_nonce)
            .add_scopes(self.scopes.iter().map(|scope| Scope::new((*scope).to_owned())))
            .add_auth_context_value(AuthenticationContextClass::new(self.min_acr.clone()))
            .set_pkce_challenge(challenge);
        for (name, value) in &self.extra_parameters {
            request = request.add_extra_param(name, value);
        }
        let (url, state, nonce) = request.url();
        Ok(Departure {
            url,
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    pub(super) fn client(
        &self,
        snapshot: &Snapshot,
        redirect_uri: &str,
    ) -> Result<CodeClient, ProviderError> {
        let unreadable = |_cause| ProviderError::Unusable("an address cannot be read".to_owned());
        let metadata = &snapshot.metadata;
        let issuer = IssuerUrl::new(metadata.issuer.clone()).map_err(unreadable)?;
        let client_id = ClientId::new(self.client_id.clone());
        let mut client = CoreClient::new(client_id, issuer, snapshot.keys.clone());
        client = match &self.auth {
            ClientAuth::Secret { secret, in_header } => {
                client.set_client_secret(ClientSecret::new(secret.clone())).set_auth_type(
                    if *in_header { AuthType::BasicAuth } else { AuthType::RequestBody },
                )
            }
            ClientAuth::Assertion(_) | ClientAuth::MutualTls => {
                client.set_auth_type(AuthType::RequestBody)
            }
        };
        let authorize =
            AuthUrl::new(metadata.authorization_endpoint.clone()).map_err(unreadable)?;
        let token = TokenUrl::new(metadata.token_endpoint.clone()).map_err(unreadable)?;
        let redirect = RedirectUrl::new(redirect_uri.to_owned()).map_err(unreadable)?;
        Ok(client.set_auth_uri(authorize).set_token_uri(token).set_redirect_uri(redirect))
    }
}
