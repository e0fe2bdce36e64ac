//! Overlay planes of a presentation state's own (PS3.3 C.9.2), as the pixels of its images that they cover.

use dicom_core::Tag;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::overlay;
use crate::base::limits::MAX_OVERLAY_RUNS;
use crate::exam::{LeftOut, PixelRun};

/// Groups of the planes that a state has of its own.
pub(super) fn groups(object: &InMemDicomObject) -> Vec<u16> {
    let is_there = |group: &u16| {
        [overlay::ROWS, overlay::DATA]
            .iter()
            .any(|&element| object.get(Tag(*group, element)).is_some())
    };
    overlay::GROUPS.step_by(2).filter(is_there).collect()
}

/// Where a plane has a 1, row by row, from the first pixel of the image (0, 0) on; it may lie beyond the image.
///
/// # Errors
/// `broken` where it makes no sense or has too few bits, [`LeftOut::TooMuch`] where it is too finely drawn.
pub(super) fn runs(
    object: &InMemDicomObject,
    group: u16,
    broken: LeftOut,
) -> Result<Vec<PixelRun>, LeftOut> {
    let number = |element| object.unsigned(Tag(group, element)).filter(|side| *side > 0);
    let size = number(overlay::ROWS).zip(number(overlay::COLUMNS));
    let (rows, columns) = size.map(|(r, c)| (usize::from(r), usize::from(c))).ok_or(broken)?;
    let bits = object.value(Tag(group, overlay::DATA)).ok_or(broken)?.to_bytes();
    if bits.len() * 8 < rows * columns {
        return Err(broken);
    }
    let [top, left] = overlay::origin(object, group).map(|pixel| pixel - 1);
    let is_set = |at: usize| bits.get(at / 8).is_some_and(|byte| (byte >> (at % 8)) & 1 == 1);
    let mut found = Vec::new();
    for row in 0..rows {
        let mut column = 0;
        while let Some(from) = (column..columns).find(|at| is_set(row * columns + at)) {
            let end = (from..columns).find(|at| !is_set(row * columns + at)).unwrap_or(columns);
            if found.len() == MAX_OVERLAY_RUNS {
                return Err(LeftOut::TooMuch);
            }
            found.push([top + row as i32, left + from as i32, left + end as i32]);
            column = end;
        }
    }
    Ok(found)
}
