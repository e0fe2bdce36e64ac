//! Open logins: rows that grant exams until they end.

use sqlx::{Row, sqlite::SqliteRow};

use super::Visitor;
use crate::store::{Store, random_name};

/// Activity is written down at most this often, so that a thousand images are not a thousand writes.
const TOUCH_SECONDS: i64 = 10;

/// How long a login lasts.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Seconds without a request.
    pub idle_seconds: i64,
    /// Seconds from login.
    pub absolute_seconds: i64,
}

/// An exam granted to a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedExam {
    /// Number of the visit.
    pub number: u32,
    /// Study Instance UIDs.
    pub studies: Vec<String>,
    /// Who was granted it, for the audit: identifier of the access code.
    pub subject: String,
}

/// A login that has not ended.
#[derive(Clone, Debug)]
pub struct LiveLogin {
    /// Its random name.
    pub id: String,
    /// Seconds until it ends if nothing more is asked for.
    pub expires_in_seconds: i64,
    /// What it may see.
    pub exams: Vec<OpenedExam>,
    seen: i64,
}

impl LiveLogin {
    /// The exam of a visit.
    #[must_use]
    pub fn exam(&self, number: u32) -> Option<&OpenedExam> {
        self.exams.iter().find(|exam| exam.number == number)
    }
}

/// The visitor's login if it has not ended.
pub(super) async fn find(
    store: &Store,
    visitor: &Visitor,
    limits: Limits,
    now: i64,
) -> Result<Option<LiveLogin>, sqlx::Error> {
    let Some(id) = &visitor.login else { return Ok(None) };
    let row =
        sqlx::query("SELECT opened, seen FROM login WHERE id = ? AND visitor = ? AND site = ?")
            .bind(id)
            .bind(&visitor.id)
            .bind(&visitor.site)
            .fetch_optional(&store.pool)
            .await?;
    let Some(row) = row else { return Ok(None) };
    let (opened, seen): (i64, i64) = (row.try_get("opened")?, row.try_get("seen")?);
    let expires_in_seconds = remaining(opened, seen, limits, now);
    if expires_in_seconds <= 0 {
        close(store, id).await?;
        return Ok(None);
    }
    let rows = sqlx::query(
        "SELECT number, studies, subject FROM opened_exam WHERE login = ? ORDER BY number",
    )
    .bind(id)
    .fetch_all(&store.pool)
    .await?;
    let exams = rows.iter().map(opened_exam).collect::<Result<_, _>>()?;
    Ok(Some(LiveLogin { id: id.clone(), expires_in_seconds, exams, seen }))
}

fn remaining(opened: i64, seen: i64, limits: Limits, now: i64) -> i64 {
    (seen + limits.idle_seconds).min(opened + limits.absolute_seconds) - now
}

fn opened_exam(row: &SqliteRow) -> Result<OpenedExam, sqlx::Error> {
    let studies: String = row.try_get("studies")?;
    Ok(OpenedExam {
        number: row.try_get("number")?,
        studies: serde_json::from_str(&studies)
            .map_err(|cause| sqlx::Error::Decode(cause.into()))?,
        subject: row.try_get("subject")?,
    })
}

/// Notes activity.
pub(super) async fn touch(store: &Store, login: &LiveLogin, now: i64) -> Result<(), sqlx::Error> {
    if now - login.seen < TOUCH_SECONDS {
        return Ok(());
    }
    sqlx::query("UPDATE login SET seen = ? WHERE id = ?")
        .bind(now)
        .bind(&login.id)
        .execute(&store.pool)
        .await
        .map(drop)
}

/// Grants an exam: to the live login, or to a new one. Tells the login's name.
pub(super) async fn grant(
    store: &Store,
    visitor: &Visitor,
    live: Option<&LiveLogin>,
    exam: &OpenedExam,
    now: i64,
) -> Result<String, sqlx::Error> {
    let studies =
        serde_json::to_string(&exam.studies).map_err(|cause| sqlx::Error::Encode(cause.into()))?;
    let id = live.map_or_else(random_name, |live| live.id.clone());
    let mut transaction = store.pool.begin().await?;
    sqlx::query(
        "INSERT INTO login (id, visitor, site, opened, seen) VALUES (?1, ?2, ?3, ?4, ?4)
         ON CONFLICT (id) DO UPDATE SET seen = excluded.seen",
    )
    .bind(&id)
    .bind(&visitor.id)
    .bind(&visitor.site)
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    sqlx::query(
        "INSERT OR REPLACE INTO opened_exam (login, number, studies, subject) VALUES (?, ?, ?, ?)",
    )
    .bind(&id)
    .bind(exam.number)
    .bind(studies)
    .bind(&exam.subject)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(id)
}

/// Ends a login.
pub(super) async fn close(store: &Store, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM login WHERE id = ?").bind(id).execute(&store.pool).await.map(drop)
}

/// Ends a login from outside of any request, and tells what it could see.
pub(crate) async fn end(store: &Store, id: &str) -> Result<Vec<OpenedExam>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT number, studies, subject FROM opened_exam WHERE login = ? ORDER BY number",
    )
    .bind(id)
    .fetch_all(&store.pool)
    .await?;
    close(store, id).await?;
    rows.iter().map(opened_exam).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whichever_limit_comes_first_ends_the_login() {
        let limits = Limits { idle_seconds: 1800, absolute_seconds: 14_400 };
        assert_eq!(remaining(1000, 1000, limits, 1000), 1800);
        assert_eq!(remaining(1000, 2000, limits, 2600), 1200);
        assert_eq!(remaining(1000, 15_000, limits, 15_000), 400);
        assert_eq!(remaining(1000, 1000, limits, 2800), 0);
    }
}
