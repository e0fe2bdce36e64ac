//! What the visitor of this request may see. Put into the request by the session layer, read by every
//! handler that serves images; a handler without it cannot compile its arguments, and answers 401.

use std::sync::Arc;

use crate::source::Source;

/// The studies granted to this session on this site, with the only source they may come from.
#[derive(Clone)]
pub struct Access {
    /// Name of the site (its first host), for logs.
    pub site: Arc<str>,
    /// Name of the login, for what is counted per login.
    pub login: Arc<str>,
    /// This site's source; another site's cannot be reached from here.
    pub source: Arc<dyn Source>,
    /// Exams opened in this session: visit number (1, 2, …) → Study Instance UIDs.
    pub visits: Arc<[(u32, Vec<String>)]>,
}

impl Access {
    /// Whether this study is granted.
    #[must_use]
    pub fn allows(&self, study: &str) -> bool {
        self.visits.iter().any(|(_, studies)| studies.iter().any(|granted| granted == study))
    }

    /// The studies of one visit.
    #[must_use]
    pub fn studies(&self, visit: u32) -> Option<&[String]> {
        self.visits
            .iter()
            .find(|(number, _)| *number == visit)
            .map(|(_, studies)| studies.as_slice())
    }
}
