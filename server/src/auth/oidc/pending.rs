//! Browsers that are away at a provider, and what they are asked when they come back.
//!
//! Everything is bound to the visitor behind the session's cookie, good once, and for ten minutes.

use sha2::{Digest, Sha256};
use sqlx::{Row, SqlitePool};

use super::{Departure, Kind};

/// Seconds a visitor may stay away.
pub const AWAY_SECONDS: i64 = 600;
/// The most departures of one visitor that count at the same time (tabs).
const MAX_AWAY: i64 = 8;

/// Who went away, from where.
pub struct Traveller<'a> {
    /// The visitor behind the cookie.
    pub visitor: &'a str,
    /// Site, by its first host.
    pub site: &'a str,
}

/// A departure that was taken back.
pub struct Pending {
    /// Number of the visit whose exam is to be opened.
    pub number: u32,
    /// Address the provider was told to answer to.
    pub redirect_uri: String,
    /// Expected inside the ID token.
    pub nonce: String,
    /// Proves with the code that the same client asked.
    pub verifier: String,
}

/// Remembers a departure.
///
/// # Errors
/// When the database fails.
pub async fn remember(
    pool: &SqlitePool,
    who: &Traveller<'_>,
    kind: Kind,
    (number, redirect_uri): (u32, &str),
    departure: &Departure,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO oidc_pending
           (state_hash, visitor, site, provider, number, redirect_uri, nonce, verifier, created)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(hash(&departure.state))
    .bind(who.visitor)
    .bind(who.site)
    .bind(kind.name())
    .bind(number)
    .bind(redirect_uri)
    .bind(&departure.nonce)
    .bind(&departure.verifier)
    .bind(now)
    .execute(pool)
    .await?;
    sqlx::query(
        "DELETE FROM oidc_pending WHERE visitor = ?1 AND rowid NOT IN
           (SELECT rowid FROM oidc_pending WHERE visitor = ?1 ORDER BY rowid DESC LIMIT ?2)",
    )
    .bind(who.visitor)
    .bind(MAX_AWAY)
    .execute(pool)
    .await
    .map(drop)
}

/// Takes a departure back by the `state` that came with the browser. `None` where this visitor never left
/// with it, came back already, or stayed away too long. Another visitor's departure is left alone.
///
/// # Errors
/// When the database fails.
pub async fn take(
    pool: &SqlitePool,
    who: &Traveller<'_>,
    kind: Kind,
    state: &str,
    now: i64,
) -> Result<Option<Pending>, sqlx::Error> {
    let row = sqlx::query(
        "DELETE FROM oidc_pending WHERE state_hash = ? AND visitor = ? AND site = ? AND provider = ?
         RETURNING number, redirect_uri, nonce, verifier, created",
    )
    .bind(hash(state))
    .bind(who.visitor)
    .bind(who.site)
    .bind(kind.name())
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let created: i64 = row.try_get("created")?;
    let pending = Pending {
        number: row.try_get("number")?,
        redirect_uri: row.try_get("redirect_uri")?,
        nonce: row.try_get("nonce")?,
        verifier: row.try_get("verifier")?,
    };
    Ok((now - created < AWAY_SECONDS).then_some(pending))
}

/// Keeps a proof while its owner chooses a situation. The last one counts.
///
/// # Errors
/// When the database fails.
pub async fn ask(
    pool: &SqlitePool,
    who: &Traveller<'_>,
    number: u32,
    proof: &str,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT OR REPLACE INTO oidc_choice (visitor, site, number, proof, created)
         VALUES (?, ?, ?, ?, ?)",
    )
    .bind(who.visitor)
    .bind(who.site)
    .bind(number)
    .bind(proof)
    .bind(now)
    .execute(pool)
    .await
    .map(drop)
}

/// The visit and the proof of a visitor who is choosing.
///
/// # Errors
/// When the database fails.
pub async fn asked(
    pool: &SqlitePool,
    who: &Traveller<'_>,
    now: i64,
) -> Result<Option<(u32, String)>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT number, proof FROM oidc_choice WHERE visitor = ? AND site = ? AND created > ?",
    )
    .bind(who.visitor)
    .bind(who.site)
    .bind(now - AWAY_SECONDS)
    .fetch_optional(pool)
    .await?;
    row.map(|row| Ok((row.try_get("number")?, row.try_get("proof")?))).transpose()
}

/// Ends a choice. Tells whether it was still open: two answers at once are one.
///
/// # Errors
/// When the database fails.
pub async fn answered(pool: &SqlitePool, who: &Traveller<'_>) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("DELETE FROM oidc_choice WHERE visitor = ? AND site = ?")
        .bind(who.visitor)
        .bind(who.site)
        .execute(pool)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets who stayed away, did not choose or did not say farewell.
pub(crate) async fn prune(pool: &SqlitePool, now: i64) -> Result<(), sqlx::Error> {
    for statement in [
        "DELETE FROM oidc_pending WHERE created <= ?",
        "DELETE FROM oidc_choice WHERE created <= ?",
        "DELETE FROM oidc_farewell WHERE created <= ?",
    ] {
        sqlx::query(statement).bind(now - AWAY_SECONDS).execute(pool).await?;
    }
    Ok(())
}

/// Who reads the database cannot finish anybody's login.
pub(super) fn hash(secret: &str) -> String {
    Sha256::digest(secret).iter().map(|byte| format!("{byte:02x}")).collect()
}
