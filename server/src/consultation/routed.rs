//! The source of a session that has consultations: their exams from the network, all others from the site.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde_json::Value;
use viewer_core::exam::{ExamSummary, Patient};

use super::{one::Consultation, registry::Consultations};
use crate::{
    session::LiveLogin,
    sites::Site,
    source::{
        Beginning, BulkStream, ElementPath, EncodedFrame, ExamFacts, InstanceRef, InstanceStream,
        Scope, Source, SourceError, SourceHealth, VideoPart,
    },
};

struct Routed {
    /// By study; `None`: from nowhere, and least of all from the site.
    consulted: HashMap<String, Option<Arc<dyn Source>>>,
    own: Arc<dyn Source>,
}

/// Consultations by the studies that nothing but a manifest opened; `None` where the consultation has ended.
type ByStudy = HashMap<String, Option<Arc<Consultation>>>;

impl Consultations {
    fn by_study(&self, site: &Site, visitor: &str, login: &LiveLogin) -> ByStudy {
        let mut consulted = HashMap::new();
        let mut linked: HashSet<&String> = HashSet::new();
        for exam in &login.exams {
            match exam.link.as_ref().and_then(|link| link.consultation.as_deref()) {
                None => linked.extend(&exam.studies),
                Some(id) => {
                    let found = self.of(&site.id, visitor, id);
                    consulted
                        .extend(exam.studies.iter().map(|study| (study.clone(), found.clone())));
                }
            }
        }
        consulted.retain(|study, _| !linked.contains(study));
        consulted
    }

    /// Where the exams of a login come from. A study that a report's link opened comes from the site, whatever a manifest
    /// says; one that only a manifest opened never does.
    #[must_use]
    pub fn source(&self, site: &Site, visitor: &str, login: &LiveLogin) -> Arc<dyn Source> {
        let own = Arc::clone(&site.source);
        let consulted = self.by_study(site, visitor, login);
        if consulted.is_empty() {
            return own;
        }
        let source = |one: Option<Arc<Consultation>>| one.and_then(|one| one.source());
        let consulted = consulted.into_iter().map(|(study, one)| (study, source(one))).collect();
        Arc::new(Routed { consulted, own })
    }

    /// The consultation of a study that nothing else opened; `Some(None)` where it has ended meanwhile.
    pub(crate) fn consulted(
        &self,
        site: &Site,
        visitor: &str,
        login: &LiveLogin,
        study: &str,
    ) -> Option<Option<Arc<Consultation>>> {
        self.by_study(site, visitor, login).remove(study)
    }
}

impl Routed {
    fn of(&self, study: &str) -> Result<&Arc<dyn Source>, SourceError> {
        match self.consulted.get(study) {
            Some(consulted) => consulted.as_ref().ok_or(SourceError::NotFound),
            None => Ok(&self.own),
        }
    }
}

#[async_trait]
impl Source for Routed {
    async fn facts(&self, study: &str) -> Result<Option<ExamFacts>, SourceError> {
        self.of(study)?.facts(study).await
    }

    async fn facts_by_accession(&self, accession: &str) -> Result<Vec<ExamFacts>, SourceError> {
        self.own.facts_by_accession(accession).await
    }

    async fn summary(&self, study: &str) -> Result<Arc<ExamSummary>, SourceError> {
        self.of(study)?.summary(study).await
    }

    async fn beginning(&self, study: &str) -> Result<Beginning, SourceError> {
        self.of(study)?.beginning(study).await
    }

    async fn summary_of(&self, scope: &Scope) -> Result<Arc<ExamSummary>, SourceError> {
        self.of(&scope.study)?.summary_of(scope).await
    }

    async fn first_arrival(
        &self,
        study: &str,
        but_of: &HashSet<String>,
    ) -> Result<Option<InstanceRef>, SourceError> {
        self.of(study)?.first_arrival(study, but_of).await
    }

    async fn summary_at_hand(&self, study: &str) -> Option<Arc<ExamSummary>> {
        self.of(study).ok()?.summary_at_hand(study).await
    }

    fn can_prepare(&self) -> bool {
        self.own.can_prepare()
    }

    async fn prepare(&self, study: &str) -> Result<(), SourceError> {
        self.of(study)?.prepare(study).await
    }

    async fn known_patient(&self, study: &str) -> Result<Option<Patient>, SourceError> {
        self.of(study)?.known_patient(study).await
    }

    async fn summary_without(
        &self,
        study: &str,
        left_out: &HashSet<String>,
    ) -> Result<Arc<ExamSummary>, SourceError> {
        self.of(study)?.summary_without(study, left_out).await
    }

    async fn key_objects(&self, study: &str) -> Result<Vec<Value>, SourceError> {
        self.of(study)?.key_objects(study).await
    }

    async fn metadata(
        &self,
        scope: &Scope,
    ) -> Result<BoxStream<'static, Result<Value, SourceError>>, SourceError> {
        self.of(&scope.study)?.metadata(scope).await
    }

    async fn instances(&self, scope: &Scope) -> Result<Vec<InstanceRef>, SourceError> {
        self.of(&scope.study)?.instances(scope).await
    }

    async fn frame(&self, at: &InstanceRef, frame: u32) -> Result<EncodedFrame, SourceError> {
        self.of(&at.study)?.frame(at, frame).await
    }

    async fn instance(&self, at: &InstanceRef) -> Result<InstanceStream, SourceError> {
        self.of(&at.study)?.instance(at).await
    }

    async fn bulk(
        &self,
        at: &InstanceRef,
        element: &ElementPath,
    ) -> Result<BulkStream, SourceError> {
        self.of(&at.study)?.bulk(at, element).await
    }

    async fn video(
        &self,
        at: &InstanceRef,
        start: u64,
        end: Option<u64>,
    ) -> Result<VideoPart, SourceError> {
        self.of(&at.study)?.video(at, start, end).await
    }

    async fn health(&self) -> SourceHealth {
        self.own.health().await
    }
}
