//! Whether a professional's session at Pro Santé Connect still lives, asked every so often where the site
//! wants it: the refresh token gives a fresh access token, introspection says what it is worth.
//!
//! Fails closed: who cannot be asked about for three beats is out.

use std::{sync::Arc, time::Duration};

use openidconnect::OAuth2TokenResponse;

use super::{Fault, Provider, ProviderError, tokens, tokens::Beating};
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
    if provider.introspect(answer.access_token(), now).await?.is_none() {
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
