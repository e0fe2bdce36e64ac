//! Exams to take away: a ZIP of DICOM files with a DICOMDIR (PS3.10, PS3.12), made while it is sent.
//!
//! Files come from the site's source, whatever that is, one after the other and only as fast as the client takes them. The line
//! in the journal is written before the first byte is sent.

mod anonymous;
mod directory;
mod extent;
mod offer;
pub(crate) mod opened;
mod parcel;
mod places;
mod readme;
mod records;
mod rewrite;
mod zip_stream;

use axum::{
    Extension, Router,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::stream;
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;

pub use self::offer::Downloads;
use self::{anonymous::Anonymiser, parcel::Parcel};
use crate::{
    audit::{Entry, Event},
    client::Client,
    dicomweb::{granted::Visitor, refusal::Refusal},
    session::{Current, OpenedExam},
    source::{InstanceRef, Scope},
    state::AppState,
};

/// What the file is called: nothing of whose it is.
const FILE_NAME: &str = "attachment; filename=\"examen-dicom.zip\"";
const NOT_HERE: &str = "This centre does not offer copies of its exams here.";
const BUSY: &str = "Too many copies are being sent. Try again in a few minutes.";

/// `/api/examen/{visit}/dicom.zip`: all studies of a visit; `…/{number}/dicom.zip`: one of them. `…/copies` says what is offered.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/examen/{visit}/dicom.zip", get(copy))
        .route("/api/examen/{visit}/{number}/dicom.zip", get(copy))
        .route("/api/examen/{visit}/copies", get(offer::show))
}

/// Path of a copy. Text, so that nonsense is as unknown as another visitor's exam.
#[derive(Deserialize)]
struct CopyPath {
    visit: String,
    number: Option<String>,
}

/// How it is wanted.
#[derive(Deserialize)]
struct CopyQuery {
    /// Without identity.
    #[serde(default)]
    anonyme: bool,
    /// With pictures that may show a name, if without identity.
    #[serde(default)]
    pixels: bool,
}

impl CopyPath {
    /// The exam that is meant, with its studies.
    fn exam<'a>(&self, current: &'a Current) -> Result<(&'a OpenedExam, &'a [String]), Refusal> {
        let login = current.login.as_ref().ok_or(Refusal::Unauthorized)?;
        let visit = self.visit.parse().map_err(|_not_a_number| Refusal::NotFound)?;
        let exam = login.exam(visit).ok_or(Refusal::NotFound)?;
        let studies = match &self.number {
            None => exam.studies.as_slice(),
            Some(number) => {
                let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                let study = index.and_then(|index| exam.studies.get(index..=index));
                study.ok_or(Refusal::NotFound)?
            }
        };
        Ok((exam, studies))
    }
}

async fn copy(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    current: Current,
    Visitor(access): Visitor,
    Path(path): Path<CopyPath>,
    Query(query): Query<CopyQuery>,
) -> Result<Response, Refusal> {
    let (exam, studies) = path.exam(&current)?;
    let downloads = &current.site.downloads;
    if !downloads.allows(exam.visitor) || (query.anonyme && !downloads.config.anonymised) {
        return Err(Refusal::Forbidden(NOT_HERE));
    }
    let turn = downloads.turn(&access.login).ok_or(Refusal::Busy(BUSY))?;
    let mut instances = Vec::new();
    for study in studies {
        let scope = Scope { study: study.clone(), series: None, instance: None };
        instances.extend(access.source.instances(&scope).await?);
    }
    let how = if query.anonyme { "zip_anonymised" } else { "zip" };
    let trace = current.trace();
    let line = Entry {
        way: Some(&exam.way),
        subject: Some(&exam.subject),
        session: trace.as_deref(),
        studies,
        reason: Some(how),
        instances: Some(instances.len() as u64),
        ..Entry::new(Event::Exported, &current.site.id, client.address)
    };
    let written = state.audit.record(&line).await;
    written.map_err(|cause| Refusal::Internal(format!("audit: {cause}")))?;
    let anonymiser = query.anonyme.then(|| Anonymiser::new(query.pixels));
    let (parcel, outgoing) = Parcel::new(access.source, anonymiser, state.clock.now());
    let site = current.site.id.to_string();
    tokio::spawn(send(state, site, parcel, instances, turn));
    Ok(answer(Body::from_stream(stream::unfold(outgoing, |mut outgoing| async move {
        outgoing.recv().await.map(|piece| (piece, outgoing))
    }))))
}

/// Makes the copy, and counts it.
async fn send(
    state: AppState,
    site: String,
    parcel: Parcel,
    instances: Vec<InstanceRef>,
    turn: Turn,
) {
    let (sent, outcome) = parcel.send(&instances).await;
    if let Err(cause) = &outcome {
        tracing::warn!(%cause, sent, "a copy of an exam was not sent to its end");
    }
    state.metrics.count_copy(site, sent, outcome.is_ok());
    drop(turn);
}

/// The right to be sending: one of the site's, and the only one of its login.
type Turn = [OwnedSemaphorePermit; 2];

fn answer(body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(FILE_NAME)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        // A proxy that collects the answer before it sends it would hold the exam on its disk.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, body).into_response()
}
