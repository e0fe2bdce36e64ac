//! The check in front of every handler: a session, and a study it grants.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::refusal::Refusal;
use crate::access::Access;

/// The visitor's access; without one the request ends with 401.
pub(crate) struct Visitor(pub(crate) Access);

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Access>().cloned().map(Self).ok_or(Refusal::Unauthorized)
    }
}

impl Visitor {
    /// Passes when the study is granted; a study that is not granted looks like an unknown one, and the
    /// source is not even asked.
    pub(super) fn may_see(&self, study: &str) -> Result<(), Refusal> {
        if self.0.allows(study) { Ok(()) } else { Err(Refusal::NotFound) }
    }

    /// All granted studies, each once.
    pub(super) fn studies(&self) -> Vec<String> {
        let mut studies: Vec<String> =
            self.0.visits.iter().flat_map(|(_, studies)| studies.iter().cloned()).collect();
        studies.sort_unstable();
        studies.dedup();
        studies
    }
}
