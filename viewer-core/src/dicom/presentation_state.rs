//! Grayscale and Color Softcopy Presentation States (PS3.3 A.33.1, A.33.2): what they ask for, in the terms of this viewer, and
//! what of it is left out.

use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::key_images::reference;
use super::{
    date_time, overlay_runs, person_name, presentation_graphics, presentation_values, shutter,
};
use crate::base::limits::MAX_DOCUMENT_IMAGES;
use crate::exam::{
    DisplayedArea, ImageReference, LeftOut, OfImages, PresentationState, ShutterShape,
};

/// Most windows or areas of one state.
pub(super) const MOST_ITEMS: usize = 1_000;

/// The state in an object; `None` for any other object.
#[must_use]
pub fn presentation_state(object: &InMemDicomObject) -> Option<PresentationState> {
    let values = match object.text(tags::SOP_CLASS_UID)?.as_str() {
        uids::GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE => presentation_values::grey,
        uids::COLOR_SOFTCOPY_PRESENTATION_STATE_STORAGE => presentation_values::colour,
        _ => return None,
    };
    let mut state = identification(object);
    state.images = images(object);
    values(&mut state, object);
    space(&mut state, object);
    areas(&mut state, object);
    shutter_of(&mut state, object);
    presentation_graphics::read(&mut state, object);
    Some(state)
}

/// Notes once what is not done.
pub(super) fn leave_out(state: &mut PresentationState, what: LeftOut) {
    if !state.left_out.contains(&what) {
        state.left_out.push(what);
    }
}

fn identification(object: &InMemDicomObject) -> PresentationState {
    let text = |tag| object.text(tag).unwrap_or_default();
    let (family, given) = person_name::split(&text(tags::CONTENT_CREATOR_NAME));
    PresentationState {
        label: text(tags::CONTENT_LABEL),
        description: text(tags::CONTENT_DESCRIPTION),
        creator: format!("{family} {given}").trim().to_owned(),
        date: object.text(tags::PRESENTATION_CREATION_DATE).and_then(|date| date_time::date(&date)),
        time: object.text(tags::PRESENTATION_CREATION_TIME).and_then(|time| date_time::time(&time)),
        ..PresentationState::default()
    }
}

fn images(object: &InMemDicomObject) -> Vec<ImageReference> {
    let series = object.items(tags::REFERENCED_SERIES_SEQUENCE).iter();
    let images = series.flat_map(|series| series.items(tags::REFERENCED_IMAGE_SEQUENCE));
    images.filter_map(reference).take(MAX_DOCUMENT_IMAGES).collect()
}

/// The images that an item of the state is for.
pub(super) fn images_of(item: &InMemDicomObject) -> Vec<ImageReference> {
    let images = item.items(tags::REFERENCED_IMAGE_SEQUENCE).iter();
    images.filter_map(reference).take(MAX_DOCUMENT_IMAGES).collect()
}

/// Spatial Transformation (C.10.6): turned first, then mirrored. Here it is the other way round, and H·Rᑫ = R⁻ᑫ·H.
fn space(state: &mut PresentationState, object: &InMemDicomObject) {
    let degrees = object.integer(tags::IMAGE_ROTATION).unwrap_or(0).rem_euclid(360);
    if degrees % 90 != 0 {
        leave_out(state, LeftOut::Rotation);
    }
    let turns = u8::try_from(degrees / 90).unwrap_or(0);
    state.is_mirrored = object.text(tags::IMAGE_HORIZONTAL_FLIP).as_deref() == Some("Y");
    state.quarter_turns = if state.is_mirrored { (4 - turns) % 4 } else { turns };
}

/// Displayed Area (C.10.4): two corners, each a pixel that is still seen, counted from 1 before any turn.
fn areas(state: &mut PresentationState, object: &InMemDicomObject) {
    for item in object.items(tags::DISPLAYED_AREA_SELECTION_SEQUENCE).iter().take(MOST_ITEMS) {
        let corner = |tag| <[i64; 2]>::try_from(item.integers(tag)).ok();
        let one = corner(tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER);
        let other = corner(tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER);
        let Some(([x0, y0], [x1, y1])) = one.zip(other) else { continue };
        let mode = item.text(tags::PRESENTATION_SIZE_MODE);
        let ratio = item.float(tags::PRESENTATION_PIXEL_MAGNIFICATION_RATIO);
        let ratio = ratio.filter(|ratio| mode.as_deref() == Some("MAGNIFY") && *ratio > 0.0);
        let edge = |value: i64, beyond: f64| value.clamp(-1_000_000, 1_000_000) as f64 - beyond;
        let edges = [
            edge(x0.min(x1), 1.0),
            edge(y0.min(y1), 1.0),
            edge(x0.max(x1), 0.0),
            edge(y0.max(y1), 0.0),
        ];
        let what = DisplayedArea {
            edges,
            magnification: ratio,
            is_true_size: mode.as_deref() == Some("TRUE SIZE"),
            pixel_aspect: pixel_aspect(item),
        };
        state.areas.push(OfImages { images: images_of(item), what });
    }
}

/// Presentation Pixel Spacing, else Presentation Pixel Aspect Ratio: vertical, then horizontal.
fn pixel_aspect(item: &InMemDicomObject) -> Option<f64> {
    let spacing = item.float_array::<2>(tags::PRESENTATION_PIXEL_SPACING);
    let [down, across] =
        spacing.or_else(|| item.float_array(tags::PRESENTATION_PIXEL_ASPECT_RATIO))?;
    Some(down / across).filter(|aspect| aspect.is_finite() && *aspect > 0.0)
}

fn shutter_of(state: &mut PresentationState, object: &InMemDicomObject) {
    let (found, is_broken) = shutter::read(object, None);
    if is_broken {
        leave_out(state, LeftOut::BrokenShutter);
    }
    let Some(mut found) = found else { return };
    let group = found.shapes.iter().find_map(|shape| match shape {
        ShutterShape::Bitmap { group } => Some(*group),
        _ => None,
    });
    found.shapes.retain(|shape| !matches!(shape, ShutterShape::Bitmap { .. }));
    match group.map(|group| overlay_runs::runs(object, group, LeftOut::BitmapShutter)) {
        Some(Ok(runs)) => state.shutter_runs = runs,
        Some(Err(why)) => leave_out(state, why),
        None => {}
    }
    let is_of_use = !found.shapes.is_empty() || !state.shutter_runs.is_empty();
    state.shutter = is_of_use.then_some(found);
}
