//! `/IHEInvokeImageDisplay`: the link of the report (IHE RAD-106).
//!
//! A readable link always leads to the card, whether or not its exam exists: the source is not asked before the answer
//! is there. Only who proves to be the patient learns more.

use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Redirect, Response},
};

use super::{Language, Page, message, prepare};
use crate::{
    audit::{Entry, Event},
    client::Client,
    error::Failure,
    link::{Link, LinkError},
    session::Current,
    state::AppState,
};

/// Parks the request of the link under a number and leads to a clean address.
pub(crate) async fn open(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Language(lang): Language,
    mut current: Current,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let site = current.site.clone();
    let page = Page::new(lang, &site, "/");
    let link = match Link::parse(query.as_deref().unwrap_or_default()) {
        Ok(link) => link,
        Err(error) => {
            // Counted too: each leaves a line on the disk.
            if let Err(seconds) = state.links.count(client.neighbourhood(), state.clock.seconds()) {
                return too_many(page, seconds);
            }
            write_refusal(&state, &client, &site.id).await?;
            return refuse(page, error);
        }
    };
    if let Some(number) = opened_before(&current, &link) {
        return Ok(Redirect::to(&format!("/examen/{number}")).into_response());
    }
    if let Err(seconds) = state.links.count(client.neighbourhood(), state.clock.seconds()) {
        return too_many(page, seconds);
    }
    let number = current.remember(&link).await?;
    prepare::begin(&state, &site, &client, &link);
    let page = if current.login.as_ref().is_some_and(|login| login.exam(number).is_some()) {
        format!("/examen/{number}")
    } else {
        format!("/entree/{number}")
    };
    Ok(Redirect::to(&page).into_response())
}

/// The visit that already shows every study of the link.
fn opened_before(current: &Current, link: &Link) -> Option<u32> {
    let exams = &current.login.as_ref()?.exams;
    let shows_all = |studies: &[String]| link.studies.iter().all(|study| studies.contains(study));
    exams
        .iter()
        .filter(|exam| exam.link.as_ref().is_none_or(|of| of.consultation.is_none()))
        .find(|exam| !link.studies.is_empty() && shows_all(&exam.studies))
        .map(|exam| exam.number)
}

async fn write_refusal(state: &AppState, client: &Client, site: &str) -> Result<(), Failure> {
    let entry = Entry {
        reason: Some("malformed_link"),
        ..Entry::new(Event::Refusal, site, client.address)
    };
    state.audit.record(&entry).await.map_err(Failure::Audit)
}

fn refuse(page: Page<'_>, error: LinkError) -> Result<Response, Failure> {
    let keys = [error.key(), "entry.link.what_to_do"];
    let values = [("parameter", error.parameter())];
    message(StatusCode::BAD_REQUEST, page, "entry.link.title", &keys, &values)
}

/// 429 with the minutes to wait.
pub(crate) fn too_many(page: Page<'_>, seconds: i64) -> Result<Response, Failure> {
    let minutes = (seconds / 60 + 1).to_string();
    let values = [("minutes", minutes.as_str())];
    let mut response = message(
        StatusCode::TOO_MANY_REQUESTS,
        page,
        "entry.too_many.title",
        &["entry.too_many.text"],
        &values,
    )?;
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
    Ok(response)
}
