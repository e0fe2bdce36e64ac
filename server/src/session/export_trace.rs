//! Files that leave the server leave a line in the journal: one for each session and study, not one for
//! each file of it.

use axum::{
    extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Current, OpenedExam};
use crate::{
    access::Access,
    audit::{Entry, Event},
    client::Client,
    dicomweb::refusal::Refusal,
    documents::PDF_ROUTE,
    error::Failure,
    state::AppState,
};

/// Routes that send DICOM files.
const EXPORTS: [&str; 3] = [
    "/dicomweb/studies/{study}",
    "/dicomweb/studies/{study}/series/{series}",
    "/dicomweb/studies/{study}/series/{series}/instances/{instance}",
];
/// What the journal says of them: nothing more.
const FILES: &str = "";
/// Seconds in which further files of the same study are part of the same export.
const ONE_EXPORT_SECONDS: i64 = 600;

/// Writes the line before the first byte is sent: what leaves no trace does not happen.
pub(crate) async fn trace_exports(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let is_document = path.is_some_and(|path| path.as_str() == PDF_ROUTE);
    if !is_document && !path.is_some_and(|path| EXPORTS.contains(&path.as_str())) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let traced = if is_document {
        trace_document(&state, &mut parts).await
    } else {
        trace(&state, &mut parts).await
    };
    match traced {
        Ok(false) => {
            Refusal::Forbidden("This centre does not let its exams be taken away.").into_response()
        }
        Ok(true) => next.run(Request::from_parts(parts, body)).await,
        Err(failure) => failure.into_response(),
    }
}

/// Whether it may happen: what is not granted is found out later, by those who serve it.
async fn trace(state: &AppState, parts: &mut Parts) -> Result<bool, Failure> {
    let current = Current::from_request_parts(parts, state).await?;
    let client = parts.extensions.get::<Client>().cloned().ok_or(Failure::Layer("client"))?;
    let parameters = RawPathParams::from_request_parts(parts, state).await;
    let parameters = parameters.map_err(|_no_path| Failure::Layer("path"))?;
    let study = parameters.iter().find(|(name, _)| *name == "study");
    let Some((_, study)) = study else { return Ok(true) };
    let Some(login) = &current.login else { return Ok(true) };
    let shows = |exam: &&OpenedExam| exam.studies.iter().any(|known| known == study);
    // One study may have been opened as several kinds of visitor: what any of them may, may happen.
    let granted: Vec<&OpenedExam> = login.exams.iter().filter(shows).collect();
    let may = |exam: &&&OpenedExam| current.site.downloads.allows(exam.visitor);
    let Some(exam) = granted.iter().find(may) else { return Ok(granted.is_empty()) };
    write(state, &current, &client, exam, [study, FILES]).map_err(Failure::Audit)?;
    Ok(true)
}

/// A report that is read in the browser: it belongs to the exam as its images do, and whoever may see those may read it.
async fn trace_document(state: &AppState, parts: &mut Parts) -> Result<bool, Failure> {
    let current = Current::from_request_parts(parts, state).await?;
    let client = parts.extensions.get::<Client>().cloned().ok_or(Failure::Layer("client"))?;
    let parameters = RawPathParams::from_request_parts(parts, state).await;
    let parameters = parameters.map_err(|_no_path| Failure::Layer("path"))?;
    let number = |wanted| {
        let found = parameters.iter().find(|(name, _)| *name == wanted);
        found.and_then(|(_, text)| text.parse::<u32>().ok())
    };
    let access = parts.extensions.get::<Access>();
    let studies = access.zip(number("visit")).and_then(|(access, visit)| access.studies(visit));
    let index = number("number").and_then(|number| (number as usize).checked_sub(1));
    // What is not granted is found out by those who serve it.
    let Some(study) = studies.zip(index).and_then(|(all, index)| all.get(index)) else {
        return Ok(true);
    };
    let exams = current.login.iter().flat_map(|login| login.exams.iter());
    if let Some(exam) = exams.into_iter().find(|exam| exam.studies.contains(study)) {
        write(state, &current, &client, exam, [study, "pdf"]).map_err(Failure::Audit)?;
    }
    Ok(true)
}

fn write(
    state: &AppState,
    current: &Current,
    client: &Client,
    exam: &OpenedExam,
    [study, kind]: [&str; 2],
) -> std::io::Result<()> {
    let Some(login) = &current.login else { return Ok(()) };
    let (key, now) = (format!("{} {study} {kind}", login.id), state.clock.seconds());
    if state.exports.get(&key).is_some_and(|at| (0..ONE_EXPORT_SECONDS).contains(&(now - at))) {
        return Ok(());
    }
    let (trace, studies) = (current.trace(), [study.to_owned()]);
    state.audit.write(&Entry {
        way: Some(&exam.way),
        subject: Some(&exam.subject),
        session: trace.as_deref(),
        studies: &studies,
        reason: (kind != FILES).then_some(kind),
        ..Entry::new(Event::Exported, &current.site.id, client.address)
    })?;
    state.exports.insert(key, now);
    Ok(())
}
