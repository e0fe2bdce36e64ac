//! Pages of words.

use std::sync::Arc;

use axum::{
    Extension,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use bytes::Bytes;

use super::{Language, Page, message};
use crate::{error::Failure, sites::Site};

/// `/`: somebody typed the address instead of clicking the link.
pub(crate) async fn home(
    Language(lang): Language,
    Extension(site): Extension<Arc<Site>>,
) -> Result<Response, Failure> {
    words(Page::new(lang, &site, "/"), "entry.home.title", &["entry.home.text"])
}

/// `/aide`
pub(crate) async fn help(
    Language(lang): Language,
    Extension(site): Extension<Arc<Site>>,
) -> Result<Response, Failure> {
    let keys = [
        "entry.help.code",
        "entry.help.birth_date",
        "entry.help.refused",
        "entry.help.images",
        "entry.help.browser",
    ];
    words(Page::new(lang, &site, "/aide"), "entry.help.title", &keys)
}

/// `/accessibilite`
pub(crate) async fn accessibility(
    Language(lang): Language,
    Extension(site): Extension<Arc<Site>>,
) -> Result<Response, Failure> {
    let keys = [
        "entry.accessibility.commitment",
        "entry.accessibility.state",
        "entry.accessibility.limits",
        "entry.accessibility.contact",
        "entry.accessibility.rights",
    ];
    words(Page::new(lang, &site, "/accessibilite"), "entry.accessibility.title", &keys)
}

/// `/donnees-personnelles`
pub(crate) async fn personal_data(
    Language(lang): Language,
    Extension(site): Extension<Arc<Site>>,
) -> Result<Response, Failure> {
    let has_provider = site.identity.psc.is_some() || site.identity.franceconnect.is_some();
    let mut keys = vec!["entry.personal_data.why", "entry.personal_data.what"];
    keys.extend(has_provider.then_some("entry.personal_data.providers"));
    keys.extend([
        "entry.personal_data.cookies",
        "entry.personal_data.nothing_else",
        "entry.personal_data.rights",
    ]);
    words(Page::new(lang, &site, "/donnees-personnelles"), "entry.personal_data.title", &keys)
}

/// `/logo`: the centre's.
pub(crate) async fn logo(Extension(site): Extension<Arc<Site>>) -> Response {
    match &site.logo {
        Some(logo) => {
            ([(CONTENT_TYPE, logo.media_type)], Bytes::clone(&logo.bytes)).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn words(page: Page<'_>, title: &str, keys: &[&str]) -> Result<Response, Failure> {
    let site = page.site;
    let values = [("centre", site.name.as_str()), ("contact", site.contact.as_str())];
    message(StatusCode::OK, page, title, keys, &values)
}
