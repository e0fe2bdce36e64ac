//! Logout at the provider (OpenID Connect RP-Initiated Logout 1.0).

use url::Url;

use super::{Provider, ProviderError};
use crate::store::random_name;

impl Provider {
    /// Where the browser ends the provider's session; it then comes back to `back`. `None` where the provider
    /// has no such address. The `state` is sent because FranceConnect wants one; nothing here depends on its
    /// coming back.
    ///
    /// # Errors
    /// [`ProviderError`] when the provider is not there.
    pub async fn logout_url(
        &self,
        id_token: &str,
        back: &str,
        now: i64,
    ) -> Result<Option<Url>, ProviderError> {
        let snapshot = self.discovery.current(&self.http, now).await?;
        let Some(address) = &snapshot.metadata.end_session_endpoint else { return Ok(None) };
        let mut url = Url::parse(address)
            .map_err(|_cause| ProviderError::Unusable("an address cannot be read".to_owned()))?;
        url.query_pairs_mut()
            .append_pair("id_token_hint", id_token)
            .append_pair("post_logout_redirect_uri", back)
            .append_pair("state", &random_name());
        Ok(Some(url))
    }
}
