//! Who is logged in, and ending it, over HTTP.

use std::net::SocketAddr;

use axum::{
    Json,
    extract::{ConnectInfo, Path, Query, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Admin, DeskError, reports::site_of};
use crate::{
    audit::{Entry, Event, LOCAL},
    session::{self, OpenLogin},
};

/// Which sessions are meant; every one of the site where nothing is said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// As the list and the journal name the session.
    session: Option<String>,
    /// Who: identifier of an access code, or what the identity provider calls them.
    subject: Option<String>,
}

impl Which {
    fn means(&self, login: &OpenLogin) -> bool {
        let is_theirs = |subject: &String| login.exams.iter().any(|exam| exam.subject == *subject);
        self.session.as_ref().is_none_or(|session| *session == login.trace)
            && self.subject.as_ref().is_none_or(is_theirs)
    }
}

async fn open(admin: &Admin, site: &str, which: &Which) -> Result<Vec<OpenLogin>, DeskError> {
    let (state, now) = (&admin.state, admin.state.clock.seconds());
    let mut open = session::list(&state.store, site, state.limits, now).await?;
    open.retain(|login| which.means(login));
    Ok(open)
}

/// `GET …/sessions`
pub(super) async fn list(
    State(admin): State<Admin>,
    Path(site): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, DeskError> {
    let site = site_of(&admin, &site)?;
    let open = open(&admin, &site, &which).await?;
    let told: Vec<Value> = open.iter().map(tell).collect();
    Ok(Json(json!({ "sessions": told })).into_response())
}

fn tell(login: &OpenLogin) -> Value {
    let exams = login
        .exams
        .iter()
        .map(|exam| json!({ "way": exam.way, "subject": exam.subject, "studies": exam.studies }));
    json!({
        "session": login.trace,
        "expires_in_s": login.expires_in_seconds,
        "exams": exams.collect::<Vec<_>>(),
    })
}

/// `DELETE …/sessions`: ends what is meant; tells how many that were.
pub(super) async fn end(
    State(admin): State<Admin>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    Path(site): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, DeskError> {
    let site = site_of(&admin, &site)?;
    let address = peer.map_or(LOCAL, |axum::Extension(ConnectInfo(peer))| peer.ip().to_canonical());
    let open = open(&admin, &site, &which).await?;
    for login in &open {
        let first = login.exams.first();
        let studies: Vec<String> =
            login.exams.iter().flat_map(|exam| exam.studies.clone()).collect();
        let entry = Entry {
            way: first.map(|exam| exam.way.as_str()),
            subject: first.map(|exam| exam.subject.as_str()),
            session: Some(&login.trace),
            studies: &studies,
            reason: Some("ended_by_administration"),
            ..Entry::new(Event::Logout, &site, address)
        };
        admin.state.audit.write(&entry).map_err(DeskError::Audit)?;
        session::end(&admin.state.store, &login.id).await?;
    }
    Ok(Json(json!({ "ended": open.len() })).into_response())
}
