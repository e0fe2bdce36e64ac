//! Whether a professional's session at Pro Santé Connect still lives, asked every so often where the site
//! wants it: the refresh token gives a fresh access token, introspection says what it is worth.
//!
//! Fails closed: who cannot be asked about for three beats is out.

use std::{sync::Arc, time::Duration};

use openidconnect::{
    AuthType, ClientId, ClientSecret, IntrospectionUrl, IssuerUrl, OAuth2TokenResponse,
    RequestTokenError, TokenIntrospectionResponse, core::CoreClient,
};

use super::{
    ClientAuth, Fault, Provider, ProviderError, exchange::TokenError, tokens, tokens::Beating,
};
use crate::{
    audit::{Entry, Event, LOCAL},
    session,
    sites::Site,
    state::AppState,
};

/// Time between two looks at who is due.
const LOOK: Duration = Duration::from_secs(5);
/// Beats that may be missed.
const MISSED_BEATS: i64 = 3;

/// Asks for ever.
pub async fn run(state: AppState) {
    loop {
        tokio::time::sleep(LOOK).await;
        beat(&state).await;
    }
}

/// One round over all sites; what fails is logged and tried again in the next one.
pub async fn beat(state: &AppState) {
    for site in state.sites.all() {
        if let Err(cause) = beat_site(state, site).await {
            tracing::error!(%cause, "cannot ask whether sessions still live");
        }
    }
}

async fn beat_site(state: &AppState, site: Arc<Site>) -> Result<(), sqlx::Error> {
    let Some(psc) = site.identity.psc.as_ref().filter(|psc| psc.heartbeat_seconds > 0) else {
        return Ok(());
    };
    let (every, now) = (i64::from(psc.heartbeat_seconds), state.clock.seconds());
    for login in tokens::beating(&state.store.pool, &site.id, now - every).await? {
        match ask(state, &psc.provider, &login, now).await {
            Ok(()) => {}
            Err(ProviderError::Refused(_)) => end(state, &site.id, &login).await?,
            Err(cause) if now - login.checked >= every * MISSED_BEATS => {
                tracing::warn!(%cause, "a session ends: the provider cannot be asked about it");
                end(state, &site.id, &login).await?;
            }
            Err(cause) => tracing::warn!(%cause, "cannot ask whether a session still lives"),
        }
    }
    Ok(())
}

async fn ask(
    state: &AppState,
    provider: &Provider,
    login: &Beating,
    now: i64,
) -> Result<(), ProviderError> {
    let pool = &state.store.pool;
    let answer = provider.renew(pool, &login.login, now).await?;
    if !provider.is_active(answer.access_token(), now).await? {
        return Err(Fault::AccessToken.into());
    }
    let database = |cause: sqlx::Error| ProviderError::Unavailable(format!("database: {cause}"));
    tokens::beat(pool, &login.login, now).await.map_err(database)
}

async fn end(state: &AppState, site: &str, login: &Beating) -> Result<(), sqlx::Error> {
    let ended = session::end(&state.store, &login.login).await?;
    let first = ended.exams.first();
    let studies: Vec<String> = ended.exams.iter().flat_map(|exam| exam.studies.clone()).collect();
    let entry = Entry {
        way: first.map(|exam| exam.way.as_str()),
        subject: first.map(|exam| exam.subject.as_str()),
        session: ended.trace.as_deref(),
        studies: &studies,
        reason: Some("provider_session_ended"),
        ..Entry::new(Event::Logout, site, LOCAL)
    };
    // The session is over in any case: a journal that cannot be written must not bring it back.
    if let Err(cause) = state.audit.write(&entry) {
        tracing::error!(%cause, "cannot write the audit");
    }
    Ok(())
}

impl Provider {
    /// What an access token is worth (RFC 7662).
    async fn is_active(
        &self,
        access_token: &openidconnect::AccessToken,
        now: i64,
    ) -> Result<bool, ProviderError> {
        let snapshot = self.discovery.current(&self.http, now).await?;
        let unreadable = |_cause| ProviderError::Unusable("an address cannot be read".to_owned());
        let no_address = || ProviderError::Unusable("no introspection endpoint".to_owned());
        let address = snapshot.metadata.introspection_endpoint.clone().ok_or_else(no_address)?;
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(unreadable)?;
        let id = ClientId::new(self.client_id.clone());
        let mut client = CoreClient::new(id, issuer, snapshot.keys.clone())
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
        let answer = request.request_async(&self.http).await;
        answer.map(|answer| answer.active()).map_err(introspection_error)
    }
}

/// The answer itself is not repeated: it may tell who this is.
fn introspection_error(error: TokenError) -> ProviderError {
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
