//! Planes in the patient (PS3.3 C.7.6.2.1.1), mm, LPS.

use crate::exam::{ImagePlane, Spacing};

/// Cross product.
#[must_use]
pub fn cross([ax, ay, az]: [f64; 3], [bx, by, bz]: [f64; 3]) -> [f64; 3] {
    [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx]
}

/// Scalar product.
#[must_use]
pub fn dot([ax, ay, az]: [f64; 3], [bx, by, bz]: [f64; 3]) -> f64 {
    ax * bx + ay * by + az * bz
}

/// Normal of a plane: row direction × column direction, towards the back of the screen.
#[must_use]
pub fn normal(plane: &ImagePlane) -> [f64; 3] {
    cross(plane.row_direction, plane.column_direction)
}

/// Where a plane lies along a normal, in mm from the origin of the patient's space.
#[must_use]
pub fn position_along_mm(plane: &ImagePlane, normal: [f64; 3]) -> f64 {
    dot(plane.position_mm, normal)
}

/// Where an image point lies in the patient (PS3.3 equation C.7.6.2.1-1).
///
/// Image points count from the corner of the first pixel and `position_mm` is that pixel's centre:
/// hence the half pixel.
#[must_use]
pub fn patient_from_image(plane: &ImagePlane, spacing: &Spacing, [x, y]: [f64; 2]) -> [f64; 3] {
    let across_mm = (x - 0.5) * spacing.between_columns_mm;
    let down_mm = (y - 0.5) * spacing.between_rows_mm;
    std::array::from_fn(|axis| {
        plane.position_mm[axis]
            + plane.row_direction[axis] * across_mm
            + plane.column_direction[axis] * down_mm
    })
}

/// The opposite of [`patient_from_image`]: the foot of the perpendicular from a point of the patient,
/// and its distance to the plane in mm, positive along the normal.
#[must_use]
pub fn image_from_patient(
    plane: &ImagePlane,
    spacing: &Spacing,
    point_mm: [f64; 3],
) -> ([f64; 2], f64) {
    let from_first: [f64; 3] = std::array::from_fn(|axis| point_mm[axis] - plane.position_mm[axis]);
    let x = dot(from_first, plane.row_direction) / spacing.between_columns_mm + 0.5;
    let y = dot(from_first, plane.column_direction) / spacing.between_rows_mm + 0.5;
    ([x, y], dot(from_first, normal(plane)))
}
