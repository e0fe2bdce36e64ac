//! What follows once somebody has proven who they are, whatever the way: the exam is judged by what the
//! site knows of its report, and opened or not.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use tokio::time::Instant;

use super::{Page, message};
use crate::{
    audit::{Entry, Event},
    auth::Granted,
    client::Client,
    error::Failure,
    link::Link,
    reports::{Case, Closure, Verdict, VisitorKind},
    session::{Current, OpenedExam},
    state::AppState,
};

/// Somebody at the door.
pub(crate) struct Arrival<'a> {
    pub(crate) client: &'a Client,
    /// Number of the visit.
    pub(crate) number: u32,
    /// Its link.
    pub(crate) link: &'a Link,
    /// Name of the identity provider.
    pub(crate) way: &'a str,
    /// As whom it lets people in.
    pub(crate) visitor: VisitorKind,
    /// How they proved it, for the audit.
    pub(crate) how: Option<&'a str>,
    /// No refusal is answered before.
    pub(crate) answer_at: Instant,
}

/// Opens the exam, or says that it is not available.
pub(crate) async fn admit(
    state: &AppState,
    page: Page<'_>,
    current: &mut Current,
    arrival: &Arrival<'_>,
    granted: Granted,
) -> Result<Response, Failure> {
    match judge(state, page, current, arrival, granted).await? {
        Ok(exam) => {
            current.grant(&exam).await?;
            Ok(opened(arrival.number))
        }
        Err(refusal) => Ok(refusal),
    }
}

/// To the exam of a visit.
pub(crate) fn opened(number: u32) -> Response {
    Redirect::to(&format!("/examen/{number}")).into_response()
}

/// The exam to grant, written down already, or the page that says that it is not available.
pub(crate) async fn judge(
    state: &AppState,
    page: Page<'_>,
    current: &Current,
    arrival: &Arrival<'_>,
    granted: Granted,
) -> Result<Result<OpenedExam, Response>, Failure> {
    let site = current.site.clone();
    let case = Case { link: arrival.link, visitor: arrival.visitor, studies: &granted.studies };
    let trace = current.trace();
    let entry = Entry {
        way: Some(arrival.way),
        subject: Some(&granted.subject),
        session: trace.as_deref(),
        ..Entry::new(Event::Login, &site.id, arrival.client.address)
    };
    // Exams of a consultation are no report's: who may see them was asked before.
    let verdict = match &arrival.link.consultation {
        Some(_) => Verdict::Open(granted.studies.clone()),
        None => state.reports.judge(&site, &case, state.clock.seconds()).await?,
    };
    match verdict {
        Verdict::Closed(closure) => {
            let refusal = Entry {
                event: Event::Refusal,
                studies: &granted.studies,
                reason: Some(closure.name()),
                ..entry
            };
            state.audit.record(&refusal).await.map_err(Failure::Audit)?;
            tokio::time::sleep_until(arrival.answer_at).await;
            closed(page, closure).map(Err)
        }
        Verdict::Open(studies) => {
            // Before anything is granted: what leaves no trace does not happen.
            let login = Entry { studies: &studies, reason: arrival.how, ..entry };
            state.audit.record(&login).await.map_err(Failure::Audit)?;
            Ok(Ok(OpenedExam {
                number: arrival.number,
                studies,
                subject: granted.subject.clone(),
                link: Some(arrival.link.clone()),
                visitor: arrival.visitor,
                way: arrival.way.to_owned(),
            }))
        }
    }
}

/// The page of an exam that may not be seen: one and the same for every reason but the end of its retention.
pub(crate) fn closed(page: Page<'_>, closure: Closure) -> Result<Response, Failure> {
    let site = page.site;
    let values = [("centre", site.name.as_str()), ("contact", site.contact.as_str())];
    match closure {
        Closure::Unavailable(_) => message(
            StatusCode::NOT_FOUND,
            page,
            "entry.unavailable.title",
            &["entry.unavailable.text", "entry.unavailable.what_to_do"],
            &values,
        ),
        Closure::RetentionOver => message(
            StatusCode::GONE,
            page,
            "entry.retention_over.title",
            &["entry.retention_over.text", "entry.retention_over.what_to_do"],
            &values,
        ),
    }
}
