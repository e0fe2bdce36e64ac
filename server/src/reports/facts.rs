//! Facts as they come in, in one form whatever brought them.

use serde::{Deserialize, Serialize};

use super::{kos::Rejection, manifest::Manifest};
use crate::{link::ReportId, source::ExamFacts};

/// Whether a site opens exams no report is known of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportPolicy {
    /// A link opens its exam unless what is known speaks against it.
    #[default]
    Optional,
    /// A link opens its exam only by a report that is known.
    Required,
}

/// As whom somebody came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitorKind {
    /// The patient.
    #[default]
    Patient,
    /// Somebody who acts for the patient.
    Representative,
    /// A health professional.
    Professional,
}

impl VisitorKind {
    /// As the database has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Representative => "representative",
            Self::Professional => "professional",
        }
    }

    /// From the database. An unknown word is what is masked most often.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "professional" => Self::Professional,
            "representative" => Self::Representative,
            _ => Self::Patient,
        }
    }
}

/// An accession number with the root of its issuer, where known.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct AccessionNumber {
    /// The number itself.
    pub number: String,
    /// OID of the issuer.
    #[serde(default)]
    pub root: Option<String>,
}

/// What a patient is told by: no more than is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Traits {
    /// Name at birth.
    pub birth_name: Option<String>,
    /// First given name of the birth record.
    pub first_name: Option<String>,
    /// `YYYYMMDD`
    pub birth_date: Option<String>,
    /// `M`, `F` or `O`.
    pub sex: Option<String>,
    /// INSEE code of the place of birth.
    pub birth_place: Option<String>,
}

/// An exam.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exam {
    /// Study Instance UID.
    pub study: String,
    /// Accession number.
    pub accession: Option<AccessionNumber>,
    /// Its patient.
    pub traits: Traits,
    /// Unix seconds after which its images are no longer kept.
    pub retention_end: Option<i64>,
}

impl From<Exam> for ExamFacts {
    fn from(exam: Exam) -> Self {
        let (number, root) =
            exam.accession.map_or_else(Default::default, |known| (known.number, known.root));
        Self {
            study_instance_uid: exam.study,
            accession_number: number,
            accession_issuer: root,
            birth_date: exam.traits.birth_date,
        }
    }
}

/// Who may not see a report (CI-SIS: MASQUE_PS, INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS_LEGAUX).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Visibility {
    /// Not for health professionals.
    pub masked_professional: bool,
    /// Not (yet) for the patient.
    pub invisible_patient: bool,
    /// Not for those who act for the patient.
    pub invisible_representatives: bool,
}

/// What is said of [`Visibility`]; `None` leaves as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Flags {
    /// See [`Visibility`].
    pub masked_professional: Option<bool>,
    /// See [`Visibility`].
    pub invisible_patient: Option<bool>,
    /// See [`Visibility`].
    pub invisible_representatives: Option<bool>,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Identifier of the document.
    pub id: ReportId,
    /// Study Instance UIDs, at least one.
    pub studies: Vec<String>,
    /// Accession number.
    pub accession: Option<AccessionNumber>,
    /// Who may not see it.
    pub flags: Flags,
    /// Unix seconds after which its images are no longer kept.
    pub retention_end: Option<i64>,
    /// Identifiers of the documents it takes the place of.
    pub replaces: Vec<ReportId>,
}

/// Everything one document or message says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// A report.
    pub report: Option<Report>,
    /// A report that is withdrawn.
    pub withdrawn: Option<ReportId>,
    /// Exams.
    pub exams: Vec<Exam>,
    /// What exams hold, and where.
    pub manifests: Vec<Manifest>,
    /// Instances that must not be shown any more.
    pub rejection: Option<Rejection>,
}

/// What an operator changes of a report; `None` leaves as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Who may not see it.
    pub flags: Flags,
    /// Unix seconds after which its images are no longer kept.
    pub retention_end: Option<i64>,
}
