//! Why a file is not in any exam, so that the page can say it in the language of its reader.

use std::io;

use serde::Serialize;
use viewer_core::dicom::{IndexError, ParseError, ReadError};

use crate::zip::{Refusal, ZipError};

/// Why a file, or an entry of an archive, is left out. Its words are `local.reason_…` of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It is not there any more, or the medium is out.
    Gone,
    /// It ends too soon.
    CutOff,
    /// Something stands where it cannot.
    Damaged,
    /// It does not say of which exam it is.
    Unidentified,
    /// It has or unfolds to more than is read.
    TooLarge,
    /// It needs a password.
    Encrypted,
    /// It is packed in another way than those that exams come in.
    Method,
    /// It is a part of an archive in several files.
    Split,
}

impl From<io::Error> for Reason {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::CutOff,
            io::ErrorKind::FileTooLarge => Self::TooLarge,
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::Damaged,
            _ => Self::Gone,
        }
    }
}

impl From<ParseError> for Reason {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::Io(error) => error.into(),
            ParseError::Truncated { .. } => Self::CutOff,
            ParseError::TooLong { .. } | ParseError::TooMany => Self::TooLarge,
            ParseError::Unexpected { .. } => Self::Damaged,
        }
    }
}

impl From<IndexError> for Reason {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Read(ReadError::Parse(error)) => error.into(),
            IndexError::Read(ReadError::TooLarge) => Self::TooLarge,
            IndexError::Read(ReadError::NotDicom | ReadError::Inflate) => Self::Damaged,
            IndexError::Instance(_) => Self::Unidentified,
        }
    }
}

impl From<ZipError> for Reason {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::Io(error) => error.into(),
            ZipError::NoEnd => Self::CutOff,
            ZipError::Damaged => Self::Damaged,
            ZipError::TooMany => Self::TooLarge,
            ZipError::Split => Self::Split,
        }
    }
}

impl From<Refusal> for Reason {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Encrypted => Self::Encrypted,
            Refusal::Method => Self::Method,
            Refusal::TooLarge => Self::TooLarge,
        }
    }
}
