//! The page's way to imports, under the session.
//!
//! | request | what |
//! |---|---|
//! | `GET /api/examen/{visit}/import` | whether this visitor may, and into what |
//! | `POST …/import/candidates` | whom the worklist or the PACS knows by a patient id or accession number |
//! | `POST …/import/plan` | the dry run |
//! | `POST …/import` | starts what a dry run named, when the identity is sent twice |
//! | `GET …/imports`, `GET …/imports/{job}` | this visitor's imports, and how far they have come |
//! | `POST …/imports/{job}/cancel`, `…/resume` | stops one; takes one up again |

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    extract::{FromRequestParts, Path, RawPathParams, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    choice::{Choice, dry_run, token},
    error::{ImportError, Invalid},
    job::{Job, State as JobState, Who},
    local::Local,
    queue::Queue,
    service::{SiteImports, begin, cancel, take_up},
};
use crate::{
    audit::{Entry, Event},
    client::Client,
    dicomweb::refusal::Refusal,
    session::{Current, OpenedExam},
    source::{Source, SourceError, dimse::Asked},
    state::AppState,
};

const NOT_HERE: &str = "This centre does not let you import its exams.";
const BUSY: &str = "This exam is being imported there already.";

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/examen/{visit}/import", get(offer).post(start))
        .route("/api/examen/{visit}/import/candidates", post(candidates))
        .route("/api/examen/{visit}/import/plan", post(plan))
        .route("/api/examen/{visit}/imports", get(list))
        .route("/api/examen/{visit}/imports/{job}", get(show))
        .route("/api/examen/{visit}/imports/{job}/cancel", post(stop))
        .route("/api/examen/{visit}/imports/{job}/resume", post(resume))
}

/// A visitor who may import this exam: a handler without one cannot be written.
struct Importer {
    current: Current,
    exam: OpenedExam,
    imports: Arc<SiteImports>,
}

impl FromRequestParts<AppState> for Importer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let current = Current::from_request_parts(parts, state).await;
        let current = current.map_err(IntoResponse::into_response)?;
        let parameters = RawPathParams::from_request_parts(parts, state).await;
        let visit = parameters.ok().and_then(|parameters| {
            let visit = parameters.iter().find(|(name, _)| *name == "visit");
            visit.and_then(|(_, visit)| visit.parse::<u32>().ok())
        });
        Self::of(current, visit, state).await.map_err(IntoResponse::into_response)
    }
}

impl Importer {
    async fn of(current: Current, visit: Option<u32>, state: &AppState) -> Result<Self, Refusal> {
        let login = current.login.as_ref().ok_or(Refusal::Unauthorized)?;
        let exam = visit.and_then(|visit| login.exam(visit)).ok_or(Refusal::NotFound)?.clone();
        let imports = current.site.imports.clone().ok_or(Refusal::Forbidden(NOT_HERE))?;
        let may = imports.allows(&state.store.pool, &login.id, &exam).await;
        match may {
            Ok(true) => Ok(Self { current, exam, imports }),
            Ok(false) => Err(Refusal::Forbidden(NOT_HERE)),
            Err(cause) => Err(Refusal::Internal(cause.to_string())),
        }
    }

    fn source(&self) -> &dyn Source {
        &*self.current.site.source
    }

    fn who(&self, client: &Client) -> Who {
        Who {
            way: Some(self.exam.way.clone()),
            subject: self.exam.subject.clone(),
            session: self.current.trace(),
            address: client.address,
        }
    }

    /// An import of this person, of an exam that they may see.
    async fn job(&self, queue: &Queue, id: &str) -> Result<Job, Refusal> {
        let job = queue.get(&self.current.site.id, id).await?;
        if self.is_theirs(&job) { Ok(job) } else { Err(Refusal::NotFound) }
    }

    fn is_theirs(&self, job: &Job) -> bool {
        job.who.subject == self.exam.subject && self.exam.studies.contains(&job.study)
    }
}

impl From<ImportError> for Refusal {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Unknown => Self::NotFound,
            ImportError::Busy => Self::Busy(BUSY),
            ImportError::Source(error) => error.into(),
            ImportError::Dimse(error) => Self::Source(error.into()),
            ImportError::Web(cause) => Self::Source(SourceError::Unavailable(cause)),
            error @ (ImportError::Database(_) | ImportError::Io(_)) => {
                Self::Internal(error.to_string())
            }
            error @ (ImportError::Invalid(_)
            | ImportError::Object(_)
            | ImportError::OtherPatient) => Self::Unprocessable(error.to_string()),
        }
    }
}

impl From<Invalid> for Refusal {
    fn from(error: Invalid) -> Self {
        ImportError::from(error).into()
    }
}

/// What is to be imported.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    target: String,
    study: String,
    #[serde(default)]
    choice: Choice,
    local: Local,
}

/// The same, as it was shown by the dry run, with the identity once more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmed {
    target: String,
    study: String,
    #[serde(default)]
    choice: Choice,
    local: Local,
    again: Local,
    token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    target: String,
    patient_id: Option<String>,
    accession: Option<String>,
}

#[derive(Deserialize)]
struct JobPath {
    job: String,
}

/// `{"import": true, "targets": ["PACS"]}`; asking is no offence, so nobody is refused.
async fn offer(
    State(state): State<AppState>,
    current: Current,
    Path(visit): Path<String>,
) -> Result<Response, Refusal> {
    match Importer::of(current, visit.parse().ok(), &state).await {
        Ok(importer) => Ok(told(&json!({ "import": true, "targets": importer.imports.names() }))),
        Err(Refusal::Forbidden(_)) => Ok(told(&json!({ "import": false, "targets": [] }))),
        Err(other) => Err(other),
    }
}

async fn candidates(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    importer: Importer,
    Json(question): Json<Question>,
) -> Result<Response, Refusal> {
    let target = importer.imports.target(&question.target)?;
    let asked = match (&question.patient_id, &question.accession) {
        (Some(id), None) => Asked::Patient(id),
        (None, Some(number)) => Asked::Accession(number),
        _ => return Err(Refusal::BadRequest("One of patient_id and accession.".to_owned())),
    };
    let reason = format!("target={}", target.name);
    let (who, site) = (importer.who(&client), &importer.current.site.id);
    let line = Entry {
        way: who.way.as_deref(),
        subject: Some(&who.subject),
        session: who.session.as_deref(),
        studies: &importer.exam.studies,
        reason: Some(&reason),
        ..Entry::new(Event::Queried, site, who.address)
    };
    state.audit.record(&line).await.map_err(ImportError::from)?;
    Ok(told(&target.candidates(asked).await?))
}

async fn plan(importer: Importer, Json(wanted): Json<Wanted>) -> Result<Response, Refusal> {
    let target = importer.imports.target(&wanted.target)?;
    let local = wanted.local.checked()?;
    if !importer.exam.studies.contains(&wanted.study) {
        return Err(Refusal::NotFound);
    }
    let chosen = wanted.choice.of(importer.source(), &wanted.study).await?;
    Ok(told(&dry_run(importer.source(), target, &chosen, &local).await?))
}

async fn start(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    importer: Importer,
    Json(wanted): Json<Confirmed>,
) -> Result<Response, Refusal> {
    let target = importer.imports.target(&wanted.target)?;
    let local = wanted.local.checked()?;
    if local != wanted.again.checked()? {
        return Err(Invalid::Differs.into());
    }
    if !importer.exam.studies.contains(&wanted.study) {
        return Err(Refusal::NotFound);
    }
    let chosen = wanted.choice.of(importer.source(), &wanted.study).await?;
    if token(&chosen, &target.name, &local) != wanted.token {
        return Err(Invalid::Stale.into());
    }
    let queue = Queue::new(state.store.pool.clone());
    let site = &importer.current.site;
    let mut job = Job {
        id: String::new(),
        site: site.id.to_string(),
        target: target.name.clone(),
        study: wanted.study,
        local: Some(local),
        who: importer.who(&client),
        state: JobState::Running,
        created: state.clock.seconds(),
    };
    job.id = queue.put(&job, &chosen).await?;
    let answer = json!({ "job": job.id, "instances": chosen.len() });
    begin(&state, site, job);
    Ok((StatusCode::ACCEPTED, told(&answer)).into_response())
}

async fn list(State(state): State<AppState>, importer: Importer) -> Result<Response, Refusal> {
    let queue = Queue::new(state.store.pool.clone());
    let mut all = Vec::new();
    for job in queue.list(&importer.current.site.id).await? {
        if importer.is_theirs(&job) {
            all.push(shown(&queue, &job).await?);
        }
    }
    Ok(told(&all))
}

async fn show(
    State(state): State<AppState>,
    importer: Importer,
    Path(JobPath { job }): Path<JobPath>,
) -> Result<Response, Refusal> {
    let queue = Queue::new(state.store.pool.clone());
    let job = importer.job(&queue, &job).await?;
    Ok(told(&shown(&queue, &job).await?))
}

async fn stop(
    State(state): State<AppState>,
    importer: Importer,
    Path(JobPath { job }): Path<JobPath>,
) -> Result<Response, Refusal> {
    let queue = Queue::new(state.store.pool.clone());
    let job = importer.job(&queue, &job).await?;
    cancel(&queue, &job, state.clock.seconds()).await?;
    Ok(told(&shown(&queue, &job).await?))
}

async fn resume(
    State(state): State<AppState>,
    importer: Importer,
    Path(JobPath { job }): Path<JobPath>,
) -> Result<Response, Refusal> {
    let queue = Queue::new(state.store.pool.clone());
    let job = importer.job(&queue, &job).await?;
    if take_up(&queue, &job, state.clock.seconds()).await? {
        begin(&state, &importer.current.site, job.clone());
    }
    Ok(told(&shown(&queue, &job).await?))
}

async fn shown(queue: &Queue, job: &Job) -> Result<serde_json::Value, ImportError> {
    let progress = queue.progress(job).await?;
    Ok(json!({
        "job": job.id, "target": job.target, "study": job.study, "created": job.created,
        "progress": progress,
    }))
}

fn told<T: Serialize>(value: &T) -> Response {
    ([(header::CACHE_CONTROL, "private, no-store")], Json(value)).into_response()
}
