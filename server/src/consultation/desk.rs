//! The page of a consultation: the exams of one patient, what each holds, how far it has come, and a form for more.

use std::fmt::Write as _;

use askama::Template;
use axum::{http::StatusCode, response::Response};
use negatoscope_text::text_with;

use super::{
    manifest::{Manifest, Series},
    one::Consultation,
    progress,
    upload::{self, Outcome},
};
use crate::{
    entry::{Page, respond},
    error::Failure,
};

/// The exams that were brought.
#[derive(Template)]
#[template(path = "consultation.html")]
struct Desk<'a> {
    page: Page<'a>,
    number: u32,
    patient: String,
    exams: Vec<ExamLine>,
    notices: Vec<Notice>,
}

/// What is said of a file that was brought.
struct Notice {
    words: String,
    is_error: bool,
}

/// An exam of the timeline.
struct ExamLine {
    /// Its place in addresses of the viewer.
    place: usize,
    title: String,
    where_from: String,
    series: Vec<SeriesLine>,
    /// Something is coming.
    is_coming: bool,
    /// Somebody stopped it.
    is_stopped: bool,
}

/// A series of it.
struct SeriesLine {
    name: String,
    images: String,
    /// Empty where there is none.
    key_images: String,
    /// How much of it is here, and what is wrong with it; may be empty.
    progress: String,
}

/// The page; `outcomes` is what became of files that were just brought.
pub(super) fn desk(
    status: StatusCode,
    page: Page<'_>,
    number: u32,
    one: &Consultation,
    outcomes: &[Outcome],
) -> Result<Response, Failure> {
    let timeline = one.timeline();
    let patient = timeline.patient().map(|patient| {
        let born = patient.birth_date.as_deref().map(|date| page.date(date));
        let born = born.unwrap_or_default();
        format!(
            "{} {} · {} {born}",
            patient.birth_name,
            patient.given_names,
            page.t("consultation.born")
        )
    });
    let exams = timeline.exams().iter().map(|exam| {
        let study = &exam.study.study_instance_uid;
        let place = timeline.place(study).unwrap_or_default();
        exam_line(&page, one, exam, place)
    });
    let exams = exams.collect();
    let mut notices: Vec<Notice> = outcomes
        .iter()
        .map(|outcome| Notice {
            words: page.t(&upload::key(outcome)).into_owned(),
            is_error: outcome.is_err(),
        })
        .collect();
    if status != StatusCode::OK && outcomes.is_empty() {
        notices.push(Notice {
            words: page.t("consultation.refused.nothing").into_owned(),
            is_error: true,
        });
    }
    let patient = patient.unwrap_or_default();
    respond(status, &Desk { page, number, patient, exams, notices })
}

fn exam_line(page: &Page<'_>, one: &Consultation, exam: &Manifest, place: usize) -> ExamLine {
    let study = &exam.study;
    let date = study.date.as_deref().map(|date| page.date(date));
    let title = [date.unwrap_or_default(), study.description.clone()].join(" ");
    let received = progress::of(one, &study.study_instance_uid);
    let series = exam.series.iter().map(|series| {
        let uid = &series.listed.uid;
        let known = received.iter().find(|known| known.series_instance_uid == *uid);
        let progress = known.map(|known| progress::words(page.lang, known)).unwrap_or_default();
        let images = page.images(series.listed.instances.len());
        let key_images = page.key_images(series.key_images.len());
        SeriesLine { name: name_of(series), images, key_images, progress }
    });
    let series = series.collect();
    let is_any = |state| received.iter().any(|series| series.state == state);
    ExamLine {
        place,
        title: title.trim().to_owned(),
        where_from: study.institution.clone(),
        series,
        is_coming: is_any("receiving"),
        is_stopped: is_any("stopped"),
    }
}

fn name_of(series: &Series) -> String {
    let mut name = series.listed.modality.clone();
    if let Some(number) = series.listed.number {
        let _infallible = write!(name, " {number}");
    }
    let parts = [name.trim(), series.description.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" – ")
}

/// `YYYYMMDD` as people write it, as the viewer does: in English with the month in words.
impl Page<'_> {
    /// `1 image`, `12 images`.
    fn images(&self, count: usize) -> String {
        counted(self, count, ["consultation.one_image", "consultation.images"])
    }

    /// Empty where there is none.
    fn key_images(&self, count: usize) -> String {
        if count == 0 {
            return String::new();
        }
        counted(self, count, ["consultation.one_key_image", "consultation.key_images"])
    }
}

fn counted(page: &Page<'_>, count: usize, [one, several]: [&str; 2]) -> String {
    let key = if count == 1 { one } else { several };
    text_with(page.lang, key, &[("count", &count.to_string())])
}
