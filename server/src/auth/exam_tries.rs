//! How often somebody tried to open an exam: after too many tries it is locked for them for a while.
//!
//! An exam is what the *link* names, whether or not it exists, so unknown exams lock like known ones. It is
//! locked for one neighbourhood: links are public, and whoever has one must not be able to keep the patient out.

use std::net::IpAddr;

use sqlx::SqlitePool;

use crate::link::Link;

/// Tries counted and how long they count.
#[derive(Clone, Copy, Debug)]
pub(super) struct TryLimit {
    /// Wrong tries after which the exam is locked.
    pub(super) tries: i64,
    /// Seconds it stays locked, and seconds after which tries are forgotten.
    pub(super) lock_seconds: i64,
}

/// Who tries to open what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Try<'a> {
    pub(super) site: &'a str,
    pub(super) link: &'a Link,
    /// Neighbourhood they come from.
    pub(super) address: IpAddr,
}

/// Counts a try before it is judged, so that many at once do not slip through. Tells whether the exam
/// is locked for whoever tries.
pub(super) async fn count(
    pool: &SqlitePool,
    Try { site, link, address }: Try<'_>,
    limit: TryLimit,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let mut locked = false;
    for exam in names(link) {
        // `since` moves until the last allowed try, then stands still: the lock ends for sure.
        let tries: i64 = sqlx::query_scalar(
            "INSERT INTO exam_tries (site, exam, address, tries, since) VALUES (?1, ?2, ?6, 1, ?3)
             ON CONFLICT (site, exam, address) DO UPDATE SET
               tries = CASE WHEN ?3 - since >= ?4 THEN 1 ELSE tries + 1 END,
               since = CASE WHEN tries < ?5 OR ?3 - since >= ?4 THEN ?3 ELSE since END
             RETURNING tries",
        )
        .bind(site)
        .bind(exam)
        .bind(now)
        .bind(limit.lock_seconds)
        .bind(limit.tries)
        .bind(address.to_string())
        .fetch_one(pool)
        .await?;
        locked |= tries > limit.tries;
    }
    Ok(locked)
}

/// Forgets the tries: the right person came.
pub(super) async fn forget(
    pool: &SqlitePool,
    Try { site, link, address }: Try<'_>,
) -> Result<(), sqlx::Error> {
    for exam in names(link) {
        sqlx::query("DELETE FROM exam_tries WHERE site = ? AND exam = ? AND address = ?")
            .bind(site)
            .bind(exam)
            .bind(address.to_string())
            .execute(pool)
            .await?;
    }
    Ok(())
}

/// Deletes what no longer counts.
pub(crate) async fn prune(
    pool: &SqlitePool,
    lock_seconds: i64,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM exam_tries WHERE since <= ?")
        .bind(now - lock_seconds)
        .execute(pool)
        .await
        .map(drop)
}

fn names(link: &Link) -> Vec<String> {
    match &link.accession {
        Some(accession) if link.studies.is_empty() => {
            vec![format!("accession {}", accession.value())]
        }
        _ => link.studies.iter().map(|study| format!("study {study}")).collect(),
    }
}
