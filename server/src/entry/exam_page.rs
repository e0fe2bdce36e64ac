//! `/examen/{number}`: the shell the viewer starts in.

use std::collections::HashSet;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use super::{
    Language, Page, admit::closed, coming::Coming, inlined::Ready, message, respond, visit_number,
};
use crate::{
    access::Access,
    assets::Assets,
    audit::{Entry, Event},
    client::Client,
    error::Failure,
    reports::VisitorKind,
    session::{Current, OpenedExam},
    state::AppState,
};

/// Logical names of the files the shell itself asks for.
const BOOT: &str = "boot.js";
const STYLE: &str = "app.css";
/// Decodes nearly every exam: asked for before any picture, and never waits behind one.
const DECODER: &str = "decode_bg.wasm";
/// What waits for an exam of another centre and shows the first picture of it.
struct Waiting {
    scripts: Vec<String>,
    style: Option<String>,
}

impl Waiting {
    fn of(assets: &Assets) -> Self {
        let scripts = ["arriving.js", "panel-kit.js"].iter().filter_map(|name| assets.url(name));
        Self { scripts: scripts.collect(), style: assets.url("arriving.css") }
    }
}

#[derive(Template)]
#[template(path = "exam.html")]
struct Shell<'a> {
    page: Page<'a>,
    number: u32,
    /// How much the viewer offers at first; the visitor may choose otherwise.
    role: &'static str,
    /// Whether the exam may be imported into a local PACS by whoever looks at it.
    imports: bool,
    /// Of one that was opened in a consultation.
    coming: Option<Coming>,
    boot: String,
    style: Option<String>,
    decoder: Option<String>,
    /// Of one that is still on its way.
    waiting: Option<Waiting>,
    assets: String,
    ready: Ready,
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
    if exam.studies.is_empty() {
        // A consultation to which nothing was brought yet.
        return Ok(Redirect::to(&format!("/consultation/{number}")).into_response());
    }
    let Some(boot) = state.assets.url(BOOT) else {
        tracing::error!("the viewer is not installed: no {BOOT} in the assets folder");
        let keys = ["entry.no_viewer.text"];
        return message(StatusCode::SERVICE_UNAVAILABLE, page, "entry.no_viewer.title", &keys, &[]);
    };
    current.touch();
    write_opened(&state, &client, &current, exam).await?;
    let access = current.access();
    let ready = match &access {
        Some(access) => Ready::of(&*access.source, exam).await,
        None => Ready::default(),
    };
    let [style, decoder] = [STYLE, DECODER].map(|name| state.assets.url(name));
    let assets = state.assets.map_as_json();
    let (role, imports) = (role_of(exam.visitor), may_import(&state, &current, exam).await);
    let coming = Coming::of(&state, &current, exam);
    let is_waited_for = coming.is_some() && ready.inlined.is_none();
    let waiting = is_waited_for.then(|| Waiting::of(&state.assets));
    if is_waited_for {
        start(access, exam);
    }
    respond(
        StatusCode::OK,
        &Shell {
            page,
            number,
            role,
            imports,
            coming,
            boot,
            style,
            decoder,
            waiting,
            assets,
            ready,
        },
    )
}

/// Sends for one image of another centre's exam while its page is on the way to the browser, which then asks for it, and for the exam only after
/// that.
fn start(access: Option<Access>, exam: &OpenedExam) {
    let (Some(Access { source, .. }), Some(study)) = (access, exam.studies.first()) else { return };
    let study = study.clone();
    tokio::spawn(async move {
        // Whoever asks for it is told what is wrong.
        drop(source.first_arrival(&study, &HashSet::new()).await);
    });
}

/// Decides what is offered only: a failing database does not keep anybody from the images.
async fn may_import(state: &AppState, current: &Current, exam: &OpenedExam) -> bool {
    let (Some(imports), Some(login)) = (&current.site.imports, &current.login) else {
        return false;
    };
    let allowed = imports.allows(&state.store.pool, &login.id, exam).await;
    allowed.unwrap_or_else(|cause| {
        tracing::error!(%cause, "whether an exam may be imported");
        false
    })
}

/// As the viewer calls it (`viewer_web::state::page::Role`).
const fn role_of(visitor: VisitorKind) -> &'static str {
    match visitor {
        VisitorKind::Patient | VisitorKind::Representative => "patient",
        VisitorKind::Professional => "physician",
    }
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
