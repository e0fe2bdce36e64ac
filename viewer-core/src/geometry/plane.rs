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

/// Difference `a − b`.
#[must_use]
pub fn sub(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|axis| a[axis] - b[axis])
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
    let from_first = sub(point_mm, plane.position_mm);
    let x = dot(from_first, plane.row_direction) / spacing.between_columns_mm + 0.5;
    let y = dot(from_first, plane.column_direction) / spacing.between_rows_mm + 0.5;
    ([x, y], dot(from_first, normal(plane)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::SpacingSource;
    use proptest::prelude::*;

    fn spacing(between_rows_mm: f64, between_columns_mm: f64) -> Spacing {
        Spacing { between_rows_mm, between_columns_mm, source: SpacingSource::PixelSpacing }
    }

    fn coronal() -> ImagePlane {
        ImagePlane {
            position_mm: [-100.0, 20.0, 300.0],
            row_direction: [1.0, 0.0, 0.0],
            column_direction: [0.0, 0.0, -1.0],
            thickness_mm: None,
        }
    }

    #[test]
    fn the_position_is_the_centre_of_the_first_pixel() {
        let spacing = spacing(2.0, 0.5);
        assert_eq!(patient_from_image(&coronal(), &spacing, [0.5, 0.5]), [-100.0, 20.0, 300.0]);
        // Ten columns of 0.5 mm to the patient's left, three rows of 2 mm down.
        assert_eq!(patient_from_image(&coronal(), &spacing, [10.5, 3.5]), [-95.0, 20.0, 294.0]);
    }

    #[test]
    fn normal_and_position_along_it() {
        assert_eq!(normal(&coronal()), [0.0, 1.0, 0.0]);
        assert_eq!(position_along_mm(&coronal(), normal(&coronal())), 20.0);
    }

    #[test]
    fn distance_is_positive_along_the_normal() {
        let (at, distance_mm) =
            image_from_patient(&coronal(), &spacing(2.0, 0.5), [-95.0, 27.0, 294.0]);
        assert_eq!((at, distance_mm), ([10.5, 3.5], 7.0));
    }

    proptest! {
        #[test]
        fn image_to_patient_and_back(
            x in -1000.0_f64..1000.0, y in -1000.0_f64..1000.0,
            rows_mm in 0.1_f64..5.0, columns_mm in 0.1_f64..5.0, angle in 0.0_f64..6.0,
        ) {
            let plane = ImagePlane {
                row_direction: [angle.cos(), angle.sin(), 0.0],
                column_direction: [-angle.sin(), angle.cos(), 0.0],
                ..coronal()
            };
            let spacing = spacing(rows_mm, columns_mm);
            let there = patient_from_image(&plane, &spacing, [x, y]);
            let ([back_x, back_y], distance_mm) = image_from_patient(&plane, &spacing, there);
            prop_assert!((back_x - x).abs() < 1e-6 && (back_y - y).abs() < 1e-6);
            prop_assert!(distance_mm.abs() < 1e-9);
        }
    }
}
