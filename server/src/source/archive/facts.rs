//! What the index is searched by.

use viewer_core::exam::{Content, Instance};

/// The attributes an instance is found by and ordered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub sop_uid: String,
    pub series_uid: String,
    pub study_uid: String,
    pub series_number: Option<i32>,
    pub instance_number: Option<i32>,
    /// Trimmed; empty where absent.
    pub accession: String,
    pub accession_issuer: Option<String>,
    /// `YYYYMMDD`.
    pub birth_date: Option<String>,
}

impl Facts {
    pub(super) fn of(instance: &Instance) -> Self {
        let instance_number = match &instance.content {
            Content::Image(content) => content.image.instance_number,
            Content::Unsupported { .. } => None,
        };
        Self {
            sop_uid: instance.sop_instance_uid.clone(),
            series_uid: instance.series.series_instance_uid.clone(),
            study_uid: instance.study.study_instance_uid.clone(),
            series_number: instance.series.number,
            instance_number,
            accession: instance.study.accession_number.clone(),
            accession_issuer: instance.accession_issuer.clone(),
            birth_date: instance.patient.birth_date.clone(),
        }
    }
}
