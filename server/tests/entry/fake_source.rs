//! A source in memory: facts and summaries, no pixels.

use std::sync::{
    Arc, Mutex, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use negatoscope_server::source::{
    BulkStream, ElementPath, EncodedFrame, ExamFacts, InstanceRef, InstanceStream, Scope, Source,
    SourceError, SourceHealth, VideoPart,
};
use viewer_core::exam::{ExamSummary, Patient, Study};

/// Exams by their facts.
#[derive(Default)]
pub(crate) struct FakeSource {
    pub(crate) exams: Vec<ExamFacts>,
    /// Makes every question fail.
    pub(crate) down: AtomicBool,
    /// Makes every summary fail, as that of a damaged exam.
    pub(crate) damaged: AtomicBool,
    /// Whether it gets exams ready.
    pub(crate) prepares: AtomicBool,
    /// What it has in memory.
    pub(crate) at_hand: Mutex<Option<Arc<ExamSummary>>>,
    /// Where the files of exams come from, where there are any.
    pub(crate) archive: OnceLock<Arc<dyn Source>>,
    /// What was asked, in order.
    pub(crate) asked: Mutex<Vec<String>>,
}

pub(crate) fn exam(
    study: &str,
    accession: &str,
    issuer: Option<&str>,
    birth_date: Option<&str>,
) -> ExamFacts {
    ExamFacts {
        study_instance_uid: study.to_owned(),
        accession_number: accession.to_owned(),
        accession_issuer: issuer.map(str::to_owned),
        birth_date: birth_date.map(str::to_owned),
    }
}

impl FakeSource {
    fn ask(&self, question: String) -> Result<(), SourceError> {
        self.asked.lock().unwrap().push(question);
        if self.down.load(Ordering::Relaxed) {
            return Err(SourceError::Unavailable("switched off".to_owned()));
        }
        Ok(())
    }
}

#[async_trait]
impl Source for FakeSource {
    async fn facts(&self, study: &str) -> Result<Option<ExamFacts>, SourceError> {
        self.ask(format!("study {study}"))?;
        let known = self.exams.iter().find(|exam| exam.study_instance_uid == study).cloned();
        match self.archive.get() {
            Some(archive) if known.is_none() => archive.facts(study).await,
            _ => Ok(known),
        }
    }

    async fn facts_by_accession(&self, accession: &str) -> Result<Vec<ExamFacts>, SourceError> {
        self.ask(format!("accession {accession}"))?;
        Ok(self.exams.iter().filter(|exam| exam.accession_number == accession).cloned().collect())
    }

    async fn summary(&self, study: &str) -> Result<Arc<ExamSummary>, SourceError> {
        self.ask(format!("summary {study}"))?;
        if self.damaged.load(Ordering::Relaxed) {
            return Err(SourceError::Corrupt("a test".to_owned()));
        }
        if let Some(summary) = self.summary_at_hand(study).await {
            return Ok(summary);
        }
        let known = self
            .exams
            .iter()
            .find(|exam| exam.study_instance_uid == study)
            .ok_or(SourceError::NotFound)?;
        let patient = Patient {
            birth_name: "LEFÈVRE".to_owned(),
            given_names: "ÉLISE MARIE".to_owned(),
            birth_date: known.birth_date.clone(),
            sex: Some("F".to_owned()),
            ..Patient::default()
        };
        let study =
            Study { study_instance_uid: known.study_instance_uid.clone(), ..Study::default() };
        Ok(Arc::new(ExamSummary { patient, study, series: Vec::new(), joined: Vec::new() }))
    }

    async fn summary_at_hand(&self, study: &str) -> Option<Arc<ExamSummary>> {
        let summary = self.at_hand.lock().unwrap().clone();
        summary.filter(|summary| summary.study.study_instance_uid == study)
    }

    fn can_prepare(&self) -> bool {
        self.prepares.load(Ordering::Relaxed)
    }

    async fn prepare(&self, study: &str) -> Result<(), SourceError> {
        self.ask(format!("prepare {study}"))
    }

    async fn metadata(
        &self,
        scope: &Scope,
    ) -> Result<BoxStream<'static, Result<serde_json::Value, SourceError>>, SourceError> {
        match self.archive.get() {
            Some(archive) => archive.metadata(scope).await,
            None => Ok(stream::empty().boxed()),
        }
    }

    async fn instances(&self, scope: &Scope) -> Result<Vec<InstanceRef>, SourceError> {
        match self.archive.get() {
            Some(archive) => archive.instances(scope).await,
            None => Ok(Vec::new()),
        }
    }

    async fn frame(&self, _at: &InstanceRef, _frame: u32) -> Result<EncodedFrame, SourceError> {
        Err(SourceError::NotFound)
    }

    async fn instance(&self, at: &InstanceRef) -> Result<InstanceStream, SourceError> {
        self.ask(format!("instance {}", at.instance))?;
        match self.archive.get() {
            Some(archive) => archive.instance(at).await,
            None => Err(SourceError::NotFound),
        }
    }

    async fn bulk(
        &self,
        _at: &InstanceRef,
        _element: &ElementPath,
    ) -> Result<BulkStream, SourceError> {
        Err(SourceError::NotFound)
    }

    async fn video(
        &self,
        _at: &InstanceRef,
        _start: u64,
        _end: Option<u64>,
    ) -> Result<VideoPart, SourceError> {
        Err(SourceError::NotFound)
    }

    async fn health(&self) -> SourceHealth {
        if self.down.load(Ordering::Relaxed) { SourceHealth::Down } else { SourceHealth::Up }
    }
}
