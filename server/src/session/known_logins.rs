//! Logins in memory, so that a picture costs the database one small question, shared by many, and not three.
//!
//! What is remembered counts for as long as the database's own count of changes (`login_changes`, kept by its triggers)
//! stays the same, whichever process makes them. Every request looks at that number, or shares the look of another that
//! began after it had come: what was ended before a request is ended for it.

use std::{
    sync::{Arc, atomic::AtomicI64},
    time::Instant,
};

use quick_cache::sync::Cache;
use sqlx::SqlitePool;
use tokio::sync::Mutex;

use super::OpenedExam;

/// Logins remembered.
const LOGINS: usize = 4096;

/// A login as the database has it.
#[derive(Clone, Debug)]
pub(crate) struct KnownLogin {
    pub(super) visitor: String,
    pub(super) site: String,
    pub(super) opened: i64,
    /// Last activity, as it was written down last.
    pub(super) seen: Arc<AtomicI64>,
    pub(super) exams: Arc<[OpenedExam]>,
}

/// Remembers them.
pub(crate) struct KnownLogins {
    /// With the count they were read at.
    logins: Cache<String, (i64, KnownLogin)>,
    /// When the last look began, and what it saw.
    looked: Mutex<Option<(Instant, i64)>>,
}

impl Default for KnownLogins {
    fn default() -> Self {
        Self { logins: Cache::new(LOGINS), looked: Mutex::default() }
    }
}

impl KnownLogins {
    /// The number of changes so far. To be read before a login is.
    pub(super) async fn count(&self, pool: &SqlitePool) -> Result<i64, sqlx::Error> {
        let asked = Instant::now();
        let mut looked = self.looked.lock().await;
        if let Some((began, count)) = *looked
            && began > asked
        {
            return Ok(count);
        }
        let began = Instant::now();
        let count = sqlx::query_scalar("SELECT count FROM login_changes").fetch_one(pool).await?;
        *looked = Some((began, count));
        Ok(count)
    }

    /// The login, if it is known as of this count.
    pub(super) fn get(&self, id: &str, count: i64) -> Option<KnownLogin> {
        self.logins.get(id).filter(|(at, _)| *at == count).map(|(_, login)| login)
    }

    pub(super) fn remember(&self, id: &str, count: i64, login: KnownLogin) {
        self.logins.insert(id.to_owned(), (count, login));
    }
}
