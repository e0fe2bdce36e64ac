//! Files that leave the server leave a line in the journal: one for each session and study, not one for
//! each file of it.

use axum::{
    extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::Current;
use crate::{
    audit::{Entry, Event},
    client::Client,
    error::Failure,
    state::AppState,
};

/// Routes that send DICOM files.
const EXPORTS: [&str; 3] = [
    "/dicomweb/studies/{study}",
    "/dicomweb/studies/{study}/series/{series}",
    "/dicomweb/studies/{study}/series/{series}/instances/{instance}",
];
/// Seconds in which further files of the same study are part of the same export.
const ONE_EXPORT_SECONDS: i64 = 600;

/// Writes the line before the first byte is sent: what leaves no trace does not happen.
pub(crate) async fn trace_exports(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    if !path.is_some_and(|path| EXPORTS.contains(&path.as_str())) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    match trace(&state, &mut parts).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(failure) => failure.into_response(),
    }
}

async fn trace(state: &AppState, parts: &mut Parts) -> Result<(), Failure> {
    let current = Current::from_request_parts(parts, state).await?;
    let client = parts.extensions.get::<Client>().cloned().ok_or(Failure::Layer("client"))?;
    let parameters = RawPathParams::from_request_parts(parts, state).await;
    let parameters = parameters.map_err(|_no_path| Failure::Layer("path"))?;
    let study = parameters.iter().find(|(name, _)| *name == "study");
    let Some((_, study)) = study else { return Ok(()) };
    write(state, &current, &client, study).map_err(Failure::Audit)
}

fn write(state: &AppState, current: &Current, client: &Client, study: &str) -> std::io::Result<()> {
    let Some(login) = &current.login else { return Ok(()) };
    let shows = |studies: &[String]| studies.iter().any(|known| known == study);
    let Some(exam) = login.exams.iter().find(|exam| shows(&exam.studies)) else { return Ok(()) };
    let (key, now) = (format!("{} {study}", login.id), state.clock.seconds());
    if state.exports.get(&key).is_some_and(|at| (0..ONE_EXPORT_SECONDS).contains(&(now - at))) {
        return Ok(());
    }
    let (trace, studies) = (current.trace(), [study.to_owned()]);
    state.audit.write(&Entry {
        way: Some(&exam.way),
        subject: Some(&exam.subject),
        session: trace.as_deref(),
        studies: &studies,
        ..Entry::new(Event::Exported, &current.site.id, client.address)
    })?;
    state.exports.insert(key, now);
    Ok(())
}
