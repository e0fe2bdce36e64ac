//! Several exams on one page: those that came later stand behind the first, so that every index of a series that was
//! given away stays what it was. Whose a series is and of which study is told by the series itself.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{ExamSummary, Patient, Series, Study};
use crate::base::limits::{MAX_EXAMS, MAX_JOINED_FRAMES, MAX_JOINED_SERIES};

/// Which exam of a summary: 0 for the one that was opened, then those that were put beside it, in their order.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ExamIndex(u8);

impl ExamIndex {
    /// The exam that was opened.
    pub const FIRST: Self = Self(0);

    /// Whether it is the one that was opened.
    #[must_use]
    pub const fn is_first(&self) -> bool {
        self.0 == 0
    }

    /// As a number, from 0.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// Whose and which an exam is that was put beside the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinedExam {
    /// Whose exam.
    pub patient: Patient,
    /// Which exam.
    pub study: Study,
}

/// Why an exam is not put beside others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JoinError {
    /// It is there.
    #[error("the exam is on the page")]
    Known,
    /// It holds exams itself.
    #[error("only single exams are put beside each other")]
    NotSingle,
    /// More than [`MAX_EXAMS`], [`MAX_JOINED_SERIES`] or [`MAX_JOINED_FRAMES`].
    #[error("too much for one page")]
    TooMuch,
}

impl ExamSummary {
    /// Puts another exam behind those that are here; its index.
    ///
    /// # Errors
    /// [`JoinError`]; nothing is changed then.
    pub fn join(&mut self, other: Self) -> Result<ExamIndex, JoinError> {
        let is_single = other.joined.is_empty() && other.series.iter().all(|s| s.exam.is_first());
        if !is_single {
            return Err(JoinError::NotSingle);
        }
        if self.studies().any(|study| study.study_instance_uid == other.study.study_instance_uid) {
            return Err(JoinError::Known);
        }
        let exams = self.joined.len() + 1;
        let series = self.series.len() + other.series.len();
        let frames = self.frames() + other.frames();
        if exams >= MAX_EXAMS || series > MAX_JOINED_SERIES || frames > MAX_JOINED_FRAMES {
            return Err(JoinError::TooMuch);
        }
        let exam = ExamIndex(u8::try_from(exams).map_err(|_more| JoinError::TooMuch)?);
        self.series.extend(other.series.into_iter().map(|series| Series { exam, ..series }));
        self.joined.push(JoinedExam { patient: other.patient, study: other.study });
        Ok(exam)
    }

    /// Whose an exam is and which; `None` where there is no such exam.
    #[must_use]
    pub fn of(&self, exam: ExamIndex) -> Option<(&Patient, &Study)> {
        let Some(place) = usize::from(exam.0).checked_sub(1) else {
            return Some((&self.patient, &self.study));
        };
        self.joined.get(place).map(|joined| (&joined.patient, &joined.study))
    }

    /// All exams.
    pub fn exams(&self) -> impl Iterator<Item = ExamIndex> + use<> {
        let joined = u8::try_from(self.joined.len()).unwrap_or(u8::MAX);
        (0..=joined).map(ExamIndex)
    }

    /// Whether this is `before` with exams put beside it: every series and image that was there is where it was.
    #[must_use]
    pub fn begins_with(&self, before: &Self) -> bool {
        let is_same = |now: &Series, then: &Series| {
            now.exam == then.exam
                && now.series_instance_uid == then.series_instance_uid
                && now.images.len() == then.images.len()
                && now.images.iter().zip(&then.images).all(|(now, then)| {
                    now.sop_instance_uid == then.sop_instance_uid && now.frames == then.frames
                })
        };
        let is_whole = |series: &Series| self.of(series.exam).is_some();
        self.patient == before.patient
            && self.study.study_instance_uid == before.study.study_instance_uid
            && self.joined.starts_with(&before.joined)
            && self.series.len() >= before.series.len()
            && self.series.iter().zip(&before.series).all(|(now, then)| is_same(now, then))
            && self.series.iter().all(is_whole)
    }

    fn studies(&self) -> impl Iterator<Item = &Study> {
        std::iter::once(&self.study).chain(self.joined.iter().map(|joined| &joined.study))
    }

    fn frames(&self) -> u64 {
        let images = self.series.iter().flat_map(|series| &series.images);
        images.map(|image| u64::from(image.frames.max(1))).sum()
    }
}
