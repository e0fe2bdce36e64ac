//! Why something is not imported. No message holds a name, an identifier or a UID: they go to the log.

use std::io;

use thiserror::Error;

pub use crate::data_set::Unwritable;
use crate::source::{SourceError, dimse::DimseError};

/// What is wrong with an identity or a choice that somebody sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    /// Patient ID or name is missing.
    #[error("patient id and name are needed")]
    Missing,
    /// A value that its VR does not allow; which attribute.
    #[error("{0} has a value that DICOM does not allow")]
    Value(&'static str),
    /// The two typed identities differ.
    #[error("what was typed twice differs")]
    Differs,
    /// Nothing is chosen, or something that the visitor may not see.
    #[error("nothing of what was chosen can be imported")]
    Choice,
    /// No such target on this site.
    #[error("no such target")]
    Target,
    /// The dry run was of something else.
    #[error("the dry run was of something else")]
    Stale,
}

/// Why an import, or a step of one, failed.
#[derive(Debug, Error)]
pub enum ImportError {
    /// What was asked for.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The source of the exam.
    #[error("source: {0}")]
    Source(#[from] SourceError),
    /// The source of the exam, before anything was sent.
    #[error("source: {0}")]
    Unfetched(String),
    /// The session that the exam came from has ended, and the object had not come before.
    #[error("the session that the object comes from has ended")]
    SessionEnded,
    /// The box does not give the object, or may not be asked.
    #[error("source: {0}")]
    Undelivered(String),
    /// The target over DIMSE.
    #[error("target: {0}")]
    Dimse(#[from] DimseError),
    /// The target over DICOMweb.
    #[error("target: {0}")]
    Web(String),
    /// An object that cannot be written anew.
    #[error(transparent)]
    Object(#[from] Unwritable),
    /// The study lies in the target under another patient.
    #[error("the target has this study under another patient")]
    OtherPatient,
    /// Too much is being imported.
    #[error("too many imports")]
    Busy,
    /// No such import, or not of this visitor.
    #[error("no such import")]
    Unknown,
    /// The database.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The journal, or the lock of an import.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl Unwritable {
    const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooDeep => "too_deep",
            Self::Deflated => "deflated",
            Self::CharacterSet => "character_set",
            Self::TooLong => "too_long",
        }
    }
}

impl ImportError {
    /// Why an object cannot be imported, as the page has words for it.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Object(cause) => cause.code(),
            Self::Source(SourceError::NotFound) => "missing",
            Self::Source(SourceError::TooLarge(_)) => "too_large",
            _ => "unreadable",
        }
    }

    /// Of a source, before anything was sent.
    pub(super) fn unfetched(error: SourceError) -> Self {
        match error {
            SourceError::Unavailable(cause) => Self::Unfetched(cause),
            other => other.into(),
        }
    }
}
