//! Where exams come from: one trait, a folder or bucket (`archive`), a DICOMweb PACS (`pacs`), one that speaks
//! DIMSE only (`dimse`), or a DRIMbox (`drimbox`).

pub mod archive;
pub mod dimse;
pub mod drimbox;
mod element;
pub mod pacs;
pub mod received;

pub(crate) use archive::packed::{pack, unpack};
pub use element::ElementPath;
pub use received::{ListedInstance, ListedSeries};

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{BoxStream, TryStreamExt};
use thiserror::Error;
use viewer_core::exam::{ExamSummary, Patient};

/// SOP Class of Key Object Selection documents: manifests, rejection notes, key images.
pub(crate) const KEY_OBJECT_SELECTION: &str = "1.2.840.10008.5.1.4.1.1.88.59";

/// What a site knows of one study: enough to check a link and a birth date, nothing to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExamFacts {
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// Accession Number as stored, trimmed; may be empty.
    pub accession_number: String,
    /// Issuer of Accession Number (universal entity id, an OID) where stated.
    pub accession_issuer: Option<String>,
    /// Patient's birth date `YYYYMMDD`; `None` where absent or malformed.
    pub birth_date: Option<String>,
}

/// The encoded bytes of one frame with the syntax they are really in.
#[derive(Clone, Debug)]
pub struct EncodedFrame {
    /// Transfer Syntax UID of `bytes`, checked against their first bytes.
    pub transfer_syntax_uid: String,
    /// One frame: a codestream for encapsulated syntaxes, native samples otherwise.
    pub bytes: Bytes,
}

/// A whole Part 10 instance, streamed.
pub struct InstanceStream {
    /// Transfer Syntax UID of the data set.
    pub transfer_syntax_uid: String,
    /// Length in bytes where known.
    pub length: Option<u64>,
    /// The file.
    pub bytes: BoxStream<'static, Result<Bytes, SourceError>>,
}

/// The value of one element, streamed.
pub struct BulkStream {
    /// Transfer syntax, where the value is pixel data.
    pub transfer_syntax_uid: Option<String>,
    /// Length in bytes where known.
    pub length: Option<u64>,
    /// The value; for encapsulated pixel data all fragments with their items, as stored.
    pub bytes: BoxStream<'static, Result<Bytes, SourceError>>,
}

/// A part of a video stream.
pub struct VideoPart {
    /// Transfer syntax of the stream.
    pub transfer_syntax_uid: String,
    /// Which bytes these are; empty where what was asked for begins behind the end.
    pub range: Range<u64>,
    /// Bytes of the whole stream.
    pub total: u64,
    /// The bytes.
    pub bytes: BoxStream<'static, Result<Bytes, SourceError>>,
}

/// Names one instance of one study.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InstanceRef {
    /// Study Instance UID.
    pub study: String,
    /// Series Instance UID.
    pub series: String,
    /// SOP Instance UID.
    pub instance: String,
}

impl InstanceRef {
    /// The scope that holds this instance only.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope {
            study: self.study.clone(),
            series: Some(self.series.clone()),
            instance: Some(self.instance.clone()),
        }
    }
}

/// Which part of a study is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Study Instance UID.
    pub study: String,
    /// One series only.
    pub series: Option<String>,
    /// One instance only (needs `series`).
    pub instance: Option<String>,
}

/// As much of an exam as can be shown at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Beginning {
    /// Its first series, or all of it.
    pub summary: Arc<ExamSummary>,
    /// Whether this is all.
    pub is_whole: bool,
}

impl Beginning {
    /// All there is.
    #[must_use]
    pub fn whole(summary: Arc<ExamSummary>) -> Self {
        Self { summary, is_whole: true }
    }
}

/// Readiness of a source, without personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceHealth {
    /// Answers.
    Up,
    /// Answers, but is still indexing: `done` of about `total` files.
    Indexing {
        /// Files read.
        done: u64,
        /// Files found so far.
        total: u64,
    },
    /// Does not answer.
    Down,
}

/// Why a source did not deliver.
#[derive(Debug, Error)]
pub enum SourceError {
    /// No such study, series, instance or frame.
    #[error("not found")]
    NotFound,
    /// The source is unreachable or answers with an error; may be tried again.
    #[error("source unavailable: {0}")]
    Unavailable(String),
    /// The stored object cannot be read.
    #[error("unreadable object: {0}")]
    Corrupt(String),
    /// More than this server is willing to hold.
    #[error("object exceeds a limit: {0}")]
    TooLarge(&'static str),
}

/// One site's exams.
///
/// Every method names the study: a source never searches across patients on a visitor's behalf.
#[async_trait]
pub trait Source: Send + Sync + 'static {
    /// What is known of a study, `None` where it is unknown. Used to check links; cheap.
    async fn facts(&self, study: &str) -> Result<Option<ExamFacts>, SourceError>;

    /// Facts of the studies with this accession number (compared trimmed, without issuer).
    async fn facts_by_accession(&self, accession: &str) -> Result<Vec<ExamFacts>, SourceError>;

    /// The compact summary of a study.
    async fn summary(&self, study: &str) -> Result<Arc<ExamSummary>, SourceError>;

    /// What can be shown while [`Self::summary`] is still being fetched: the summary of the first series with pictures,
    /// where it is there sooner than the whole; else the whole.
    async fn beginning(&self, study: &str) -> Result<Beginning, SourceError> {
        self.summary(study).await.map(Beginning::whole)
    }

    /// A summary with this series or instance in it: of the exam, or of less where that is there sooner.
    async fn summary_of(&self, scope: &Scope) -> Result<Arc<ExamSummary>, SourceError> {
        self.summary(&scope.study).await
    }

    /// Of a study that is on its way the first image that is here, of none of the series `but_of`: what can be drawn
    /// soonest. Waits for it; `None` where no image comes any more, and from sources that have their exams.
    async fn first_arrival(
        &self,
        _study: &str,
        _but_of: &HashSet<String>,
    ) -> Result<Option<InstanceRef>, SourceError> {
        Ok(None)
    }

    /// The summary, where it is in memory already; nothing is asked for it elsewhere.
    async fn summary_at_hand(&self, _study: &str) -> Option<Arc<ExamSummary>> {
        None
    }

    /// Whether [`Self::prepare`] does anything. Where not, nobody looks up what a link means for its sake.
    fn can_prepare(&self) -> bool {
        false
    }

    /// Gets ready what whoever opens this exam will ask for first. Called when its link is clicked, by somebody who may
    /// be anybody: a source that would have to fetch images from elsewhere does nothing.
    async fn prepare(&self, _study: &str) -> Result<(), SourceError> {
        Ok(())
    }

    /// The patient of a study, from a source that would have to fetch the exam to read it there: what is known
    /// beforehand, perhaps nothing. `None` where the images tell. Asked while somebody proves who they are, who may be
    /// anybody with the link.
    async fn known_patient(&self, _study: &str) -> Result<Option<Patient>, SourceError> {
        Ok(None)
    }

    /// The summary of a study without some of its instances: made without them, so that nothing in it
    /// (gaps, numbers of slices) speaks of them.
    async fn summary_without(
        &self,
        study: &str,
        left_out: &HashSet<String>,
    ) -> Result<Arc<ExamSummary>, SourceError> {
        let mut summary = ExamSummary::clone(&*self.summary(study).await?);
        for series in &mut summary.series {
            series.images.retain(|image| !left_out.contains(&image.sop_instance_uid));
        }
        summary.series.retain(|series| !series.images.is_empty());
        if summary.series.is_empty() { Err(SourceError::NotFound) } else { Ok(Arc::new(summary)) }
    }

    /// The metadata of the Key Object Selection documents of a study; other objects may be among them.
    /// A study that is not there has none.
    async fn key_objects(&self, study: &str) -> Result<Vec<serde_json::Value>, SourceError> {
        let scope = Scope { study: study.to_owned(), series: None, instance: None };
        let mut found = Vec::new();
        let mut objects = match self.metadata(&scope).await {
            Err(SourceError::NotFound) => return Ok(found),
            other => other?,
        };
        while let Some(object) = objects.try_next().await? {
            let is_document = object.get("00080060").and_then(|modality| modality.get("Value"));
            if is_document.and_then(|value| value.get(0)).is_some_and(|modality| modality == "KO") {
                found.push(object);
            }
        }
        Ok(found)
    }

    /// Full metadata as a stream of DICOM JSON objects, one per instance, in the order of
    /// [`Self::instances`]. Long binary values are left out and named by a `BulkDataURI`, see
    /// [`bulk_uri`].
    async fn metadata(
        &self,
        scope: &Scope,
    ) -> Result<BoxStream<'static, Result<serde_json::Value, SourceError>>, SourceError>;

    /// Instances of the scope, in order.
    async fn instances(&self, scope: &Scope) -> Result<Vec<InstanceRef>, SourceError>;

    /// One encoded frame; `frame` counts from 1.
    async fn frame(&self, at: &InstanceRef, frame: u32) -> Result<EncodedFrame, SourceError>;

    /// The whole instance as stored.
    async fn instance(&self, at: &InstanceRef) -> Result<InstanceStream, SourceError>;

    /// The value of one element that the metadata names by a `BulkDataURI`.
    async fn bulk(
        &self,
        at: &InstanceRef,
        element: &ElementPath,
    ) -> Result<BulkStream, SourceError>;

    /// The stream of a video, all fragments joined, from `start` to `end` (or its end). A source that
    /// cannot read parts returns the whole.
    async fn video(
        &self,
        at: &InstanceRef,
        start: u64,
        end: Option<u64>,
    ) -> Result<VideoPart, SourceError>;

    /// Whether the source answers.
    async fn health(&self) -> SourceHealth;
}

/// The `BulkDataURI` of an element: a path on this server, so that it resolves against whatever name
/// the client used.
#[must_use]
pub fn bulk_uri(at: &InstanceRef, element: &ElementPath) -> String {
    let InstanceRef { study, series, instance } = at;
    let root = crate::dicomweb::ROOT;
    format!("{root}/studies/{study}/series/{series}/instances/{instance}/bulkdata/{element}")
}

/// Whether a text is shaped like a UID (PS3.5 9.1): digits and dots, at most 64 of them. Leading zeros
/// and other irregular forms that occur in files pass.
#[must_use]
pub fn is_uid(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}
