use super::*;
use crate::exam::{SampleKind, Spacing, SpacingSource, UltrasoundRegion};
use proptest::prelude::*;

fn format(spacing: Option<[f64; 2]>, aspect_ratio: Option<[u32; 2]>) -> ImageFormat {
    ImageFormat {
        transfer_syntax_uid: String::new(),
        sop_class_uid: String::new(),
        rows: 100,
        columns: 200,
        samples_per_pixel: 1,
        photometric_interpretation: "MONOCHROME2".into(),
        bits_allocated: 8,
        bits_stored: 8,
        high_bit: 7,
        signed: false,
        planar: false,
        samples: SampleKind::Integer,
        padding: None,
        spacing: spacing.map(|[between_rows_mm, between_columns_mm]| Spacing {
            between_rows_mm,
            between_columns_mm,
            source: SpacingSource::ImagerPixelSpacing,
        }),
        aspect_ratio,
        lossy: None,
    }
}

fn image(us_regions: Vec<UltrasoundRegion>) -> Image {
    Image { frames: 1, us_regions, ..Image::default() }
}

/// Pixels of 0.5 mm across and 2 mm down.
fn tall() -> ImageFormat {
    format(Some([2.0, 0.5]), None)
}

fn region(bounds_px: [u32; 4], deltas: [f64; 2]) -> UltrasoundRegion {
    let [cm, two_d] = [UltrasoundRegion::CENTIMETRES, UltrasoundRegion::TWO_DIMENSIONAL];
    UltrasoundRegion {
        bounds_px,
        units: [cm; 2],
        deltas,
        spatial_format: two_d,
        ..UltrasoundRegion::default()
    }
}

fn length(image: &Image, format: &ImageFormat, b: [f64; 2]) -> (f64, Unit, Provenance) {
    let found = distance(image, format, [10.0, 10.0], b).expect("a distance");
    ((found.value * 1e9).round() / 1e9, found.unit, found.provenance)
}

const AT_DETECTOR: Provenance = Provenance::Spacing(SpacingSource::ImagerPixelSpacing);

#[test]
fn rows_and_columns_each_have_their_own_spacing() {
    let plain = image(Vec::new());
    assert_eq!(length(&plain, &tall(), [14.0, 10.0]), (2.0, Unit::Millimetre, AT_DETECTOR));
    assert_eq!(length(&plain, &tall(), [10.0, 14.0]), (8.0, Unit::Millimetre, AT_DETECTOR));
    // 6 columns of 0.5 mm and 2 rows of 2 mm: 3, 4, 5.
    assert_eq!(length(&plain, &tall(), [16.0, 12.0]).0, 5.0);
}

#[test]
fn without_spacing_lengths_are_in_widths_of_a_pixel() {
    let none = Provenance::None(NoScale::NotCalibrated);
    let plain = image(Vec::new());
    assert_eq!(length(&plain, &format(None, None), [13.0, 14.0]), (5.0, Unit::Pixel, none));
    let high = format(None, Some([2, 1]));
    assert_eq!(length(&plain, &high, [13.0, 12.0]), (5.0, Unit::Pixel, none));
    // Impossible spacing is none.
    let absurd = format(Some([1e-9, 1.0]), None);
    assert_eq!(length(&plain, &absurd, [13.0, 14.0]), (5.0, Unit::Pixel, none));
}

#[test]
fn areas_on_pixels_that_are_not_square() {
    let plain = image(Vec::new());
    let corners = [[10.0, 10.0], [14.0, 10.0], [14.0, 13.0], [10.0, 13.0]];
    let rectangle = polygon_area(&plain, &tall(), &corners).expect("an area");
    assert_eq!((rectangle.value, rectangle.unit), (12.0, Unit::SquareMillimetre));
    let reversed: Vec<_> = corners.iter().rev().copied().collect();
    assert_eq!(polygon_area(&plain, &tall(), &reversed), Some(rectangle));
    let ellipse = ellipse_area(&plain, &tall(), corners[0], corners[2]).expect("an area");
    assert!((ellipse.value - 3.0 * std::f64::consts::PI).abs() < 1e-12);
    let unknown = polygon_area(&plain, &format(None, None), &corners).expect("an area");
    assert_eq!((unknown.value, unknown.unit), (12.0, Unit::SquarePixel));
    assert_eq!(polygon_area(&plain, &tall(), &corners[..2]), None);
}

#[test]
fn angles_are_those_of_the_patient_not_of_the_pixels() {
    let plain = image(Vec::new());
    let degrees = |format: &ImageFormat, points| {
        angle(&plain, format, points).map(|found| found.value).expect("an angle")
    };
    // 45° on square pixels; 4 mm down for 1 mm across on tall ones.
    let points = [[12.0, 10.0], [10.0, 10.0], [12.0, 12.0]];
    assert!((degrees(&format(None, None), points) - 45.0).abs() < 1e-12);
    assert!((degrees(&tall(), points) - 4.0_f64.atan2(1.0).to_degrees()).abs() < 1e-12);
    assert_eq!(angle(&plain, &tall(), [[1.0, 1.0], [1.0, 1.0], [2.0, 2.0]]), None);
}

#[test]
fn lines_of_cobb_meet_at_no_more_than_a_right_angle() {
    let plain = image(Vec::new());
    let lines = |end: [f64; 2]| [[[0.0, 0.0], [10.0, 0.0]], [[0.0, 50.0], end]];
    let cobb =
        |end| angle_of_lines(&plain, &format(None, None), lines(end)).expect("an angle").value;
    assert!((cobb([10.0, 60.0]) - 45.0).abs() < 1e-12);
    assert!((cobb([-10.0, 60.0]) - 45.0).abs() < 1e-12);
    assert!((cobb([0.0, 90.0]) - 90.0).abs() < 1e-12);
}

#[test]
fn ultrasound_is_measured_within_one_region() {
    let both =
        image(vec![region([0, 0, 49, 99], [0.02, -0.01]), region([100, 0, 149, 99], [0.05, 0.05])]);
    // Pixel Spacing beside regions does not count.
    let measured = |a, b| distance(&both, &tall(), a, b).expect("a distance");
    let inside = measured([10.0, 10.0], [30.0, 10.0]);
    assert!((inside.value - 4.0).abs() < 1e-12);
    assert_eq!((inside.unit, inside.provenance), (Unit::Millimetre, Provenance::UltrasoundRegion));
    assert!((measured([10.0, 10.0], [10.0, 30.0]).value - 2.0).abs() < 1e-12, "negative delta");
    assert!((measured([100.0, 5.0], [150.0, 5.0]).value - 25.0).abs() < 1e-12, "to the last edge");
    for (a, b) in [([10.0, 10.0], [110.0, 10.0]), ([60.0, 10.0], [70.0, 10.0])] {
        let across = measured(a, b);
        let reason = Provenance::None(NoScale::NotOneRegion);
        assert_eq!((across.unit, across.provenance), (Unit::Pixel, reason));
    }
}

#[test]
fn regions_of_time_or_speed_have_no_millimetres() {
    let motion = UltrasoundRegion {
        units: [4, 3],
        spatial_format: 2,
        ..region([0, 0, 99, 99], [0.01, 0.01])
    };
    let reason = Provenance::None(NoScale::NotSpatial);
    assert_eq!(length(&image(vec![motion]), &tall(), [20.0, 10.0]).2, reason);
    let still = region([0, 0, 99, 99], [0.0, 0.01]);
    assert_eq!(length(&image(vec![still]), &tall(), [20.0, 10.0]).2, reason);
}

#[test]
fn a_spectrum_is_measured_along_its_axes_each_in_its_unit() {
    let spectrum = UltrasoundRegion {
        units: [UltrasoundRegion::SECONDS, UltrasoundRegion::CENTIMETRES_PER_SECOND],
        spatial_format: 3,
        ..region([0, 0, 99, 99], [0.01, -0.5])
    };
    let found = region_steps(&image(vec![spectrum.clone()]), [[10.0, 10.0], [30.0, 50.0]]);
    let found = found.map(|axis| axis.map(|found| (found.value, found.unit)));
    assert_eq!(found, [Some((0.2, Unit::Second)), Some((20.0, Unit::CentimetrePerSecond))]);
    let across = region_steps(&image(vec![spectrum]), [[10.0, 10.0], [130.0, 50.0]]);
    assert_eq!(across, [None, None]);
    let tissue = image(vec![region([0, 0, 99, 99], [0.01, 0.01])]);
    assert_eq!(region_steps(&tissue, [[1.0, 1.0], [2.0, 2.0]]), [None, None]);
}

#[test]
fn a_ratio_needs_no_millimetres_but_the_shape_of_pixels() {
    let lines = [[[0.0, 0.0], [10.0, 0.0]], [[0.0, 0.0], [0.0, 10.0]]];
    let ratio = |format: &ImageFormat| {
        let scale = scale_at(&image(Vec::new()), format, lines.as_flattened());
        scale.ratio(lines).map(|found| (found.value, found.unit))
    };
    assert_eq!(ratio(&format(None, None)), Some((1.0, Unit::Ratio)));
    assert_eq!(ratio(&tall()), Some((0.25, Unit::Ratio)));
}

#[test]
fn overlapping_regions_have_to_agree_or_differ_in_priority() {
    let tissue = UltrasoundRegion { flags: 1, ..region([0, 0, 99, 99], [0.02, 0.02]) };
    let same = region([5, 5, 50, 50], [0.02, -0.02]);
    let agreed = length(&image(vec![tissue.clone(), same]), &tall(), [20.0, 10.0]);
    assert_eq!(agreed, (2.0, Unit::Millimetre, Provenance::UltrasoundRegion));
    let finer = region([5, 5, 50, 50], [0.01, 0.01]);
    let by_priority = length(&image(vec![tissue.clone(), finer.clone()]), &tall(), [20.0, 10.0]);
    assert_eq!(by_priority.0, 1.0);
    // The line leaves the upper region: the lower one has both its ends.
    let leaving = length(&image(vec![tissue, finer.clone()]), &tall(), [70.0, 10.0]);
    assert_eq!(leaving.0, 12.0);
    let equal = region([0, 0, 99, 99], [0.02, 0.02]);
    let ambiguous = length(&image(vec![equal, finer]), &tall(), [20.0, 10.0]);
    assert_eq!(ambiguous.2, Provenance::None(NoScale::Ambiguous));
}

#[test]
fn points_that_are_no_numbers_have_no_distance() {
    assert_eq!(distance(&image(Vec::new()), &tall(), [f64::NAN, 0.0], [1.0, 1.0]), None);
}

proptest! {
    #[test]
    fn length_does_not_depend_on_the_way(
        a in [-50.0..50.0_f64, -50.0..50.0], b in [-50.0..50.0_f64, -50.0..50.0],
        rows in 0.1..4.0_f64, columns in 0.1..4.0_f64,
    ) {
        let format = format(Some([rows, columns]), None);
        let plain = image(Vec::new());
        let there = distance(&plain, &format, a, b).expect("a distance");
        let back = distance(&plain, &format, b, a).expect("a distance");
        prop_assert_eq!(there, back);
        prop_assert!((there.value.powi(2)
            - ((b[0] - a[0]) * columns).powi(2) - ((b[1] - a[1]) * rows).powi(2)).abs() < 1e-6);
    }

    #[test]
    fn an_area_stays_where_it_is_moved(by in [-90.0..90.0_f64, -90.0..90.0], height in 1.0..40.0_f64) {
        let plain = image(Vec::new());
        let triangle = [[0.0, 0.0], [30.0, 4.0], [7.0, height]];
        let moved = triangle.map(|[x, y]| [x + by[0], y + by[1]]);
        let area = |corners| polygon_area(&plain, &tall(), corners).expect("an area").value;
        prop_assert!((area(&triangle) - area(&moved)).abs() < 1e-6);
    }
}
