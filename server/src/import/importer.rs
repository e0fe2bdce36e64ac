//! A visitor who may import, and what they ask for.

use std::collections::HashSet;
use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    choice::Choice,
    error::{ImportError, Invalid},
    job::{Job, Who},
    local::Local,
    queue::Queue,
    service::SiteImports,
    spool::Session,
    target::Target,
};
use crate::{
    client::Client,
    consultation::Consultation,
    dicomweb::refusal::Refusal,
    session::{Current, LiveLogin, OpenedExam},
    source::{InstanceRef, Source, SourceError},
    state::AppState,
};

const NOT_HERE: &str = "This centre does not let you import its exams.";
const BUSY: &str = "This exam is being imported there already.";

/// What is to be imported.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    pub target: String,
    pub study: String,
    #[serde(default)]
    pub choice: Choice,
    pub local: Local,
}

/// The same, found and checked.
pub(super) struct Chosen {
    pub target: Arc<Target>,
    pub local: Local,
    pub instances: Vec<InstanceRef>,
    /// The consultation that the exam comes from, where nothing but a manifest opened it.
    pub consultation: Option<Arc<Consultation>>,
}

impl Chosen {
    /// Series Instance UIDs.
    pub(super) fn series(&self) -> HashSet<&str> {
        self.instances.iter().map(|at| at.series.as_str()).collect()
    }
}

/// A visitor who may import this exam: a handler without one cannot be written.
pub(super) struct Importer {
    pub current: Current,
    pub exam: OpenedExam,
    pub imports: Arc<SiteImports>,
    /// Of the session: what only a manifest opened comes from its consultation, and never from the site.
    pub source: Arc<dyn Source>,
    login: LiveLogin,
    state: AppState,
}

impl FromRequestParts<AppState> for Importer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let current = Current::from_request_parts(parts, state).await;
        let current = current.map_err(IntoResponse::into_response)?;
        let parameters = RawPathParams::from_request_parts(parts, state).await;
        let visit = parameters.ok().and_then(|parameters| {
            let visit = parameters.iter().find(|(name, _)| *name == "visit");
            visit.and_then(|(_, visit)| visit.parse::<u32>().ok())
        });
        Self::of(current, visit, state).await.map_err(IntoResponse::into_response)
    }
}

impl Importer {
    pub(super) async fn of(
        current: Current,
        visit: Option<u32>,
        state: &AppState,
    ) -> Result<Self, Refusal> {
        let login = current.login.clone().ok_or(Refusal::Unauthorized)?;
        let access = current.access().ok_or(Refusal::Unauthorized)?;
        let exam = visit.and_then(|visit| login.exam(visit)).ok_or(Refusal::NotFound)?.clone();
        let imports = current.site.imports.clone().ok_or(Refusal::Forbidden(NOT_HERE))?;
        let may = imports.allows(&state.store.pool, &login.id, &exam).await;
        match may {
            Ok(true) => {
                let (source, state) = (access.source, state.clone());
                Ok(Self { current, exam, imports, source, login, state })
            }
            Ok(false) => Err(Refusal::Forbidden(NOT_HERE)),
            Err(cause) => Err(Refusal::Internal(cause.to_string())),
        }
    }

    /// What is asked for, where all of it is there and this visitor's to import.
    pub(super) async fn chosen(&self, wanted: &Wanted) -> Result<Chosen, Refusal> {
        let target = Arc::clone(self.imports.target(&wanted.target)?);
        let local = wanted.local.clone().checked()?;
        if !self.exam.studies.contains(&wanted.study) {
            return Err(Refusal::NotFound);
        }
        let instances = wanted.choice.of(&*self.source, &wanted.study).await?;
        let consultation = self.consultation(&wanted.study)?;
        Ok(Chosen { target, local, instances, consultation })
    }

    fn consultation(&self, study: &str) -> Result<Option<Arc<Consultation>>, Refusal> {
        let visitor = self.current.visitor_id().unwrap_or_default();
        let all = &self.state.consultations;
        match all.consulted(&self.current.site, visitor, &self.login, study) {
            None => Ok(None),
            Some(None) => Err(Refusal::NotFound),
            Some(found) => Ok(found),
        }
    }

    /// The session's source of a study, for as long as it lasts, where nothing but a manifest opened it.
    pub(super) fn session(&self, study: &str) -> Result<Option<Session>, Refusal> {
        Ok(self.consultation(study)?.map(|one| one.lend(&self.login.id)))
    }

    pub(super) fn who(&self, client: &Client) -> Who {
        Who {
            way: Some(self.exam.way.clone()),
            subject: self.exam.subject.clone(),
            session: self.current.trace(),
            address: client.address,
        }
    }

    /// An import of this person, of an exam that they may see.
    pub(super) async fn job(&self, queue: &Queue, id: &str) -> Result<Job, Refusal> {
        let job = queue.get(&self.current.site.id, id).await?;
        if self.is_theirs(&job) { Ok(job) } else { Err(Refusal::NotFound) }
    }

    pub(super) fn is_theirs(&self, job: &Job) -> bool {
        job.who.subject == self.exam.subject && self.exam.studies.contains(&job.study)
    }
}

impl From<ImportError> for Refusal {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Unknown => Self::NotFound,
            ImportError::Busy => Self::Busy(BUSY),
            ImportError::Source(error) => error.into(),
            ImportError::Dimse(error) => Self::Source(error.into()),
            ImportError::Web(cause) | ImportError::Unfetched(cause) => {
                Self::Source(SourceError::Unavailable(cause))
            }
            error @ (ImportError::Database(_) | ImportError::Io(_)) => {
                Self::Internal(error.to_string())
            }
            error @ (ImportError::Invalid(_)
            | ImportError::Object(_)
            | ImportError::SessionEnded
            | ImportError::Undelivered(_)
            | ImportError::OtherPatient) => Self::Unprocessable(error.to_string()),
        }
    }
}

impl From<Invalid> for Refusal {
    fn from(error: Invalid) -> Self {
        ImportError::from(error).into()
    }
}
