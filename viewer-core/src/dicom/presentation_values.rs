//! What a presentation state makes of stored values: Modality LUT, Softcopy VOI LUT, Softcopy Presentation LUT and ICC Profile
//! modules (PS3.3 C.11.1, C.11.8, C.11.6, C.11.15).

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::presentation_state::{MOST_ITEMS, images_of, leave_out};
use super::{icc, lookup_table, voi_lut};
use crate::exam::{
    GreySteps, LeftOut, ModalityTransform, OfImages, PresentationState, SoftcopyPresentation,
    SoftcopyVoi, StateValues,
};

/// Steps of a grayscale state.
pub(super) fn grey(state: &mut PresentationState, object: &InMemDicomObject) {
    let mut steps = GreySteps::default();
    match modality(object) {
        Ok(Some(modality)) => steps.modality = modality,
        Ok(None) => {}
        Err(Broken) => leave_out(state, LeftOut::ModalityLut),
    }
    let items = object.items(tags::SOFTCOPY_VOILUT_SEQUENCE);
    for item in items.iter().take(MOST_ITEMS) {
        match voi(item) {
            Some(what) => steps.voi.push(OfImages { images: images_of(item), what }),
            None => leave_out(state, LeftOut::VoiLut),
        }
    }
    if items.len() > MOST_ITEMS {
        leave_out(state, LeftOut::TooMuch);
    }
    match presentation(object) {
        Ok(presentation) => steps.presentation = presentation,
        Err(Broken) => leave_out(state, LeftOut::PresentationLut),
    }
    if !object.items(tags::MASK_SUBTRACTION_SEQUENCE).is_empty() {
        leave_out(state, LeftOut::Mask);
    }
    state.values = StateValues::Grey(steps);
}

/// The profile of a colour state.
pub(super) fn colour(state: &mut PresentationState, object: &InMemDicomObject) {
    state.values = StateValues::Colour(icc::of_state(object));
}

struct Broken;

/// Modality LUT, else rescale; `None` where there is neither. Which values a LUT begins with depends on the image: its first
/// value is read as unsigned.
fn modality(object: &InMemDicomObject) -> Result<Option<ModalityTransform>, Broken> {
    if let Some(item) = object.items(tags::MODALITY_LUT_SEQUENCE).first() {
        let table = lookup_table::item(item, false).ok_or(Broken)?;
        return Ok(Some(ModalityTransform::Lut(table)));
    }
    let is_there = [tags::RESCALE_SLOPE, tags::RESCALE_INTERCEPT]
        .iter()
        .any(|&tag| object.text(tag).is_some());
    if !is_there {
        return Ok(None);
    }
    let slope = object.float(tags::RESCALE_SLOPE).filter(|slope| *slope != 0.0).ok_or(Broken)?;
    let intercept = object.float(tags::RESCALE_INTERCEPT).ok_or(Broken)?;
    Ok(Some(ModalityTransform::Rescale { slope, intercept }))
}

/// The window of an item, else its table.
fn voi(item: &InMemDicomObject) -> Option<SoftcopyVoi> {
    if let Some(window) = voi_lut::windows(item, None).into_iter().next() {
        return Some(SoftcopyVoi::Window(window));
    }
    let table = item.items(tags::VOILUT_SEQUENCE).first()?;
    lookup_table::item(table, false).map(SoftcopyVoi::Lut)
}

/// Presentation LUT Sequence, else its shape: one of them is there, and where neither is, nothing is changed.
fn presentation(object: &InMemDicomObject) -> Result<SoftcopyPresentation, Broken> {
    if let Some(item) = object.items(tags::PRESENTATION_LUT_SEQUENCE).first() {
        return lookup_table::item(item, false).map(SoftcopyPresentation::Lut).ok_or(Broken);
    }
    match object.text(tags::PRESENTATION_LUT_SHAPE).as_deref() {
        None | Some("IDENTITY") => Ok(SoftcopyPresentation::Identity),
        Some("INVERSE") => Ok(SoftcopyPresentation::Inverse),
        Some(_) => Err(Broken),
    }
}
