//! Instances that must not be shown, as rejection notes that were imported name them.

use std::collections::HashSet;

use sqlx::{SqlitePool, SqliteTransaction};

use super::kos::Rejection;

/// Takes a note in; tells how many instances it names.
pub(super) async fn put(
    transaction: &mut SqliteTransaction<'_>,
    site: &str,
    rejection: &Rejection,
) -> Result<u64, sqlx::Error> {
    for (study, instance) in &rejection.instances {
        sqlx::query(
            "INSERT OR IGNORE INTO rejected_instance (site, study, instance, note) VALUES (?, ?, ?, ?)",
        )
        .bind(site)
        .bind(study)
        .bind(instance)
        .bind(&rejection.note)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(rejection.instances.len() as u64)
}

/// The rejected instances of a study.
pub(super) async fn of_study(
    pool: &SqlitePool,
    site: &str,
    study: &str,
) -> Result<HashSet<String>, sqlx::Error> {
    let found: Vec<String> =
        sqlx::query_scalar("SELECT instance FROM rejected_instance WHERE site = ? AND study = ?")
            .bind(site)
            .bind(study)
            .fetch_all(pool)
            .await?;
    Ok(found.into_iter().collect())
}

/// Forgets a note.
pub(super) async fn forget(pool: &SqlitePool, site: &str, note: &str) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM rejected_instance WHERE site = ? AND note = ?")
        .bind(site)
        .bind(note)
        .execute(pool)
        .await?;
    Ok(done.rows_affected())
}
