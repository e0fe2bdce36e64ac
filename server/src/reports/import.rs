//! A document or message of any known kind → facts.

use std::io::Cursor;

use serde::Deserialize;
use thiserror::Error;
use time::{Date, macros::format_description};
use viewer_core::dicom;

use super::{
    cda::{self, CdaError},
    facts::{AccessionNumber, Exam, Facts, Flags, Report, Traits},
    hl7::Hl7Error,
    hl7_report,
    kos::{self, KeyObject},
};
use crate::link::{MAX_STUDIES, ReportId, is_uid};

/// The largest document taken in, in bytes.
pub const MAX_IMPORT: usize = 16 << 20;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Key Object Selection in a DICOM file.
    Dicom,
    /// HL7 v2 message.
    Hl7,
    /// CDA R2 document.
    Cda,
    /// Our own JSON.
    Json,
}

impl Source {
    /// As the audit writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dicom => "dicom",
            Self::Hl7 => "hl7",
            Self::Cda => "cda",
            Self::Json => "json",
        }
    }
}

/// Why a document is not taken in. Holds no value of it.
#[derive(Debug, Error)]
pub enum ImportError {
    /// None of the known kinds.
    #[error("not a DICOM file, HL7 v2 message, CDA document or JSON object")]
    UnknownKind,
    /// Larger than [`MAX_IMPORT`].
    #[error("larger than {} MiB", MAX_IMPORT >> 20)]
    TooLarge,
    /// Broken DICOM.
    #[error("DICOM: {0}")]
    Dicom(String),
    /// DICOM, but neither manifest nor rejection note.
    #[error("this DICOM object is neither a manifest nor a rejection note")]
    NoFacts,
    /// Broken HL7.
    #[error("HL7: {0}")]
    Hl7(#[from] Hl7Error),
    /// Broken CDA.
    #[error("CDA: {0}")]
    Cda(CdaError),
    /// Broken JSON.
    #[error("JSON: {0}")]
    Json(String),
    /// A report of which nobody knows what exam it is about.
    #[error("the report names no exam: no Study Instance UID, no accession number that is known")]
    NoExam,
    /// A value that makes no sense.
    #[error("{0}")]
    Value(&'static str),
}

/// Reads a document of any known kind.
///
/// # Errors
/// [`ImportError`], which names what is wrong and no value.
pub fn parse(bytes: &[u8]) -> Result<(Source, Facts), ImportError> {
    if bytes.len() > MAX_IMPORT {
        return Err(ImportError::TooLarge);
    }
    let (source, facts) = read(bytes)?;
    // An accession number alone may do: the site may know its exam.
    let names_nothing = |report: &Report| report.studies.is_empty() && report.accession.is_none();
    if facts.report.as_ref().is_some_and(names_nothing) {
        return Err(ImportError::NoExam);
    }
    let says_nothing = facts == Facts::default();
    if says_nothing { Err(ImportError::NoFacts) } else { Ok((source, facts)) }
}

fn read(bytes: &[u8]) -> Result<(Source, Facts), ImportError> {
    if bytes.get(128..132) == Some(b"DICM") {
        return Ok((Source::Dicom, read_dicom(bytes)?));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    match text.first() {
        Some(b'M' | 0x0b) => Ok((Source::Hl7, hl7_report::read(text)?)),
        Some(b'<') => Ok((Source::Cda, cda::read(text).map_err(ImportError::Cda)?)),
        Some(b'{') => Ok((Source::Json, read_json(text)?)),
        _ => Err(ImportError::UnknownKind),
    }
}

fn read_dicom(bytes: &[u8]) -> Result<Facts, ImportError> {
    let wrong = |cause: &dyn std::fmt::Display| ImportError::Dicom(cause.to_string());
    let file = dicom::read_part10(Cursor::new(bytes)).map_err(|cause| wrong(&cause))?;
    let object = dicom_json::to_value(&file.object).map_err(|cause| wrong(&cause))?;
    match kos::read(&object) {
        KeyObject::Manifest(exams, manifests) if !exams.is_empty() => {
            Ok(Facts { exams, manifests, ..Facts::default() })
        }
        KeyObject::Rejection(rejection) => {
            Ok(Facts { rejection: Some(rejection), ..Facts::default() })
        }
        _ => Err(ImportError::NoFacts),
    }
}

/// Facts as a RIS without HL7 may write them; see `negatoscope report import --help`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    report: Option<String>,
    #[serde(default)]
    studies: Vec<String>,
    accession: Option<AccessionNumber>,
    #[serde(default)]
    visibility: Flags,
    /// `YYYY-MM-DD`: the first day the images are no longer kept.
    retention_end: Option<String>,
    #[serde(default)]
    replaces: Vec<String>,
    #[serde(default)]
    patient: Traits,
}

fn read_json(text: &[u8]) -> Result<Facts, ImportError> {
    let written: Written =
        serde_json::from_slice(text).map_err(|cause| ImportError::Json(cause_of(&cause)))?;
    if written.studies.is_empty() {
        return Err(ImportError::NoExam);
    }
    if written.studies.len() > MAX_STUDIES || !written.studies.iter().all(|uid| is_uid(uid)) {
        return Err(ImportError::Value("studies: not UIDs, or too many"));
    }
    let retention_end = written.retention_end.as_deref().map(parse_date).transpose()?;
    let exams = written.studies.iter().map(|study| Exam {
        study: study.clone(),
        accession: written.accession.clone(),
        traits: written.patient.clone(),
        retention_end,
    });
    let exams = exams.collect();
    let Some(id) = written.report else { return Ok(Facts { exams, ..Facts::default() }) };
    let report = Report {
        id: report_id(&id)?,
        studies: written.studies,
        accession: written.accession,
        flags: written.visibility,
        retention_end,
        replaces: written.replaces.iter().map(|id| report_id(id)).collect::<Result<_, _>>()?,
    };
    Ok(Facts { report: Some(report), exams, ..Facts::default() })
}

/// Where JSON is wrong, without the value that is.
fn cause_of(cause: &serde_json::Error) -> String {
    format!("{:?} error in line {}, column {}", cause.classify(), cause.line(), cause.column())
}

/// An identifier of a document in any of its forms.
///
/// # Errors
/// When it is too long or holds control characters.
pub fn report_id(text: &str) -> Result<ReportId, ImportError> {
    ReportId::parse(text.trim())
        .map_err(|_unusable| ImportError::Value("report: not an identifier"))
}

/// `YYYY-MM-DD` → Unix seconds at its beginning, UTC.
///
/// # Errors
/// When it is no date.
pub fn parse_date(text: &str) -> Result<i64, ImportError> {
    Date::parse(text, format_description!("[year]-[month]-[day]"))
        .map(|date| date.midnight().assume_utc().unix_timestamp())
        .map_err(|_no_date| ImportError::Value("retention end: not a date of the form YYYY-MM-DD"))
}
