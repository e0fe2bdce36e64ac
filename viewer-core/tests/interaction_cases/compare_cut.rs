//! Where slices cut each other, against what geometry says.

use proptest::prelude::*;
use viewer_core::compare::{Slice, cut};
use viewer_core::exam::Series;
use viewer_core::geometry::plane::{image_from_patient, patient_from_image};

use super::compare_linked::{AXIAL, CORONAL, SAGITTAL, plane, slices};

/// One slice of 512 × 512 pixels of `pixel_mm`.
fn slice(uid: &str, pixel_mm: f64, directions: [[f64; 3]; 2], position_mm: [f64; 3]) -> Slice {
    Slice::of(&slices("CT", uid, pixel_mm, vec![plane(directions, position_mm)]), [0, 0])
        .expect("a slice")
}

fn near([[ax, ay], [bx, by]]: [[f64; 2]; 2], expected: [[f64; 2]; 2]) -> bool {
    let flat = [ax, ay, bx, by];
    let is = |[[ax, ay], [bx, by]]: [[f64; 2]; 2]| {
        flat.iter().zip([ax, ay, bx, by]).all(|(a, b)| (a - b).abs() < 1e-9)
    };
    is(expected) || is([expected[1], expected[0]])
}

#[test]
fn an_axial_slice_is_a_horizontal_line_on_a_coronal_one() {
    // 256 mm wide, its first pixel's centre at −128 mm; the slice at 30 mm is 98 mm, 196 rows, under the top.
    let axial = slice("1.9", 0.5, AXIAL, [-128.0, -128.0, 30.0]);
    let coronal = slice("1.9", 0.5, CORONAL, [-128.0, 10.0, 128.0]);
    let line = cut(&axial, &coronal).expect("they cross");
    assert!(near(line, [[0.0, 196.5], [512.0, 196.5]]), "{line:?}");
    // The other way round: 138 mm from the first row.
    let line = cut(&coronal, &axial).expect("they cross");
    assert!(near(line, [[0.0, 276.5], [512.0, 276.5]]), "{line:?}");
}

#[test]
fn a_line_ends_where_the_other_image_does() {
    // The sagittal slice is 128 mm high, from 64 mm down to −64 mm, and cuts the axial one from front to back.
    let sagittal = slice("1.9", 0.25, SAGITTAL, [20.0, -64.0, 64.0]);
    let axial = slice("1.9", 0.5, AXIAL, [-128.0, -128.0, 0.0]);
    let line = cut(&sagittal, &axial).expect("they cross");
    // Column: 148 mm. Rows: from the front edge, −64.125 mm, over 128 mm.
    assert!(near(line, [[296.5, 128.25], [296.5, 384.25]]), "{line:?}");
    let high = slice("1.9", 0.5, AXIAL, [-128.0, -128.0, 70.0]);
    assert_eq!(cut(&sagittal, &high), None, "above its upper edge");
}

#[test]
fn an_oblique_slice_is_cut_at_its_angle() {
    let angle = 30_f64.to_radians();
    let tilted = [[angle.cos(), angle.sin(), 0.0], [0.0, 0.0, -1.0]];
    let axial = slice("1.9", 1.0, AXIAL, [-256.0, -256.0, 0.0]);
    let [[ax, ay], [bx, by]] =
        cut(&slice("1.9", 1.0, tilted, [0.0, 0.0, 200.0]), &axial).expect("they cross");
    assert!(((by - ay) / (bx - ax) - angle.tan()).abs() < 1e-9);
    // It passes through the middle, where its first column is.
    assert!((ay - 256.5 - (ax - 256.5) * angle.tan()).abs() < 1e-9);
}

#[test]
fn no_line_between_parallel_slices_other_spaces_and_unknown_places() {
    let axial = slice("1.9", 0.5, AXIAL, [-128.0, -128.0, 30.0]);
    assert_eq!(cut(&axial, &slice("1.9", 0.5, AXIAL, [-128.0, -128.0, 0.0])), None);
    assert_eq!(cut(&axial, &slice("1.8", 0.5, CORONAL, [-128.0, 10.0, 128.0])), None);
    let angle = 6_f64.to_radians();
    let leaning = [[1.0, 0.0, 0.0], [0.0, angle.cos(), angle.sin()]];
    assert_eq!(cut(&axial, &slice("1.9", 0.5, leaning, [-128.0, -128.0, 30.0])), None);
    let placed = slices("CT", "1.9", 0.5, vec![plane(AXIAL, [0.0; 3])]);
    let nowhere = Series { frame_of_reference_uid: None, ..placed.clone() };
    assert_eq!(Slice::of(&nowhere, [0, 0]), None);
    let mut unscaled = placed;
    unscaled.formats[0].spacing = None;
    assert_eq!(Slice::of(&unscaled, [0, 0]), None);
}

fn any_directions() -> impl Strategy<Value = [[f64; 3]; 2]> {
    (0.0..6.3_f64, 0.0..3.1_f64, 0.0..6.3_f64).prop_map(|(a, b, c)| {
        let row = [a.cos() * b.sin(), a.sin() * b.sin(), b.cos()];
        let u = [-a.sin(), a.cos(), 0.0];
        let v = [-a.cos() * b.cos(), -a.sin() * b.cos(), b.sin()];
        [row, std::array::from_fn(|axis| u[axis] * c.cos() + v[axis] * c.sin())]
    })
}

proptest! {
    #[test]
    fn ends_lie_on_both_slices_and_at_an_edge_of_one(
        a in any_directions(), b in any_directions(),
        at in [-80.0..80.0_f64, -80.0..80.0_f64, -80.0..80.0_f64], pixel_mm in 0.2..2.0_f64,
    ) {
        // Both images have the origin of the patient's space not far from their middle.
        let corner = |[row, column]: [[f64; 3]; 2], pixel_mm: f64| {
            std::array::from_fn(|axis| at[axis] - 256.0 * pixel_mm * (row[axis] + column[axis]))
        };
        let (one, other) = (slice("1.9", 0.5, a, corner(a, 0.5)), slice("1.9", pixel_mm, b, corner(b, pixel_mm)));
        if let Some(ends) = cut(&one, &other) {
            for end in ends {
                let there = patient_from_image(&other.plane, &other.spacing, end);
                let (on_one, distance_mm) = image_from_patient(&one.plane, &one.spacing, there);
                prop_assert!(distance_mm.abs() < 1e-6, "{distance_mm}");
                let values = [end, on_one].into_iter().flatten();
                prop_assert!(values.clone().all(|v| (-1e-6..=512.0 + 1e-6).contains(&v)));
                prop_assert!(values.clone().any(|v| v.abs() < 1e-6 || (v - 512.0).abs() < 1e-6));
            }
            prop_assert!(cut(&other, &one).is_some(), "what is cut cuts");
        }
    }
}
