//! Visitors and their sessions.
//!
//! The cookie holds a random identifier (tower-sessions); behind it lies only who the visitor is
//! ([`Visitor`]). What was clicked and what is granted are rows of their own (`visits`, `logins`): a
//! logout deletes the row, and no request that is still under way can bring it back by saving an
//! older copy of the session.

mod current;
mod ending;
mod export_trace;
mod known_logins;
mod logins;
mod middleware;
mod remembered;
mod visits;

use serde::{Deserialize, Serialize};
use time::Duration;
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite};
use tower_sessions_sqlx_store::SqliteStore;

pub(crate) use self::known_logins::KnownLogins;
pub use self::{
    current::Current,
    logins::{Limit, Limits, LiveLogin, OpenedExam},
};
pub(crate) use self::{
    ending::{Ending, EndingError, Which},
    export_trace::trace_exports,
    logins::{count, end, list},
    middleware::{no_session, require_access, same_origin},
    visits::prune,
};
use self::{logins::OpenLogin, remembered::Remembered};
use crate::store::Store;

/// Name of the cookie. `__Host-`: browsers take it only with Secure, without Domain and for `/`, so
/// no neighbour under the same domain can plant one.
pub const COOKIE: &str = "__Host-negatoscope";

/// Under which key the [`Visitor`] lies in the session.
const VISITOR: &str = "visitor";

/// Who is behind a cookie.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Visitor {
    /// Random name of this visitor.
    pub id: String,
    /// The only site this session is good for.
    pub site: String,
    /// Random name of the open login, which may have ended meanwhile.
    pub login: Option<String>,
}

/// The layer that reads and writes the cookie.
pub(crate) fn layer(store: &Store, visit_hours: u32) -> SessionManagerLayer<Remembered> {
    SessionManagerLayer::new(Remembered::new(SqliteStore::new(store.pool.clone())))
        .with_name(COOKIE)
        .with_path("/")
        .with_secure(true)
        .with_http_only(true)
        // Lax, not Strict: the link in the report comes from outside.
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(Duration::hours(visit_hours.into())))
}
