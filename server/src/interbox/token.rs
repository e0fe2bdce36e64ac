//! Whose access token a box shows: Pro Santé Connect is asked, once for the many requests of an exam.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use openidconnect::AccessToken;
use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};

use super::refused::Refused;
use crate::{
    auth::oidc::{Holder, ProviderError},
    sites::Site,
};

/// Seconds for which an answer is believed: tokens themselves are good for two minutes.
const BELIEVED_SECONDS: i64 = 20;
/// Answers kept.
const ANSWERS: usize = 1024;
/// Longest token looked at, in bytes.
const MAX_TOKEN: usize = 8192;

/// Site, hash of the token, and which stretch of [`BELIEVED_SECONDS`].
type Key = (Arc<str>, [u8; 32], i64);

/// What is known of tokens; of each only a hash is kept.
pub(super) struct Tokens(Cache<Key, Arc<Holder>>);

impl Default for Tokens {
    fn default() -> Self {
        Self(Cache::new(ANSWERS))
    }
}

impl Tokens {
    /// The professional behind the request's token.
    pub(super) async fn holder(
        &self,
        site: &Site,
        headers: &HeaderMap,
        now: i64,
    ) -> Result<Arc<Holder>, Refused> {
        let token = bearer(headers).ok_or(Refused::Unauthorized)?;
        let hash = Sha256::digest(token.as_bytes()).into();
        let key = (Arc::clone(&site.id), hash, now.div_euclid(BELIEVED_SECONDS));
        self.0.get_or_insert_async(&key, ask(site, token, now)).await
    }
}

async fn ask(site: &Site, token: &str, now: i64) -> Result<Arc<Holder>, Refused> {
    let psc = site.identity.psc.as_ref();
    let psc = psc.ok_or_else(|| Refused::Internal("site without Pro Santé Connect".to_owned()))?;
    let asked = psc.provider.introspect(&AccessToken::new(token.to_owned()), now).await;
    match asked {
        Ok(Some(holder)) => Ok(Arc::new(holder)),
        Ok(None) | Err(ProviderError::Refused(_)) => Err(Refused::Unauthorized),
        Err(cause) => Err(Refused::Unavailable(cause.to_string())),
    }
}

/// The one token of the request (RFC 6750 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    let is_token = |byte: u8| byte.is_ascii_graphic();
    let is_good = (1..=MAX_TOKEN).contains(&token.len()) && token.bytes().all(is_token);
    (scheme.eq_ignore_ascii_case("bearer") && is_good).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bearer_token_and_nothing_else() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, value.parse().unwrap());
            }
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(of(&["Bearer abc.def"]).as_deref(), Some("abc.def"));
        assert_eq!(of(&["bearer  x"]).as_deref(), Some("x"));
        let long = format!("Bearer {}", "x".repeat(MAX_TOKEN + 1));
        for bad in [&[][..], &["Basic abc"], &["Bearer"], &["Bearer "], &["Bearer a b"], &[&long]] {
            assert_eq!(of(bad), None, "{bad:?}");
        }
        assert_eq!(of(&["Bearer a", "Bearer b"]), None);
    }
}
