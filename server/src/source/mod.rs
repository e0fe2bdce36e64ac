//! Where exams come from: one trait, a folder or bucket (`archive`) or a DICOMweb PACS (`pacs`).

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use thiserror::Error;
use viewer_core::exam::ExamSummary;

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

    /// Full metadata as a stream of DICOM JSON objects (without bulk data), one per instance.
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

    /// Whether the source answers.
    async fn health(&self) -> SourceHealth;
}
