//! Who may consult, and what begins when somebody has logged in for it.

use std::{collections::HashSet, sync::Arc, time::Duration};

use axum::response::{IntoResponse, Redirect, Response};

use super::{
    disk,
    one::Images,
    upstream::{Consulted, Network},
};
use crate::{
    auth::oidc::{Kind, bearer::LoginToken, psc::Situation},
    error::Failure,
    link::Link,
    reports::Screened,
    session::{self, Current},
    sites::Site,
    source::{drimbox::Token, received::Received},
    state::AppState,
};

/// Time between two looks at whose session has ended.
const LOOK: Duration = Duration::from_secs(10);

/// Keeps the situations in which a professional may consult here, where this is what the link asks for.
pub(crate) fn narrow(site: &Site, link: Option<&Link>, situations: &mut Vec<Situation>) {
    if link.is_some_and(|link| link.consultation.is_some()) {
        situations.retain(|situation| may_consult(site, situation));
    }
}

/// Whether somebody in this situation may consult exams of other centres here.
pub(crate) fn may_consult(site: &Site, situation: &Situation) -> bool {
    let config = site.consultation.as_ref();
    config.is_some_and(|config| config.professions.contains(&situation.profession))
}

/// Whether the site has as many consultations as it may have.
pub(crate) fn is_full(state: &AppState, site: &Site) -> bool {
    let most = site.consultation.as_ref().map_or(0, |config| config.consultations);
    state.consultations.open_on(&site.id) >= most
}

/// Gives a consultation to the login that was just granted, and leads to its page.
pub(crate) fn begin(
    state: &AppState,
    site: &Site,
    current: &Current,
    id: &str,
    (subject, number): (&str, u32),
) -> Result<Response, Failure> {
    let visitor = current.visitor_id().ok_or(Failure::Layer("visitor"))?;
    let login = current.login_id().ok_or(Failure::Layer("login"))?;
    let one = state.consultations.of(&site.id, visitor, id);
    let one = one.ok_or(Failure::Layer("consultation"))?;
    let config = site.consultation.clone().ok_or(Failure::Layer("consultation"))?;
    let keeper = state.trust_list.get().ok_or(Failure::Layer("trust list"))?;
    let provider = site.identity.provider(Kind::Psc).ok_or(Failure::Layer("provider"))?;
    let (pool, clock) = (state.store.pool.clone(), state.clock.clone());
    let bearer = LoginToken::new(Arc::clone(provider), pool.clone(), clock.clone(), login);
    let network = Network {
        name: Arc::clone(&site.id),
        keeper: Arc::clone(keeper),
        token: Token::Bearer(Arc::new(bearer)),
        config: Arc::clone(&config),
    };
    let consulted = Consulted::new(Arc::clone(&one.timeline), network);
    let (limits, disk) = disk::for_one(state, site, &config);
    let received = Received::on_disk(&site.id, consulted, limits, disk.as_ref());
    let source = Screened::new(Arc::clone(&received) as _, Arc::clone(&site.id), pool, clock);
    one.log_in(login, subject, Some(Images { source: Arc::new(source), received }));
    Ok(Redirect::to(&format!("/consultation/{number}")).into_response())
}

/// Ends consultations with their sessions, for ever: what they hold of images is dropped. First removes what an earlier process left.
pub async fn run(state: AppState) {
    let all = state.clone();
    if let Err(cause) = tokio::task::spawn_blocking(move || disk::begin(&all)).await {
        tracing::error!(%cause, "cannot look what consultations left on disk");
    }
    loop {
        tokio::time::sleep(LOOK).await;
        prune(&state).await;
    }
}

/// One round; what fails is logged and tried again in the next one.
pub async fn prune(state: &AppState) {
    let now = state.clock.seconds();
    for site in state.consultations.sites() {
        match session::list(&state.store, &site, state.limits, now).await {
            Ok(live) => {
                let live: HashSet<String> = live.into_iter().map(|login| login.id).collect();
                state.consultations.prune(&site, &live, now);
            }
            Err(cause) => tracing::error!(%cause, "cannot tell which consultations are over"),
        }
    }
}
