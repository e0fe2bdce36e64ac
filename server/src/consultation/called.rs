//! `POST /appel-contextuel`: the software of a practice opens a consultation for one of its patients, and may add manifests.
//! It proves who it is by a secret; the professional logs in after that, in the browser.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Extension, Form, Json,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use negatoscope_text::{Lang, text_with};
use rand::RngCore;
use serde_json::{Value, json};

use super::{call, one::Consultation, upload};
use crate::{
    admin::{check_token_file, shows},
    audit::{Entry, Event},
    client::Client,
    config::ConsultationConfig,
    error::Failure,
    sites::Site,
    state::AppState,
};

/// Takes the form of a call: 303 to an address that is good once, for a short time.
pub(super) async fn call(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Extension(site): Extension<Arc<Site>>,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, axum::extract::rejection::FormRejection>,
) -> Result<Response, Failure> {
    let config = match caller(&state, &site, &client, &headers).await? {
        Ok(config) => config,
        Err(refusal) => return Ok(refusal),
    };
    let Ok(Form(fields)) = form else {
        return Ok(answer(StatusCode::BAD_REQUEST, "not_a_form", ""));
    };
    let patient = match call::read(&fields) {
        Ok(patient) => patient,
        Err(error) => {
            write(&state, &site.id, client.address, Event::Refusal, error.name()).await?;
            let status = match error {
                call::CallError::NoConsent => StatusCode::FORBIDDEN,
                _ => StatusCode::BAD_REQUEST,
            };
            return Ok(answer(status, error.name(), error.field()));
        }
    };
    write(&state, &site.id, client.address, Event::FactsImported, "contextual_call").await?;
    let now = state.clock.seconds();
    let one = state.consultations.put(Consultation::new(&site.id, Some(patient), now));
    let name = uuid();
    state.consultations.expect(&name, &one, now + i64::from(config.call_seconds));
    let address = format!("{}/consultation/appel/{name}", site.link_base);
    let address = HeaderValue::from_str(&address).map_err(|_cause| Failure::Layer("address"))?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response())
}

/// `POST /consultation/appel/{name}/manifestes`: adds a manifest to a call that nobody has opened yet.
pub(super) async fn add(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Extension(site): Extension<Arc<Site>>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    let config = match caller(&state, &site, &client, request.headers()).await? {
        Ok(config) => config,
        Err(refusal) => return Ok(refusal),
    };
    let Some(one) = state.consultations.called(&site.id, &name, state.clock.seconds()) else {
        return Ok(answer(StatusCode::NOT_FOUND, "no_call", ""));
    };
    // Not before it is known who sends it: it may be large.
    let body = axum::body::to_bytes(request.into_body(), upload::MAX_BODY).await;
    let Ok(body) = body else {
        return Ok(answer(StatusCode::PAYLOAD_TOO_LARGE, "too_large", ""));
    };
    let entry = Entry::new(Event::FactsImported, &site.id, client.address);
    let outcome = upload::take(&state, &config, &one, &body, &entry).await?;
    Ok((upload::status(std::slice::from_ref(&outcome)), Json(upload::told(&outcome)))
        .into_response())
}

/// Whether this is the software that may call.
async fn caller(
    state: &AppState,
    site: &Site,
    client: &Client,
    headers: &HeaderMap,
) -> Result<Result<Arc<ConsultationConfig>, Response>, Failure> {
    let unknown = || Ok(Err(StatusCode::NOT_FOUND.into_response()));
    let Some(config) = &site.consultation else { return unknown() };
    let Some(file) = &config.call_token_file else { return unknown() };
    let networks = &config.call_networks;
    if !networks.is_empty() && !networks.iter().any(|net| net.contains(&client.address)) {
        write(state, &site.id, client.address, Event::Refusal, "call_network").await?;
        return Ok(Err(answer(StatusCode::FORBIDDEN, "call_network", "")));
    }
    let now = state.clock.seconds();
    if state.tries.count(client.neighbourhood(), now).is_err() {
        return Ok(Err(answer(StatusCode::TOO_MANY_REQUESTS, "too_many_calls", "")));
    }
    let expected = match check_token_file(file) {
        Ok(expected) => expected,
        Err(cause) => {
            tracing::error!(%cause, "the secret of contextual calls cannot be used");
            return Ok(Err(answer(StatusCode::SERVICE_UNAVAILABLE, "call_token_file", "")));
        }
    };
    if !shows(headers, &expected) {
        write(state, &site.id, client.address, Event::Refusal, "call_token").await?;
        let mut response = answer(StatusCode::UNAUTHORIZED, "call_token", "");
        let bearer = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
        return Ok(Err(response));
    }
    state.tries.forgive(client.neighbourhood());
    Ok(Ok(Arc::clone(config)))
}

async fn write(
    state: &AppState,
    site: &str,
    address: IpAddr,
    event: Event,
    reason: &str,
) -> Result<(), Failure> {
    let entry = Entry { reason: Some(reason), ..Entry::new(event, site, address) };
    state.audit.record(&entry).await.map_err(Failure::Audit)
}

/// For whoever writes the calling software: the name of the mistake, the field, and a sentence in both languages.
fn answer(status: StatusCode, name: &str, field: &str) -> Response {
    let key = format!("consultation.call.{name}");
    let words = |lang| text_with(lang, &key, &[("field", field)]);
    let mut told = json!({ "error": name, "fr": words(Lang::Fr), "en": words(Lang::En) });
    if !field.is_empty() {
        told["field"] = Value::from(field);
    }
    (status, Json(told)).into_response()
}

/// A random name in the form that callers expect (RFC 9562, version 4).
fn uuid() -> String {
    let mut bytes = [0; 16];
    rand::rng().fill_bytes(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    parts.join("-")
}
