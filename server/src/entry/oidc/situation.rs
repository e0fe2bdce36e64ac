//! `/connexion/psc/situation`: in which situation a professional looks at the exam.

use askama::Template;
use axum::{Extension, Form, extract::State, http::StatusCode, response::Response};
use serde::Deserialize;

use super::{
    back::Context,
    open::{Choosing, open_as},
    refusal, traveller,
};
use crate::{
    auth::oidc::{pending, psc::Situation},
    client::Client,
    entry::{Language, Page, respond},
    error::Failure,
    session::Current,
    state::AppState,
};

/// Address of the page.
const HERE: &str = "/connexion/psc/situation";
/// Professions that have words in the catalogue (TRE_G15).
const NAMED: [&str; 8] = ["10", "21", "40", "50", "60", "70", "80", "98"];

#[derive(Template)]
#[template(path = "situation.html")]
struct Choice<'a> {
    page: Page<'a>,
    situations: Vec<Line>,
    is_missing: bool,
}

/// A situation in words.
struct Line {
    profession: String,
    place: String,
}

/// What is sent back: the position in the list.
#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    situation: String,
}

/// The list.
pub(super) async fn show(
    State(state): State<AppState>,
    Language(lang): Language,
    current: Current,
) -> Result<Response, Failure> {
    let site = current.site.clone();
    match asked(&state, &current).await? {
        Some((_number, choosing)) => {
            list(Page::new(lang, &site, HERE), &choosing.situations, false)
        }
        None => refusal::expired(Page::new(lang, &site, "/")),
    }
}

/// The choice: opens the exam.
pub(super) async fn choose(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Language(lang): Language,
    current: Current,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Failure> {
    let site = current.site.clone();
    let Some((number, choosing)) = asked(&state, &current).await? else {
        return refusal::expired(Page::new(lang, &site, "/"));
    };
    let page = Page::new(lang, &site, format!("/entree/{number}"));
    let position: Option<usize> = chosen.situation.parse().ok();
    let Some(situation) = position.and_then(|at| choosing.situations.get(at)).cloned() else {
        return list(Page::new(lang, &site, HERE), &choosing.situations, true);
    };
    let who = traveller(&current).ok_or(Failure::Layer("visitor"))?;
    if !pending::answered(&state.store.pool, &who).await? {
        return refusal::expired(page);
    }
    let kind = choosing.kept.kind;
    let context = Context { state: &state, client: &client, page, site: &site, kind, number };
    open_as(context, current, choosing, &situation).await
}

async fn asked(state: &AppState, current: &Current) -> Result<Option<(u32, Choosing)>, Failure> {
    let Some(who) = traveller(current) else { return Ok(None) };
    let found = pending::asked(&state.store.pool, &who, state.clock.seconds()).await?;
    let Some((number, proof)) = found else { return Ok(None) };
    let choosing = serde_json::from_str(&proof)
        .map_err(|cause| Failure::Database(sqlx::Error::Decode(cause.into())))?;
    Ok(Some((number, choosing)))
}

fn list(page: Page<'_>, situations: &[Situation], is_missing: bool) -> Result<Response, Failure> {
    let situations = situations.iter().map(|situation| line(&page, situation)).collect();
    let status = if is_missing { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    respond(status, &Choice { page, situations, is_missing })
}

fn line(page: &Page<'_>, situation: &Situation) -> Line {
    let code = situation.profession.as_str();
    let profession = if NAMED.contains(&code) {
        page.t(&format!("entry.profession.{code}")).into_owned()
    } else {
        format!("{} {code}", page.t("entry.profession.other"))
    };
    let place = [&situation.place, &situation.place_id].into_iter().find(|text| !text.is_empty());
    let place = place.cloned().unwrap_or_else(|| page.t("entry.situation.no_place").into_owned());
    Line { profession, place }
}
