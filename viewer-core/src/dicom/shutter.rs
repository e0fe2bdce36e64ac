//! Display Shutter and Bitmap Display Shutter modules (PS3.3 C.7.6.11, C.7.6.15), also per frame
//! (C.7.6.16.2.16).

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::functional_groups::FrameGroups;
use crate::base::limits::MAX_SHUTTER_VERTICES;
use crate::exam::{Shutter, ShutterShape};
use crate::pixel::cielab;

/// The shutter of a frame, and whether any of its shapes makes no sense (it is then left out).
pub(super) fn read(
    object: &InMemDicomObject,
    groups: Option<&FrameGroups<'_>>,
) -> (Option<Shutter>, bool) {
    let of_frame = groups.and_then(|g| g.item(tags::FRAME_DISPLAY_SHUTTER_SEQUENCE));
    let source = of_frame.unwrap_or(object);
    let names = source.texts(tags::SHUTTER_SHAPE);
    let named = names.iter().filter(|name| !name.is_empty());
    let found: Vec<Option<ShutterShape>> = named.map(|name| shape(source, name)).collect();
    let is_any_broken = found.contains(&None);
    let shapes: Vec<ShutterShape> = found.into_iter().flatten().collect();
    let shutter = (!shapes.is_empty()).then(|| Shutter { shapes, rgb: rgb(source) });
    (shutter, is_any_broken)
}

fn shape(source: &InMemDicomObject, name: &str) -> Option<ShutterShape> {
    match name {
        "RECTANGULAR" => Some(ShutterShape::Rectangle {
            columns: [
                number(source, tags::SHUTTER_LEFT_VERTICAL_EDGE)?,
                number(source, tags::SHUTTER_RIGHT_VERTICAL_EDGE)?,
            ],
            rows: [
                number(source, tags::SHUTTER_UPPER_HORIZONTAL_EDGE)?,
                number(source, tags::SHUTTER_LOWER_HORIZONTAL_EDGE)?,
            ],
        }),
        "CIRCULAR" => {
            let [center]: [[i32; 2]; 1] =
                pairs(source, tags::CENTER_OF_CIRCULAR_SHUTTER)?.try_into().ok()?;
            let radius = source.integer(tags::RADIUS_OF_CIRCULAR_SHUTTER)?;
            Some(ShutterShape::Circle { center, radius: radius.try_into().ok()? })
        }
        "POLYGONAL" => {
            let vertices = pairs(source, tags::VERTICES_OF_THE_POLYGONAL_SHUTTER)?;
            let is_polygon = (3..=MAX_SHUTTER_VERTICES).contains(&vertices.len());
            is_polygon.then_some(ShutterShape::Polygon { vertices })
        }
        "BITMAP" => {
            let group = source.unsigned(tags::SHUTTER_OVERLAY_GROUP)?;
            Some(ShutterShape::Bitmap { group })
        }
        _ => None,
    }
}

fn number(source: &InMemDicomObject, tag: Tag) -> Option<i32> {
    source.integer(tag)?.try_into().ok()
}

/// Row and column, again and again.
fn pairs(source: &InMemDicomObject, tag: Tag) -> Option<Vec<[i32; 2]>> {
    let values = source.integers(tag);
    let (pairs, rest) = values.as_chunks::<2>();
    let narrow = |&[row, column]: &[i64; 2]| Some([row.try_into().ok()?, column.try_into().ok()?]);
    if rest.is_empty() { pairs.iter().map(narrow).collect() } else { None }
}

/// Shutter Presentation Color CIELab Value, else Shutter Presentation Value (a P-Value), else black: where
/// the file does not say, how the area is neutralised is ours to choose.
fn rgb(source: &InMemDicomObject) -> [u8; 3] {
    let lab = source.integers(tags::SHUTTER_PRESENTATION_COLOR_CIE_LAB_VALUE);
    let lab: Option<Vec<u16>> = lab.iter().map(|&value| value.try_into().ok()).collect();
    if let Some([l, a, b]) = lab.as_deref() {
        return cielab::to_srgb([*l, *a, *b]);
    }
    let p_value = source.unsigned(tags::SHUTTER_PRESENTATION_VALUE).unwrap_or(0);
    [((u32::from(p_value) * 255 + 32_767) / 65_535) as u8; 3]
}
