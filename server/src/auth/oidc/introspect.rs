//! What an access token is worth, asked of the provider that issued it (RFC 7662).

use openidconnect::{
    AccessToken, AuthType, Client, ClientId, ClientSecret, EmptyAdditionalClaims, EndpointNotSet,
    ExtraTokenFields, IntrospectionUrl, IssuerUrl, RequestTokenError, StandardErrorResponse,
    StandardTokenIntrospectionResponse, TokenIntrospectionResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
        CoreTokenResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};

use super::{ClientAuth, Provider, ProviderError, exchange::TokenError, psc};

/// What Pro Santé Connect adds to an answer.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Named {
    #[serde(rename = "SubjectNameID", default, skip_serializing_if = "Option::is_none")]
    subject_name_id: Option<String>,
}

impl ExtraTokenFields for Named {}

type Answer = StandardTokenIntrospectionResponse<Named, CoreTokenType>;

type Introspecting = Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    CoreTokenResponse,
    Answer,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
>;

/// The person behind a token that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// National identifier; what the provider calls them where it tells none. For the audit.
    pub subject: String,
}

impl Provider {
    /// Whose token this is; `None` where it does not count (any more).
    ///
    /// # Errors
    /// [`ProviderError`] where the provider cannot be asked.
    pub async fn introspect(
        &self,
        access_token: &AccessToken,
        now: i64,
    ) -> Result<Option<Holder>, ProviderError> {
        let snapshot = self.discovery.current(&self.http, now).await?;
        let unreadable = |_cause| ProviderError::Unusable("an address cannot be read".to_owned());
        let no_address = || ProviderError::Unusable("no introspection endpoint".to_owned());
        let address = snapshot.metadata.introspection_endpoint.clone().ok_or_else(no_address)?;
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(unreadable)?;
        let id = ClientId::new(self.client_id.clone());
        let mut client = Introspecting::new(id, issuer, snapshot.keys.clone())
            .set_introspection_url(IntrospectionUrl::new(address).map_err(unreadable)?)
            .set_auth_type(AuthType::RequestBody);
        if let ClientAuth::Secret { secret, in_header } = &self.auth {
            let kind = if *in_header { AuthType::BasicAuth } else { AuthType::RequestBody };
            client =
                client.set_client_secret(ClientSecret::new(secret.clone())).set_auth_type(kind);
        }
        let mut request = client.introspect(access_token).set_token_type_hint("access_token");
        for (name, value) in self.auth.parameters(&self.client_id, &self.issuer, now)? {
            request = request.add_extra_param(name, value);
        }
        let answer = request.request_async(&self.http).await.map_err(unanswered)?;
        Ok(holder(&answer))
    }
}

/// When the token ends is the provider's to say, by its own clock.
fn holder(answer: &Answer) -> Option<Holder> {
    let named = answer.extra_fields().subject_name_id.as_deref();
    let named = named.filter(|id| psc::is_id(id));
    let subject = named.or_else(|| answer.sub().filter(|subject| is_subject(subject)));
    let subject = subject.unwrap_or("unnamed").to_owned();
    answer.active().then_some(Holder { subject })
}

/// Providers put colons between the parts of their own names.
fn is_subject(subject: &str) -> bool {
    subject.split(':').all(psc::is_id) && subject.len() <= 64
}

/// The answer itself is not repeated: it may tell who this is.
fn unanswered(error: TokenError) -> ProviderError {
    match error {
        RequestTokenError::Request(cause) => ProviderError::Unavailable(cause.to_string()),
        RequestTokenError::ServerResponse(_) => {
            ProviderError::Unusable("introspection refused".to_owned())
        }
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            ProviderError::Unavailable("introspection answer cannot be read".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_counts_while_it_is_active_and_names_its_holder() {
        let table = [
            (r#"{"active":false,"sub":"f:1:2"}"#, None),
            (
                r#"{"active":true,"exp":1,"SubjectNameID":"899700000001","sub":"x"}"#,
                Some("899700000001"),
            ),
            (r#"{"active":true,"sub":"f:realm:1"}"#, Some("f:realm:1")),
            (r#"{"active":true,"SubjectNameID":"a b","sub":"<b>"}"#, Some("unnamed")),
        ];
        for (json, expected) in table {
            let found = holder(&serde_json::from_str(json).unwrap());
            assert_eq!(found.map(|holder| holder.subject).as_deref(), expected, "{json}");
        }
    }
}
