//! Logging in at Pro Santé Connect or FranceConnect: away, back, which situation, good-bye.
//!
//! One may only leave from a page of ours: a link of somebody else's to `/connexion/…` leads to the card, so
//! that nobody is logged in without having asked for it.

mod away;
mod back;
mod consult;
mod farewell;
mod open;
mod refusal;
mod situation;

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};

use super::{Page, respond};
use crate::{
    auth::oidc::pending::Traveller, client::Client, error::Failure, session::Current, sites::Site,
    state::AppState,
};

/// The routes of logins at providers. Each provider has its own address to answer to (RFC 9700 4.4.2.1).
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/connexion/{provider}/{number}", get(away::go))
        .route("/connexion/{provider}/retour", get(back::arrive))
        .route("/connexion/psc/situation", get(situation::show).post(situation::choose))
        .route("/au-revoir", get(farewell::show))
        .route("/au-revoir/fournisseur", get(farewell::go))
}

/// A heading, paragraphs and ways on.
#[derive(Template)]
#[template(path = "notice.html")]
struct Notice<'a> {
    page: Page<'a>,
    title: String,
    paragraphs: Vec<String>,
    ways: Vec<Way>,
}

/// A link with its words.
struct Way {
    address: String,
    words: String,
}

/// A page with ways on; `ways` are addresses with the key of their words.
fn notice(
    status: StatusCode,
    page: Page<'_>,
    title: &str,
    keys: &[&str],
    ways: &[(String, &str)],
) -> Result<Response, Failure> {
    let title = page.t(title).into_owned();
    let values = [("contact", page.site.contact.as_str())];
    let words = |key: &&str| negatoscope_text::text_with(page.lang, key, &values);
    let paragraphs = keys.iter().map(words).collect();
    let ways = ways
        .iter()
        .map(|(address, key)| Way { address: address.clone(), words: page.t(key).into_owned() })
        .collect();
    respond(status, &Notice { page, title, paragraphs, ways })
}

/// Beginning of this site's addresses as the visitor sees them: providers answer to the host that has the
/// visitor's cookie, which may be another one than the first.
fn base(site: &Site, client: &Client) -> String {
    let own = url::Url::parse(&site.link_base).ok();
    let is_own = own.as_ref().and_then(url::Url::host_str) == Some(client.host().as_str());
    let scheme = own.as_ref().map_or("https", url::Url::scheme);
    if is_own { site.link_base.clone() } else { format!("{scheme}://{}", client.authority) }
}

/// The visitor of a request, where there is one.
fn traveller(current: &Current) -> Option<Traveller<'_>> {
    Some(Traveller { visitor: current.visitor_id()?, site: &current.site.id })
}
