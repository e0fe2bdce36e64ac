//! The pages before the viewer: link, card, exam shell, help. They work without script.

pub(crate) mod admit;
pub(crate) mod card;
mod coming;
mod exam_page;
mod inlined;
mod language;
pub(crate) mod link;
mod oidc;
mod pages;
pub(crate) mod prepare;
mod session_api;
pub(crate) mod style;

use std::{borrow::Cow, sync::Arc};

use askama::Template;
use axum::{
    Extension, Router,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use negatoscope_text::{Lang, text, text_with};
use tower_http::compression::CompressionLayer;

pub(crate) use self::language::Language;
use crate::{error::Failure, sites::Site, state::AppState};

/// The routes of pages and forms.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(pages::home))
        .route("/IHEInvokeImageDisplay", get(link::open))
        .route("/visionneuse/IHEInvokeImageDisplay", get(link::open))
        .route("/entree/{number}", get(card::show))
        .route("/entree/{number}/{provider}", post(card::identify).get(card::back))
        .merge(oidc::routes())
        .route("/examen/{number}", get(exam_page::show).layer(CompressionLayer::new()))
        .route("/deconnexion", post(session_api::leave))
        .route("/aide", get(pages::help))
        .route("/accessibilite", get(pages::accessibility))
        .route("/donnees-personnelles", get(pages::personal_data))
        .route("/langue", post(language::choose))
        .route("/logo", get(pages::logo))
        .route("/api/session", get(session_api::remaining).post(session_api::stay))
}

/// What every page shows around its own content.
pub(crate) struct Page<'a> {
    pub(crate) lang: Lang,
    pub(crate) site: &'a Site,
    /// Where the language switch leads back to.
    pub(crate) here: String,
}

impl<'a> Page<'a> {
    pub(crate) fn new(lang: Lang, site: &'a Site, here: impl Into<String>) -> Self {
        Self { lang, site, here: here.into() }
    }

    /// A text of the catalogue.
    pub(crate) fn t(&self, key: &str) -> Cow<'static, str> {
        text(self.lang, key)
    }

    pub(crate) fn code(&self) -> &'static str {
        self.lang.code()
    }

    pub(crate) fn style(&self) -> &'static str {
        style::path()
    }

    /// `12/03/1974`, `12 Mar 1974`, of a date as DICOM writes it; nothing of what is none.
    pub(crate) fn date(&self, dicom: &str) -> String {
        let (Some(year), Some(month), Some(day)) =
            (dicom.get(..4), dicom.get(4..6), dicom.get(6..8))
        else {
            return String::new();
        };
        let months = self.t("consultation.months");
        let name =
            month.parse().ok().and_then(|at: usize| months.split(' ').nth(at.checked_sub(1)?));
        let values = [("day", day), ("month", name.unwrap_or(month)), ("year", year)];
        text_with(self.lang, "consultation.date", &values)
    }
}

/// The number in an address. Nonsense is 0, which no visit has: as unknown as somebody else's.
pub(crate) fn visit_number(text: &str) -> u32 {
    text.parse().unwrap_or(0)
}

/// Anything else: 404, with words.
pub(crate) async fn not_found(
    Language(lang): Language,
    Extension(site): Extension<Arc<Site>>,
) -> Result<Response, Failure> {
    let page = Page::new(lang, &site, "/");
    message(StatusCode::NOT_FOUND, page, "entry.not_found.title", &["entry.home.text"], &[])
}

/// A heading and a few paragraphs.
#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    page: Page<'a>,
    title: String,
    paragraphs: Vec<String>,
}

/// A page of one title and texts of the catalogue, with placeholders filled in.
pub(crate) fn message(
    status: StatusCode,
    page: Page<'_>,
    title: &str,
    keys: &[&str],
    values: &[(&str, &str)],
) -> Result<Response, Failure> {
    let title = page.t(title).into_owned();
    let paragraphs = keys.iter().map(|key| text_with(page.lang, key, values)).collect();
    respond(status, &Message { page, title, paragraphs })
}

pub(crate) fn respond(status: StatusCode, template: &impl Template) -> Result<Response, Failure> {
    Ok((status, Html(template.render()?)).into_response())
}
