//! The access codes of this server: made by `grant`, withdrawn by `revoke`, asked for at login.

use sqlx::{Row, SqlitePool, sqlite::SqliteRow};

use super::hash::CodeHash;
use crate::store::random_name;

/// A code to be kept.
#[derive(Clone, Debug)]
pub struct NewCode {
    /// Site, by its first host.
    pub site: String,
    /// Hash of the code.
    pub hash: CodeHash,
    /// Its tag ([`super::Hasher::tag`]).
    pub tag: i64,
    /// Study Instance UIDs it opens.
    pub studies: Vec<String>,
    /// Birth date `YYYYMMDD` to compare with where the source has none.
    pub birth_date: Option<String>,
    /// Unix seconds.
    pub created: i64,
    /// Unix seconds after which it is worth nothing.
    pub expires: i64,
}

/// A code that is kept.
#[derive(Clone, Debug)]
pub struct KnownCode {
    /// Its public name, for the audit and `revoke`.
    pub id: String,
    /// Study Instance UIDs it opens.
    pub studies: Vec<String>,
    /// Birth date to compare with where the source has none.
    pub birth_date: Option<String>,
    /// Unix seconds.
    pub expires: i64,
    /// Withdrawn.
    pub revoked: bool,
}

/// Keeps a code and tells its public name.
///
/// # Errors
/// When the database fails.
pub async fn insert(pool: &SqlitePool, code: &NewCode) -> Result<String, sqlx::Error> {
    let id = random_name();
    insert_as(pool, &id, code).await?;
    Ok(id)
}

/// Keeps a code under a public name.
///
/// # Errors
/// When the database fails.
pub async fn insert_as(pool: &SqlitePool, id: &str, code: &NewCode) -> Result<(), sqlx::Error> {
    let studies =
        serde_json::to_string(&code.studies).map_err(|cause| sqlx::Error::Encode(cause.into()))?;
    sqlx::query(
        "INSERT INTO access_code (id, site, hash, tag, studies, birth_date, created, expires)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(id)
    .bind(&code.site)
    .bind(code.hash.as_slice())
    .bind(code.tag)
    .bind(studies)
    .bind(&code.birth_date)
    .bind(code.created)
    .bind(code.expires)
    .execute(pool)
    .await
    .map(drop)
}

/// Whether a code of the site has this tag, or is so old that it has none.
///
/// # Errors
/// When the database fails.
pub async fn may_be_one(pool: &SqlitePool, site: &str, tag: i64) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM access_code WHERE site = ?1 AND (tag = ?2 OR tag IS NULL))",
    )
    .bind(site)
    .bind(tag)
    .fetch_one(pool)
    .await
}

/// The code with this hash.
///
/// # Errors
/// When the database fails.
pub async fn find(
    pool: &SqlitePool,
    site: &str,
    hash: &CodeHash,
) -> Result<Option<KnownCode>, sqlx::Error> {
    let row = sqlx::query("SELECT id, studies, birth_date, expires, revoked FROM access_code WHERE site = ? AND hash = ?")
        .bind(site)
        .bind(hash.as_slice())
        .fetch_optional(pool)
        .await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &SqliteRow) -> Result<KnownCode, sqlx::Error> {
    let studies: String = row.try_get("studies")?;
    let revoked: Option<i64> = row.try_get("revoked")?;
    Ok(KnownCode {
        id: row.try_get("id")?,
        studies: serde_json::from_str(&studies)
            .map_err(|cause| sqlx::Error::Decode(cause.into()))?,
        birth_date: row.try_get("birth_date")?,
        expires: row.try_get("expires")?,
        revoked: revoked.is_some(),
    })
}

/// Counts a use of a code before its birth date is compared; tells the count with this one.
///
/// # Errors
/// When the database fails.
pub async fn count_failure(pool: &SqlitePool, id: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE access_code SET failures = failures + 1 WHERE id = ? RETURNING failures",
    )
    .bind(id)
    .fetch_one(pool)
    .await
}

/// Forgets the failures of a code: the right person came.
///
/// # Errors
/// When the database fails.
pub async fn forget_failures(pool: &SqlitePool, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE access_code SET failures = 0 WHERE id = ?")
        .bind(id)
        .execute(pool)
        .await
        .map(drop)
}

/// What to withdraw.
#[derive(Clone, Debug)]
pub enum Withdraw {
    /// The code with this public name.
    Id(String),
    /// Every code that opens this study.
    Study(String),
}

/// Withdraws codes of a site and ends the sessions they opened; tells how many codes.
///
/// # Errors
/// When the database fails.
pub async fn revoke(
    pool: &SqlitePool,
    site: &str,
    what: &Withdraw,
    now: i64,
) -> Result<u64, sqlx::Error> {
    let (condition, value) = match what {
        Withdraw::Id(id) => ("id = ?3", id),
        Withdraw::Study(study) => {
            ("EXISTS (SELECT 1 FROM json_each(studies) WHERE value = ?3)", study)
        }
    };
    let statement = format!(
        "UPDATE access_code SET revoked = ?1 WHERE site = ?2 AND revoked IS NULL AND {condition} RETURNING id"
    );
    let mut transaction = pool.begin().await?;
    let ids: Vec<String> = sqlx::query_scalar(&statement)
        .bind(now)
        .bind(site)
        .bind(value)
        .fetch_all(&mut *transaction)
        .await?;
    for id in &ids {
        sqlx::query("DELETE FROM opened_exam WHERE subject = ?")
            .bind(id)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(ids.len() as u64)
}
