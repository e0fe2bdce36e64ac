//! Who is logged in, and ending it from outside: on the command line or over the administration's interface.

use std::net::IpAddr;

use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use super::{Limits, OpenLogin, end, list};
use crate::{
    audit::{Audit, Entry, Event},
    store::Store,
};

/// Which sessions are meant; every one where nothing is said.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// As the list and the journal name the session.
    pub(crate) session: Option<String>,
    /// Who: identifier of an access code, or what the identity provider calls them.
    pub(crate) subject: Option<String>,
}

impl Which {
    fn means(&self, login: &OpenLogin) -> bool {
        let is_theirs = |subject: &String| login.exams.iter().any(|exam| exam.subject == *subject);
        self.session.as_ref().is_none_or(|session| *session == login.trace)
            && self.subject.as_ref().is_none_or(is_theirs)
    }
}

/// Why a session is not ended.
#[derive(Debug, Error)]
pub(crate) enum EndingError {
    /// The journal; nothing was ended then.
    #[error("audit: {0}")]
    Audit(std::io::Error),
    /// The database.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
}

/// What it takes.
pub(crate) struct Ending {
    pub(crate) store: Store,
    pub(crate) audit: Audit,
    pub(crate) limits: Limits,
}

impl Ending {
    /// Sessions of a site that have not ended.
    pub(crate) async fn find(
        &self,
        site: &str,
        which: &Which,
        now: i64,
    ) -> Result<Vec<OpenLogin>, EndingError> {
        let mut open = list(&self.store, site, self.limits, now).await?;
        open.retain(|login| which.means(login));
        Ok(open)
    }

    /// Ends them, each written down first; tells how many that were.
    pub(crate) async fn end(
        &self,
        site: &str,
        which: &Which,
        address: IpAddr,
        now: i64,
    ) -> Result<usize, EndingError> {
        let open = self.find(site, which, now).await?;
        for login in &open {
            let first = login.exams.first();
            let studies: Vec<String> =
                login.exams.iter().flat_map(|exam| exam.studies.clone()).collect();
            let entry = Entry {
                way: first.map(|exam| exam.way.as_str()),
                subject: first.map(|exam| exam.subject.as_str()),
                session: Some(&login.trace),
                studies: &studies,
                reason: Some("ended_by_administration"),
                ..Entry::new(Event::Logout, site, address)
            };
            self.audit.write(&entry).map_err(EndingError::Audit)?;
            end(&self.store, &login.id).await?;
        }
        Ok(open.len())
    }
}

impl OpenLogin {
    /// As it is told to the administration.
    pub(crate) fn told(&self, site: Option<&str>) -> Value {
        let exams = self.exams.iter().map(
            |exam| json!({ "way": exam.way, "subject": exam.subject, "studies": exam.studies }),
        );
        let mut told = json!({
            "session": self.trace,
            "expires_in_s": self.expires_in_seconds,
            "exams": exams.collect::<Vec<_>>(),
        });
        if let Some(site) = site {
            told["site"] = site.into();
        }
        told
    }
}
