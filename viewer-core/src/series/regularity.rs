//! Spacing, gaps, overlap and tilt of a stack, from the positions of its slices.

use super::places::Places;
use crate::exam::{ImagePlane, SliceGeometry};
use crate::geometry::plane::{dot, sub};

/// A spacing is regular within this share of itself.
const SPACING_TOLERANCE: f64 = 0.05;
/// Or within this, because positions are often written with one decimal, mm.
const ROUNDING_MM: f64 = 0.1 + 1e-6;
/// But never further off than this share: a slice is not missing by half.
const LARGEST_TOLERANCE: f64 = 0.25;
/// A distance of more than this many spacings is no row of missing slices but another place.
const MOST_STEPS: f64 = 1000.0;
/// Least angle that is called a tilt, degrees: below, it is rounding.
const LEAST_TILT_DEGREES: f64 = 0.2;
/// Slices shifted by less than this in their plane lie above each other, mm.
const ALIGNED_MM: f64 = 0.5;

/// What the positions of parallel planes say. Images at each place (`volumes`), and what follows from
/// them, are for the caller to fill in.
pub(super) fn of(planes: &[&ImagePlane], places: &Places) -> SliceGeometry {
    let mut found = SliceGeometry {
        slices: u32::try_from(places.positions_mm.len()).unwrap_or(u32::MAX),
        volumes: 1,
        ..SliceGeometry::default()
    };
    let gaps_mm: Vec<f64> = places.positions_mm.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let Some(median_mm) = median(&gaps_mm) else { return found };
    found.spacing_mm = Some(median_mm);
    match [Some(median_mm), smallest(&gaps_mm)]
        .into_iter()
        .flatten()
        .find_map(|spacing_mm| Some((spacing_mm, missing(&gaps_mm, spacing_mm)?)))
    {
        Some((spacing_mm, missing)) => {
            found.spacing_mm = Some(spacing_mm);
            found.missing = missing;
            found.overlap_mm = overlap_mm(planes, spacing_mm);
        }
        None => {
            found.variable_spacing_mm = smallest(&gaps_mm).zip(largest(&gaps_mm)).map(Into::into);
        }
    }
    lean(planes, places, &mut found);
    found
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

fn smallest(values: &[f64]) -> Option<f64> {
    values.iter().copied().min_by(f64::total_cmp)
}

fn largest(values: &[f64]) -> Option<f64> {
    values.iter().copied().max_by(f64::total_cmp)
}

/// How far off a regular spacing a distance may be, mm.
fn tolerance_mm(spacing_mm: f64) -> f64 {
    (spacing_mm * SPACING_TOLERANCE).max(ROUNDING_MM).min(spacing_mm * LARGEST_TOLERANCE)
}

/// How many slices are missing if all distances are multiples of one spacing; `None` if they are not.
fn missing(gaps_mm: &[f64], spacing_mm: f64) -> Option<u32> {
    let tolerance_mm = tolerance_mm(spacing_mm);
    gaps_mm.iter().try_fold(0_u32, |sum, gap_mm| {
        let steps = (gap_mm / spacing_mm).round().max(1.0);
        let is_multiple =
            steps <= MOST_STEPS && (gap_mm - steps * spacing_mm).abs() <= tolerance_mm;
        is_multiple.then(|| sum.saturating_add((steps - 1.0) as u32))
    })
}

/// By how much slices of one and the same thickness overlap.
fn overlap_mm(planes: &[&ImagePlane], spacing_mm: f64) -> Option<f64> {
    let thickness_mm = planes.first()?.thickness_mm?;
    let is_same = planes.iter().all(|plane| plane.thickness_mm == Some(thickness_mm));
    Some(thickness_mm - spacing_mm)
        .filter(|&overlap_mm| is_same && overlap_mm > tolerance_mm(spacing_mm))
}

/// Whether the first pixels of the slices lie along the normal, along another line, or neither.
fn lean(planes: &[&ImagePlane], places: &Places, found: &mut SliceGeometry) {
    let firsts: Vec<&ImagePlane> =
        places.firsts().iter().filter_map(|&i| planes.get(i).copied()).collect();
    let (Some(first), Some(last)) = (firsts.first(), firsts.last()) else { return };
    let across = |plane: &ImagePlane| {
        let from_first = sub(plane.position_mm, first.position_mm);
        let along_mm = dot(from_first, places.normal);
        let in_plane: [f64; 3] =
            std::array::from_fn(|axis| from_first[axis] - along_mm * places.normal[axis]);
        (along_mm, in_plane)
    };
    let (height_mm, lean) = across(last);
    let is_along_line = firsts.iter().all(|plane| {
        let (along_mm, in_plane) = across(plane);
        let expected = lean.map(|component| component * along_mm / height_mm);
        length(sub(in_plane, expected)) <= ALIGNED_MM
    });
    found.is_shifted = !is_along_line;
    let degrees = length(lean).atan2(height_mm).to_degrees();
    let is_tilted = is_along_line && degrees >= LEAST_TILT_DEGREES && length(lean) > ALIGNED_MM;
    found.tilt_degrees = is_tilted.then_some(degrees);
}

fn length(vector: [f64; 3]) -> f64 {
    dot(vector, vector).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plane(position_mm: [f64; 3]) -> ImagePlane {
        ImagePlane {
            position_mm,
            row_direction: [1.0, 0.0, 0.0],
            column_direction: [0.0, 1.0, 0.0],
            thickness_mm: Some(2.0),
        }
    }

    fn found(positions_mm: &[[f64; 3]]) -> SliceGeometry {
        let planes: Vec<ImagePlane> = positions_mm.iter().copied().map(plane).collect();
        let planes: Vec<&ImagePlane> = planes.iter().collect();
        of(&planes, &Places::of(&planes).expect("planes"))
    }

    fn at_heights(heights_mm: &[f64]) -> SliceGeometry {
        found(&heights_mm.iter().map(|&z| [0.0, 0.0, z]).collect::<Vec<_>>())
    }

    #[test]
    fn a_regular_stack() {
        let stack = at_heights(&[0.0, 2.0, 4.0, 6.0]);
        let expected = SliceGeometry {
            slices: 4,
            volumes: 1,
            spacing_mm: Some(2.0),
            ..SliceGeometry::default()
        };
        assert_eq!(stack, expected);
        // 0.625 mm written with one decimal is regular all the same.
        let rounded = at_heights(&[0.0, 0.6, 1.3, 1.9, 2.5, 3.1, 3.8]);
        assert_eq!((rounded.missing, rounded.variable_spacing_mm), (0, None));
    }

    #[test]
    fn missing_slices_are_counted() {
        assert_eq!(at_heights(&[0.0, 2.0, 6.0, 8.0, 16.0]).missing, 4);
        // More gaps than neighbours: the smallest distance is the spacing.
        let sparse = at_heights(&[0.0, 2.0, 6.0, 10.0, 14.0]);
        assert_eq!((sparse.missing, sparse.spacing_mm), (3, Some(2.0)));
    }

    #[test]
    fn variable_spacing_is_no_missing_slice() {
        let stack = at_heights(&[0.0, 2.0, 5.0, 7.0, 10.5]);
        assert_eq!((stack.missing, stack.variable_spacing_mm), (0, Some([2.0, 3.5])));
    }

    #[test]
    fn overlapping_slices() {
        assert_eq!(at_heights(&[0.0, 1.25, 2.5]).overlap_mm, Some(0.75));
        assert_eq!(at_heights(&[0.0, 2.5, 5.0]).overlap_mm, None);
    }

    #[test]
    fn slices_that_wander_are_no_tilt() {
        let stack = found(&[[0.0, 0.0, 0.0], [3.0, 0.0, 2.0], [0.0, 0.0, 4.0]]);
        assert_eq!((stack.is_shifted, stack.tilt_degrees), (true, None));
    }

    #[test]
    fn one_slice_says_nothing() {
        assert_eq!(at_heights(&[5.0]).spacing_mm, None);
    }

    proptest! {
        #[test]
        fn a_sheared_stack_has_the_tilt_of_its_shear(
            degrees in 1.0_f64..60.0, spacing_mm in 0.5_f64..8.0, turned in 0.0_f64..6.0,
        ) {
            let shear = degrees.to_radians().tan();
            let planes: Vec<[f64; 3]> = (0..100)
                .map(|n| {
                    let z = f64::from(n) * spacing_mm;
                    [z * shear * turned.cos(), z * shear * turned.sin(), z]
                })
                .collect();
            let stack = found(&planes);
            prop_assert!((stack.tilt_degrees.unwrap_or(0.0) - degrees).abs() < 1e-6);
            prop_assert!(!stack.is_shifted);
            prop_assert!((stack.spacing_mm.unwrap_or(0.0) - spacing_mm).abs() < 1e-9);
        }
    }
}
