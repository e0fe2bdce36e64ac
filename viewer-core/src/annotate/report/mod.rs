//! Annotations as a DICOM structured report (TID 1500 "Measurement Report" of PS3.16, Comprehensive SR) and as a Grayscale
//! Softcopy Presentation State, as files in Explicit VR Little Endian: small enough to be written where they are drawn, without a server.

mod content;
mod document;
mod element;
mod graphics;
mod presentation;

use super::{Annotation, Value};
use crate::exam::{ExamIndex, ExamSummary};
use crate::viewport::ViewState;

pub use document::structured_report;
pub use presentation::presentation_state;

/// Everything that a report is made from.
#[derive(Clone, Copy, Debug)]
pub struct ReportSource<'a> {
    /// The exams of the page.
    pub exam: &'a ExamSummary,
    /// The one that is reported: a report is about one exam of one patient.
    pub of: ExamIndex,
    /// Annotations with what they are called, their values and where those come from, also those on images of other exams.
    pub entries: &'a [ReportEntry],
    /// `fr` or `en`.
    pub language: &'a str,
    /// When it is made: `YYYYMMDD`, `HHMMSS`.
    pub date_time: [&'a str; 2],
    /// 128 random bits, of which all UIDs of the report are made.
    pub random: u128,
}

impl ReportSource<'_> {
    /// UIDs of this report by number: UUIDs of random bits (PS3.5 B.2) that count in their last ones.
    fn uid(&self, number: u16) -> String {
        const VERSION: u128 = 0xF000 << 64;
        const VARIANT: u128 = 0xC000 << 48;
        let random = self.random & !(VERSION | VARIANT | 0xFFFF);
        format!("2.25.{}", random | 0x4000 << 64 | 0x8000 << 48 | u128::from(number))
    }
}

/// One annotation of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportEntry {
    /// The annotation.
    pub annotation: Annotation,
    /// What it is called.
    pub name: String,
    /// Its values.
    pub values: Vec<Value>,
    /// Where its scale comes from, in words; may be empty.
    pub provenance: String,
}

/// Everything that a presentation state is made from.
#[derive(Clone, Copy, Debug)]
pub struct PresentationSource<'a> {
    /// When it is made; whose it is says the series, and entries are of no use here.
    pub about: ReportSource<'a>,
    /// Annotations with the words beside them, also those of other series.
    pub entries: &'a [PresentationEntry],
    /// The series, as an index into the exam's.
    pub series: u32,
    /// The pane that it is shown in.
    pub view: &'a ViewState,
}

/// One annotation of a presentation state.
#[derive(Clone, Debug, PartialEq)]
pub struct PresentationEntry {
    /// The annotation.
    pub annotation: Annotation,
    /// What is written beside it.
    pub lines: Vec<String>,
}

#[cfg(all(test, feature = "dicom"))]
mod tests;
