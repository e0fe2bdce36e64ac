//! `/connexion/{provider}/{number}`: to the provider.

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};

use super::{base, refusal, traveller};
use crate::{
    auth::oidc::{Kind, pending},
    client::Client,
    entry::{Language, Page, card::forgotten, link::too_many, visit_number},
    error::Failure,
    session::Current,
    state::AppState,
};

/// Remembers the departure and sends the browser away.
///
/// A link, not a form: `form-action 'self'` would also forbid where a form's answer leads.
pub(super) async fn go(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Language(lang): Language,
    current: Current,
    headers: HeaderMap,
    Path((provider, number)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let (number, site) = (visit_number(&number), current.site.clone());
    let kind = Kind::from_name(&provider);
    let Some((kind, provider)) = kind.and_then(|kind| Some((kind, site.identity.provider(kind)?)))
    else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    if !is_asked_here(&headers) {
        return Ok(Redirect::to(&format!("/entree/{number}")).into_response());
    }
    let page = Page::new(lang, &site, format!("/entree/{number}"));
    let (Some(who), Some(_link)) = (traveller(&current), current.visit(number).await?) else {
        return forgotten(page);
    };
    let now = state.clock.seconds();
    if let Err(seconds) = state.links.count(client.neighbourhood(), now) {
        return too_many(page, seconds);
    }
    let redirect_uri = format!("{}/connexion/{}/retour", base(&site, &client), kind.name());
    let departure = match provider.begin(&redirect_uri, now).await {
        Ok(departure) => departure,
        Err(cause) => return refusal::unavailable(page, number, &cause),
    };
    let visit = (number, redirect_uri.as_str());
    pending::remember(&state.store.pool, &who, kind, visit, &departure, now).await?;
    Ok(Redirect::to(departure.url.as_str()).into_response())
}

/// Whether the link was clicked on a page of this very host. Browsers that do not say are believed: all they
/// can be made to do is to leave for a provider.
fn is_asked_here(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin")
}
