//! What a provider says of itself: its addresses and its keys, kept for a while.
//!
//! `openidconnect` only looks under `/.well-known/openid-configuration` after the issuer, where Pro Santé
//! Connect has nothing; and its description of a provider demands more than is used here.

use std::sync::Arc;

use jsonwebtoken::jwk::{Jwk, JwkSet};
use openidconnect::core::CoreJsonWebKeySet;
use serde::{Deserialize, de::DeserializeOwned};
use tokio::sync::Mutex;

use super::{ProviderError, http::Http};

/// Seconds a description is used without asking again.
const FRESH_SECONDS: i64 = 3600;
/// Seconds it may be used while the provider does not answer.
const STALE_SECONDS: i64 = 86_400;
/// Seconds between two looks for new keys, and between two tries after a failure.
const KEYS_SECONDS: i64 = 60;
const RETRY_SECONDS: i64 = 5;

/// Addresses of a provider (OpenID Connect Discovery 3, RFC 8414, RFC 8705 5).
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) userinfo_endpoint: String,
    pub(super) jwks_uri: String,
    pub(super) introspection_endpoint: Option<String>,
    pub(super) end_session_endpoint: Option<String>,
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    mtls_endpoint_aliases: Aliases,
}

/// Where a client with a certificate goes instead.
#[derive(Clone, Debug, Default, Deserialize)]
struct Aliases {
    token_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
    introspection_endpoint: Option<String>,
}

impl Metadata {
    fn use_aliases(&mut self) {
        let aliases = std::mem::take(&mut self.mtls_endpoint_aliases);
        self.token_endpoint = aliases.token_endpoint.unwrap_or(self.token_endpoint.clone());
        self.userinfo_endpoint =
            aliases.userinfo_endpoint.unwrap_or(self.userinfo_endpoint.clone());
        self.introspection_endpoint =
            aliases.introspection_endpoint.or(self.introspection_endpoint.take());
    }

    fn endpoints(&self) -> impl Iterator<Item = &String> {
        [
            &self.authorization_endpoint,
            &self.token_endpoint,
            &self.userinfo_endpoint,
            &self.jwks_uri,
        ]
        .into_iter()
        .chain(&self.introspection_endpoint)
        .chain(&self.end_session_endpoint)
    }
}

/// Description and keys at one moment. The keys twice: for ID tokens and for signed user information.
pub(super) struct Snapshot {
    pub(super) metadata: Metadata,
    pub(super) keys: CoreJsonWebKeySet,
    pub(super) key_set: JwkSet,
}

pub(super) struct Discovery {
    issuer: String,
    address: String,
    /// Whether this client has a certificate.
    mutual_tls: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    snapshot: Option<Arc<Snapshot>>,
    described: i64,
    keys_asked: i64,
    failed: Option<i64>,
}

impl Discovery {
    pub(super) fn new(issuer: &str, address: String, mutual_tls: bool) -> Self {
        let state = Mutex::default();
        Self { issuer: issuer.to_owned(), address, mutual_tls, state }
    }

    /// The description, asked for where there is none or it is old.
    pub(super) async fn current(
        &self,
        http: &Http,
        now: i64,
    ) -> Result<Arc<Snapshot>, ProviderError> {
        let mut state = self.state.lock().await;
        let age = now.saturating_sub(state.described);
        match &state.snapshot {
            Some(snapshot) if age < FRESH_SECONDS => return Ok(Arc::clone(snapshot)),
            Some(_) if age >= STALE_SECONDS => state.snapshot = None,
            _ => {}
        }
        if state.failed.is_some_and(|failed| now.saturating_sub(failed) < RETRY_SECONDS) {
            let lately = || ProviderError::Unavailable("did not answer a moment ago".to_owned());
            return state.snapshot.clone().ok_or_else(lately);
        }
        self.describe_again(http, &mut state, now).await
    }

    async fn describe_again(
        &self,
        http: &Http,
        state: &mut State,
        now: i64,
    ) -> Result<Arc<Snapshot>, ProviderError> {
        match self.describe(http).await {
            Ok(snapshot) => {
                let snapshot = Arc::new(snapshot);
                *state = State {
                    snapshot: Some(Arc::clone(&snapshot)),
                    described: now,
                    keys_asked: now,
                    failed: None,
                };
                Ok(snapshot)
            }
            Err(error) => {
                state.failed = Some(now);
                // Somebody else answers in the provider's place: what is known of it counts no more.
                if matches!(error, ProviderError::Unusable(_)) {
                    state.snapshot = None;
                }
                tracing::warn!(cause = %error, "cannot read an identity provider's description");
                state.snapshot.clone().ok_or(error)
            }
        }
    }

    /// The description with keys asked for anew, at most once a minute; `None` where it is too early.
    pub(super) async fn with_new_keys(
        &self,
        http: &Http,
        now: i64,
    ) -> Result<Option<Arc<Snapshot>>, ProviderError> {
        let mut state = self.state.lock().await;
        let Some(known) = state.snapshot.clone() else { return Ok(None) };
        if now.saturating_sub(state.keys_asked) < KEYS_SECONDS {
            return Ok(None);
        }
        state.keys_asked = now;
        let snapshot = Arc::new(with_keys(http, known.metadata.clone()).await?);
        state.snapshot = Some(Arc::clone(&snapshot));
        Ok(Some(snapshot))
    }

    async fn describe(&self, http: &Http) -> Result<Snapshot, ProviderError> {
        let mut metadata: Metadata = get_json(http, &self.address).await?;
        if metadata.issuer != self.issuer {
            return Err(ProviderError::Unusable("names another issuer than configured".to_owned()));
        }
        if self.mutual_tls {
            metadata.use_aliases();
        }
        let is_plain = |address: &String| !address.starts_with("https://");
        if self.issuer.starts_with("https://") && metadata.endpoints().any(is_plain) {
            return Err(ProviderError::Unusable("names an address without https".to_owned()));
        }
        with_keys(http, metadata).await
    }
}

async fn with_keys(http: &Http, metadata: Metadata) -> Result<Snapshot, ProviderError> {
    let document: serde_json::Value = get_json(http, &metadata.jwks_uri).await?;
    let unreadable = |_cause| ProviderError::Unavailable("keys cannot be read".to_owned());
    let keys = CoreJsonWebKeySet::deserialize(&document).map_err(unreadable)?;
    Ok(Snapshot { metadata, keys, key_set: key_set(&document) })
}

/// Keys of kinds that are not known here are no use, and no harm.
fn key_set(document: &serde_json::Value) -> JwkSet {
    let all = document.get("keys").and_then(serde_json::Value::as_array);
    JwkSet {
        keys: all.into_iter().flatten().filter_map(|key| Jwk::deserialize(key).ok()).collect(),
    }
}

async fn get_json<T: DeserializeOwned>(http: &Http, address: &str) -> Result<T, ProviderError> {
    let request = ::http::Request::get(address)
        .header(::http::header::ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(|_cause| ProviderError::Unusable("an address cannot be read".to_owned()))?;
    let answer =
        http.call(request).await.map_err(|cause| ProviderError::Unavailable(cause.to_string()))?;
    if !answer.status().is_success() {
        return Err(ProviderError::Unavailable(format!("answers {}", answer.status())));
    }
    serde_json::from_slice(answer.body())
        .map_err(|_cause| ProviderError::Unavailable("description cannot be read".to_owned()))
}
