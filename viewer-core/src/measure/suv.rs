//! Standardized uptake values (SUV) of PET, by the vendor-neutral rules of QIBA and, where those leave
//! a gap, of the IBSI recommendations. What is missing is never guessed: there is no value then.
//!
//! `SUV = activity [Bq/mL] · body [g or cm²] / (dose · 2^(−decay time / half-life)) [Bq]`

use crate::exam::{DecayCorrection, NoSuv, PetAttributes};

use super::body::Bodies;

/// Doses outside this range, in Bq, are in another unit or are not doses (10 kBq to 100 GBq).
const DOSES_BQ: std::ops::RangeInclusive<f64> = 1e4..=1e11;

/// Without a date, the administration is taken to be less than a day before the scan. That can only
/// be right for nuclides that do not live for days (s, 11.5 h).
const SHORT_LIVED_S: f64 = 41_400.0;

/// A dynamic acquisition may begin this long before the administration, s.
const EARLY_START_S: f64 = 3600.0;

/// A stated date of administration is believed for this many half-lives; beyond, dates were shifted.
const BELIEVED_HALF_LIVES: f64 = 2.0;

/// Series Time and the first Acquisition Time count as the same within this, s.
const SAME_MOMENT_S: f64 = 1.0;

const DAY_S: f64 = 86_400.0;

/// Uptake values of one image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImageSuv {
    /// SUV by body weight, g/mL, per modality value.
    pub by_weight: f64,
    /// The patient's measures, for the other kinds of SUV.
    pub bodies: Bodies,
}

/// The uptake values of each image of one DICOM series (all of it: images are corrected to its start).
#[must_use]
pub fn of_series(images: &[&PetAttributes]) -> Vec<Result<ImageSuv, NoSuv>> {
    if let Some(first) = images.first()
        && !images.iter().all(|image| agree(first, image))
    {
        return vec![Err(NoSuv::Disagreement); images.len()];
    }
    let start_s = series_reference_s(images);
    images.iter().map(|image| of_image(image, start_s)).collect()
}

/// Whether two images are of the same patient, tracer and quantity.
fn agree(a: &PetAttributes, b: &PetAttributes) -> bool {
    let key = |image: &PetAttributes| {
        (
            image.dose_bq,
            image.half_life_s,
            image.weight_kg,
            image.height_m,
            image.sex,
            image.tracers,
        )
    };
    key(a) == key(b)
        && (&a.units, &a.suv_type, a.decay_correction)
            == (&b.units, &b.suv_type, b.decay_correction)
}

fn of_image(image: &PetAttributes, start_s: Option<f64>) -> Result<ImageSuv, NoSuv> {
    let bodies = Bodies::of(image);
    let by_weight = match (image.units.as_str(), image.suv_type.as_deref()) {
        ("GML", kind) => bodies.weight_from(kind.unwrap_or("BW"))?,
        ("CM2ML", None | Some("BSA")) => bodies.weight_from("BSA")?,
        ("CM2ML", Some(_)) => return Err(NoSuv::SuvType),
        ("BQML", _) => by_activity(image, start_s)?,
        ("CNTS", _) => match (image.philips_suv_factor, image.philips_activity_factor) {
            (Some(factor), _) => factor,
            (None, Some(factor)) => factor * by_activity(image, start_s)?,
            (None, None) => return Err(NoSuv::Units),
        },
        _ => return Err(NoSuv::Units),
    };
    Ok(ImageSuv { by_weight, bodies })
}

/// SUV by body weight per Bq/mL.
fn by_activity(image: &PetAttributes, start_s: Option<f64>) -> Result<f64, NoSuv> {
    if !image.is_attenuation_corrected {
        return Err(NoSuv::Attenuation);
    }
    if image.tracers != 1 {
        return Err(NoSuv::Tracers);
    }
    let weight_g = image.weight_kg.ok_or(NoSuv::Weight)? * 1000.0;
    let dose_bq = image.dose_bq.filter(|dose| DOSES_BQ.contains(dose)).ok_or(NoSuv::Dose)?;
    let half_life_s = image.half_life_s.ok_or(NoSuv::HalfLife)?;
    let reference_s = match image.decay_correction.ok_or(NoSuv::DecayCorrection)? {
        DecayCorrection::Admin => return Ok(weight_g / dose_bq),
        DecayCorrection::Start => start_s,
        DecayCorrection::None => average_moment_s(image, half_life_s),
    };
    let decay_s = decay_time_s(image, reference_s.ok_or(NoSuv::ReferenceTime)?, half_life_s)?;
    Ok(weight_g / (dose_bq * (-decay_s / half_life_s).exp2()))
}

/// The moment that all images of a series corrected to START are corrected to:
/// 1. where the object states it;
/// 2. the start of the series, where the first image was acquired then;
/// 3. reckoned back from a frame by its Frame Reference Time;
/// 4. the start of the series, unless it was made later than the images (post-processed);
/// 5. the start of the first image.
fn series_reference_s(images: &[&PetAttributes]) -> Option<f64> {
    let stated = images.first()?.decay_reference_s;
    if stated.is_some() && images.iter().all(|image| image.decay_reference_s == stated) {
        return stated;
    }
    let first = images
        .iter()
        .filter(|image| image.acquired_s.is_some())
        .min_by(|a, b| a.acquired_s.unwrap_or(0.0).total_cmp(&b.acquired_s.unwrap_or(0.0)))?;
    let acquired_s = first.acquired_s?;
    let series_s = first.series_start_s;
    if series_s.is_some_and(|start_s| (start_s - acquired_s).abs() <= SAME_MOMENT_S) {
        return series_s;
    }
    reckoned_back_s(first)
        .or_else(|| series_s.filter(|&start_s| start_s < acquired_s))
        .or(Some(acquired_s))
}

/// Frame Reference Time counts from the moment of correction to the average moment of the frame (GE:
/// to its start).
fn reckoned_back_s(image: &PetAttributes) -> Option<f64> {
    let frame_reference_s = image.frame_reference_s.filter(|&offset_s| offset_s > 0.0)?;
    let moment_s =
        if image.is_ge { image.acquired_s? } else { average_moment_s(image, image.half_life_s?)? };
    Some(moment_s - frame_reference_s)
}

/// When activity was what it was on average over the frame: before its middle, for it falls.
fn average_moment_s(image: &PetAttributes, half_life_s: f64) -> Option<f64> {
    let decay = std::f64::consts::LN_2 / half_life_s;
    let in_frame = decay * image.frame_duration_s?;
    let after_start_s = (in_frame / -(-in_frame).exp_m1()).ln() / decay;
    Some(image.acquired_s? + after_start_s)
}

/// From administration to `reference_s`; negative where a dynamic acquisition began before.
fn decay_time_s(image: &PetAttributes, reference_s: f64, half_life_s: f64) -> Result<f64, NoSuv> {
    let believed = -EARLY_START_S..BELIEVED_HALF_LIVES * half_life_s;
    let stated = image.administered_s.map(|administered_s| reference_s - administered_s);
    if let Some(decay_s) = stated.filter(|decay_s| believed.contains(decay_s)) {
        return Ok(decay_s);
    }
    let time_s = image.administered_s.map(|s| s.rem_euclid(DAY_S)).or(image.administered_time_s);
    let time_s = time_s.filter(|_| half_life_s < SHORT_LIVED_S).ok_or(NoSuv::AdministrationTime)?;
    let decay_s = reference_s.rem_euclid(DAY_S) - time_s;
    Ok(match decay_s {
        // The evening before.
        _ if decay_s < -EARLY_START_S => decay_s + DAY_S,
        // Began before midnight, administered after it.
        _ if decay_s > DAY_S - EARLY_START_S => decay_s - DAY_S,
        _ => decay_s,
    })
}
