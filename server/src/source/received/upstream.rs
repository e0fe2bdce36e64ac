//! What another system must tell and bring.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use viewer_core::dicom::sop_class_name;
use viewer_core::exam::Patient;

use super::Sink;
use crate::source::{ExamFacts, Scope, SourceError, SourceHealth};

/// What a study holds, before any of it has come. Nothing else of the study is ever shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Changes whenever the rest does: another version is received anew.
    pub version: String,
    /// Its series.
    pub series: Vec<ListedSeries>,
}

/// A series of a [`Listing`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedSeries {
    /// Series Instance UID.
    pub uid: String,
    /// Series Number.
    pub number: Option<i32>,
    /// Modality; empty where it is not known beforehand.
    pub modality: String,
    /// Its instances.
    pub instances: Vec<ListedInstance>,
}

/// An instance of a [`ListedSeries`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedInstance {
    /// SOP Instance UID.
    pub uid: String,
    /// SOP Class UID; empty where it is not known beforehand.
    pub sop_class_uid: String,
    /// Instance Number.
    pub number: Option<i32>,
}

impl ListedInstance {
    /// Whether its class is one of images; of one without a class nobody knows.
    pub(super) fn is_image(&self) -> bool {
        sop_class_name(&self.sop_class_uid).contains("Image")
    }

    /// Whether there may be something to look at.
    pub(super) fn may_be_image(&self) -> bool {
        self.sop_class_uid.is_empty() || self.is_image()
    }
}

/// Whether an object that came can be of the patient whose exam is listed.
pub type PatientCheck = Arc<dyn Fn(&Patient) -> bool + Send + Sync>;

/// A system that sends whole objects.
#[async_trait]
pub trait Upstream: Send + Sync + 'static {
    /// As [`Source::facts`](crate::source::Source::facts).
    async fn facts(&self, study: &str) -> Result<Option<ExamFacts>, SourceError>;

    /// As [`Source::facts_by_accession`](crate::source::Source::facts_by_accession).
    async fn facts_by_accession(&self, accession: &str) -> Result<Vec<ExamFacts>, SourceError>;

    /// Whose study it is, as far as can be told without fetching it; what is missing is taken from the facts of reports
    /// and manifests.
    async fn patient(&self, _study: &str) -> Result<Patient, SourceError> {
        Ok(Patient::default())
    }

    /// What a study holds, `None` where it is unknown. Asked at every request, so it must be cheap.
    async fn listing(&self, study: &str) -> Result<Option<Arc<Listing>>, SourceError>;

    /// What objects of a study must pass beside being listed; `None` where the system itself answers for it.
    fn patient_check(&self, _study: &str) -> Option<PatientCheck> {
        None
    }

    /// Brings the objects of a series, or one of its instances, in whatever order they come. `scope` has a series. An
    /// object that is cut off is dropped. [`SourceError::Unavailable`] is tried again, once.
    ///
    /// # Errors
    /// [`SourceError`] where not everything came. What was put into the sink before stays.
    async fn fetch(&self, scope: &Scope, sink: &mut Sink) -> Result<(), SourceError>;

    /// Time for which receiving goes on when nobody waits: whoever asks again finds it further on.
    fn linger(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// Whether the system answers.
    async fn health(&self) -> SourceHealth;
}
