//! The summary of an exam, of what has arrived and of what was listed and has not.

use std::collections::HashSet;
use std::sync::Arc;

use viewer_core::dicom::sop_class_name;
use viewer_core::exam::{
    Content, DisplayAttributes, ExamSummary, FrameOrder, Image, ImageContent, ImageFormat,
    Instance, ModalityTransform, Patient, SampleKind, SeriesAttributes, StackAttributes,
    Study as StudyAttributes, Technique,
};
use viewer_core::series;

use super::study::{Cause, Series, Study};
use super::upstream::ListedInstance;
use super::{Shared, Upstream};
use crate::source::{Beginning, InstanceRef, Scope, SourceError};

/// Written on an image that is listed and has not come.
const NOT_DELIVERED: &str = "the archive did not deliver it";

impl<U: Upstream> Shared<U> {
    /// When all series have ended. Whoever else asks waits for the same.
    pub(super) async fn summary(
        self: &Arc<Self>,
        study: &Arc<Study>,
    ) -> Result<Arc<ExamSummary>, SourceError> {
        study.series.iter().for_each(|series| self.start(study, series));
        // Whoever waits for the summary waits for every series.
        let _watching: Vec<_> = study.series.iter().map(|series| series.watch()).collect();
        let mut kept = study.summary.lock().await;
        let mut unavailable = None;
        for series in &study.series {
            if let Err(cause @ (Cause::Unavailable(_) | Cause::Abandoned | Cause::Stopped)) =
                series.ended().await
            {
                unavailable = Some(cause);
            }
        }
        // It may have taken longer than what nobody looks at is kept.
        study.touch();
        let changes = study.changes();
        if let Some((at, summary)) = &*kept
            && *at == changes
        {
            return Ok(Arc::clone(summary));
        }
        if let Some(cause) = unavailable
            && study.series.iter().all(|series| series.arrived().is_empty())
        {
            return Err(cause.into());
        }
        let summary = assemble(study, HashSet::new()).await?;
        *kept = Some((changes, Arc::clone(&summary)));
        Ok(summary)
    }

    /// The first series with pictures as soon as it has come; the whole where nothing more comes then, and where the series did not come.
    pub(super) async fn beginning(
        self: &Arc<Self>,
        study: &Arc<Study>,
    ) -> Result<Beginning, SourceError> {
        let first = self.start_all(study);
        let _watching: Vec<_> = study.series.iter().map(|series| series.watch()).collect();
        if let Some(first) = first {
            let came = first.ended().await;
            study.touch();
            if came.is_ok() && !first.arrived().is_empty() && study.is_coming() {
                study.shown_first.get_or_init(|| first.listed.uid.clone());
                let made = made_of(study, vec![first], HashSet::new()).await?;
                let summary = Arc::clone(study.beginning.get_or_init(|| made));
                return Ok(Beginning { summary, is_whole: false });
            }
        }
        self.summary(study).await.map(Beginning::whole)
    }

    /// Receives all of it. The first series with pictures, which is returned where each object is compared with the patient,
    /// has its turn before the others, which are on their way for the same visitor, who asks for the whole next.
    pub(super) fn start_all(self: &Arc<Self>, study: &Arc<Study>) -> Option<Arc<Series>> {
        let first = first_with_pictures(study).filter(|_| self.knows_patient(study));
        first.iter().chain(&study.series).for_each(|series| self.start(study, series));
        first
    }

    /// Whether each object is compared with the patient of the listing as it comes. Where not, only the whole tells that it is of one
    /// patient, and nothing is shown before.
    pub(super) fn knows_patient(&self, study: &Study) -> bool {
        self.upstream.patient_check(&study.uid).is_some()
    }

    /// Of the exam where it is there; else of its beginning, or of the one instance that is asked for.
    pub(super) async fn summary_of(
        self: &Arc<Self>,
        study: &Arc<Study>,
        scope: &Scope,
    ) -> Result<Arc<ExamSummary>, SourceError> {
        if let Some(whole) = study.summary_at_hand() {
            return Ok(whole);
        }
        if let Some(beginning) = study.beginning.get()
            && study.shown_first.get() == scope.series.as_ref()
        {
            return Ok(Arc::clone(beginning));
        }
        if let Scope { study: of, series: Some(series), instance: Some(instance) } = scope
            && study.is_coming()
            && self.knows_patient(study)
        {
            let at = InstanceRef {
                study: of.clone(),
                series: series.clone(),
                instance: instance.clone(),
            };
            let _here = self.object(&at).await?;
            let alone = study.series_of(&at)?.instance(instance)?;
            return assembled(vec![alone]).map(Arc::new);
        }
        self.summary(study).await
    }
}

/// As far as the listing tells.
pub(super) fn first_with_pictures(study: &Study) -> Option<Arc<Series>> {
    let may_have =
        |one: &&Arc<Series>| one.listed.instances.iter().any(ListedInstance::may_be_image);
    let with_pictures = study.series.iter().filter(may_have);
    // The first of those without a number is the one that is listed first.
    with_pictures.min_by_key(|one| (one.listed.number.is_none(), one.listed.number)).cloned()
}

/// Without some of its instances.
pub(super) async fn assemble(
    study: &Arc<Study>,
    left_out: HashSet<String>,
) -> Result<Arc<ExamSummary>, SourceError> {
    made_of(study, study.series.clone(), left_out).await
}

/// Of some of its series.
async fn made_of(
    study: &Arc<Study>,
    of: Vec<Arc<Series>>,
    left_out: HashSet<String>,
) -> Result<Arc<ExamSummary>, SourceError> {
    let study = Arc::clone(study);
    let made = tokio::task::spawn_blocking(move || {
        let mut instances = Vec::new();
        let mut missing = Vec::new();
        for series in &of {
            let of_series = arrived(series, &left_out)?;
            missing.extend(not_arrived(&study.uid, series, &of_series, &left_out));
            instances.extend(of_series);
        }
        if instances.is_empty() {
            return Err(SourceError::NotFound);
        }
        instances.extend(missing);
        let mut summary = assembled(instances)?;
        if let Some(first) = study.shown_first.get() {
            // Stable: all others keep their order.
            summary.series.sort_by_key(|one| one.series_instance_uid != *first);
        }
        Ok(Arc::new(summary))
    });
    made.await.map_err(|error| SourceError::Unavailable(error.to_string()))?
}

fn assembled(instances: Vec<Instance>) -> Result<ExamSummary, SourceError> {
    series::assemble(instances).map_err(|error| SourceError::Corrupt(error.to_string()))
}

fn arrived(series: &Series, left_out: &HashSet<String>) -> Result<Vec<Instance>, SourceError> {
    let arrived = series.arrived();
    let shown = arrived.iter().filter(|(uid, _)| !left_out.contains(*uid));
    shown.map(|(_, record)| record.instance()).collect()
}

fn not_arrived(
    study: &str,
    series: &Series,
    arrived: &[Instance],
    left_out: &HashSet<String>,
) -> Vec<Instance> {
    let here: HashSet<&str> = arrived.iter().map(|one| one.sop_instance_uid.as_str()).collect();
    let is_missing = |listed: &&ListedInstance| {
        !here.contains(listed.uid.as_str()) && !left_out.contains(&listed.uid)
    };
    let attributes = arrived.first().map_or_else(
        || SeriesAttributes {
            series_instance_uid: series.listed.uid.clone(),
            number: series.listed.number,
            modality: series.listed.modality.clone(),
            ..SeriesAttributes::default()
        },
        |neighbour| neighbour.series.clone(),
    );
    let missing = series.listed.instances.iter().filter(is_missing);
    missing.map(|listed| stand_in(study, &attributes, listed)).collect()
}

/// An instance of which only the listing is known: an image that says why it is not shown, or a note.
fn stand_in(study: &str, series: &SeriesAttributes, listed: &ListedInstance) -> Instance {
    let content = if listed.is_image() {
        Content::Image(Box::new(empty_image(listed)))
    } else {
        Content::Unsupported { name: sop_class_name(&listed.sop_class_uid) }
    };
    Instance {
        patient: Patient::default(),
        study: StudyAttributes {
            study_instance_uid: study.to_owned(),
            ..StudyAttributes::default()
        },
        accession_issuer: None,
        series: series.clone(),
        sop_class_uid: listed.sop_class_uid.clone(),
        sop_instance_uid: listed.uid.clone(),
        content,
    }
}

fn empty_image(listed: &ListedInstance) -> ImageContent {
    ImageContent {
        image: Image {
            sop_instance_uid: listed.uid.clone(),
            instance_number: listed.number,
            frames: 1,
            displays: vec![0],
            defect: Some(NOT_DELIVERED.to_owned()),
            ..Image::default()
        },
        format: ImageFormat {
            transfer_syntax_uid: String::new(),
            sop_class_uid: listed.sop_class_uid.clone(),
            rows: 0,
            columns: 0,
            samples_per_pixel: 1,
            photometric_interpretation: String::new(),
            bits_allocated: 0,
            bits_stored: 0,
            high_bit: 0,
            signed: false,
            planar: false,
            samples: SampleKind::Integer,
            padding: None,
            spacing: None,
            aspect_ratio: None,
            lossy: None,
        },
        displays: vec![DisplayAttributes {
            modality: ModalityTransform::Rescale { slope: 1.0, intercept: 0.0 },
            unit: String::new(),
            windows: Vec::new(),
            voi_luts: Vec::new(),
            inverse_presentation: false,
            presentation_lut: None,
            palette: None,
        }],
        icc_profile: None,
        covers: Vec::new(),
        order: FrameOrder::default(),
        is_localizer: false,
        stack: StackAttributes::default(),
        technique: Technique::default(),
        pet: None,
        real_world: Vec::new(),
    }
}
