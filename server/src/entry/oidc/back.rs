//! `/connexion/{provider}/retour`: back from the provider.

use axum::{
    Extension,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use url::form_urlencoded;

use super::{
    open::{self, Arrived},
    refusal, traveller,
};
use crate::{
    audit::{Entry, Event},
    auth::oidc::{Fault, Kind, ProviderError, Returned, pending},
    client::Client,
    entry::{
        Language, Page,
        card::{self, card},
    },
    error::Failure,
    session::Current,
    sites::Site,
    state::AppState,
};

/// The longest query looked at, in bytes.
const MAX_QUERY: usize = 8192;

/// The parameters of an answer (RFC 6749 4.1.2, RFC 9207).
#[derive(Default)]
struct Parameters {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    issuer: Option<String>,
}

impl Parameters {
    /// `None` where a parameter is there twice, or the query is too long.
    fn read(query: &str) -> Option<Self> {
        if query.len() > MAX_QUERY {
            return None;
        }
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "code" => &mut read.code,
                "state" => &mut read.state,
                "error" => &mut read.error,
                "iss" => &mut read.issuer,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        Some(read)
    }
}

/// What every step on the way back needs.
pub(super) struct Context<'a> {
    pub(super) state: &'a AppState,
    pub(super) client: &'a Client,
    pub(super) page: Page<'a>,
    pub(super) site: &'a Site,
    pub(super) kind: Kind,
    pub(super) number: u32,
}

/// Takes the departure back, gets the proof, and opens the exam or says why not.
pub(super) async fn arrive(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Language(lang): Language,
    current: Current,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let site = current.site.clone();
    let Some(kind) =
        Kind::from_name(&provider).filter(|kind| site.identity.provider(*kind).is_some())
    else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let parameters = Parameters::read(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let Some(pending) = take(&state, &current, kind, &parameters).await? else {
        write(&state, &client, &current, kind, "oidc_state").await?;
        return refusal::expired(Page::new(lang, &site, "/"));
    };
    let number = pending.number;
    let page = Page::new(lang, &site, format!("/entree/{number}"));
    let context = Context { state: &state, client: &client, page, site: &site, kind, number };
    match (parameters.error.as_deref(), parameters.code.as_deref()) {
        (None, Some(code)) => {
            let returned = Returned { code, issuer: parameters.issuer.as_deref() };
            finish(context, current, (&returned, &pending)).await
        }
        (Some("access_denied"), _) => card(context.page, number, card::Notice::Cancelled),
        _ => {
            let cause = ProviderError::Unavailable("answered with an error".to_owned());
            refusal::unavailable(context.page, number, &cause)
        }
    }
}

async fn take(
    state: &AppState,
    current: &Current,
    kind: Kind,
    parameters: &Parameters,
) -> Result<Option<pending::Pending>, Failure> {
    let (Some(who), Some(secret)) = (traveller(current), parameters.state.as_deref()) else {
        return Ok(None);
    };
    Ok(pending::take(&state.store.pool, &who, kind, secret, state.clock.seconds()).await?)
}

async fn finish(
    context: Context<'_>,
    current: Current,
    (returned, pending): (&Returned<'_>, &pending::Pending),
) -> Result<Response, Failure> {
    let kind = context.kind;
    let Some(provider) = context.site.identity.provider(kind) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let proof = match provider.finish(returned, pending, context.state.clock.seconds()).await {
        Ok(proof) => proof,
        Err(ProviderError::Refused(fault)) => return refuse(context, &current, fault).await,
        Err(cause) => return refusal::unavailable(context.page, context.number, &cause),
    };
    let arrived = Arrived::new(kind, proof);
    match kind {
        Kind::Psc => open::professional(context, current, arrived).await,
        Kind::FranceConnect => open::patient(context, current, arrived).await,
    }
}

async fn refuse(
    context: Context<'_>,
    current: &Current,
    fault: Fault,
) -> Result<Response, Failure> {
    tracing::warn!(reason = fault.name(), "proof of identity refused");
    context.write_refusal(current, fault.name()).await?;
    if fault == Fault::Level {
        return refusal::too_weak(context.page, context.number);
    }
    refusal::unproven(context.page, context.number)
}

impl Context<'_> {
    pub(super) async fn write_refusal(
        &self,
        current: &Current,
        reason: &str,
    ) -> Result<(), Failure> {
        match current.visit(self.number).await? {
            Some(link) => {
                let refusal = (self.kind.name(), reason);
                card::write_refusal(self.state, self.client, current, &link, refusal).await
            }
            None => write(self.state, self.client, current, self.kind, reason).await,
        }
    }
}

/// A refusal where no exam is known.
async fn write(
    state: &AppState,
    client: &Client,
    current: &Current,
    kind: Kind,
    reason: &str,
) -> Result<(), Failure> {
    let trace = current.trace();
    let entry = Entry {
        way: Some(kind.name()),
        session: trace.as_deref(),
        reason: Some(reason),
        ..Entry::new(Event::Refusal, &current.site.id, client.address)
    };
    state.audit.record(&entry).await.map_err(Failure::Audit)
}
