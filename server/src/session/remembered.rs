//! The store behind the cookie, with what was read last in memory.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use quick_cache::sync::Cache;
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::Result,
};
use tower_sessions_sqlx_store::SqliteStore;

/// Sessions remembered.
const SESSIONS: usize = 4096;

/// Sessions in the database; nobody but this process writes them.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    store: SqliteStore,
    /// With the number of changes when the reading began.
    records: Arc<Cache<Id, (u64, Record)>>,
    changes: Arc<AtomicU64>,
}

impl Remembered {
    pub(super) fn new(store: SqliteStore) -> Self {
        Self { store, records: Arc::new(Cache::new(SESSIONS)), changes: Arc::default() }
    }

    /// Nothing that was read before counts any more.
    fn changed(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }
}

#[async_trait]
impl SessionStore for Remembered {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.store.create(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let saved = self.store.save(record).await;
        self.changed();
        saved
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let changes = self.changes.load(Ordering::Acquire);
        if let Some((at, record)) = self.records.get(id)
            && at == changes
        {
            return Ok(Some(record).filter(|record| record.expiry_date > OffsetDateTime::now_utc()));
        }
        let found = self.store.load(id).await?;
        if let Some(record) = &found {
            self.records.insert(*id, (changes, record.clone()));
        }
        Ok(found)
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let deleted = self.store.delete(id).await;
        self.changed();
        deleted
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Row, SqlitePool};
    use time::Duration;

    use super::*;

    async fn store() -> (Remembered, SqlitePool) {
        let pool = sqlx::sqlite::SqlitePoolOptions::new()
            .max_connections(1)
            .connect("sqlite::memory:")
            .await
            .unwrap();
        let store = SqliteStore::new(pool.clone());
        store.migrate().await.unwrap();
        (Remembered::new(store), pool)
    }

    fn record(lives: Duration) -> Record {
        Record {
            id: Id::default(),
            data: std::iter::once(("visitor".to_owned(), 1.into())).collect(),
            expiry_date: OffsetDateTime::now_utc() + lives,
        }
    }

    async fn forget_on_the_disk(pool: &SqlitePool) {
        let table: String = sqlx::query(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%session%'",
        )
        .fetch_one(pool)
        .await
        .unwrap()
        .get(0);
        sqlx::query(&format!("DELETE FROM {table}")).execute(pool).await.unwrap();
    }

    #[tokio::test]
    async fn what_was_read_is_not_read_again_until_something_changes() {
        let (remembered, pool) = store().await;
        let mut kept = record(Duration::hours(1));
        remembered.create(&mut kept).await.unwrap();
        assert_eq!(remembered.load(&kept.id).await.unwrap().as_ref(), Some(&kept));
        forget_on_the_disk(&pool).await;
        assert_eq!(remembered.load(&kept.id).await.unwrap().as_ref(), Some(&kept), "from memory");
        remembered.delete(&record(Duration::hours(1)).id).await.unwrap();
        assert_eq!(
            remembered.load(&kept.id).await.unwrap(),
            None,
            "somebody else's end is noticed"
        );
    }

    #[tokio::test]
    async fn a_session_ends_with_its_time_and_with_its_end() {
        let (remembered, _pool) = store().await;
        let mut brief = record(Duration::milliseconds(1200));
        remembered.create(&mut brief).await.unwrap();
        assert!(remembered.load(&brief.id).await.unwrap().is_some());
        tokio::time::sleep(std::time::Duration::from_millis(1300)).await;
        assert_eq!(remembered.load(&brief.id).await.unwrap(), None);
        let mut ended = record(Duration::hours(1));
        remembered.create(&mut ended).await.unwrap();
        assert!(remembered.load(&ended.id).await.unwrap().is_some());
        remembered.delete(&ended.id).await.unwrap();
        assert_eq!(remembered.load(&ended.id).await.unwrap(), None);
    }
}
