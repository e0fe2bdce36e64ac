//! Several manifests of one patient as one timeline: what is on screen before any image has come.

use std::{cmp::Reverse, sync::Arc};

use serde_json::{Value, json};
use thiserror::Error;

use super::{
    manifest::{Manifest, ManifestError, Series},
    patient::Identity,
};

/// What became of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Another exam of the patient.
    Added,
    /// It took the place of an earlier one of the same exam.
    Replaced,
    /// This very document was there already.
    Known,
    /// A later one of the same exam is there.
    Older,
}

impl Taken {
    /// Its name in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Replaced => "replaced",
            Self::Known => "known",
            Self::Older => "older",
        }
    }
}

/// Why a document is not taken in. Holds no value of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// The document itself.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Somebody else's exam.
    #[error("the manifest is about another patient than this consultation")]
    OtherPatient,
    /// The consultation has as many as it may have.
    #[error("this consultation has as many exams as it may have")]
    Full,
}

impl Refused {
    /// Its name in the catalogue, in answers and in the audit.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manifest(error) => error.name(),
            Self::OtherPatient => "other_patient",
            Self::Full => "full",
        }
    }
}

/// The exams of one patient, the newest first.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    patient: Option<Identity>,
    exams: Vec<Arc<Manifest>>,
    /// Studies in the order they came: by their place here they are called in addresses.
    studies: Vec<String>,
}

impl Timeline {
    /// Of a patient who is known beforehand.
    #[must_use]
    pub const fn of(patient: Identity) -> Self {
        Self { patient: Some(patient), exams: Vec::new(), studies: Vec::new() }
    }

    /// Whose exams these are.
    #[must_use]
    pub const fn patient(&self) -> Option<&Identity> {
        self.patient.as_ref()
    }

    /// The exams.
    #[must_use]
    pub fn exams(&self) -> &[Arc<Manifest>] {
        &self.exams
    }

    /// Study Instance UIDs in the order they came.
    #[must_use]
    pub fn studies(&self) -> &[String] {
        &self.studies
    }

    /// By which number an exam is called in addresses of the viewer, from 1.
    #[must_use]
    pub fn place(&self, study: &str) -> Option<usize> {
        self.studies.iter().position(|known| known == study).map(|index| index + 1)
    }

    /// The exam of a study.
    #[must_use]
    pub fn exam(&self, study: &str) -> Option<&Arc<Manifest>> {
        self.exams.iter().find(|exam| exam.study.study_instance_uid == study)
    }

    /// Takes a manifest in; at most `most` exams are kept.
    ///
    /// # Errors
    /// [`Refused`]; nothing has changed then.
    pub fn add(&mut self, manifest: Manifest, most: usize) -> Result<Taken, Refused> {
        if self.patient.as_ref().is_some_and(|patient| !patient.is_same(&manifest.patient)) {
            return Err(Refused::OtherPatient);
        }
        let study = &manifest.study.study_instance_uid;
        let place = self.exams.iter().position(|exam| exam.study.study_instance_uid == *study);
        let taken = match place.and_then(|place| self.exams.get(place)) {
            Some(known) if known.kos == manifest.kos => return Ok(Taken::Known),
            Some(known) if is_later(known, &manifest) => return Ok(Taken::Older),
            Some(_) => Taken::Replaced,
            None if self.exams.len() >= most => return Err(Refused::Full),
            None => Taken::Added,
        };
        match place {
            Some(place) => drop(self.exams.remove(place)),
            None => self.studies.push(study.clone()),
        }
        self.patient.get_or_insert_with(|| manifest.patient.clone());
        self.exams.push(Arc::new(manifest));
        self.exams.sort_by_key(|exam| {
            let study = &exam.study;
            Reverse((study.date.clone(), study.time.clone(), study.study_instance_uid.clone()))
        });
        Ok(taken)
    }

    /// As the page and the command line tell it.
    #[must_use]
    pub fn told(&self) -> Value {
        let exams: Vec<Value> = self.exams.iter().map(|exam| skeleton(exam)).collect();
        json!({ "patient": self.patient, "exams": exams })
    }
}

/// By Instance Number; without one the last that came counts.
fn is_later(known: &Manifest, manifest: &Manifest) -> bool {
    matches!((known.number, manifest.number), (Some(known), Some(new)) if known > new)
}

/// An exam before any of its images is here, in the words of `ExamSummary`.
#[must_use]
pub fn skeleton(exam: &Manifest) -> Value {
    let series: Vec<Value> = exam.series.iter().map(skeleton_of_series).collect();
    json!({ "study": exam.study, "images": exam.count(), "series": series })
}

fn skeleton_of_series(series: &Series) -> Value {
    json!({
        "series_instance_uid": series.listed.uid,
        "number": series.listed.number,
        "modality": series.listed.modality,
        "description": series.description,
        "images": series.listed.instances.len(),
        "key_images": series.key_images,
    })
}
