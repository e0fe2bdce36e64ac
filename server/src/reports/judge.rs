//! Whether a link opens an exam for somebody: a pure function of what is known.
//!
//! All identifiers of the link must agree with the report it names; a report that was replaced leads to
//! its successor, whose visibility counts. A link without a report is judged by every report about
//! the exam, and the strictest one counts.

use std::cmp::Ordering;

use serde::Serialize;

use super::facts::{AccessionNumber, Exam, ReportPolicy, Visibility, VisitorKind};
use crate::link::{Accession, Link};

/// The longest chain of replacements that is followed; longer ones (and circles) open nothing.
pub(super) const MAX_REPLACEMENTS: usize = 32;

/// Who asks for what.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The link that was clicked.
    pub link: &'a Link,
    /// As whom.
    pub visitor: VisitorKind,
    /// Studies that the proof of identity opens.
    pub studies: &'a [String],
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// These studies may be seen.
    Open(Vec<String>),
    /// Nothing may.
    Closed(Closure),
}

/// Why nothing may be seen, as far as the visitor is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closure {
    /// One page for all of these reasons.
    Unavailable(Why),
    /// The images are no longer kept.
    RetentionOver,
}

/// Why an exam is not available: for the audit only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The link names a report that is not known, or none is known where one must be.
    UnknownReport,
    /// The identifiers of the link do not belong together.
    Contradiction,
    /// The report was withdrawn.
    Depublished,
    /// Its successor is about another exam, or cannot be found.
    Replaced,
    /// Hidden from health professionals.
    MaskedProfessional,
    /// Hidden from the patient.
    InvisiblePatient,
    /// Hidden from those who act for the patient.
    InvisibleRepresentatives,
}

impl Closure {
    /// As the audit writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RetentionOver => "retention_over",
            Self::Unavailable(Why::UnknownReport) => "unknown_report",
            Self::Unavailable(Why::Contradiction) => "contradiction",
            Self::Unavailable(Why::Depublished) => "depublished",
            Self::Unavailable(Why::Replaced) => "replaced",
            Self::Unavailable(Why::MaskedProfessional) => "masked_professional",
            Self::Unavailable(Why::InvisiblePatient) => "invisible_patient",
            Self::Unavailable(Why::InvisibleRepresentatives) => "invisible_representatives",
        }
    }
}

/// A report as the database has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KnownReport {
    /// Identifier in the one form of the link module.
    pub report: String,
    /// Version of the document.
    pub version: Option<String>,
    /// Study Instance UIDs.
    pub studies: Vec<String>,
    /// Accession number.
    pub accession: Option<AccessionNumber>,
    /// Withdrawn.
    pub depublished: bool,
    /// Who may not see it.
    #[serde(flatten)]
    pub visibility: Visibility,
    /// Unix seconds.
    pub retention_end: Option<i64>,
    /// The report that took its place.
    pub successor: Option<String>,
}

/// What is known that concerns a case: reports about its studies, the report its link names, and
/// whatever took their place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Reports, each once.
    pub reports: Vec<KnownReport>,
    /// Replaced reports of which nothing else is known, with their successors.
    pub replaced: Vec<(String, String)>,
    /// Exams, each once.
    pub exams: Vec<Exam>,
}

impl Known {
    fn report(&self, id: &str) -> Option<&KnownReport> {
        self.reports.iter().find(|report| report.report == id)
    }

    /// The report at the end of the chain of replacements.
    fn current<'a>(&'a self, from: &'a KnownReport) -> Result<&'a KnownReport, Why> {
        let mut report = from;
        for _ in 0..MAX_REPLACEMENTS {
            let Some(successor) = &report.successor else { return Ok(report) };
            report = self.report(successor).ok_or(Why::Replaced)?;
        }
        Err(Why::Replaced)
    }
}

/// Judges a case. What is not open for all of its studies is open for those that may be seen.
#[must_use]
pub fn judge(
    policy: ReportPolicy,
    roots: &[String],
    case: &Case<'_>,
    known: &Known,
    now: i64,
) -> Verdict {
    let bench = Bench { policy, roots, case, known, now };
    let mut open = Vec::new();
    let mut closure = None;
    for study in case.studies {
        match bench.study(study) {
            Ok(()) => open.push(study.clone()),
            // That images are gone is told only where nothing is hidden.
            Err(found) => {
                closure = Some(match closure {
                    Some(Closure::Unavailable(why)) => Closure::Unavailable(why),
                    _ => found,
                });
            }
        }
    }
    match closure {
        Some(closure) if open.is_empty() => Verdict::Closed(closure),
        _ => Verdict::Open(open),
    }
}

struct Bench<'a> {
    policy: ReportPolicy,
    roots: &'a [String],
    case: &'a Case<'a>,
    known: &'a Known,
    now: i64,
}

impl Bench<'_> {
    fn study(&self, study: &str) -> Result<(), Closure> {
        let exam = self.known.exams.iter().find(|exam| exam.study == study);
        let ends = exam.and_then(|exam| exam.retention_end);
        let reports = self.current_reports(study).map_err(Closure::Unavailable)?;
        self.check_accession(exam, &reports).map_err(Closure::Unavailable)?;
        self.check_visibility(&reports).map_err(Closure::Unavailable)?;
        let ends = ends.into_iter().chain(reports.iter().filter_map(|report| report.retention_end));
        match ends.max() {
            Some(end) if end <= self.now => Err(Closure::RetentionOver),
            _ => Ok(()),
        }
    }

    /// The reports that count for a study: the one the link names, or all about it.
    fn current_reports(&self, study: &str) -> Result<Vec<&KnownReport>, Why> {
        let about: Vec<&KnownReport> =
            self.known.reports.iter().filter(|report| names(report, study)).collect();
        let Some(id) = &self.case.link.report else { return self.all_current(&about, study) };
        let named = match self.known.report(&id.id) {
            Some(named) => named,
            None => match self.known.replaced.iter().find(|(replaced, _)| *replaced == id.id) {
                Some((_, successor)) => self.known.report(successor).ok_or(Why::Replaced)?,
                None if about.is_empty() && self.policy == ReportPolicy::Optional => {
                    return Ok(Vec::new());
                }
                None => return Err(Why::UnknownReport),
            },
        };
        if named.report == id.id && is_newer(id.version.as_deref(), named.version.as_deref()) {
            return Err(Why::UnknownReport);
        }
        let current = self.known.current(named)?;
        match (names(named, study), names(current, study)) {
            (_, true) => Ok(vec![current]),
            (true, false) => Err(Why::Replaced),
            (false, false) => Err(Why::Contradiction),
        }
    }

    fn all_current<'a>(
        &'a self,
        about: &[&'a KnownReport],
        study: &str,
    ) -> Result<Vec<&'a KnownReport>, Why> {
        if about.is_empty() && self.policy == ReportPolicy::Required {
            return Err(Why::UnknownReport);
        }
        let mut current: Vec<&KnownReport> = Vec::new();
        for report in about {
            let report = self.known.current(report)?;
            if names(report, study) && !current.contains(&report) {
                current.push(report);
            }
        }
        if current.is_empty() && !about.is_empty() { Err(Why::Replaced) } else { Ok(current) }
    }

    fn check_accession(&self, exam: Option<&Exam>, reports: &[&KnownReport]) -> Result<(), Why> {
        let Some(given) = &self.case.link.accession else { return Ok(()) };
        let exam = exam.and_then(|exam| exam.accession.as_ref());
        let of_reports: Vec<&AccessionNumber> =
            reports.iter().filter_map(|report| report.accession.as_ref()).collect();
        let is_wrong = exam.is_some_and(|known| !self.agrees(given, known))
            || !of_reports.is_empty() && !of_reports.iter().any(|known| self.agrees(given, known));
        if is_wrong { Err(Why::Contradiction) } else { Ok(()) }
    }

    fn agrees(&self, given: &Accession, known: &AccessionNumber) -> bool {
        given.matches(&known.number, known.root.as_deref(), self.roots)
    }

    fn check_visibility(&self, reports: &[&KnownReport]) -> Result<(), Why> {
        let published: Vec<&&KnownReport> =
            reports.iter().filter(|report| !report.depublished).collect();
        if published.is_empty() && !reports.is_empty() {
            return Err(Why::Depublished);
        }
        let hidden = |report: &&&KnownReport| hidden_from(self.case.visitor, report.visibility);
        match published.iter().find_map(hidden) {
            Some(why) => Err(why),
            None => Ok(()),
        }
    }
}

/// Who acts for a patient sees no more than the patient.
const fn hidden_from(visitor: VisitorKind, visibility: Visibility) -> Option<Why> {
    match visitor {
        VisitorKind::Professional if visibility.masked_professional => {
            Some(Why::MaskedProfessional)
        }
        VisitorKind::Representative if visibility.invisible_representatives => {
            Some(Why::InvisibleRepresentatives)
        }
        VisitorKind::Patient | VisitorKind::Representative if visibility.invisible_patient => {
            Some(Why::InvisiblePatient)
        }
        _ => None,
    }
}

fn names(report: &KnownReport, study: &str) -> bool {
    report.studies.iter().any(|known| known == study)
}

/// Whether one version of a document is later than another; without a version, nobody can tell.
pub(super) fn is_newer(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => compare(one, other) == Ordering::Greater,
        _ => false,
    }
}

/// Digits of any length, by their value.
fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
