//! The page's way to imports, under the session.
//!
//! | request | what |
//! |---|---|
//! | `GET /api/examen/{visit}/import` | whether this visitor may, and into what |
//! | `POST …/import/candidates` | whom the worklist or the PACS knows by a patient id or accession number |
//! | `POST …/import/plan` | the dry run; 202 and `arriving` while an exam of another centre is still on its way |
//! | `POST …/import` | starts what a dry run named, when the identity is sent twice |
//! | `GET …/imports`, `GET …/imports/{job}` | this visitor's imports, and how far they have come |
//! | `POST …/imports/{job}/cancel`, `…/resume` | stops one; takes one up again |

use std::time::Duration;

use axum::{
    Extension, Json, Router,
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    choice::{Choice, dry_run, token},
    error::{ImportError, Invalid},
    importer::{Importer, Wanted},
    job::{Job, State as JobState},
    local::Local,
    queue::Queue,
    service::{cancel, carry_out, take_up, tidy},
};
use crate::{
    audit::{Entry, Event},
    client::Client,
    dicomweb::refusal::Refusal,
    session::Current,
    source::dimse::Asked,
    state::AppState,
    store::random_name,
};

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

/// The dry run; or, where the exam is still on its way from another centre, 202 and how much of it is here: to be asked again.
async fn plan(
    State(state): State<AppState>,
    importer: Importer,
    Json(wanted): Json<Wanted>,
) -> Result<Response, Refusal> {
    let chosen = importer.chosen(&wanted).await?;
    let told = dry_run(&*importer.source, &chosen.target, &chosen.instances, &chosen.local);
    let Some(one) = &chosen.consultation else { return Ok(self::told(&told.await?)) };
    // Well before the visitor would be told that the server takes too long.
    let patience = Duration::from_secs(state.request_seconds) / 2;
    if let Ok(told) = tokio::time::timeout(patience, told).await {
        return Ok(self::told(&told?));
    }
    let (here, instances) = one.arrived(&wanted.study, &chosen.series());
    let arriving = json!({ "arriving": { "here": here, "instances": instances } });
    Ok((StatusCode::ACCEPTED, self::told(&arriving)).into_response())
}

async fn start(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    importer: Importer,
    Json(confirmed): Json<Confirmed>,
) -> Result<Response, Refusal> {
    let Confirmed { target, study, choice, local, again, token: shown } = confirmed;
    let wanted = Wanted { target, study, choice, local };
    if wanted.local.clone().checked()? != again.checked()? {
        return Err(Invalid::Differs.into());
    }
    let chosen = importer.chosen(&wanted).await?;
    if token(&chosen.instances, &chosen.target.name, &chosen.local) != shown {
        return Err(Invalid::Stale.into());
    }
    let series = chosen.series();
    let whence = chosen.consultation.as_ref().map(|one| one.hosts(&wanted.study, &series));
    let session = importer.session(&wanted.study)?;
    let site = &importer.current.site;
    let job = Job {
        id: random_name(),
        site: site.id.to_string(),
        target: chosen.target.name.clone(),
        study: wanted.study,
        whence,
        who: importer.who(&client),
        state: JobState::Running,
        created: state.clock.seconds(),
        local: Some(chosen.local),
    };
    // First: else somebody without the session could carry it out.
    let under_way = importer.imports.begin(&job.id).ok_or(ImportError::Busy)?;
    Queue::new(state.store.pool.clone()).put(&job, &chosen.instances).await?;
    let answer = json!({ "job": job.id, "instances": chosen.instances.len() });
    carry_out(&state, site, (job, under_way), session);
    Ok((StatusCode::ACCEPTED, told(&answer)).into_response())
}

async fn list(State(state): State<AppState>, importer: Importer) -> Result<Response, Refusal> {
    let queue = Queue::new(state.store.pool.clone());
    let mut all = Vec::new();
    for job in queue.list(&importer.current.site.id).await? {
        if importer.is_theirs(&job) {
            all.push(job.told(&queue.progress(&job).await?));
        }
    }
    Ok(told(&all))
}

/// An import of this visitor.
struct Theirs {
    importer: Importer,
    queue: Queue,
    job: Job,
}

impl FromRequestParts<AppState> for Theirs {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let importer = Importer::from_request_parts(parts, state).await?;
        let path = Path::<JobPath>::from_request_parts(parts, state).await;
        let Path(JobPath { job }) = path.map_err(IntoResponse::into_response)?;
        let queue = Queue::new(state.store.pool.clone());
        let job = importer.job(&queue, &job).await.map_err(IntoResponse::into_response)?;
        Ok(Self { importer, queue, job })
    }
}

impl Theirs {
    async fn shown(&self) -> Result<Response, Refusal> {
        Ok(told(&self.job.told(&self.queue.progress(&self.job).await?)))
    }
}

async fn show(theirs: Theirs) -> Result<Response, Refusal> {
    theirs.shown().await
}

async fn stop(State(state): State<AppState>, theirs: Theirs) -> Result<Response, Refusal> {
    cancel(&theirs.queue, &theirs.job, state.clock.seconds()).await?;
    tidy(&theirs.queue, &state.store.folder).await?;
    theirs.shown().await
}

async fn resume(State(state): State<AppState>, theirs: Theirs) -> Result<Response, Refusal> {
    let Theirs { importer, queue, job } = &theirs;
    if matches!(job.state, JobState::Partial | JobState::Cancelled) {
        // Not the site's source for what came from elsewhere, nor the other way round.
        let session = importer.session(&job.study)?.filter(|_| job.whence.is_some());
        let under_way = importer.imports.begin(&job.id).ok_or(ImportError::Busy)?;
        if take_up(queue, job, state.clock.seconds()).await? {
            carry_out(&state, &importer.current.site, (job.clone(), under_way), session);
        }
    }
    theirs.shown().await
}

fn told<T: Serialize>(value: &T) -> Response {
    ([(header::CACHE_CONTROL, "private, no-store")], Json(value)).into_response()
}
