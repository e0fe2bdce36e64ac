//! What the page of an exam knows of one that is still on its way from another centre: whose it is, and where a picture of it is.

use std::ops::RangeInclusive;

use serde::Serialize;

use super::Page;
use crate::{
    consultation::Consultation,
    dicomweb,
    session::{Current, OpenedExam},
    state::AppState,
};

/// Side of the picture, pixels: to recognise an exam by, not to read.
const PICTURE_PX: u16 = 512;

/// The exams of a consultation, for the page and for the script that waits for them.
#[derive(Serialize)]
pub(super) struct Coming {
    pub(super) patient: Patient,
    /// Addresses of pictures, by the place of their exam.
    pub(super) pictures: Vec<String>,
}

/// As the banner shows it.
#[derive(Serialize)]
pub(super) struct Patient {
    pub(super) birth_name: String,
    given_names: String,
    birth_date: Option<String>,
    sex: Option<String>,
}

impl Coming {
    /// Of a visit that is a consultation.
    pub(super) fn of(state: &AppState, current: &Current, exam: &OpenedExam) -> Option<Self> {
        let id = exam.link.as_ref()?.consultation.as_ref()?;
        let one = state.consultations.of(&current.site.id, current.visitor_id()?, id)?;
        let pictures = exam.studies.iter().map(|study| {
            let root = dicomweb::ROOT;
            format!("{root}/studies/{study}/thumbnail?accept=image/jpeg&viewport={PICTURE_PX},{PICTURE_PX}")
        });
        Some(Self { patient: Patient::of(&one)?, pictures: pictures.collect() })
    }

    /// Of the exam that the page shows unless its address names another one.
    pub(super) fn first_picture(&self) -> &str {
        self.pictures.first().map_or("", String::as_str)
    }

    /// What addresses call the others.
    pub(super) fn others(&self) -> RangeInclusive<usize> {
        2..=self.pictures.len()
    }

    pub(super) fn as_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Patient {
    fn of(one: &Consultation) -> Option<Self> {
        let timeline = one.timeline();
        let known = timeline.patient()?.clone();
        Some(Self {
            birth_name: known.birth_name,
            given_names: known.given_names,
            birth_date: known.birth_date,
            sex: known.sex,
        })
    }

    /// What stands behind the name.
    pub(super) fn more(&self, page: &Page<'_>) -> String {
        let born = self.birth_date.as_deref();
        let born = born.map(|date| format!("{} {}", page.t("consultation.born"), page.date(date)));
        let given = Some(self.given_names.clone()).filter(|names| !names.is_empty());
        [given, self.sex.clone(), born].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}
