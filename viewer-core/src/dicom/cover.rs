//! What lies over the picture, per frame.

use dicom_object::InMemDicomObject;

use super::functional_groups::FrameGroups;
use super::{overlay, shutter};
use crate::base::index_of;
use crate::exam::{Cover, ImageFormat};

/// Distinct covers, and which of them each frame has: none, one index for all frames, or one per frame.
pub(super) fn read(
    object: &InMemDicomObject,
    format: &ImageFormat,
    frames: u32,
) -> (Vec<Cover>, Vec<u16>) {
    let (overlays, is_overlay_broken) = overlay::read(object, format);
    let of_frame = |groups: Option<&FrameGroups<'_>>| {
        let (shutter, is_shutter_broken) = shutter::read(object, groups);
        let mut cover = Cover { overlays: overlays.clone(), shutter, unreadable: false };
        cover.unreadable = is_overlay_broken || is_shutter_broken || lacks_its_bitmap(&cover);
        cover
    };
    let groups = FrameGroups::all(object);
    let mut covers: Vec<Cover> = Vec::new();
    let indices: Option<Vec<u16>> = if groups.len() == frames as usize {
        groups.iter().map(|group| index_of(&mut covers, of_frame(Some(group)))).collect()
    } else {
        index_of(&mut covers, of_frame(groups.first())).map(|index| vec![index])
    };
    let Some(mut indices) = indices else {
        // More different shutters than can be told apart: none is drawn, and that is said.
        return (vec![Cover { unreadable: true, ..Cover::default() }], vec![0]);
    };
    if covers.len() == 1 {
        indices.truncate(1);
    }
    if covers.iter().all(Cover::is_empty) { (Vec::new(), Vec::new()) } else { (covers, indices) }
}

fn lacks_its_bitmap(cover: &Cover) -> bool {
    let wants_bitmap = cover.bitmap_group().is_some();
    wants_bitmap && cover.bitmap().is_none()
}
