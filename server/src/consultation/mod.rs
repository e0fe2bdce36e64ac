//! Exams of other centres: a professional brings manifests, which say what exams hold and where, sees at once what there is,
//! and the images come from the network's trusted boxes when they are looked at.
//!
//! Nothing of it touches the site's own exams: a consultation has a source of its own, reached by the one session that
//! opened it, and ends with that session. Images lie on disk, sealed by a key that is in memory only.
//!
//! | file | what |
//! |---|---|
//! | `manifest`, `series_text` | a manifest as it is written, read strictly about whom and what |
//! | `patient` | whether two documents, or a document and an image, are about one person |
//! | `timeline` | several manifests of one patient |
//! | `call`, `called` | the contextual call of a practice's software |
//! | `one`, `registry` | a consultation, and all of them |
//! | `door` | who may, and what begins at the login |
//! | `disk` | where received objects lie |
//! | `upload`, `pages`, `desk`, `progress` | manifests brought by a professional, and what there is on screen |
//! | `address` | which addresses of a manifest are ever asked |
//! | `upstream`, `routed` | its exams as a source, beside the site's own |

pub mod address;
pub mod call;
mod called;
mod desk;
mod disk;
mod door;
pub mod manifest;
mod one;
mod pages;
pub mod patient;
mod progress;
mod registry;
mod routed;
mod series_text;
pub mod timeline;
mod upload;
pub mod upstream;

use axum::{
    Router,
    routing::{get, post},
};
use tower_http::limit::RequestBodyLimitLayer;

use crate::state::AppState;

pub(crate) use self::{
    door::{begin, is_full, may_consult, narrow},
    pages::card,
};
pub use self::{
    door::{prune, run},
    one::Consultation,
    registry::Consultations,
};

/// The largest form of a call, in bytes.
const MAX_CALL: usize = 16 * 1024;

/// The routes of people, who have sessions.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/consultation", get(pages::start).post(pages::begin))
        .route("/consultation/appel/{name}", get(pages::open))
        .route("/consultation/{number}", get(pages::show))
        .route("/consultation/{number}/manifestes", post(pages::bring))
        .route("/consultation/{number}/arret/{place}", post(pages::stop))
        .route("/consultation/{number}/reprise/{place}", post(pages::resume))
        .route("/api/consultation/{number}", get(pages::told))
        .layer(RequestBodyLimitLayer::new(upload::MAX_BODY))
}

/// The routes of the software that calls, which has a secret and no session.
pub(crate) fn calls() -> Router<AppState> {
    let manifests = Router::new()
        .route("/consultation/appel/{name}/manifestes", post(called::add))
        .layer(RequestBodyLimitLayer::new(upload::MAX_BODY));
    Router::new()
        .route("/appel-contextuel", post(called::call))
        .layer(RequestBodyLimitLayer::new(MAX_CALL))
        .merge(manifests)
}
