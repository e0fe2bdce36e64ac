//! A professional who logged in for a consultation.

use axum::{http::StatusCode, response::Response};

use super::{
    back::Context,
    open::{Choosing, open},
    refusal,
};
use crate::{
    auth::{Granted, Reason, oidc::psc::Situation},
    consultation,
    entry::{admit::closed, message},
    error::Failure,
    link::Link,
    reports::{Closure, Why},
    session::Current,
};

/// Opens a consultation for a professional in one situation: if it is theirs, and their profession may.
pub(super) async fn open_as(
    context: Context<'_>,
    current: Current,
    choosing: Choosing,
    (link, situation): (&Link, &Situation),
) -> Result<Response, Failure> {
    let answer_at = context.answer_at();
    let subject = format!("psc:{}", choosing.national_id);
    let found =
        link.consultation.as_deref().zip(current.visitor_id()).and_then(|(id, visitor)| {
            context.state.consultations.of(&context.site.id, visitor, id)
        });
    let Some(one) = found.filter(|one| one.may_be_of(&subject)) else {
        context.write_refusal(&current, Reason::UnknownExam.name()).await?;
        tokio::time::sleep_until(answer_at).await;
        return closed(context.page, Closure::Unavailable(Why::UnknownReport));
    };
    if !consultation::may_consult(context.site, situation) {
        context.write_refusal(&current, Reason::Profession.name()).await?;
        return refusal::professional(context.page, context.number, "entry.oidc.profession");
    }
    if consultation::is_full(context.state, context.site) {
        let keys = ["consultation.full.text"];
        let status = StatusCode::SERVICE_UNAVAILABLE;
        return message(status, context.page, "consultation.full.title", &keys, &[]);
    }
    let granted = Granted { subject, studies: one.studies() };
    let how = format!("{} {} consultation", choosing.kept.how, situation.for_audit());
    let profession = Some(situation.profession.as_str());
    open(context, current, (granted, choosing.kept, profession), (link, &how, answer_at)).await
}
