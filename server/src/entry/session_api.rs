//! How long the session lasts, staying, leaving.

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderName, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use serde_json::json;

use crate::{
    audit::{Entry, Event},
    auth::oidc::tokens,
    client::Client,
    error::Failure,
    session::{COOKIE, Current, no_session},
    state::AppState,
};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// `GET /api/session`: seconds left. Asking does not prolong it.
pub(crate) async fn remaining(current: Current) -> Response {
    match &current.login {
        Some(login) => Json(json!({ "expires_in_s": login.expires_in_seconds })).into_response(),
        None => no_session(),
    }
}

/// `POST /api/session`: "I am still here". Answers like `GET`, after prolonging.
pub(crate) async fn stay(mut current: Current) -> Result<Response, Failure> {
    current.prolong().await?;
    Ok(remaining(current).await)
}

/// `POST /deconnexion`: the session ends here and now, on the server.
pub(crate) async fn leave(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    mut current: Current,
) -> Result<Response, Failure> {
    let login = current.login.clone();
    let site = current.site.clone();
    let trace = current.trace();
    let farewell = match &login {
        Some(login) => tokens::part(&state.store.pool, &login.id, state.clock.seconds()).await?,
        None => None,
    };
    current.leave().await?;
    if let Some(login) = login {
        state.consultations.end(&login.id);
        let studies: Vec<String> =
            login.exams.iter().flat_map(|exam| exam.studies.clone()).collect();
        let first = login.exams.first();
        let entry = Entry {
            way: first.map(|exam| exam.way.as_str()),
            subject: first.map(|exam| exam.subject.as_str()),
            session: trace.as_deref(),
            studies: &studies,
            ..Entry::new(Event::Logout, &site.id, client.address)
        };
        state.audit.record(&entry).await.map_err(Failure::Audit)?;
    }
    // Browsers only drop a `__Host-` cookie when told with all its attributes.
    let gone = format!("{COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
    let headers =
        AppendHeaders([(CLEAR_SITE_DATA, "\"cache\", \"storage\"".to_owned()), (SET_COOKIE, gone)]);
    let page = match farewell {
        Some(name) => format!("/au-revoir?suite={name}"),
        None => "/au-revoir".to_owned(),
    };
    Ok((headers, Redirect::to(&page)).into_response())
}
