//! Pages of words.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use negatoscope_text::text_with;

use super::{Language, Page, message, respond};
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
    let page = Page::new(lang, &site, "/accessibilite");
    let sections = STATEMENT
        .iter()
        .map(|(heading, keys)| Section {
            heading: page.t(heading).into_owned(),
            paragraphs: keys.iter().map(|key| filled(&page, key)).collect(),
        })
        .collect();
    let title = page.t("entry.accessibility.title").into_owned();
    let lead = filled(&page, "entry.accessibility.commitment");
    respond(StatusCode::OK, &Sections { page, title, lead, sections })
}

/// The statement in the form that the RGAA asks for: headings and paragraphs.
const STATEMENT: [(&str, &[&str]); 6] = [
    ("entry.accessibility.state_title", &["entry.accessibility.state"]),
    (
        "entry.accessibility.tests_title",
        &[
            "entry.accessibility.tests_automatic",
            "entry.accessibility.tests_keyboard",
            "entry.accessibility.tests_display",
            "entry.accessibility.tests_missing",
        ],
    ),
    (
        "entry.accessibility.content_title",
        &["entry.accessibility.content_images", "entry.accessibility.content_burnt"],
    ),
    ("entry.accessibility.made_title", &["entry.accessibility.made"]),
    ("entry.accessibility.contact_title", &["entry.accessibility.contact"]),
    ("entry.accessibility.rights_title", &["entry.accessibility.rights"]),
];

/// A page of several headings.
#[derive(Template)]
#[template(path = "sections.html")]
struct Sections<'a> {
    page: Page<'a>,
    title: String,
    lead: String,
    sections: Vec<Section>,
}

struct Section {
    heading: String,
    paragraphs: Vec<String>,
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
        "entry.personal_data.device",
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
    let values = values(page.site);
    message(StatusCode::OK, page, title, keys, &values)
}

fn filled(page: &Page<'_>, key: &str) -> String {
    text_with(page.lang, key, &values(page.site))
}

/// What texts say of the centre.
fn values(site: &Site) -> [(&'static str, &str); 3] {
    [("centre", &site.name), ("contact", &site.contact), ("address", &site.id)]
}
