//! Copies of objects that come from boxes: which there are, how much room they take, and the key to them.

use sqlx::{Row, sqlite::SqliteRow};

use super::Queue;
use crate::import::error::ImportError;
use crate::import::job::{Job, State};
use crate::sealed::Key;
use crate::source::InstanceRef;

/// An object that is not in the target yet.
#[derive(Clone, Debug)]
pub(in crate::import) struct Numbered {
    pub at: InstanceRef,
    /// Its number within the import.
    pub number: i64,
}

/// An import that has copies.
pub(in crate::import) struct Keyed {
    pub id: String,
    pub site: String,
    /// Unix seconds of when it began, was taken up or ended.
    pub updated: i64,
}

/// Steps of instances that the source may be needed for.
const OPEN: &str = "state IN ('waiting', 'sending', 'sent')";

impl Queue {
    /// The key to the copies of an import; none where there may be none.
    pub(in crate::import) async fn key(&self, job: &Job) -> Result<Option<Key>, ImportError> {
        let key: Option<Option<Vec<u8>>> =
            sqlx::query_scalar("SELECT key FROM import_job WHERE id = ?")
                .bind(&job.id)
                .fetch_optional(&self.pool)
                .await?;
        Ok(key.flatten().and_then(|key| key.try_into().ok()))
    }

    /// Counts the room that copies take: after a crash some may have been on their way.
    pub(in crate::import) async fn recount(&self, job: &Job) -> Result<(), ImportError> {
        sqlx::query(
            "UPDATE import_job SET is_full = 0, spooled =
               (SELECT COALESCE(SUM(copied), 0) FROM import_instance WHERE job = import_job.id) WHERE id = ?",
        )
        .bind(&job.id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Takes room for a copy, of at most so many bytes for all copies of the site; whether there was any.
    pub(in crate::import) async fn make_room(
        &self,
        job: &Job,
        bytes: u64,
        most: u64,
    ) -> Result<bool, ImportError> {
        let (bytes, most) = (signed(bytes), signed(most));
        let made = sqlx::query(
            "UPDATE import_job SET spooled = spooled + ?1, is_full = 0 WHERE id = ?2 AND key IS NOT NULL
             AND (SELECT SUM(spooled) FROM import_job WHERE site = ?3) <= ?4 - ?1",
        )
        .bind(bytes)
        .bind(&job.id)
        .bind(&job.site)
        .bind(most)
        .execute(&self.pool)
        .await?;
        if made.rows_affected() == 0 {
            sqlx::query("UPDATE import_job SET is_full = 1 WHERE id = ?")
                .bind(&job.id)
                .execute(&self.pool)
                .await?;
        }
        Ok(made.rows_affected() == 1)
    }

    /// Whether there would be room for so many bytes.
    pub(in crate::import) async fn has_room(
        &self,
        job: &Job,
        bytes: u64,
        most: u64,
    ) -> Result<bool, ImportError> {
        let query = "SELECT COALESCE(SUM(spooled), 0) FROM import_job WHERE site = ?";
        let taken: i64 = sqlx::query_scalar(query).bind(&job.site).fetch_one(&self.pool).await?;
        Ok(taken.saturating_add(signed(bytes)) <= signed(most))
    }

    /// Gives room back for which there is no copy after all.
    pub(in crate::import) async fn give_back(
        &self,
        job: &Job,
        bytes: u64,
    ) -> Result<(), ImportError> {
        sqlx::query("UPDATE import_job SET spooled = MAX(0, spooled - ?) WHERE id = ?")
            .bind(signed(bytes))
            .bind(&job.id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// There is a copy now, for which room was made.
    pub(in crate::import) async fn copied(
        &self,
        job: &Job,
        number: i64,
        bytes: u64,
    ) -> Result<(), ImportError> {
        sqlx::query("UPDATE import_instance SET copied = ? WHERE job = ? AND number = ?")
            .bind(signed(bytes))
            .bind(&job.id)
            .bind(number)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// There is none any more.
    pub(in crate::import) async fn uncopied(
        &self,
        job: &Job,
        number: i64,
    ) -> Result<(), ImportError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "UPDATE import_job SET spooled = MAX(0, spooled -
               (SELECT COALESCE(SUM(copied), 0) FROM import_instance WHERE job = ?1 AND number = ?2)) WHERE id = ?1",
        )
        .bind(&job.id)
        .bind(number)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE import_instance SET copied = NULL WHERE job = ? AND number = ?")
            .bind(&job.id)
            .bind(number)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The number of an object of which there is a copy.
    pub(in crate::import) async fn copy_of(
        &self,
        job: &Job,
        at: &InstanceRef,
    ) -> Result<Option<i64>, ImportError> {
        let query = "SELECT number FROM import_instance WHERE job = ? AND instance = ? AND copied IS NOT NULL";
        let number = sqlx::query_scalar(query)
            .bind(&job.id)
            .bind(&at.instance)
            .fetch_optional(&self.pool)
            .await?;
        Ok(number)
    }

    /// Whether an object still has to get to the target.
    pub(in crate::import) async fn is_open(
        &self,
        job: &Job,
        number: i64,
    ) -> Result<bool, ImportError> {
        let query =
            format!("SELECT COUNT(*) FROM import_instance WHERE job = ? AND number = ? AND {OPEN}");
        let count: i64 =
            sqlx::query_scalar(&query).bind(&job.id).bind(number).fetch_one(&self.pool).await?;
        Ok(count > 0)
    }

    /// Objects that are neither here nor in the target, in their order.
    pub(in crate::import) async fn to_copy(&self, job: &Job) -> Result<Vec<Numbered>, ImportError> {
        let query = format!(
            "SELECT number, series, instance FROM import_instance
             WHERE job = ? AND copied IS NULL AND {OPEN} ORDER BY number"
        );
        let rows = sqlx::query(&query).bind(&job.id).fetch_all(&self.pool).await?;
        let numbered = |row: &SqliteRow| {
            let (series, instance) = (row.try_get("series")?, row.try_get("instance")?);
            let at = InstanceRef { study: job.study.clone(), series, instance };
            Ok(Numbered { at, number: row.try_get("number")? })
        };
        Ok(rows.iter().map(numbered).collect::<Result<_, sqlx::Error>>()?)
    }

    /// Numbers of the copies of what the target has.
    pub(in crate::import) async fn to_remove(&self, job: &Job) -> Result<Vec<i64>, ImportError> {
        let query = "SELECT number FROM import_instance
             WHERE job = ? AND copied IS NOT NULL AND state IN ('confirmed', 'duplicate')";
        Ok(sqlx::query_scalar(query).bind(&job.id).fetch_all(&self.pool).await?)
    }

    /// How many copies an import has.
    pub(in crate::import) async fn copies(&self, job: &Job) -> Result<u64, ImportError> {
        let query = "SELECT COUNT(copied) FROM import_instance WHERE job = ?";
        let count: i64 = sqlx::query_scalar(query).bind(&job.id).fetch_one(&self.pool).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Imports with a key, of every site.
    pub(in crate::import) async fn keyed(&self) -> Result<Vec<Keyed>, ImportError> {
        let rows = sqlx::query("SELECT id, site, updated FROM import_job WHERE key IS NOT NULL")
            .fetch_all(&self.pool)
            .await?;
        let keyed = |row: &SqliteRow| {
            let (id, site) = (row.try_get("id")?, row.try_get("site")?);
            Ok(Keyed { id, site, updated: row.try_get("updated")? })
        };
        Ok(rows.iter().map(keyed).collect::<Result<_, sqlx::Error>>()?)
    }

    /// Forgets the key to the copies of an import: nobody can read them from here on.
    pub(in crate::import) async fn forget_key(&self, id: &str) -> Result<(), ImportError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        forget(&mut transaction, id).await?;
        transaction.commit().await?;
        self.wipe().await
    }

    /// What was forgotten is not in the write-ahead log, either; the database itself overwrites (`secure_delete`).
    pub(in crate::import) async fn wipe(&self) -> Result<(), ImportError> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.pool).await?;
        Ok(())
    }

    /// Which of an import's objects are here or in the target; how many have to come from the box; whether there was no room.
    pub(super) async fn where_from(&self, job: &Job) -> Result<(u64, u64, bool), ImportError> {
        let row = sqlx::query(&format!(
            "SELECT COUNT(*) FILTER (WHERE copied IS NOT NULL OR state IN ('confirmed', 'duplicate')) AS here,
               COUNT(*) FILTER (WHERE copied IS NULL AND {OPEN}) AS to_come, COUNT(*) AS every,
               COALESCE((SELECT is_full FROM import_job WHERE id = ?1), 0) AS is_full
             FROM import_instance WHERE job = ?1"
        ))
        .bind(&job.id)
        .fetch_one(&self.pool)
        .await?;
        let count =
            |name| Ok::<_, sqlx::Error>(u64::try_from(row.try_get::<i64, _>(name)?).unwrap_or(0));
        if job.whence.is_none() {
            return Ok((count("every")?, 0, false));
        }
        Ok((count("here")?, count("to_come")?, count("is_full")? == 1))
    }
}

/// What ends with an import whose copies nobody needs any more.
pub(super) async fn forget(
    transaction: &mut sqlx::SqliteConnection,
    id: &str,
) -> Result<(), sqlx::Error> {
    let job = "UPDATE import_job SET key = NULL, spooled = 0, is_full = 0 WHERE id = ?";
    let instances = "UPDATE import_instance SET copied = NULL WHERE job = ?";
    for query in [job, instances] {
        sqlx::query(query).bind(id).execute(&mut *transaction).await?;
    }
    Ok(())
}

/// Whether an import that ends like this needs its copies no more: of one that can go on, they may be all there is.
pub(super) const fn ends_copies(state: State) -> bool {
    matches!(state, State::Done | State::Cancelled)
}

/// As SQLite counts.
fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
