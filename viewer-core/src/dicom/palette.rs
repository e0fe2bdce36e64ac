//! Palette Color Lookup Tables, of the image or supplemental (PS3.3 C.7.6.3.1.5, C.7.6.19, C.7.9).

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::functional_groups::FrameGroups;
use super::image_pixel::is_signed;
use super::lookup_table::{Descriptor, entries};
use super::palette_segments::expand;
use crate::exam::Palette;

const DESCRIPTORS: [Tag; 3] = [
    tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
    tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
    tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
];
const PLAIN: [Tag; 3] = [
    tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
];
const SEGMENTED: [Tag; 3] = [
    tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
];

/// Functional groups that say whether a frame of an enhanced image has colours (C.8.15.3.2, C.8.13.3.1,
/// C.8.19.7.1, C.8.22.5.1, C.8.24.6.5).
const FRAME_TYPES: [Tag; 5] = [
    tags::CT_IMAGE_FRAME_TYPE_SEQUENCE,
    tags::MR_IMAGE_FRAME_TYPE_SEQUENCE,
    tags::XAXRF_FRAME_CHARACTERISTICS_SEQUENCE,
    tags::PET_FRAME_TYPE_SEQUENCE,
    tags::US_IMAGE_DESCRIPTION_SEQUENCE,
];

/// The palette a frame is drawn with: that of a PALETTE COLOR image, or the supplemental one of a
/// MONOCHROME2 image with Pixel Presentation COLOR (C.7.6.19, C.8.16.2).
pub(super) fn of_frame(
    object: &InMemDicomObject,
    groups: Option<&FrameGroups<'_>>,
) -> Option<Palette> {
    match object.text(tags::PHOTOMETRIC_INTERPRETATION)?.as_str() {
        "PALETTE COLOR" => read(object),
        "MONOCHROME2" if is_colour(object, groups) => read(object),
        _ => None,
    }
}

/// Pixel Presentation COLOR of the frame; where that does not say, of the image (MIXED included: its
/// stored values tell).
fn is_colour(object: &InMemDicomObject, groups: Option<&FrameGroups<'_>>) -> bool {
    let frame_type = |&sequence| groups?.item(sequence)?.text(tags::PIXEL_PRESENTATION);
    let of_frame = FRAME_TYPES.iter().find_map(frame_type);
    let presentation = of_frame.or_else(|| object.text(tags::PIXEL_PRESENTATION));
    matches!(presentation.as_deref(), Some("COLOR" | "MIXED"))
}

/// The palette of an object; `None` where it is absent or the three tables do not agree.
pub(super) fn read(object: &InMemDicomObject) -> Option<Palette> {
    let [red, green, blue] =
        DESCRIPTORS.map(|tag| Descriptor::read(object, tag, is_signed(object)));
    let descriptor = red?;
    if [green?, blue?] != [descriptor; 2] {
        return None;
    }
    let table = |index: usize| {
        let (plain, segmented) = (*PLAIN.get(index)?, *SEGMENTED.get(index)?);
        entries(object, plain, descriptor.entries)
            .or_else(|| expand(object.value(segmented)?, &descriptor))
    };
    Some(of_real_depth(descriptor.first_mapped, [table(0)?, table(1)?, table(2)?]))
}

/// The palette with the depth its entries have, whatever their descriptors say: 8 bits in words, in the
/// low byte, the high byte or both, are 8 bits (drawn as 16 the first would be black, and the second
/// would not reach white: C.7.6.3.1.6 wants them in both).
fn of_real_depth(first_mapped: i32, mut rgb: [Vec<u16>; 3]) -> Palette {
    let all = |is: fn(u16) -> bool| rgb.iter().flatten().all(|&entry| is(entry));
    let is_low = all(|entry| entry < 256);
    let is_high = all(|entry| entry % 256 == 0) || all(|entry| entry % 257 == 0);
    if is_high && !is_low {
        rgb.iter_mut().flatten().for_each(|entry| *entry /= 256);
    }
    Palette { first_mapped, bits: if is_low || is_high { 8 } else { 16 }, rgb }
}
