//! The link printed in a report: IHE Invoke Image Display (RAD-106), `requestType=STUDY`.
//!
//! Links pass through PDF makers and mail programs, and live for many years: what can be understood
//! without doubt is accepted, everything else is refused with words. Reading a link is pure: text in,
//! [`Link`] out; `linked_exams` asks the site's source what it means.

mod accession;
mod clean;
mod parse;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::accession::Accession;

/// The longest query looked at, in bytes.
pub const MAX_QUERY: usize = 8192;
/// The most studies one link may name.
pub const MAX_STUDIES: usize = 16;
/// The longest accession number or document id, in characters.
pub const MAX_IDENTIFIER: usize = 128;

/// What a link asks for. At least one study or an accession number is there, or it is a consultation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Study Instance UIDs, in the order of the link, without repeats.
    pub studies: Vec<String>,
    /// Accession number, as printed.
    pub accession: Option<Accession>,
    /// Identifier of the report (CDA document).
    pub report: Option<ReportId>,
    /// Name of a consultation: exams of other centres, which no report's link can ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consultation: Option<String>,
}

/// Identifier of a CDA document in one form, whatever form the link had: `root`, `root.extension`,
/// `root^extension`, `root/extension`, with or without `_version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportId {
    /// Root and extension joined by a dot.
    pub id: String,
    /// Digits after the last `_`.
    pub version: Option<String>,
}

impl ReportId {
    /// Reads an identifier in any of its forms.
    ///
    /// # Errors
    /// When it is empty, too long or holds control characters.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let id = parse::parse_report(text)?;
        if id.id.is_empty() { Err(LinkError::Identifier(Parameter::IdCda)) } else { Ok(id) }
    }
}

/// Why a link is refused. Each one has words in the catalogue, by [`LinkError::key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LinkError {
    /// More than [`MAX_QUERY`] bytes.
    #[error("link too long")]
    TooLong,
    /// A `%` escape that is not one, or bytes that are not UTF-8.
    #[error("damaged percent-encoding")]
    Encoding,
    /// No `requestType`.
    #[error("no requestType")]
    NoRequestType,
    /// A `requestType` other than STUDY.
    #[error("unsupported requestType")]
    RequestType,
    /// The same parameter twice, with different values.
    #[error("{0} given twice with different values")]
    Contradiction(Parameter),
    /// Neither a study nor an accession number.
    #[error("names no exam")]
    NoExam,
    /// A Study Instance UID that cannot be one (PS3.5 9.1).
    #[error("not a study UID")]
    StudyUid,
    /// More than [`MAX_STUDIES`].
    #[error("too many studies")]
    TooManyStudies,
    /// An accession number or document id that is too long or holds control characters.
    #[error("unusable {0}")]
    Identifier(Parameter),
}

impl LinkError {
    /// Key of the sentence that tells the visitor.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::TooLong => "entry.link.too_long",
            Self::Encoding => "entry.link.encoding",
            Self::NoRequestType => "entry.link.no_request_type",
            Self::RequestType => "entry.link.request_type",
            Self::Contradiction(_) => "entry.link.contradiction",
            Self::NoExam => "entry.link.no_exam",
            Self::StudyUid => "entry.link.study_uid",
            Self::TooManyStudies => "entry.link.too_many_studies",
            Self::Identifier(_) => "entry.link.identifier",
        }
    }

    /// The parameter the sentence is about, as the standards write it.
    #[must_use]
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Contradiction(parameter) | Self::Identifier(parameter) => parameter.name(),
            Self::StudyUid | Self::TooManyStudies => Parameter::StudyUid.name(),
            _ => Parameter::RequestType.name(),
        }
    }
}

/// The parameters that mean something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// `requestType`
    RequestType,
    /// `studyUID`
    StudyUid,
    /// `Accessionnumber`
    AccessionNumber,
    /// `idCDA`
    IdCda,
}

impl Parameter {
    /// As the standards write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RequestType => "requestType",
            Self::StudyUid => "studyUID",
            Self::AccessionNumber => "Accessionnumber",
            Self::IdCda => "idCDA",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::RequestType, Self::StudyUid, Self::AccessionNumber, Self::IdCda]
            .into_iter()
            .find(|parameter| parameter.name().eq_ignore_ascii_case(name))
    }
}

impl std::fmt::Display for Parameter {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name())
    }
}

impl Link {
    /// Reads the query of a link, as it came: percent-encoded, without the `?`.
    ///
    /// # Errors
    /// [`LinkError`] with what is wrong.
    pub fn parse(query: &str) -> Result<Self, LinkError> {
        parse::parse(query)
    }
}

/// Whether this is a UID as far as this server cares: 1 to 64 characters, digits in parts joined by
/// single dots (PS3.5 9.1). Leading zeros are wrong but exist; they do no harm here.
#[must_use]
pub fn is_uid(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}
