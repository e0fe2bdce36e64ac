//! `/entree/{number}`: the card where a visitor proves who they are.

use std::time::Duration;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use tokio::time::Instant;

use super::{
    Language, Page,
    admit::{Arrival, admit, closed},
    link::too_many,
    message, respond, visit_number,
};
use crate::{
    audit::{Entry, Event},
    auth::{Answer, Outcome, Slip},
    client::Client,
    consultation,
    error::Failure,
    link::Link,
    session::Current,
    state::AppState,
};

#[derive(Template)]
#[template(path = "card.html")]
struct Card<'a> {
    page: Page<'a>,
    number: u32,
    notice: Notice,
}

/// What is said above the form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    None,
    Cancelled,
    SessionEnded,
    Refused,
    SlipInCode,
    SlipInBirthDate,
}

impl Notice {
    const fn key(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Cancelled => "entry.oidc.cancelled",
            Self::SessionEnded => "entry.card.session_ended",
            Self::Refused => "entry.card.refused",
            Self::SlipInCode => "entry.card.slip_code",
            Self::SlipInBirthDate => "entry.card.slip_birth_date",
        }
    }

    const fn is_error(self) -> bool {
        matches!(self, Self::Refused | Self::SlipInCode | Self::SlipInBirthDate)
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::None | Self::Cancelled | Self::SessionEnded => StatusCode::OK,
            Self::Refused => StatusCode::FORBIDDEN,
            Self::SlipInCode | Self::SlipInBirthDate => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

/// The card, or straight to the exam for who may see it already.
pub(crate) async fn show(
    Language(lang): Language,
    current: Current,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    let (number, site) = (visit_number(&number), current.site.clone());
    if let Some(exam) = current.login.as_ref().and_then(|login| login.exam(number)) {
        let is_consulted = exam.link.as_ref().is_some_and(|link| link.consultation.is_some());
        let page = if is_consulted { "consultation" } else { "examen" };
        return Ok(Redirect::to(&format!("/{page}/{number}")).into_response());
    }
    let page = Page::new(lang, &site, format!("/entree/{number}"));
    if let Some(closure) = current.closure(number) {
        return closed(page, closure);
    }
    match current.visit(number).await? {
        None => return forgotten(page),
        Some(link) if link.consultation.is_some() => return consultation::card(page, number),
        Some(_) => {}
    }
    let notice = if current.login_ended() { Notice::SessionEnded } else { Notice::None };
    card(page, number, notice)
}

pub(super) fn card(page: Page<'_>, number: u32, notice: Notice) -> Result<Response, Failure> {
    respond(notice.status(), &Card { page, number, notice })
}

/// The link was clicked in another browser, or long ago.
pub(crate) fn forgotten(page: Page<'_>) -> Result<Response, Failure> {
    message(StatusCode::NOT_FOUND, page, "entry.forgotten.title", &["entry.forgotten.text"], &[])
}

/// Somebody loads the address of the form again, which a refusal leaves in the address bar.
pub(crate) async fn back(Path((number, _provider)): Path<(String, String)>) -> Redirect {
    Redirect::to(&format!("/entree/{}", visit_number(&number)))
}

/// Judges the form. Every refusal gives the same page, at the same time after it was asked for.
pub(crate) async fn identify(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Language(lang): Language,
    mut current: Current,
    Path((number, provider)): Path<(String, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let answer_at = Instant::now() + Duration::from_millis(state.access_code.refusal_milliseconds);
    let (number, site) = (visit_number(&number), current.site.clone());
    let page = Page::new(lang, &site, format!("/entree/{number}"));
    let offered = site.identity.access_code.then_some(&state.providers);
    let mut offered = offered.into_iter().flatten();
    let Some(provider) = offered.find(|known| known.name() == provider) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let Some(link) = current.visit(number).await? else { return forgotten(page) };
    if link.consultation.is_some() {
        // For professionals only, and no code makes one.
        return Ok(StatusCode::NOT_FOUND.into_response());
    }
    if let Err(seconds) = state.tries.count(client.neighbourhood(), state.clock.seconds()) {
        return too_many(page, seconds);
    }
    let answer = Answer::new(&fields, client.neighbourhood());
    let outcome = provider.identify(&site, &link, &answer).await;
    if !matches!(outcome, Ok(Outcome::Refused(_))) {
        state.tries.forgive(client.neighbourhood());
    }
    match outcome? {
        Outcome::Slip(slip) => card(page, number, notice_of(slip)),
        Outcome::Refused(reason) => {
            let refusal = (provider.name(), reason.name());
            write_refusal(&state, &client, &current, &link, refusal).await?;
            tokio::time::sleep_until(answer_at).await;
            card(page, number, Notice::Refused)
        }
        Outcome::Granted(granted) => {
            let arrival = Arrival {
                client: &client,
                number,
                link: &link,
                way: provider.name(),
                visitor: provider.visitor(),
                how: None,
                answer_at,
            };
            admit(&state, page, &mut current, &arrival, granted).await
        }
    }
}

const fn notice_of(slip: Slip) -> Notice {
    match slip {
        Slip::Code => Notice::SlipInCode,
        Slip::BirthDate => Notice::SlipInBirthDate,
    }
}

pub(super) async fn write_refusal(
    state: &AppState,
    client: &Client,
    current: &Current,
    link: &Link,
    (way, reason): (&str, &str),
) -> Result<(), Failure> {
    let trace = current.trace();
    let entry = Entry {
        way: Some(way),
        session: trace.as_deref(),
        studies: &link.studies,
        reason: Some(reason),
        ..Entry::new(Event::Refusal, &current.site.id, client.address)
    };
    state.audit.record(&entry).await.map_err(Failure::Audit)
}
