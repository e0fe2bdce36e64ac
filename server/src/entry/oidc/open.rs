//! From a proof of identity to an open exam.

use std::time::Duration;

use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{back::Context, consult, refusal, traveller};
use crate::{
    auth::{
        Granted, Reason,
        oidc::{
            Fault, Kind, Proof, Tokens, franceconnect, pending,
            psc::{Professional, Situation},
            tokens,
        },
    },
    consultation,
    entry::{
        admit::{Arrival, closed, judge, opened},
        card::forgotten,
        link::too_many,
    },
    error::Failure,
    import,
    link::Link,
    reports::{Closure, Why},
    session::Current,
};

/// The most characters of a provider's words that go into the audit.
const MAX_WORDS: usize = 200;

/// Somebody who came back with a good proof.
pub(super) struct Arrived {
    pub(super) kind: Kind,
    pub(super) proof: Proof,
}

/// What remains of a proof when its claims have been read.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) kind: Kind,
    pub(super) issuer: String,
    pub(super) subject: String,
    /// How they logged in, for the audit.
    pub(super) how: String,
    pub(super) tokens: Tokens,
}

/// A professional who is asked for the situation.
#[derive(Serialize, Deserialize)]
pub(super) struct Choosing {
    pub(super) kept: Kept,
    pub(super) national_id: String,
    pub(super) situations: Vec<Situation>,
}

impl Arrived {
    pub(super) const fn new(kind: Kind, proof: Proof) -> Self {
        Self { kind, proof }
    }

    fn kept(self) -> Kept {
        let Proof { issuer, subject, acr, amr, tokens, .. } = self.proof;
        let how = format!("acr={acr} amr={}", amr.join("+"));
        let how = how.chars().take(MAX_WORDS).collect();
        Kept { kind: self.kind, issuer, subject, how, tokens }
    }
}

/// A professional: asks for the situation where there are several.
pub(super) async fn professional(
    context: Context<'_>,
    current: Current,
    arrived: Arrived,
) -> Result<Response, Failure> {
    let Some(person) = Professional::from_claims(&arrived.proof.claims) else {
        context.write_refusal(&current, Fault::Claims.name()).await?;
        return refusal::unproven(context.page, context.number);
    };
    let psc = context.site.identity.psc.as_ref();
    let mut situations = person.admitted(psc.map_or(&[], |psc| psc.professions.as_slice()));
    let visit = current.visit(context.number).await?;
    consultation::narrow(context.site, visit.as_ref(), &mut situations);
    let reason = if person.situations.is_empty() { Reason::NoPractice } else { Reason::Profession };
    let mut choosing =
        Choosing { kept: arrived.kept(), national_id: person.national_id, situations };
    match choosing.situations.len() {
        0 => {
            context.write_refusal(&current, reason.name()).await?;
            let key = match reason {
                Reason::NoPractice => "entry.oidc.no_practice",
                _ => "entry.oidc.profession",
            };
            refusal::professional(context.page, context.number, key)
        }
        1 => {
            let situation = choosing.situations.remove(0);
            open_as(context, current, choosing, &situation).await
        }
        _ => ask(context, &current, &choosing).await,
    }
}

async fn ask(
    context: Context<'_>,
    current: &Current,
    choosing: &Choosing,
) -> Result<Response, Failure> {
    let who = traveller(current).ok_or(Failure::Layer("visitor"))?;
    let proof = serde_json::to_string(choosing)
        .map_err(|cause| Failure::Database(sqlx::Error::Encode(cause.into())))?;
    let (pool, now) = (&context.state.store.pool, context.state.clock.seconds());
    pending::ask(pool, &who, context.number, &proof, now).await?;
    Ok(Redirect::to("/connexion/psc/situation").into_response())
}

/// Opens the exam for a professional in one situation.
pub(super) async fn open_as(
    context: Context<'_>,
    current: Current,
    choosing: Choosing,
    situation: &Situation,
) -> Result<Response, Failure> {
    let answer_at = context.answer_at();
    let Some(link) = current.visit(context.number).await? else { return forgotten(context.page) };
    if link.consultation.is_some() {
        return consult::open_as(context, current, choosing, (&link, situation)).await;
    }
    let (reports, now) = (&context.state.reports, context.state.clock.seconds());
    let found = reports.find_exams(context.site, &link, now).await??;
    if found.is_empty() {
        // As for an exam whose report is hidden from professionals: nobody learns that there is one.
        context.write_refusal(&current, Reason::UnknownExam.name()).await?;
        tokio::time::sleep_until(answer_at).await;
        return closed(context.page, Closure::Unavailable(Why::UnknownReport));
    }
    let granted = Granted {
        subject: format!("psc:{}", choosing.national_id),
        studies: found.into_iter().map(|facts| facts.study_instance_uid).collect(),
    };
    let how = format!("{} {}", choosing.kept.how, situation.for_audit());
    let profession = Some(situation.profession.as_str());
    open(context, current, (granted, choosing.kept, profession), (&link, &how, answer_at)).await
}

/// A patient: opens the exam if it is theirs. Every refusal is the same page, at the same time after the
/// identity was proven.
pub(super) async fn patient(
    context: Context<'_>,
    current: Current,
    arrived: Arrived,
) -> Result<Response, Failure> {
    let answer_at = context.answer_at();
    let Some(link) = current.visit(context.number).await? else { return forgotten(context.page) };
    if link.consultation.is_some() {
        context.write_refusal(&current, Reason::Profession.name()).await?;
        return refusal::not_the_patient(context.page, context.number);
    }
    let Some(person) = franceconnect::pivot(&arrived.proof.claims) else {
        context.write_refusal(&current, Fault::Claims.name()).await?;
        return refusal::unproven(context.page, context.number);
    };
    let (tries, neighbours) = (&context.state.tries, context.client.neighbourhood());
    let now = context.state.clock.seconds();
    if let Err(seconds) = tries.count(neighbours, now) {
        return too_many(context.page, seconds);
    }
    let subject = franceconnect::subject(&arrived.proof);
    let known = (&context.state.reports, now);
    let outcome = franceconnect::entitle(known, context.site, &link, &person, subject).await;
    if !matches!(outcome, Ok(Err(_))) {
        tries.forgive(neighbours);
    }
    match outcome? {
        Ok(granted) => {
            let kept = arrived.kept();
            let how = kept.how.clone();
            open(context, current, (granted, kept, None), (&link, &how, answer_at)).await
        }
        Err(reason) => {
            context.write_refusal(&current, reason.name()).await?;
            tokio::time::sleep_until(answer_at).await;
            refusal::not_the_patient(context.page, context.number)
        }
    }
}

impl Context<'_> {
    /// No refusal is answered before.
    pub(super) fn answer_at(&self) -> Instant {
        Instant::now() + Duration::from_millis(self.state.access_code.refusal_milliseconds)
    }
}

/// Judges the exam by what is known of its report. Audit first, then the grant, then the tokens: what
/// leaves no trace does not happen.
pub(super) async fn open(
    context: Context<'_>,
    mut current: Current,
    (granted, kept, profession): (Granted, Kept, Option<&str>),
    (link, how, answer_at): (&Link, &str, Instant),
) -> Result<Response, Failure> {
    let Context { state, client, page, site, kind, number } = context;
    let (way, visitor) = (kind.name(), kind.visitor());
    let arrival = Arrival { client, number, link, way, visitor, how: Some(how), answer_at };
    let exam = match judge(state, page, &current, &arrival, granted).await? {
        Ok(exam) => exam,
        Err(refusal) => return Ok(refusal),
    };
    let person = tokens::Person { issuer: &kept.issuer, subject: &kept.subject };
    let pool = &state.store.pool;
    // Whoever was logged in on this browser before is not this person, and leaves nothing behind.
    let is_same = match &current.login {
        Some(login) => tokens::is_of(pool, &login.id, person).await?,
        None => true,
    };
    if !is_same {
        current.end_login().await?;
    }
    current.grant(&exam).await?;
    let login = current.login_id().ok_or(Failure::Layer("login"))?;
    let now = state.clock.seconds();
    tokens::keep(pool, (login, &site.id), kept.kind, person, &kept.tokens, now).await?;
    import::remember_profession(pool, login, number, profession).await?;
    match &link.consultation {
        Some(id) => consultation::begin(state, site, &current, id, (&exam.subject, number)),
        None => Ok(opened(number)),
    }
}
