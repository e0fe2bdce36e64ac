//! Everything between stored samples and the screen, per frame, from the modules that hold it.

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::functional_groups::FrameGroups;
use super::{lookup_table, modality_lut, palette, voi_lut};
use crate::base::index_of;
use crate::exam::{DisplayAttributes, LookupTable};

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
        presentation_lut: presentation_lut(object),
        palette: palette::of_frame(object, groups),
    }
}

/// Presentation LUT Sequence (PS3.3 C.11.6). Its inputs are not signed, and begin with 0.
fn presentation_lut(object: &InMemDicomObject) -> Option<LookupTable> {
    let item = object.items(tags::PRESENTATION_LUT_SEQUENCE).first()?;
    lookup_table::item(item, false)
}

/// Presentation LUT Shape INVERSE, unless it only repeats what MONOCHROME1 says already: images have
/// the one with the other (PS3.3 C.8.11.3.1.2), and inverting twice would undo it.
fn is_inverse(object: &InMemDicomObject) -> bool {
    let is_inverse = object.text(tags::PRESENTATION_LUT_SHAPE).as_deref() == Some("INVERSE");
    let photometric = object.text(tags::PHOTOMETRIC_INTERPRETATION);
    is_inverse && photometric.as_deref() != Some("MONOCHROME1")
}
