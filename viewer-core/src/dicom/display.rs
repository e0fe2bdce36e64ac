//! Everything between stored samples and the screen, per frame, from the modules that hold it.

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::functional_groups::FrameGroups;
use super::image_pixel::is_signed;
use super::{modality_lut, palette, voi_lut};
use crate::base::index_of;
use crate::exam::DisplayAttributes;

/// Distinct display attributes, and which of them each frame has: one index for all frames, or one
/// per frame. `None` where there are more than can be told apart.
pub(super) fn read(
    object: &InMemDicomObject,
    frames: u32,
) -> Option<(Vec<DisplayAttributes>, Vec<u16>)> {
    let groups = FrameGroups::all(object);
    if groups.len() != frames as usize {
        return Some((vec![of_frame(object, groups.first())], vec![0]));
    }
    let mut displays: Vec<DisplayAttributes> = Vec::new();
    let mut indices = groups
        .iter()
        .map(|group| index_of(&mut displays, of_frame(object, Some(group))))
        .collect::<Option<Vec<u16>>>()?;
    if displays.len() == 1 {
        indices.truncate(1);
    }
    Some((displays, indices))
}

fn of_frame(object: &InMemDicomObject, groups: Option<&FrameGroups<'_>>) -> DisplayAttributes {
    let modality = modality_lut::read(object, groups);
    let is_palette =
        object.text(tags::PHOTOMETRIC_INTERPRETATION).as_deref() == Some("PALETTE COLOR");
    let (windows, voi_luts) = if modality.is_broken {
        (Vec::new(), Vec::new())
    } else {
        (voi_lut::windows(object, groups), voi_lut::tables(object, groups, &modality.transform))
    };
    DisplayAttributes {
        modality: modality.transform,
        unit: modality.unit,
        windows,
        voi_luts,
        inverse_presentation: is_inverse(object),
        padding: padding(object),
        palette: if is_palette { palette::read(object) } else { None },
    }
}

/// Presentation LUT Shape INVERSE, unless it only repeats what MONOCHROME1 says already: images have
/// the one with the other (PS3.3 C.8.11.3.1.2), and inverting twice would undo it.
fn is_inverse(object: &InMemDicomObject) -> bool {
    let is_inverse = object.text(tags::PRESENTATION_LUT_SHAPE).as_deref() == Some("INVERSE");
    let photometric = object.text(tags::PHOTOMETRIC_INTERPRETATION);
    is_inverse && photometric.as_deref() != Some("MONOCHROME1")
}

/// Pixel Padding Value and Range Limit (C.7.5.1.1.2), both stored values, smaller first.
fn padding(object: &InMemDicomObject) -> Option<[i64; 2]> {
    let value = stored(object, object.integer(tags::PIXEL_PADDING_VALUE)?);
    let limit = object.integer(tags::PIXEL_PADDING_RANGE_LIMIT).map(|limit| stored(object, limit));
    let limit = limit.unwrap_or(value);
    Some([value.min(limit), value.max(limit)])
}

/// Reads a US or SS value by Pixel Representation, whatever VR it was written with.
fn stored(object: &InMemDicomObject, value: i64) -> i64 {
    match (is_signed(object), value) {
        (true, 0x8000..=0xFFFF) => value - 0x1_0000,
        (false, -0x8000..=-1) => value + 0x1_0000,
        _ => value,
    }
}
