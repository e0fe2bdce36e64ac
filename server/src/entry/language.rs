//! French or English: the visitor's choice (a cookie), else the browser's.

use std::convert::Infallible;

use axum::{
    Form,
    extract::FromRequestParts,
    http::{
        HeaderMap,
        header::{ACCEPT_LANGUAGE, COOKIE, SET_COOKIE},
        request::Parts,
    },
    response::{IntoResponse, Redirect, Response},
};
use negatoscope_text::Lang;
use serde::Deserialize;

const NAME: &str = "langue";
const PAGES: [&str; 7] = [
    "/",
    "/aide",
    "/accessibilite",
    "/donnees-personnelles",
    "/au-revoir",
    "/consultation",
    "/connexion/psc/situation",
];
const NUMBERED_PAGES: [&str; 3] = ["/entree/", "/examen/", "/consultation/"];

/// The language to answer in.
pub(crate) struct Language(pub(crate) Lang);

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let preferred = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Ok(Self(
            chosen(&parts.headers)
                .unwrap_or_else(|| Lang::preferred(preferred.unwrap_or_default())),
        ))
    }
}

fn chosen(headers: &HeaderMap) -> Option<Lang> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == NAME)
        .and_then(|(_, tag)| Lang::from_tag(tag))
}

#[derive(Deserialize)]
pub(crate) struct Choice {
    langue: String,
    retour: String,
}

/// `POST /langue`: remembers the choice and goes back to the page it was made on.
pub(crate) async fn choose(Form(choice): Form<Choice>) -> Response {
    let lang = Lang::from_tag(&choice.langue).unwrap_or_default();
    let back = if is_page(&choice.retour) { choice.retour.as_str() } else { "/" };
    let cookie =
        format!("{NAME}={}; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax", lang.code());
    ([(SET_COOKIE, cookie)], Redirect::to(back)).into_response()
}

/// Only pages of ours: no open redirect.
fn is_page(path: &str) -> bool {
    let is_number = |text: &str| text.parse::<u32>().is_ok_and(|number| number.to_string() == text);
    PAGES.contains(&path)
        || NUMBERED_PAGES.iter().any(|page| path.strip_prefix(page).is_some_and(is_number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_only_to_pages_of_ours() {
        for page in ["/", "/aide", "/entree/3", "/examen/12", "/consultation", "/consultation/2"] {
            assert!(is_page(page), "{page}");
        }
        for other in [
            "",
            "//evil.example",
            "https://evil.example",
            "/entree/",
            "/entree/1/code",
            "/examen/+1",
            "/api/session",
        ] {
            assert!(!is_page(other), "{other}");
        }
    }
}
