//! `/examen/{number}`: the shell the viewer starts in.

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use super::{Language, Page, admit::closed, message, respond, visit_number};
use crate::{
    audit::{Entry, Event},
    client::Client,
    error::Failure,
    session::{Current, OpenedExam},
    state::AppState,
};

/// Logical names of the files the shell itself asks for.
const BOOT: &str = "boot.js";
const STYLE: &str = "app.css";

#[derive(Template)]
#[template(path = "exam.html")]
struct Shell<'a> {
    page: Page<'a>,
    number: u32,
    boot: String,
    style: Option<String>,
    assets: String,
}

/// The shell for who may see the exam, the card for everybody else.
pub(crate) async fn show(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Language(lang): Language,
    current: Current,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    let (number, site) = (visit_number(&number), current.site.clone());
    let page = Page::new(lang, &site, format!("/examen/{number}"));
    if let Some(closure) = current.closure(number) {
        return closed(page, closure);
    }
    let Some(exam) = current.login.as_ref().and_then(|login| login.exam(number)) else {
        return Ok(Redirect::to(&format!("/entree/{number}")).into_response());
    };
    let Some(boot) = state.assets.url(BOOT) else {
        tracing::error!("the viewer is not installed: no {BOOT} in the assets folder");
        let keys = ["entry.no_viewer.text"];
        return message(StatusCode::SERVICE_UNAVAILABLE, page, "entry.no_viewer.title", &keys, &[]);
    };
    current.touch().await?;
    write_opened(&state, &client, &current, exam).await?;
    let (style, assets) = (state.assets.url(STYLE), state.assets.map_as_json());
    respond(StatusCode::OK, &Shell { page, number, boot, style, assets })
}

async fn write_opened(
    state: &AppState,
    client: &Client,
    current: &Current,
    exam: &OpenedExam,
) -> Result<(), Failure> {
    let trace = current.trace();
    let entry = Entry {
        way: Some(&exam.way),
        subject: Some(&exam.subject),
        session: trace.as_deref(),
        studies: &exam.studies,
        ..Entry::new(Event::ExamOpened, &current.site.id, client.address)
    };
    state.audit.record(&entry).await.map_err(Failure::Audit)
}
