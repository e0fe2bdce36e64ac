//! The SQLite index of an archive: what each file holds, so that a frame is one ranged read and the
//! summary of an exam needs no file at all.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row, SqlitePool};

use super::ArchiveError;
use super::entry::{FileOutcome, Listed, NewInstance};

/// Raised whenever the schema or the content of its blobs changes meaning.
const VERSION: i64 = 4;

/// The index database.
#[derive(Clone)]
pub(super) struct Index {
    pub(super) pool: SqlitePool,
}

/// A file as the last scan saw it.
pub(super) struct KnownFile {
    pub id: i64,
    pub size: u64,
    pub version: String,
}

impl Index {
    /// Opens the index, made anew where it is missing or of another version; true where it was.
    pub(super) async fn open(path: &Path) -> Result<(Self, bool), ArchiveError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal);
        let pool = SqlitePoolOptions::new().max_connections(8).connect_with(options).await?;
        let index = Self { pool };
        let is_new = index.prepare().await?;
        Ok((index, is_new))
    }

    async fn prepare(&self) -> Result<bool, ArchiveError> {
        let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&self.pool).await?;
        if found == VERSION {
            return Ok(false);
        }
        let mut change = self.pool.begin().await?;
        for table in ["duplicate", "instance", "file"] {
            sqlx::query(&format!("DROP TABLE IF EXISTS {table}")).execute(&mut *change).await?;
        }
        sqlx::raw_sql(include_str!("schema.sql")).execute(&mut *change).await?;
        sqlx::query(&format!("PRAGMA user_version = {VERSION}")).execute(&mut *change).await?;
        change.commit().await?;
        Ok(true)
    }

    /// All files of the last scan, by path.
    pub(super) async fn known_files(&self) -> Result<HashMap<String, KnownFile>, ArchiveError> {
        let rows =
            sqlx::query("SELECT id, path, size, version FROM file").fetch_all(&self.pool).await?;
        let known = rows.into_iter().map(|row| {
            let file = KnownFile {
                id: row.get("id"),
                size: row.get::<i64, _>("size").cast_unsigned(),
                version: row.get("version"),
            };
            (row.get("path"), file)
        });
        Ok(known.collect())
    }

    /// Adds a file that is about to be read; its state stays `reading` until [`Self::store`].
    pub(super) async fn begin(&self, listed: &Listed) -> Result<i64, ArchiveError> {
        let query = "INSERT INTO file (path, size, version, state) VALUES (?, ?, '', 'reading')
             ON CONFLICT (path) DO UPDATE SET version = '', state = 'reading' RETURNING id";
        let id = sqlx::query_scalar(query)
            .bind(listed.path.as_ref())
            .bind(listed.size.cast_signed())
            .fetch_one(&self.pool)
            .await?;
        Ok(id)
    }

    /// Writes what was found in a file, all or nothing. Returns how many instances were left out because
    /// another file holds the same SOP Instance UID.
    pub(super) async fn store(
        &self,
        id: i64,
        listed: &Listed,
        outcome: FileOutcome,
    ) -> Result<u64, ArchiveError> {
        let mut change = self.pool.begin().await?;
        // Another process (the command line beside the server) may have read it at the same time.
        sqlx::query("DELETE FROM instance WHERE file = ?").bind(id).execute(&mut *change).await?;
        sqlx::query("UPDATE file SET size = ?, version = ?, state = ?, reason = ? WHERE id = ?")
            .bind(listed.size.cast_signed())
            .bind(&listed.version)
            .bind(outcome.state())
            .bind(outcome.reason())
            .bind(id)
            .execute(&mut *change)
            .await?;
        let mut duplicates = 0;
        for instance in outcome.into_instances() {
            if !insert(&mut change, id, &instance).await? {
                duplicates += 1;
                sqlx::query("INSERT OR IGNORE INTO duplicate (sop_uid, file) VALUES (?, ?)")
                    .bind(&instance.facts.sop_uid)
                    .bind(id)
                    .execute(&mut *change)
                    .await?;
            }
        }
        change.commit().await?;
        Ok(duplicates)
    }

    /// Forgets a file that is gone or changed, and the files that were left out in its favour, so that
    /// they are read again. Returns the ids of all forgotten files.
    pub(super) async fn forget(&self, id: i64) -> Result<Vec<i64>, ArchiveError> {
        let mut change = self.pool.begin().await?;
        let freed = "DELETE FROM file WHERE id = ?1 OR id IN (SELECT duplicate.file FROM duplicate
             JOIN instance ON instance.sop_uid = duplicate.sop_uid WHERE instance.file = ?1) RETURNING id";
        let ids = sqlx::query_scalar(freed).bind(id).fetch_all(&mut *change).await?;
        change.commit().await?;
        Ok(ids)
    }

    /// Path and reason of the files that could not be read.
    pub(super) async fn broken_files(&self) -> Result<Vec<(String, String)>, ArchiveError> {
        let query =
            "SELECT path, COALESCE(reason, '') FROM file WHERE state = 'broken' ORDER BY path";
        Ok(sqlx::query_as(query).fetch_all(&self.pool).await?)
    }

    /// Numbers for the log: `(state, files)`.
    pub(super) async fn counts(&self) -> Result<HashMap<String, u64>, ArchiveError> {
        let rows = sqlx::query("SELECT state, COUNT(*) AS files FROM file GROUP BY state")
            .fetch_all(&self.pool)
            .await?;
        let count = |row: &sqlx::sqlite::SqliteRow| row.get::<i64, _>("files").cast_unsigned();
        Ok(rows.into_iter().map(|row| (row.get("state"), count(&row))).collect())
    }
}

/// Whether the instance was new.
async fn insert(
    change: &mut sqlx::SqliteConnection,
    file: i64,
    new: &NewInstance,
) -> Result<bool, ArchiveError> {
    let query =
        "INSERT INTO instance (sop_uid, series_uid, study_uid, file, place, pixel_place, length,
         transfer_syntax, frame_syntax, series_number, instance_number, accession, accession_issuer,
         birth_date, layout, record, metadata)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    let facts = &new.facts;
    let done = sqlx::query(query)
        .bind(&facts.sop_uid)
        .bind(&facts.series_uid)
        .bind(&facts.study_uid)
        .bind(file)
        .bind(new.place.to_string())
        .bind(new.pixel_place.to_string())
        .bind(new.length.cast_signed())
        .bind(&new.transfer_syntax)
        .bind(&new.frame_syntax)
        .bind(facts.series_number)
        .bind(facts.instance_number)
        .bind(&facts.accession)
        .bind(&facts.accession_issuer)
        .bind(&facts.birth_date)
        .bind(&new.layout)
        .bind(&new.record)
        .bind(&new.metadata)
        .execute(change)
        .await?;
    Ok(done.rows_affected() == 1)
}
