//! Image Plane module and the plane macros of multi-frame images (PS3.3 C.7.6.2, C.7.6.16.2.3).

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::functional_groups::FrameGroups;
use crate::exam::ImagePlane;
use crate::geometry::plane::{cross, dot};

/// One plane for all frames, one per frame, or none where any frame has none.
pub(super) fn read(object: &InMemDicomObject, frames: u32) -> Vec<ImagePlane> {
    let groups = FrameGroups::all(object);
    if !groups.is_empty() {
        let planes: Option<Vec<_>> = groups.iter().map(of_groups).collect();
        let planes = planes.unwrap_or_default();
        return if planes.len() == frames as usize || planes.len() == 1 {
            planes
        } else {
            Vec::new()
        };
    }
    match plane(object, object, object) {
        Some(single) if frames == 1 => vec![single],
        Some(first) => dose_planes(object, &first, frames),
        None => Vec::new(),
    }
}

fn of_groups(groups: &FrameGroups<'_>) -> Option<ImagePlane> {
    let position = groups.item(tags::PLANE_POSITION_SEQUENCE)?;
    let orientation = groups.item(tags::PLANE_ORIENTATION_SEQUENCE)?;
    plane(position, orientation, groups.item(tags::PIXEL_MEASURES_SEQUENCE).unwrap_or(orientation))
}

/// Frames of an RT Dose: offsets along the normal from the first (Grid Frame Offset Vector, C.8.8.3.2).
/// Other multi-frame images state the position of their first frame only, which says nothing of the rest.
fn dose_planes(object: &InMemDicomObject, first: &ImagePlane, frames: u32) -> Vec<ImagePlane> {
    let offsets = object.floats(tags::GRID_FRAME_OFFSET_VECTOR);
    if offsets.len() != frames as usize || offsets.first() != Some(&0.0) {
        return Vec::new();
    }
    let normal = cross(first.row_direction, first.column_direction);
    let at = |offset: &f64| {
        let position_mm =
            std::array::from_fn(|axis| first.position_mm[axis] + offset * normal[axis]);
        ImagePlane { position_mm, ..first.clone() }
    };
    offsets.iter().map(at).collect()
}

fn plane(
    position: &InMemDicomObject,
    orientation: &InMemDicomObject,
    measures: &InMemDicomObject,
) -> Option<ImagePlane> {
    let position_mm = position.float_array(tags::IMAGE_POSITION_PATIENT)?;
    let [a, b, c, d, e, f] = orientation.float_array(tags::IMAGE_ORIENTATION_PATIENT)?;
    let (row_direction, column_direction) = (unit([a, b, c])?, unit([d, e, f])?);
    // Written with few digits, directions are not quite perpendicular; further off they are wrong.
    if dot(row_direction, column_direction).abs() > 0.01 {
        return None;
    }
    let thickness_mm = measures.float(tags::SLICE_THICKNESS).filter(|&thickness| thickness > 0.0);
    Some(ImagePlane { position_mm, row_direction, column_direction, thickness_mm })
}

/// The vector brought to length 1; `None` where it is not nearly that already.
fn unit(vector: [f64; 3]) -> Option<[f64; 3]> {
    let length = dot(vector, vector).sqrt();
    ((length - 1.0).abs() <= 0.01).then(|| vector.map(|component| component / length))
}
