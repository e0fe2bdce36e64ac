//! Forgets what no longer counts: ended logins, old visits and cookies, tries.

use std::time::Duration;

use tower_sessions::ExpiredDeletion;
use tower_sessions_sqlx_store::SqliteStore;

use crate::{auth, import, session, state::AppState};

/// Time between two rounds.
const ROUND: Duration = Duration::from_secs(600);

/// Cleans up for ever.
pub async fn run(state: AppState) {
    loop {
        tidy(&state).await;
        tokio::time::sleep(ROUND).await;
    }
}

/// One round; what fails is logged and tried again in the next one.
pub async fn tidy(state: &AppState) {
    let now = state.clock.seconds();
    let visit_seconds = i64::from(state.session.visit_hours) * 3600;
    let lock_seconds = i64::from(state.access_code.lock_minutes) * 60;
    if let Err(cause) = session::prune(&state.store, state.limits, visit_seconds, now).await {
        tracing::error!(%cause, "cannot forget old sessions");
    }
    if let Err(cause) = auth::prune_tries(&state.store.pool, lock_seconds, now).await {
        tracing::error!(%cause, "cannot forget old tries");
    }
    if let Err(cause) = state.audit.prune(state.retention_days) {
        tracing::error!(%cause, "cannot delete old days of the audit journal");
    }
    if let Err(cause) = auth::oidc::pending::prune(&state.store.pool, now).await {
        tracing::error!(%cause, "cannot forget old logins at identity providers");
    }
    if let Err(cause) = import::prune(state, now).await {
        tracing::error!(%cause, "cannot forget old imports");
    }
    if let Err(cause) = SqliteStore::new(state.store.pool.clone()).delete_expired().await {
        tracing::error!(%cause, "cannot forget old cookies");
    }
}
