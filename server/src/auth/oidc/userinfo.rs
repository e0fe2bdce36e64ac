//! User information: JSON, or a token signed by the provider (OpenID Connect Core 5.3).
//!
//! Signed answers are checked with `jsonwebtoken`: the verifier of `openidconnect` takes RS256 only here, and
//! FranceConnect signs with ES256.

use http::{
    HeaderValue, Request,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::Jwk};
use openidconnect::{HttpResponse, core::CoreJwsSigningAlgorithm};
use serde_json::{Map, Value};

use super::{Fault, Provider, ProviderError, discovery::Snapshot, verify::Verified};

const ACCEPTED: &str = "application/jwt, application/json";

impl Provider {
    pub(super) async fn userinfo(
        &self,
        verified: &Verified,
        access_token: &str,
        now: i64,
    ) -> Result<Map<String, Value>, ProviderError> {
        let answer = self.ask_userinfo(&verified.snapshot, access_token).await?;
        let claims = match kind_of(&answer) {
            Some("application/jwt") => self.signed(&answer, verified, now).await?,
            Some("application/json") if !self.signed_userinfo => {
                serde_json::from_slice(answer.body()).map_err(|_cause| Fault::Userinfo)?
            }
            Some("application/json") => return Err(Fault::UserinfoSignature.into()),
            _ => return Err(Fault::Userinfo.into()),
        };
        let subject = claims.get("sub").and_then(Value::as_str);
        if subject != Some(&verified.subject) {
            return Err(Fault::UserinfoSubject.into());
        }
        Ok(claims)
    }

    async fn ask_userinfo(
        &self,
        snapshot: &Snapshot,
        access_token: &str,
    ) -> Result<HttpResponse, ProviderError> {
        let mut bearer = HeaderValue::try_from(format!("Bearer {access_token}"))
            .map_err(|_cause| Fault::AccessToken)?;
        bearer.set_sensitive(true);
        let request = Request::get(&snapshot.metadata.userinfo_endpoint)
            .header(ACCEPT, ACCEPTED)
            .header(AUTHORIZATION, bearer)
            .body(Vec::new())
            .map_err(|_cause| ProviderError::Unusable("an address cannot be read".to_owned()))?;
        let answer = self.http.call(request).await;
        let answer = answer.map_err(|cause| ProviderError::Unavailable(cause.to_string()))?;
        match answer.status().as_u16() {
            200 => Ok(answer),
            401 | 403 => Err(Fault::AccessToken.into()),
            status => Err(ProviderError::Unavailable(format!("user information: {status}"))),
        }
    }

    async fn signed(
        &self,
        answer: &HttpResponse,
        verified: &Verified,
        now: i64,
    ) -> Result<Map<String, Value>, ProviderError> {
        let token = answer.body().trim_ascii();
        let header = decode_header(token).map_err(|_cause| Fault::UserinfoSignature)?;
        let id = header.kid.as_deref();
        if let Some(key) = key(&verified.snapshot, id) {
            return Ok(self.open_signed(token, key)?);
        }
        let newer = self.discovery.with_new_keys(&self.http, now).await?;
        let newer = newer.as_deref().and_then(|snapshot| key(snapshot, id));
        Ok(self.open_signed(token, newer.ok_or(Fault::UserinfoSignature)?)?)
    }

    fn open_signed(&self, token: &[u8], key: &Jwk) -> Result<Map<String, Value>, Fault> {
        let key = DecodingKey::from_jwk(key).map_err(|_cause| Fault::UserinfoSignature)?;
        let algorithm = match self.algorithm {
            CoreJwsSigningAlgorithm::EcdsaP256Sha256 => Algorithm::ES256,
            _ => Algorithm::RS256,
        };
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.client_id]);
        validation.set_required_spec_claims(&["iss", "aud"]);
        // It was fetched this second with a fresh access token; its own times are optional.
        validation.validate_exp = false;
        decode(token, &key, &validation)
            .map(|data| data.claims)
            .map_err(|_cause| Fault::UserinfoSignature)
    }
}

/// The key a token names; where it names none, the only key there is.
fn key<'a>(snapshot: &'a Snapshot, id: Option<&str>) -> Option<&'a Jwk> {
    match (id, snapshot.key_set.keys.as_slice()) {
        (Some(id), _) => snapshot.key_set.find(id),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}

fn kind_of(answer: &HttpResponse) -> Option<&str> {
    let value = answer.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    value.split(';').next().map(str::trim)
}
