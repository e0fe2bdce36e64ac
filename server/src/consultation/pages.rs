//! The pages of a consultation. They work without script, as all pages before the viewer.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Json,
    extract::{FromRequestParts, Path, Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use serde_json::json;

use super::{
    desk::desk,
    one::{Consultation, Images},
    progress, upload,
};
use crate::{
    audit::{Entry, Event},
    client::Client,
    config::ConsultationConfig,
    entry::{Language, Page, card::forgotten, link::too_many, message, respond, visit_number},
    error::Failure,
    link::Link,
    session::{Current, OpenedExam},
    state::AppState,
};

/// What this is, and a button.
#[derive(Template)]
#[template(path = "consultation_start.html")]
struct Start<'a> {
    page: Page<'a>,
}

/// Where a professional logs in for it: no other way leads here.
#[derive(Template)]
#[template(path = "consultation_card.html")]
struct Card<'a> {
    page: Page<'a>,
    number: u32,
}

/// `GET /consultation`
pub(super) async fn start(Language(lang): Language, current: Current) -> Result<Response, Failure> {
    let site = current.site.clone();
    if site.consultation.is_none() {
        return Ok(StatusCode::NOT_FOUND.into_response());
    }
    respond(StatusCode::OK, &Start { page: Page::new(lang, &site, "/consultation") })
}

/// `POST /consultation`: a consultation for whoever the first manifest is about.
pub(super) async fn begin(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Language(lang): Language,
    mut current: Current,
) -> Result<Response, Failure> {
    let (site, now) = (current.site.clone(), state.clock.seconds());
    if site.consultation.is_none() {
        return Ok(StatusCode::NOT_FOUND.into_response());
    }
    if let Err(seconds) = state.links.count(client.neighbourhood(), now) {
        return too_many(Page::new(lang, &site, "/consultation"), seconds);
    }
    let one = state.consultations.put(Consultation::new(&site.id, None, now));
    let number = remember(&mut current, &one).await?;
    one.bind(current.visitor_id().ok_or(Failure::Layer("visitor"))?);
    Ok(Redirect::to(&format!("/entree/{number}")).into_response())
}

/// `GET /consultation/appel/{name}`: the address that a contextual call was answered with, good once.
pub(super) async fn open(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Language(lang): Language,
    mut current: Current,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let (site, now) = (current.site.clone(), state.clock.seconds());
    let page = Page::new(lang, &site, "/");
    if let Err(seconds) = state.links.count(client.neighbourhood(), now) {
        return too_many(page, seconds);
    }
    let Some(one) = state.consultations.called(&site.id, &name, now) else { return gone(page) };
    let number = remember(&mut current, &one).await?;
    let visitor = current.visitor_id().ok_or(Failure::Layer("visitor"))?;
    match state.consultations.open(&site.id, &name, visitor, now) {
        Some(_) => Ok(Redirect::to(&format!("/entree/{number}")).into_response()),
        None => gone(page),
    }
}

fn gone(page: Page<'_>) -> Result<Response, Failure> {
    message(StatusCode::GONE, page, "consultation.gone.title", &["consultation.gone.text"], &[])
}

async fn remember(current: &mut Current, one: &Consultation) -> Result<u32, Failure> {
    let link = Link { consultation: Some(one.id.clone()), ..Link::default() };
    current.remember(&link).await
}

/// Where a professional logs in for a consultation.
pub(crate) fn card(page: Page<'_>, number: u32) -> Result<Response, Failure> {
    respond(StatusCode::OK, &Card { page, number })
}

/// A consultation that is open in this session.
struct Opened {
    one: Arc<Consultation>,
    config: Arc<ConsultationConfig>,
    exam: OpenedExam,
}

impl Opened {
    fn of(state: &AppState, current: &Current, number: u32) -> Option<Self> {
        let exam = current.login.as_ref()?.exam(number)?.clone();
        let id = exam.link.as_ref()?.consultation.clone()?;
        let one = state.consultations.of(&current.site.id, current.visitor_id()?, &id)?;
        Some(Self { one, config: current.site.consultation.clone()?, exam })
    }

    /// The images of the exam at a place, and its study.
    fn exam(
        state: &AppState,
        current: &Current,
        number: u32,
        place: &str,
    ) -> Option<(Arc<Images>, String)> {
        let one = Self::of(state, current, number)?.one;
        let place = usize::try_from(visit_number(place)).ok()?.checked_sub(1)?;
        let study = one.studies().get(place)?.clone();
        current.touch();
        Some((one.images()?, study))
    }
}

/// `GET /consultation/{number}`
pub(super) async fn show(
    State(state): State<AppState>,
    Language(lang): Language,
    current: Current,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    let number = visit_number(&number);
    match Opened::of(&state, &current, number) {
        Some(opened) => {
            current.touch();
            let page = Page::new(lang, &current.site, format!("/consultation/{number}"));
            desk(StatusCode::OK, page, number, &opened.one, &[])
        }
        None => Ok(Redirect::to(&format!("/entree/{number}")).into_response()),
    }
}

/// `GET /api/consultation/{number}`: timeline and progress.
pub(super) async fn told(
    State(state): State<AppState>,
    current: Current,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    let Some(opened) = Opened::of(&state, &current, visit_number(&number)) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    Ok(Json(progress::told(&opened.one)).into_response())
}

/// `POST /consultation/{number}/manifestes`: a form of files, or one file.
pub(super) async fn bring(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Language(lang): Language,
    current: Current,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    let (number, site) = (visit_number(&number), current.site.clone());
    let Some(opened) = Opened::of(&state, &current, number) else {
        return forgotten(Page::new(lang, &site, "/"));
    };
    current.touch();
    let page = Page::new(lang, &site, format!("/consultation/{number}"));
    let (parts, body) = request.into_parts();
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let body = axum::body::to_bytes(body, upload::MAX_BODY).await.unwrap_or_default();
    let files = upload::files(content_type.unwrap_or_default(), &body).unwrap_or_default();
    let trace = current.trace();
    let entry = Entry {
        way: Some(&opened.exam.way),
        subject: Some(&opened.exam.subject),
        session: trace.as_deref(),
        ..Entry::new(Event::FactsImported, &site.id, client.address)
    };
    let mut outcomes = Vec::new();
    for file in files {
        outcomes.push(upload::take(&state, &opened.config, &opened.one, file, &entry).await?);
    }
    let status = upload::status(&outcomes);
    if wants_json(&parts.headers) {
        let told: Vec<_> = outcomes.iter().map(upload::told).collect();
        return Ok((status, Json(json!({ "outcomes": told }))).into_response());
    }
    desk(status, page, number, &opened.one, &outcomes)
}

/// An exam of a consultation that is open in this session.
pub(super) struct Chosen {
    number: u32,
    place: u32,
    images: Arc<Images>,
    study: String,
}

impl FromRequestParts<AppState> for Chosen {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let refused = |failure: Failure| failure.into_response();
        let current = Current::from_request_parts(parts, state).await.map_err(refused)?;
        let Ok(Language(lang)) = Language::from_request_parts(parts, state).await;
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((number, place)) = path.map_err(IntoResponse::into_response)?;
        let number = visit_number(&number);
        let Some((images, study)) = Opened::exam(state, &current, number, &place) else {
            let page = forgotten(Page::new(lang, &current.site, "/"));
            return Err(page.unwrap_or_else(refused));
        };
        Ok(Self { number, place: visit_number(&place), images, study })
    }
}

/// `POST /consultation/{number}/arret/{place}`: no more of an exam is to come for now.
pub(super) async fn stop(chosen: Chosen) -> Redirect {
    chosen.images.received.stop(&chosen.study);
    Redirect::to(&format!("/consultation/{}", chosen.number))
}

/// `POST /consultation/{number}/reprise/{place}`: the exam again, and the rest of it.
pub(super) async fn resume(chosen: Chosen) -> Redirect {
    chosen.images.received.resume(&chosen.study);
    Redirect::to(&format!("/examen/{}#{}", chosen.number, chosen.place))
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.starts_with("application/json"))
}
