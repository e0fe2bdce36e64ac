//! Overlay Plane and Multi-frame Overlay modules (PS3.3 C.9.2, C.9.3), and overlays in unused bits of the
//! pixel data (retired; PS3.3-2004 C.9.2).

use dicom_core::Tag;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use crate::exam::{ImageFormat, OverlayPlane};

pub(super) const ROWS: u16 = 0x0010;
pub(super) const COLUMNS: u16 = 0x0011;
const NUMBER_OF_FRAMES: u16 = 0x0015;
const DESCRIPTION: u16 = 0x0022;
const TYPE: u16 = 0x0040;
const ORIGIN: u16 = 0x0050;
const IMAGE_FRAME_ORIGIN: u16 = 0x0051;
const BITS_ALLOCATED: u16 = 0x0100;
const BIT_POSITION: u16 = 0x0102;
const ACTIVATION_LAYER: u16 = 0x1001;
const LABEL: u16 = 0x1500;
pub(super) const DATA: u16 = 0x3000;

/// The repeating groups: 16, all even; odd ones between them are private.
pub(super) const GROUPS: std::ops::RangeInclusive<u16> = 0x6000..=0x601E;

/// Whether this element holds the bits of an overlay.
pub(super) fn is_overlay_data(Tag(group, element): Tag) -> bool {
    GROUPS.contains(&group) && group.is_multiple_of(2) && element == DATA
}

/// Groups that a presentation state puts on one of its layers, and on which (Overlay Activation module, C.11.7).
pub(super) fn activated(object: &InMemDicomObject) -> Vec<(u16, String)> {
    let layer = |group| Some((group, object.text(Tag(group, ACTIVATION_LAYER))?));
    GROUPS.step_by(2).filter_map(layer).collect()
}

/// The overlay planes of an object, and whether any announced one makes no sense.
pub(super) fn read(object: &InMemDicomObject, format: &ImageFormat) -> (Vec<OverlayPlane>, bool) {
    let mut planes = Vec::new();
    let mut is_any_broken = false;
    for group in GROUPS.step_by(2) {
        match plane(object, group, format) {
            Ok(found) => planes.extend(found),
            Err(Broken) => is_any_broken = true,
        }
    }
    (planes, is_any_broken)
}

struct Broken;

/// One plane; none where there is nothing but, say, a label.
fn plane(
    object: &InMemDicomObject,
    group: u16,
    format: &ImageFormat,
) -> Result<Option<OverlayPlane>, Broken> {
    let tag = |element| Tag(group, element);
    let has_data = object.get(tag(DATA)).is_some();
    let size = [ROWS, COLUMNS].map(|side| object.unsigned(tag(side)).unwrap_or(0));
    if size.contains(&0) {
        return if has_data { Err(Broken) } else { Ok(None) };
    }
    let mut plane = OverlayPlane {
        group,
        rows: size[0].into(),
        columns: size[1].into(),
        origin: origin(object, group),
        frames: frames(object, group),
        is_region: object.text(tag(TYPE)).as_deref() == Some("R"),
        bit: None,
        label: [LABEL, DESCRIPTION]
            .into_iter()
            .find_map(|element| object.text(tag(element)))
            .unwrap_or_default(),
    };
    if !has_data {
        plane.bit = Some(bit_of_pixels(object, group, format).ok_or(Broken)?);
        // These bits belong to the pixels of the image, each frame with its own.
        (plane.rows, plane.columns) = (format.rows, format.columns);
        (plane.origin, plane.frames) = ([1, 1], None);
    }
    Ok(Some(plane))
}

/// The bit of the pixel cells that holds the plane; it must be one that the samples leave free.
fn bit_of_pixels(object: &InMemDicomObject, group: u16, format: &ImageFormat) -> Option<u16> {
    let allocated = object.unsigned(Tag(group, BITS_ALLOCATED))?;
    let bit = object.unsigned(Tag(group, BIT_POSITION))?;
    let lowest_stored = (format.high_bit + 1).saturating_sub(format.bits_stored);
    let is_free = bit < allocated && !(lowest_stored..=format.high_bit).contains(&bit);
    let fits = allocated == format.bits_allocated && format.samples_per_pixel == 1;
    (is_free && fits && allocated > 1).then_some(bit)
}

/// Overlay Origin: row, column; may be negative, whatever the VR says.
pub(super) fn origin(object: &InMemDicomObject, group: u16) -> [i32; 2] {
    let values: Option<[i64; 2]> = object.integers(Tag(group, ORIGIN)).try_into().ok();
    values.map_or([1, 1], |pair| pair.map(|value| i32::from(value as i16)))
}

/// First frame of the image (from 0) and number of frames of the overlay. One frame that names no frame
/// of the image belongs to all of them.
fn frames(object: &InMemDicomObject, group: u16) -> Option<[u32; 2]> {
    let number = |element| object.integer(Tag(group, element)).and_then(|n| u32::try_from(n).ok());
    let count = number(NUMBER_OF_FRAMES).unwrap_or(1).max(1);
    match number(IMAGE_FRAME_ORIGIN) {
        None if count == 1 => None,
        first => Some([first.unwrap_or(1).saturating_sub(1), count]),
    }
}
