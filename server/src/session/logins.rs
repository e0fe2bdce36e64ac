//! Open logins: rows that grant exams until they end.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use sha2::{Digest, Sha256};
use sqlx::{Row, sqlite::SqliteRow};

use super::{Visitor, known_logins::KnownLogin};
use crate::{
    config::SessionConfig,
    link::Link,
    reports::VisitorKind,
    store::{Store, random_name},
};

/// Activity is written down at most this often, so that a thousand images are not a thousand writes.
const TOUCH_SECONDS: i64 = 10;

/// How long logins last.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of people who came in as professionals and as nothing else.
    pub professional: Limit,
    /// Of everybody else.
    pub patient: Limit,
}

/// How long a login lasts.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Seconds without a request.
    pub idle_seconds: i64,
    /// Seconds from login.
    pub absolute_seconds: i64,
}

impl Limits {
    /// Of the configuration.
    #[must_use]
    pub fn new(session: &SessionConfig) -> Self {
        let limit = |idle_minutes: u32, absolute_minutes: u32| Limit {
            idle_seconds: i64::from(idle_minutes) * 60,
            absolute_seconds: i64::from(absolute_minutes) * 60,
        };
        Self {
            professional: limit(session.idle_minutes, session.absolute_minutes),
            patient: limit(session.patient_idle_minutes, session.patient_absolute_minutes),
        }
    }

    fn of(&self, exams: &[OpenedExam]) -> Limit {
        let mut as_professional =
            exams.iter().map(|exam| exam.visitor == VisitorKind::Professional);
        if !exams.is_empty() && as_professional.all(|it| it) {
            self.professional
        } else {
            self.patient
        }
    }

    /// No login lasts longer than this.
    pub(super) fn widest(&self) -> Limit {
        let (professional, patient) = (self.professional, self.patient);
        Limit {
            idle_seconds: professional.idle_seconds.max(patient.idle_seconds),
            absolute_seconds: professional.absolute_seconds.max(patient.absolute_seconds),
        }
    }
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
    /// The link it was granted for; `None` in sessions of before links were kept.
    pub link: Option<Link>,
    /// As whom.
    pub visitor: VisitorKind,
    /// Name of the identity provider.
    pub way: String,
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
    seen: Arc<AtomicI64>,
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
    let Some(known) = known(store, id).await? else { return Ok(None) };
    if known.visitor != visitor.id || known.site != visitor.site {
        return Ok(None);
    }
    let seen = known.seen.load(Ordering::Relaxed);
    let expires_in_seconds = remaining(known.opened, seen, limits.of(&known.exams), now);
    if expires_in_seconds <= 0 {
        close(store, id).await?;
        return Ok(None);
    }
    let exams = known.exams.to_vec();
    Ok(Some(LiveLogin { id: id.clone(), expires_in_seconds, exams, seen: known.seen }))
}

/// A login by its name, out of memory where nothing has changed since it was read.
async fn known(store: &Store, id: &str) -> Result<Option<KnownLogin>, sqlx::Error> {
    let count = store.logins.count(&store.pool).await?;
    if let Some(known) = store.logins.get(id, count) {
        return Ok(Some(known));
    }
    let row = sqlx::query("SELECT visitor, site, opened, seen FROM login WHERE id = ?")
        .bind(id)
        .fetch_optional(&store.pool)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let known = KnownLogin {
        visitor: row.try_get("visitor")?,
        site: row.try_get("site")?,
        opened: row.try_get("opened")?,
        seen: Arc::new(AtomicI64::new(row.try_get("seen")?)),
        exams: opened_exams(store, id).await?.into(),
    };
    store.logins.remember(id, count, known.clone());
    Ok(Some(known))
}

fn remaining(opened: i64, seen: i64, limit: Limit, now: i64) -> i64 {
    (seen + limit.idle_seconds).min(opened + limit.absolute_seconds) - now
}

async fn opened_exams(store: &Store, login: &str) -> Result<Vec<OpenedExam>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT number, studies, subject, link, visitor, way FROM opened_exam
         WHERE login = ? ORDER BY number",
    )
    .bind(login)
    .fetch_all(&store.pool)
    .await?;
    rows.iter().map(opened_exam).collect()
}

fn opened_exam(row: &SqliteRow) -> Result<OpenedExam, sqlx::Error> {
    let studies: String = row.try_get("studies")?;
    let link: Option<String> = row.try_get("link")?;
    let wrong = |cause: serde_json::Error| sqlx::Error::Decode(cause.into());
    Ok(OpenedExam {
        number: row.try_get("number")?,
        studies: serde_json::from_str(&studies).map_err(wrong)?,
        subject: row.try_get("subject")?,
        link: link.map(|link| serde_json::from_str(&link)).transpose().map_err(wrong)?,
        visitor: VisitorKind::from_name(row.try_get("visitor")?),
        way: row.try_get("way")?,
    })
}

/// Notes activity, in memory at once and soon on the disk: no picture waits for that.
pub(super) fn touch(store: &Store, login: &LiveLogin, now: i64) {
    if now - login.seen.load(Ordering::Relaxed) < TOUCH_SECONDS {
        return;
    }
    login.seen.store(now, Ordering::Relaxed);
    let (pool, id) = (store.pool.clone(), login.id.clone());
    tokio::spawn(async move {
        let query = sqlx::query("UPDATE login SET seen = ? WHERE id = ?").bind(now).bind(id);
        if let Err(cause) = query.execute(&pool).await {
            tracing::warn!(%cause, "activity of a session was not written down");
        }
    });
}

/// Grants an exam: to the live login, or to a new one. Tells the login's name.
pub(super) async fn grant(
    store: &Store,
    visitor: &Visitor,
    live: Option<&LiveLogin>,
    exam: &OpenedExam,
    now: i64,
) -> Result<String, sqlx::Error> {
    let wrong = |cause: serde_json::Error| sqlx::Error::Encode(cause.into());
    let studies = serde_json::to_string(&exam.studies).map_err(wrong)?;
    let link = exam.link.as_ref().map(serde_json::to_string).transpose().map_err(wrong)?;
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
        "INSERT OR REPLACE INTO opened_exam (login, number, studies, subject, link, visitor, way)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&id)
    .bind(exam.number)
    .bind(studies)
    .bind(&exam.subject)
    .bind(link)
    .bind(exam.visitor.name())
    .bind(&exam.way)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(id)
}

/// Ends a login.
pub(super) async fn close(store: &Store, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM login WHERE id = ?").bind(id).execute(&store.pool).await.map(drop)
}

/// A login that has not ended, as the administration sees it.
pub(crate) struct OpenLogin {
    /// Its random name.
    pub(crate) id: String,
    /// The browser session as the audit names it.
    pub(crate) trace: String,
    /// Seconds until it ends if nothing more is asked for.
    pub(crate) expires_in_seconds: i64,
    /// What it may see.
    pub(crate) exams: Vec<OpenedExam>,
}

/// Every login of a site that has not ended.
pub(crate) async fn list(
    store: &Store,
    site: &str,
    limits: Limits,
    now: i64,
) -> Result<Vec<OpenLogin>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, visitor, opened, seen FROM login WHERE site = ? ORDER BY opened, id",
    )
    .bind(site)
    .fetch_all(&store.pool)
    .await?;
    let mut open = Vec::new();
    for row in rows {
        let (id, visitor): (String, String) = (row.try_get("id")?, row.try_get("visitor")?);
        let exams = opened_exams(store, &id).await?;
        let (opened, seen) = (row.try_get("opened")?, row.try_get("seen")?);
        let expires_in_seconds = remaining(opened, seen, limits.of(&exams), now);
        if expires_in_seconds > 0 {
            open.push(OpenLogin { id, trace: trace(&visitor), expires_in_seconds, exams });
        }
    }
    Ok(open)
}

/// A login that was ended from outside of any request.
pub(crate) struct Ended {
    /// The browser session as the audit names it; `None` where the login was over already.
    pub(crate) trace: Option<String>,
    /// What it could see.
    pub(crate) exams: Vec<OpenedExam>,
}

/// Ends a login from outside of any request, and tells what it could see.
pub(crate) async fn end(store: &Store, id: &str) -> Result<Ended, sqlx::Error> {
    let exams = opened_exams(store, id).await?;
    let visitor: Option<String> = sqlx::query_scalar("SELECT visitor FROM login WHERE id = ?")
        .bind(id)
        .fetch_optional(&store.pool)
        .await?;
    close(store, id).await?;
    Ok(Ended { trace: visitor.as_deref().map(trace), exams })
}

/// How many logins of a site have not ended; some of patients may have, and are found out when they are used.
pub(crate) async fn count(
    store: &Store,
    site: &str,
    limits: Limits,
    now: i64,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT COUNT(*) FROM login WHERE site = ? AND seen > ? AND opened > ?")
        .bind(site)
        .bind(now - limits.widest().idle_seconds)
        .bind(now - limits.widest().absolute_seconds)
        .fetch_one(&store.pool)
        .await
}

/// A name of a browser session that opens nothing.
pub(super) fn trace(visitor: &str) -> String {
    Sha256::digest(visitor).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whichever_limit_comes_first_ends_the_login() {
        let limits = Limit { idle_seconds: 1800, absolute_seconds: 14_400 };
        assert_eq!(remaining(1000, 1000, limits, 1000), 1800);
        assert_eq!(remaining(1000, 2000, limits, 2600), 1200);
        assert_eq!(remaining(1000, 15_000, limits, 15_000), 400);
        assert_eq!(remaining(1000, 1000, limits, 2800), 0);
    }
}
