use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::member::Member;
use super::split::Stack;
use super::{frame_order, sort, split};
use crate::base::index_of;
use crate::exam::{
    Content, ExamSummary, Image, ImageContent, Instance, Patient, Series, SeriesAttributes,
    SeriesSuv, Study, Suv, UnsupportedObjects,
};
use crate::measure::suv::{self, ImageSuv};

/// Why instances do not make one exam.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AssembleError {
    /// There are none.
    #[error("no instances")]
    Empty,
    /// They are of more than one study.
    #[error("instances of more than one study")]
    MixedStudies,
    /// They are of one study, but not of one patient: nothing of it may be shown.
    #[error("instances of more than one patient")]
    MixedPatients,
}

/// Makes the summary of one exam of its instances, whatever their order. The same object given twice
/// counts once.
///
/// # Errors
/// [`AssembleError`] where they are not all of one study of one patient.
pub fn assemble(mut instances: Vec<Instance>) -> Result<ExamSummary, AssembleError> {
    instances.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut seen = BTreeSet::new();
    instances.retain(|instance| seen.insert(instance.sop_instance_uid.clone()));
    let first = instances.first().ok_or(AssembleError::Empty)?;
    if instances.iter().any(|i| i.study.study_instance_uid != first.study.study_instance_uid) {
        return Err(AssembleError::MixedStudies);
    }
    let patient = one_patient(&instances)?;
    let study = merged_study(&instances);
    let mut by_series: BTreeMap<String, Vec<Instance>> = BTreeMap::new();
    for instance in instances {
        let uid = instance.series.series_instance_uid.clone();
        by_series.entry(uid).or_default().push(instance);
    }
    let mut series: Vec<Series> = by_series.into_values().flat_map(series_of).collect();
    // Stable: the stacks of one series keep their order.
    series.sort_by_key(|one| (one.number.is_none(), one.number));
    Ok(ExamSummary { patient, study, series, joined: Vec::new() })
}

/// One image as a series of its own: what can be said without its neighbours.
#[must_use]
pub fn alone(content: ImageContent) -> Series {
    let mut images = vec![Member { series: SeriesAttributes::default(), content, suv: None }];
    find_uptake(&mut images);
    series_of_stack(Stack { labels: Vec::new(), images })
}

fn order(instance: &Instance) -> (bool, Option<i32>, &str, bool, Option<i32>, &str) {
    let number = match &instance.content {
        Content::Image(content) => content.image.instance_number,
        Content::Unsupported { .. } => None,
    };
    let series = &instance.series;
    let (series_number, uid) = (series.number, series.series_instance_uid.as_str());
    (
        series_number.is_none(),
        series_number,
        uid,
        number.is_none(),
        number,
        &instance.sop_instance_uid,
    )
}

/// The patient, as the first instance that states each trait has it. Names may be spelt differently
/// from one modality to the next; identifiers and birth dates may be missing but not differ.
fn one_patient(instances: &[Instance]) -> Result<Patient, AssembleError> {
    let mut merged = Patient::default();
    for Instance { patient, .. } in instances {
        let differs = |a: &str, b: &str| !a.is_empty() && !b.is_empty() && a != b;
        let birth_dates = merged.birth_date.as_ref().zip(patient.birth_date.as_ref());
        if differs(&merged.patient_id, &patient.patient_id)
            || birth_dates.is_some_and(|(known, other)| known != other)
        {
            return Err(AssembleError::MixedPatients);
        }
        fill(&mut merged.patient_id, &patient.patient_id);
        if merged.birth_name.is_empty() && merged.given_names.is_empty() {
            merged.birth_name.clone_from(&patient.birth_name);
            merged.given_names.clone_from(&patient.given_names);
        }
        merged.birth_date = merged.birth_date.or_else(|| patient.birth_date.clone());
        merged.sex = merged.sex.or_else(|| patient.sex.clone());
    }
    Ok(merged)
}

fn merged_study(instances: &[Instance]) -> Study {
    let mut merged = Study::default();
    for Instance { study, .. } in instances {
        fill(&mut merged.study_instance_uid, &study.study_instance_uid);
        fill(&mut merged.description, &study.description);
        fill(&mut merged.accession_number, &study.accession_number);
        fill(&mut merged.institution, &study.institution);
        merged.date = merged.date.or_else(|| study.date.clone());
        merged.time = merged.time.or_else(|| study.time.clone());
    }
    merged
}

fn fill(known: &mut String, other: &str) {
    if known.is_empty() {
        other.clone_into(known);
    }
}

/// The stacks of one DICOM series; objects that are not drawn are noted with the first of them.
fn series_of(instances: Vec<Instance>) -> Vec<Series> {
    let mut unsupported: Vec<UnsupportedObjects> = Vec::new();
    let mut images: Vec<Member> = Vec::new();
    let mut attributes = SeriesAttributes::default();
    for instance in instances {
        if attributes.series_instance_uid.is_empty() {
            attributes = instance.series.clone();
        }
        match instance.content {
            Content::Image(content) => {
                images.push(Member { series: instance.series, content: *content, suv: None });
            }
            Content::Unsupported { name } => note(&mut unsupported, name, instance.sop_class_uid),
        }
    }
    find_uptake(&mut images);
    let stacks = split::into_stacks(images);
    if stacks.is_empty() {
        return vec![Series { unsupported, ..blank(attributes) }];
    }
    let mut series: Vec<Series> = stacks.into_iter().map(series_of_stack).collect();
    if let Some(first) = series.first_mut() {
        first.unsupported = unsupported;
    }
    series
}

fn note(unsupported: &mut Vec<UnsupportedObjects>, name: String, sop_class_uid: String) {
    match unsupported.iter_mut().find(|known| known.sop_class_uid == sop_class_uid) {
        Some(known) => known.count += 1,
        None => unsupported.push(UnsupportedObjects { name, sop_class_uid, count: 1 }),
    }
}

/// Uptake values refer to the start of the whole DICOM series, so they are found before it is split.
fn find_uptake(images: &mut [Member]) {
    let indices: Vec<usize> =
        (0..images.len()).filter(|&index| images[index].content.pet.is_some()).collect();
    let attributes: Vec<_> =
        indices.iter().filter_map(|&index| images[index].content.pet.as_deref()).collect();
    let found = suv::of_series(&attributes);
    for (index, suv) in indices.into_iter().zip(found) {
        images[index].suv = Some(suv);
    }
}

fn series_of_stack(Stack { labels, images }: Stack) -> Series {
    let (images, slices) = sort::for_scrolling(images);
    let attributes = images.first().map(|first| first.series.clone()).unwrap_or_default();
    let suv = series_suv(&images);
    let frame_order = frame_order::of_stack(&images);
    let techniques = images.iter().map(|member| member.content.technique);
    let technique = techniques.reduce(|a, b| a.in_common(&b)).unwrap_or_default().line();
    let mut series =
        Series { split: labels, slices, suv, frame_order, technique, ..blank(attributes) };
    for member in images {
        let image = with_indices(&mut series, member.content);
        series.images.push(image);
    }
    series
}

/// One factor where all images have the same; the first reason where any image has none.
fn series_suv(images: &[Member]) -> Option<SeriesSuv> {
    let found: Vec<_> = images.iter().filter_map(|member| member.suv).collect();
    let first = match *found.first().filter(|_| found.len() == images.len())? {
        Ok(first) => first,
        Err(reason) => return Some(SeriesSuv::Unknown(reason)),
    };
    let all: Result<Vec<ImageSuv>, _> = found.into_iter().collect();
    Some(match all {
        Err(reason) => SeriesSuv::Unknown(reason),
        Ok(all) => {
            let mut by_weight: Vec<f64> = all.iter().map(|image| image.by_weight).collect();
            if by_weight.iter().all(|factor| *factor == first.by_weight) {
                by_weight.truncate(1);
            }
            SeriesSuv::Known(Suv { by_weight, ..first.bodies.relative_to_weight() })
        }
    })
}

/// The image with its format, displays and profile put into the tables of the series. Where those are full it
/// keeps its place and says that it cannot be shown.
fn with_indices(series: &mut Series, content: ImageContent) -> Image {
    let mut image = content.image;
    let format = index_of(&mut series.formats, content.format);
    let displays: Option<Vec<u16>> =
        content.displays.into_iter().map(|one| index_of(&mut series.displays, one)).collect();
    let indices = displays.and_then(|displays| {
        image.displays.iter().map(|&own| displays.get(usize::from(own)).copied()).collect()
    });
    let covers: Option<Vec<u16>> =
        content.covers.into_iter().map(|one| index_of(&mut series.covers, one)).collect();
    let cover_indices = covers.and_then(|covers| {
        image.covers.iter().map(|&own| covers.get(usize::from(own)).copied()).collect()
    });
    let profile = match content.icc_profile {
        None => Some(None),
        Some(profile) => index_of(&mut series.icc_profiles, profile).map(Some),
    };
    match (format, indices, cover_indices, profile) {
        (Some(format), Some(indices), Some(cover_indices), Some(profile)) => {
            image.format = format;
            image.displays = indices;
            image.covers = cover_indices;
            image.icc_profile = profile;
        }
        _ => {
            image.displays = vec![0];
            image.covers = Vec::new();
            image.defect = Some("too many different images in one series".to_owned());
        }
    }
    image
}

fn blank(attributes: SeriesAttributes) -> Series {
    Series {
        series_instance_uid: attributes.series_instance_uid,
        number: attributes.number,
        modality: attributes.modality,
        description: attributes.description,
        body_part: attributes.body_part,
        laterality: attributes.laterality,
        frame_of_reference_uid: attributes.frame_of_reference_uid,
        ..Series::default()
    }
}
