//! Received exams as a source.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use serde_json::Value;
use viewer_core::exam::{ExamSummary, Patient};

use super::body::Body;
use super::study::Study;
use super::summary::assemble;
use super::{Received, Shared, Upstream};
use crate::source::{
    Beginning, BulkStream, ElementPath, EncodedFrame, ExamFacts, InstanceRef, InstanceStream,
    KEY_OBJECT_SELECTION, Scope, Source, SourceError, SourceHealth, VideoPart,
};

#[async_trait]
impl<U: Upstream> Source for Received<U> {
    async fn facts(&self, study: &str) -> Result<Option<ExamFacts>, SourceError> {
        self.0.upstream.facts(study).await
    }

    async fn facts_by_accession(&self, accession: &str) -> Result<Vec<ExamFacts>, SourceError> {
        self.0.upstream.facts_by_accession(accession).await
    }

    async fn summary(&self, study: &str) -> Result<Arc<ExamSummary>, SourceError> {
        let study = self.0.study(study).await?;
        self.0.summary(&study).await
    }

    async fn beginning(&self, study: &str) -> Result<Beginning, SourceError> {
        let study = self.0.study(study).await?;
        self.0.beginning(&study).await
    }

    async fn summary_of(&self, scope: &Scope) -> Result<Arc<ExamSummary>, SourceError> {
        let study = self.0.study(&scope.study).await?;
        self.0.summary_of(&study, scope).await
    }

    async fn first_arrival(
        &self,
        study: &str,
        but_of: &HashSet<String>,
    ) -> Result<Option<InstanceRef>, SourceError> {
        let study = self.0.study(study).await?;
        self.0.first_arrival(&study, but_of).await
    }

    async fn summary_at_hand(&self, study: &str) -> Option<Arc<ExamSummary>> {
        let study = self.0.studies().get(study).cloned()?;
        study.summary_at_hand()
    }

    async fn known_patient(&self, study: &str) -> Result<Option<Patient>, SourceError> {
        self.0.upstream.patient(study).await.map(Some)
    }

    async fn summary_without(
        &self,
        study: &str,
        left_out: &HashSet<String>,
    ) -> Result<Arc<ExamSummary>, SourceError> {
        let study = self.0.study(study).await?;
        self.0.summary(&study).await?;
        assemble(&study, left_out.clone()).await
    }

    /// By the classes of the listing: the pictures need not have come for it. A document that is listed and does not
    /// come could be a rejection note, so nothing is shown without it.
    async fn key_objects(&self, study: &str) -> Result<Vec<Value>, SourceError> {
        let study = match self.0.study(study).await {
            Err(SourceError::NotFound) => return Ok(Vec::new()),
            other => other?,
        };
        let found = study.key_objects.get_or_try_init(|| self.0.key_objects(&study)).await;
        found.cloned()
    }

    async fn metadata(
        &self,
        scope: &Scope,
    ) -> Result<BoxStream<'static, Result<Value, SourceError>>, SourceError> {
        let instances = self.instances(scope).await?;
        let shared = Arc::clone(&self.0);
        let metadata = stream::iter(instances).filter_map(move |at| {
            let shared = Arc::clone(&shared);
            async move {
                match shared.metadata(&at).await {
                    // What is listed and was not delivered is no part of the answer.
                    Err(SourceError::NotFound) => None,
                    other => Some(other),
                }
            }
        });
        Ok(metadata.boxed())
    }

    async fn instances(&self, scope: &Scope) -> Result<Vec<InstanceRef>, SourceError> {
        let study = self.0.study(&scope.study).await?;
        let instances = listed(&study, scope);
        if instances.is_empty() { Err(SourceError::NotFound) } else { Ok(instances) }
    }

    async fn frame(&self, at: &InstanceRef, frame: u32) -> Result<EncodedFrame, SourceError> {
        let object = self.0.object(at).await?;
        if let Body::Memory(_) = object.body() {
            return object.frame(frame);
        }
        drop(object);
        self.0.read(at, move |object| object.frame(frame)).await
    }

    async fn instance(&self, at: &InstanceRef) -> Result<InstanceStream, SourceError> {
        self.0.object(at).await?.instance()
    }

    async fn bulk(
        &self,
        at: &InstanceRef,
        element: &ElementPath,
    ) -> Result<BulkStream, SourceError> {
        let element = element.clone();
        self.0.read(at, move |object| object.bulk(&element)).await
    }

    async fn video(
        &self,
        at: &InstanceRef,
        start: u64,
        end: Option<u64>,
    ) -> Result<VideoPart, SourceError> {
        self.0.object(at).await?.video(start, end)
    }

    async fn health(&self) -> SourceHealth {
        self.0.upstream.health().await
    }
}

impl<U: Upstream> Shared<U> {
    async fn metadata(self: &Arc<Self>, at: &InstanceRef) -> Result<Value, SourceError> {
        let place = at.clone();
        self.read(at, move |object| object.metadata(&place)).await
    }

    async fn key_objects(self: &Arc<Self>, study: &Study) -> Result<Vec<Value>, SourceError> {
        let mut found = Vec::new();
        for series in &study.series {
            let is_document = |class: &str| class == KEY_OBJECT_SELECTION;
            let documents = series.listed.instances.iter();
            for listed in documents.filter(|listed| is_document(&listed.sop_class_uid)) {
                let at = InstanceRef {
                    study: study.uid.clone(),
                    series: series.listed.uid.clone(),
                    instance: listed.uid.clone(),
                };
                let missing = "a key object document of the exam did not come";
                found.push(self.metadata(&at).await.map_err(|error| match error {
                    SourceError::NotFound => SourceError::Unavailable(missing.to_owned()),
                    other => other,
                })?);
            }
        }
        Ok(found)
    }
}

/// The instances of a scope, by series and instance number.
fn listed(study: &Study, scope: &Scope) -> Vec<InstanceRef> {
    let is_of = |wanted: &Option<String>, uid: &str| wanted.as_ref().is_none_or(|it| it == uid);
    let mut found = Vec::new();
    for series in study.series.iter().filter(|series| is_of(&scope.series, &series.listed.uid)) {
        let instances = series.listed.instances.iter();
        for instance in instances.filter(|instance| is_of(&scope.instance, &instance.uid)) {
            let place = |number: Option<i32>| (number.is_none(), number);
            let at = InstanceRef {
                study: study.uid.clone(),
                series: series.listed.uid.clone(),
                instance: instance.uid.clone(),
            };
            found.push((place(series.listed.number), place(instance.number), at));
        }
    }
    found.sort_by(|a, b| {
        (a.0, &a.2.series, a.1, &a.2.instance).cmp(&(b.0, &b.2.series, b.1, &b.2.instance))
    });
    found.into_iter().map(|(_, _, at)| at).collect()
}
