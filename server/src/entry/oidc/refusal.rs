//! Pages of logins that did not succeed.

use axum::{
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::Response,
};

use super::notice;
use crate::{auth::oidc::ProviderError, entry::Page, error::Failure};

/// The way back to the card of a visit.
fn again(number: u32) -> (String, &'static str) {
    (format!("/entree/{number}"), "entry.oidc.again")
}

/// The provider does not answer or is not itself: nobody gets in by it.
pub(super) fn unavailable(
    page: Page<'_>,
    number: u32,
    cause: &ProviderError,
) -> Result<Response, Failure> {
    tracing::error!(%cause, "login at a provider failed");
    let keys = ["entry.oidc.unavailable"];
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let mut response =
        notice(status, page, "entry.oidc.unavailable_title", &keys, &[again(number)])?;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("30"));
    Ok(response)
}

/// An answer that this browser did not ask for, asked for too long ago, or used already.
pub(super) fn expired(page: Page<'_>) -> Result<Response, Failure> {
    let keys = ["entry.oidc.expired"];
    notice(StatusCode::BAD_REQUEST, page, "entry.oidc.expired_title", &keys, &[])
}

/// The provider's answer does not hold what it must.
pub(super) fn unproven(page: Page<'_>, number: u32) -> Result<Response, Failure> {
    let keys = ["entry.oidc.unproven"];
    notice(StatusCode::FORBIDDEN, page, "entry.oidc.unproven_title", &keys, &[again(number)])
}

/// Identified by means that are too weak for health data.
pub(super) fn too_weak(page: Page<'_>, number: u32) -> Result<Response, Failure> {
    let keys = ["entry.oidc.too_weak", "entry.oidc.too_weak_next"];
    notice(StatusCode::FORBIDDEN, page, "entry.oidc.too_weak_title", &keys, &[again(number)])
}

/// A patient who is not let in. One page, whatever the reason.
pub(super) fn not_the_patient(page: Page<'_>, number: u32) -> Result<Response, Failure> {
    let mut keys = vec!["entry.oidc.not_the_patient"];
    keys.extend(page.site.identity.access_code.then_some("entry.oidc.not_the_patient_code"));
    keys.push("entry.oidc.not_the_patient_contact");
    notice(StatusCode::FORBIDDEN, page, "entry.oidc.not_the_patient_title", &keys, &[again(number)])
}

/// A professional who is not let in, with the reason: `key` is a text of the catalogue.
pub(super) fn professional(page: Page<'_>, number: u32, key: &str) -> Result<Response, Failure> {
    let keys = [key, "entry.oidc.professional_contact"];
    notice(StatusCode::FORBIDDEN, page, "entry.oidc.professional_title", &keys, &[again(number)])
}
