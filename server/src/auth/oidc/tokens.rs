//! What is kept of a login at a provider: who, and the tokens for its heart-beat and its end.

use sqlx::{Row, SqlitePool, sqlite::SqliteRow};

use super::{
    Kind, Tokens,
    pending::{AWAY_SECONDS, hash},
};
use crate::store::random_name;

/// A person at a provider: the two together are the key, never one alone.
#[derive(Clone, Copy)]
pub struct Person<'a> {
    /// Who vouches.
    pub issuer: &'a str,
    /// The name there.
    pub subject: &'a str,
}

/// Keeps the tokens of a login.
///
/// # Errors
/// When the database fails.
pub async fn keep(
    pool: &SqlitePool,
    (login, site): (&str, &str),
    kind: Kind,
    person: Person<'_>,
    tokens: &Tokens,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT OR REPLACE INTO oidc_login
           (login, site, provider, issuer, subject, id_token, refresh_token, checked)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(login)
    .bind(site)
    .bind(kind.name())
    .bind(person.issuer)
    .bind(person.subject)
    .bind(&tokens.id_token)
    .bind(&tokens.refresh_token)
    .bind(now)
    .execute(pool)
    .await
    .map(drop)
}

/// Whether a login was opened by this person.
///
/// # Errors
/// When the database fails.
pub async fn is_of(
    pool: &SqlitePool,
    login: &str,
    person: Person<'_>,
) -> Result<bool, sqlx::Error> {
    let known: Option<i64> = sqlx::query_scalar(
        "SELECT 1 FROM oidc_login WHERE login = ? AND issuer = ? AND subject = ?",
    )
    .bind(login)
    .bind(person.issuer)
    .bind(person.subject)
    .fetch_optional(pool)
    .await?;
    Ok(known.is_some())
}

/// Before a login ends: a name under which it can also be ended at the provider, for ten minutes. `None`
/// where it was not opened at one.
///
/// # Errors
/// When the database fails.
pub async fn part(pool: &SqlitePool, login: &str, now: i64) -> Result<Option<String>, sqlx::Error> {
    let name = random_name();
    let done = sqlx::query(
        "INSERT INTO oidc_farewell (name_hash, site, provider, id_token, created)
         SELECT ?, site, provider, id_token, ? FROM oidc_login WHERE login = ?",
    )
    .bind(hash(&name))
    .bind(now)
    .bind(login)
    .execute(pool)
    .await?;
    Ok((done.rows_affected() == 1).then_some(name))
}

/// The provider of a farewell that is still open.
///
/// # Errors
/// When the database fails.
pub async fn parted(
    pool: &SqlitePool,
    site: &str,
    name: &str,
    now: i64,
) -> Result<Option<Kind>, sqlx::Error> {
    let provider: Option<String> = sqlx::query_scalar(
        "SELECT provider FROM oidc_farewell WHERE name_hash = ? AND site = ? AND created > ?",
    )
    .bind(hash(name))
    .bind(site)
    .bind(now - AWAY_SECONDS)
    .fetch_optional(pool)
    .await?;
    Ok(provider.as_deref().and_then(Kind::from_name))
}

/// Takes a farewell: provider and ID token.
///
/// # Errors
/// When the database fails.
pub async fn take_farewell(
    pool: &SqlitePool,
    site: &str,
    name: &str,
    now: i64,
) -> Result<Option<(Kind, String)>, sqlx::Error> {
    let row = sqlx::query(
        "DELETE FROM oidc_farewell WHERE name_hash = ? AND site = ? AND created > ?
         RETURNING provider, id_token",
    )
    .bind(hash(name))
    .bind(site)
    .bind(now - AWAY_SECONDS)
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let provider: String = row.try_get("provider")?;
    Ok(Kind::from_name(&provider).zip(Some(row.try_get("id_token")?)))
}

/// A login with a heart-beat.
pub(super) struct Beating {
    pub(super) login: String,
    /// When the provider last said that it lives.
    pub(super) checked: i64,
}

/// Logins of professionals on a site whose last check is at or before `before`.
pub(super) async fn beating(
    pool: &SqlitePool,
    site: &str,
    before: i64,
) -> Result<Vec<Beating>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT login, checked FROM oidc_login
         WHERE site = ? AND provider = ? AND checked <= ? ORDER BY checked",
    )
    .bind(site)
    .bind(Kind::Psc.name())
    .bind(before)
    .fetch_all(pool)
    .await?;
    let beating = |row: &SqliteRow| {
        Ok(Beating { login: row.try_get("login")?, checked: row.try_get("checked")? })
    };
    rows.iter().map(beating).collect()
}

/// The refresh token of a login; `None` where the login is over or the provider gave none.
pub(super) async fn refresh_token(
    pool: &SqlitePool,
    login: &str,
) -> Result<Option<String>, sqlx::Error> {
    let found: Option<Option<String>> =
        sqlx::query_scalar("SELECT refresh_token FROM oidc_login WHERE login = ?")
            .bind(login)
            .fetch_optional(pool)
            .await?;
    Ok(found.flatten())
}

/// Keeps the next refresh token of a login.
pub(super) async fn renewed(
    pool: &SqlitePool,
    login: &str,
    refresh_token: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE oidc_login SET refresh_token = ? WHERE login = ?")
        .bind(refresh_token)
        .bind(login)
        .execute(pool)
        .await
        .map(drop)
}

/// Notes that a login lives.
pub(super) async fn beat(pool: &SqlitePool, login: &str, checked: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE oidc_login SET checked = ? WHERE login = ?")
        .bind(checked)
        .bind(login)
        .execute(pool)
        .await
        .map(drop)
}
