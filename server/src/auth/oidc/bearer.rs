//! The access token of a professional who is logged in, for boxes of the network that are asked on their behalf. It is good for
//! two minutes and never leaves this server but to those boxes.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use openidconnect::{OAuth2TokenResponse, core::CoreTokenResponse};
use sqlx::SqlitePool;
use tokio::sync::Mutex;

use super::{Fault, Provider, ProviderError, tokens};
use crate::clock::Clock;
use crate::source::{SourceError, drimbox::Bearer};

/// Seconds before its end at which a token is not used any more.
const MARGIN_SECONDS: i64 = 20;
/// How long a token is good of which the provider does not say it.
const UNSTATED: Duration = Duration::from_secs(60);

/// The token of one login.
pub struct LoginToken {
    provider: Arc<Provider>,
    pool: SqlitePool,
    clock: Clock,
    login: String,
    /// With the time from which it is not used any more.
    kept: Mutex<Option<(String, i64)>>,
}

impl LoginToken {
    /// Nothing is asked for yet.
    #[must_use]
    pub fn new(provider: Arc<Provider>, pool: SqlitePool, clock: Clock, login: &str) -> Self {
        Self { provider, pool, clock, login: login.to_owned(), kept: Mutex::default() }
    }
}

#[async_trait]
impl Bearer for LoginToken {
    async fn bearer(&self) -> Result<String, SourceError> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.seconds();
        if let Some((token, until)) = &*kept
            && now < *until
        {
            return Ok(token.clone());
        }
        let renewed = self.provider.renew(&self.pool, &self.login, now).await;
        let answer = renewed.map_err(|cause| {
            SourceError::Unavailable(format!("no token of the professional: {cause}"))
        })?;
        let lasts = answer.expires_in().unwrap_or(UNSTATED).as_secs();
        let until = now + i64::try_from(lasts).unwrap_or(0) - MARGIN_SECONDS;
        let token = answer.access_token().secret().clone();
        *kept = Some((token.clone(), until));
        Ok(token)
    }
}

impl Provider {
    /// Fresh tokens for a login, one at a time: many providers take a refresh token once, and who uses it a second time has
    /// lost the session.
    pub(super) async fn renew(
        &self,
        pool: &SqlitePool,
        login: &str,
        now: i64,
    ) -> Result<CoreTokenResponse, ProviderError> {
        let database =
            |cause: sqlx::Error| ProviderError::Unavailable(format!("database: {cause}"));
        let _alone = self.renewing.lock().await;
        let token =
            tokens::refresh_token(pool, login).await.map_err(database)?.ok_or(Fault::Code)?;
        let answer = self.refresh(&token, now).await?;
        // The old one may be worth nothing from here on: kept before anything else can fail.
        let next = answer.refresh_token().map_or(token.as_str(), |next| next.secret());
        tokens::renewed(pool, login, next).await.map_err(database)?;
        Ok(answer)
    }
}
