//! Links that were clicked, by visitor and number.

use super::Visitor;
use crate::{link::Link, store::Store};

/// The most links remembered for one visitor.
const MAX_VISITS: i64 = 32;

/// Remembers a link and tells its number; the same link keeps its number.
pub(super) async fn remember(
    store: &Store,
    visitor: &Visitor,
    link: &Link,
    now: i64,
) -> Result<u32, sqlx::Error> {
    let text = serde_json::to_string(link).map_err(|cause| sqlx::Error::Encode(cause.into()))?;
    let known: Option<u32> = sqlx::query_scalar(
        "UPDATE visit SET created = ? WHERE visitor = ? AND site = ? AND link = ? RETURNING number",
    )
    .bind(now)
    .bind(&visitor.id)
    .bind(&visitor.site)
    .bind(&text)
    .fetch_optional(&store.pool)
    .await?;
    if let Some(number) = known {
        return Ok(number);
    }
    // One statement, so that two tabs opened at once get two numbers.
    let number: u32 = sqlx::query_scalar(
        "INSERT INTO visit (visitor, number, site, link, created)
         SELECT ?1, COALESCE(MAX(number), 0) + 1, ?2, ?3, ?4 FROM visit WHERE visitor = ?1
         RETURNING number",
    )
    .bind(&visitor.id)
    .bind(&visitor.site)
    .bind(&text)
    .bind(now)
    .fetch_one(&store.pool)
    .await?;
    sqlx::query("DELETE FROM visit WHERE visitor = ? AND number <= ?")
        .bind(&visitor.id)
        .bind(i64::from(number) - MAX_VISITS)
        .execute(&store.pool)
        .await?;
    Ok(number)
}

/// The link of a visit, if this visitor made it on this site.
pub(super) async fn find(
    store: &Store,
    visitor: &Visitor,
    number: u32,
) -> Result<Option<Link>, sqlx::Error> {
    let text: Option<String> =
        sqlx::query_scalar("SELECT link FROM visit WHERE visitor = ? AND site = ? AND number = ?")
            .bind(&visitor.id)
            .bind(&visitor.site)
            .bind(number)
            .fetch_optional(&store.pool)
            .await?;
    text.map(|text| serde_json::from_str(&text).map_err(|cause| sqlx::Error::Decode(cause.into())))
        .transpose()
}

/// Forgets everything a visitor clicked.
pub(super) async fn forget(store: &Store, visitor: &Visitor) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM visit WHERE visitor = ?")
        .bind(&visitor.id)
        .execute(&store.pool)
        .await
        .map(drop)
}

/// Deletes logins that ended and visits older than `visit_seconds`. Visits of somebody who is still
/// logged in stay: their numbers must not be given out again while `/examen/{n}` works.
pub(crate) async fn prune(
    store: &Store,
    limits: super::Limits,
    visit_seconds: i64,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM login WHERE seen <= ? OR opened <= ?")
        .bind(now - limits.widest().idle_seconds)
        .bind(now - limits.widest().absolute_seconds)
        .execute(&store.pool)
        .await?;
    sqlx::query(
        "DELETE FROM visit WHERE created <= ? AND visitor NOT IN (SELECT visitor FROM login)",
    )
    .bind(now - visit_seconds)
    .execute(&store.pool)
    .await
    .map(drop)
}
