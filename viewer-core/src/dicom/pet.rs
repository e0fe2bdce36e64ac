//! PET Series, Isotope and Image modules, and the enhanced ones (PS3.3 C.8.9, C.8.22).

use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::{date_time, private, quantity};
use crate::exam::{DecayCorrection, PetAttributes};

/// What uptake values are computed from; `None` for anything but PET.
pub(super) fn read(object: &InMemDicomObject) -> Option<Box<PetAttributes>> {
    let sop_class = object.text(tags::SOP_CLASS_UID)?;
    let is_enhanced = sop_class == uids::ENHANCED_PET_IMAGE_STORAGE
        || sop_class == uids::LEGACY_CONVERTED_ENHANCED_PET_IMAGE_STORAGE;
    if !is_enhanced && sop_class != uids::POSITRON_EMISSION_TOMOGRAPHY_IMAGE_STORAGE {
        return None;
    }
    let tracers = object.items(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE);
    let tracer = tracers.first();
    let of_tracer = |tag| above_zero(tracer?, tag);
    let manufacturer = object.text(tags::MANUFACTURER).unwrap_or_default().to_uppercase();
    Some(Box::new(PetAttributes {
        units: object.text(tags::UNITS).or_else(|| quantity::pet_units(object)).unwrap_or_default(),
        suv_type: object.text(tags::SUV_TYPE),
        is_attenuation_corrected: has_correction(object, "ATTN", tags::ATTENUATION_CORRECTED),
        decay_correction: decay_correction(object),
        series_start_s: moment(object, tags::SERIES_DATE, tags::SERIES_TIME),
        acquired_s: moment(object, tags::ACQUISITION_DATE, tags::ACQUISITION_TIME)
            .or_else(|| date_time_s(object, &object.text(tags::ACQUISITION_DATE_TIME)?)),
        decay_reference_s: decay_reference_s(object),
        frame_reference_s: object.float(tags::FRAME_REFERENCE_TIME).map(|ms| ms / 1000.0),
        frame_duration_s: above_zero(object, tags::ACTUAL_FRAME_DURATION).map(|ms| ms / 1000.0),
        tracers: u16::try_from(tracers.len()).unwrap_or(u16::MAX),
        administered_s: administered_s(object, tracer),
        administered_time_s: tracer
            .and_then(|item| item.text(tags::RADIOPHARMACEUTICAL_START_TIME))
            .and_then(|text| date_time::seconds_of_day(&text)),
        dose_bq: of_tracer(tags::RADIONUCLIDE_TOTAL_DOSE),
        half_life_s: of_tracer(tags::RADIONUCLIDE_HALF_LIFE),
        philips_suv_factor: philips(object, 0x00),
        philips_activity_factor: philips(object, 0x09),
        is_ge: manufacturer.starts_with("GE"),
        weight_kg: above_zero(object, tags::PATIENT_WEIGHT),
        height_m: above_zero(object, tags::PATIENT_SIZE),
        sex: object.text(tags::PATIENT_SEX).and_then(|sex| match sex.as_str() {
            "F" => Some('F'),
            "M" => Some('M'),
            _ => None,
        }),
    }))
}

fn above_zero(object: &InMemDicomObject, tag: Tag) -> Option<f64> {
    object.float(tag).filter(|&value| value > 0.0)
}

fn philips(object: &InMemDicomObject, element: u8) -> Option<f64> {
    private::float(object, 0x7053, "Philips PET Private Group", element).filter(|&f| f > 0.0)
}

/// A correction by its word in Corrected Image, or its own attribute in enhanced images.
fn has_correction(object: &InMemDicomObject, word: &str, enhanced: Tag) -> bool {
    object.texts(tags::CORRECTED_IMAGE).iter().any(|one| one == word)
        || object.text(enhanced).as_deref() == Some("YES")
}

fn decay_correction(object: &InMemDicomObject) -> Option<DecayCorrection> {
    let stated = object.text(tags::DECAY_CORRECTION);
    match (stated.as_deref(), object.text(tags::DECAY_CORRECTED).as_deref()) {
        (Some("START"), _) | (None, Some("YES")) => Some(DecayCorrection::Start),
        (Some("ADMIN"), _) => Some(DecayCorrection::Admin),
        (Some("NONE"), _) | (None, Some("NO")) => Some(DecayCorrection::None),
        _ => None,
    }
}

/// Decay Correction DateTime, or what Siemens and GE state privately.
fn decay_reference_s(object: &InMemDicomObject) -> Option<f64> {
    let text = object
        .text(tags::DECAY_CORRECTION_DATE_TIME)
        .or_else(|| private::text(object, 0x0071, "SIEMENS MED PT", 0x22))
        .or_else(|| private::text(object, 0x0009, "GEMS_PETD_01", 0x0D))?;
    date_time_s(object, &text)
}

/// Radiopharmaceutical Start DateTime, or GE's own.
fn administered_s(object: &InMemDicomObject, tracer: Option<&InMemDicomObject>) -> Option<f64> {
    let text = tracer
        .and_then(|item| item.text(tags::RADIOPHARMACEUTICAL_START_DATE_TIME))
        .or_else(|| private::text(object, 0x0009, "GEMS_PETD_01", 0x3B))?;
    date_time_s(object, &text)
}

fn moment(object: &InMemDicomObject, date: Tag, time: Tag) -> Option<f64> {
    let day_s = date_time::seconds_of_date(&object.text(date)?)?;
    Some(day_s + date_time::seconds_of_day(&object.text(time)?)?)
}

/// A DT in the local time of the object: its own offset from UTC is exchanged for that of the object
/// where both are stated.
fn date_time_s(object: &InMemDicomObject, text: &str) -> Option<f64> {
    let (local_s, offset_s) = date_time::seconds_of_date_time(text)?;
    let of_object =
        object.text(tags::TIMEZONE_OFFSET_FROM_UTC).and_then(|text| date_time::offset_s(&text));
    Some(match offset_s.zip(of_object) {
        Some((own_s, object_s)) => local_s - own_s + object_s,
        None => local_s,
    })
}
