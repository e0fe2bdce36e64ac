//! `/au-revoir`: after logout, with the way to log out at the provider as well.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use url::form_urlencoded;

use super::{base, notice};
use crate::{
    auth::oidc::{Kind, tokens},
    client::Client,
    entry::{Language, Page},
    error::Failure,
    sites::Site,
    state::AppState,
};

/// The name of a farewell. Everything else in the query is ignored: providers send `state` back, or not.
fn name_in(query: Option<&str>) -> String {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs
        .into_iter()
        .find(|(name, _)| name == "suite")
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// The page. A link and not a redirect: the session here is over, whatever becomes of the one there.
pub(super) async fn show(
    State(state): State<AppState>,
    Language(lang): Language,
    Extension(site): Extension<Arc<Site>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let name = name_in(query.as_deref());
    let now = state.clock.seconds();
    let kind = if name.is_empty() {
        None
    } else {
        tokens::parted(&state.store.pool, &site.id, &name, now).await?
    };
    let mut keys = vec!["entry.goodbye.text"];
    let mut ways = Vec::new();
    if let Some(kind) = kind {
        let (still_open, leave) = match kind {
            Kind::Psc => ("entry.goodbye.psc", "entry.goodbye.psc_leave"),
            Kind::FranceConnect => {
                ("entry.goodbye.franceconnect", "entry.goodbye.franceconnect_leave")
            }
        };
        keys.push(still_open);
        ways.push((format!("/au-revoir/fournisseur?suite={name}"), leave));
    }
    keys.push("entry.goodbye.shared");
    notice(
        StatusCode::OK,
        Page::new(lang, &site, "/au-revoir"),
        "entry.goodbye.title",
        &keys,
        &ways,
    )
}

/// To the provider, with the ID token as the hint whose session is meant. This is the only token a browser
/// ever carries; it is spent by then, and nobody else can get hold of the address.
pub(super) async fn go(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Extension(site): Extension<Arc<Site>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let name = name_in(query.as_deref());
    let now = state.clock.seconds();
    let taken = tokens::take_farewell(&state.store.pool, &site.id, &name, now).await?;
    let back = format!("{}/au-revoir", base(&site, &client));
    let Some((kind, id_token)) = taken else {
        return Ok(Redirect::to("/au-revoir").into_response());
    };
    let Some(provider) = site.identity.provider(kind) else {
        return Ok(Redirect::to("/au-revoir").into_response());
    };
    match provider.logout_url(&id_token, &back, now).await {
        Ok(Some(url)) => Ok(Redirect::to(url.as_str()).into_response()),
        Ok(None) => Ok(Redirect::to("/au-revoir").into_response()),
        Err(cause) => {
            tracing::warn!(%cause, "cannot log out at the provider");
            Ok(Redirect::to("/au-revoir").into_response())
        }
    }
}
