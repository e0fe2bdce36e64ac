//! Statistics against another way to find them: every pixel of the image is asked by itself.

use super::*;
use crate::pixel::PixelKind;
use proptest::prelude::*;

/// Stored values that all differ but for some padding.
fn stored(column: u32, row: u32) -> i16 {
    if (column + 3 * row).is_multiple_of(17) {
        -2000
    } else {
        (row * COLUMNS + column) as i16 - 700
    }
}

fn bytes(rows: std::ops::Range<u32>) -> Vec<u8> {
    let pixels = rows.flat_map(|row| (0..COLUMNS).map(move |column| stored(column, row)));
    pixels.flat_map(i16::to_ne_bytes).collect()
}

/// By the sum of the angles under which the edges are seen.
fn is_in_polygon(corners: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let angle = |point: &[f64; 2]| (point[1] - y).atan2(point[0] - x);
    let turned = (0..corners.len()).map(|i| {
        let step = angle(&corners[(i + 1) % corners.len()]) - angle(&corners[i]);
        (step + std::f64::consts::PI).rem_euclid(std::f64::consts::TAU) - std::f64::consts::PI
    });
    let turns: f64 = turned.sum::<f64>() / std::f64::consts::TAU;
    !(turns.round().abs() as u32).is_multiple_of(2)
}

/// Count, mean, deviation (by the mean of squares), smallest, largest.
fn expected(is_in: impl Fn([f64; 2]) -> bool) -> Option<[f64; 5]> {
    let mut found = Vec::new();
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let value = stored(column, row);
            if value != -2000 && is_in([f64::from(column) + 0.5, f64::from(row) + 0.5]) {
                found.push(f64::from(value) / 2.0 - 100.0);
            }
        }
    }
    let count = found.len() as f64;
    let mean = found.iter().sum::<f64>() / count;
    let squares = found.iter().map(|v| v * v).sum::<f64>() / count;
    found.sort_by(f64::total_cmp);
    let deviation = (squares - mean * mean).max(0.0).sqrt();
    Some([count, mean, deviation, *found.first()?, *found.last()?])
}

fn found(kind: Kind, points: &[[f64; 2]]) -> Option<[f64; 5]> {
    let exam = exam(Some([0.7, 0.3]), None);
    let facts = facts(&exam);
    let rows = sample_rows(kind, &facts, points)?;
    let bytes = bytes(rows[0]..rows[1]);
    let kind_of_pixels = PixelKind::GrayI16;
    let samples =
        Samples { kind: kind_of_pixels, columns: COLUMNS, first_row: rows[0], bytes: &bytes };
    let values = values(kind, &facts, points, None, Some(&samples));
    let statistics = values.into_iter().find_map(|value| match value {
        Value::Statistics(statistics, unit) => {
            assert_eq!(unit, SampleUnit::OfFile("HU".into()));
            Some(statistics)
        }
        _ => None,
    })?;
    assert_eq!(statistics.histogram.iter().sum::<u32>(), statistics.count);
    let Statistics { count, mean, deviation, min, max, .. } = statistics;
    Some([f64::from(count), mean, deviation, min, max])
}

fn agree(found: Option<[f64; 5]>, expected: Option<[f64; 5]>) -> bool {
    match (found, expected) {
        (Some(found), Some(expected)) => {
            let near = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-6 * b.abs().max(1.0);
            found[0] == expected[0]
                && found[3..] == expected[3..]
                && near((&found[1], &expected[1]))
                && (found[2] - expected[2]).abs() < 1e-3
        }
        (found, expected) => found == expected,
    }
}

proptest! {
    #[test]
    fn polygons_count_the_pixels_whose_centre_is_inside(
        corners in proptest::collection::vec([-10.0..74.0_f64, -10.0..58.0], 3..9),
    ) {
        let wanted = expected(|at| is_in_polygon(&corners, at));
        prop_assert!(agree(found(Kind::Polygon, &corners), wanted), "{wanted:?}");
    }

    #[test]
    fn ellipses_and_rectangles_too(a in [-10.0..74.0_f64, -10.0..58.0], b in [-10.0..74.0_f64, -10.0..58.0]) {
        let in_ellipse = |at: [f64; 2]| {
            let share = |i: usize| (at[i] - f64::midpoint(a[i], b[i])) / ((b[i] - a[i]) / 2.0);
            share(0).powi(2) + share(1).powi(2) < 1.0
        };
        prop_assert!(agree(found(Kind::Ellipse, &[a, b]), expected(in_ellipse)));
        let between = |i: usize, at: f64| at >= a[i].min(b[i]) && at < a[i].max(b[i]);
        let in_rectangle = |at: [f64; 2]| between(0, at[0]) && between(1, at[1]);
        prop_assert!(agree(found(Kind::Rectangle, &[a, b]), expected(in_rectangle)));
    }
}

#[test]
fn a_square_of_four_pixels_by_hand() {
    // Stored (10 … 11, 20 … 21): 590, 591, 654, 655; HU 195, 195.5, 227, 227.5.
    let square = found(Kind::Rectangle, &[[10.0, 20.0], [12.0, 22.0]]).expect("four pixels");
    let deviation = (((16.25_f64.powi(2)) + (15.75_f64.powi(2))) / 2.0).sqrt();
    assert_eq!(square, [4.0, 211.25, deviation, 195.0, 227.5]);
    // Less than half of a pixel at each side does not count.
    let smaller = found(Kind::Rectangle, &[[10.4, 20.4], [11.6, 21.6]]).expect("four pixels");
    assert_eq!(smaller, square);
    assert_eq!(found(Kind::Rectangle, &[[10.6, 20.6], [11.4, 21.4]]), None, "no centre inside");
}

#[test]
fn a_region_beside_the_image_or_of_colours_counts_nothing() {
    let exam = exam(Some([1.0, 1.0]), None);
    let beside = [[-20.0, 5.0], [-3.0, 30.0]];
    assert_eq!(sample_rows(Kind::Rectangle, &facts(&exam), &beside), None);
    let mut coloured = exam.clone();
    coloured.series[0].formats[0].photometric_interpretation = "RGB".into();
    assert_eq!(sample_rows(Kind::Ellipse, &facts(&coloured), &[[1.0, 1.0], [9.0, 9.0]]), None);
    let values = values(Kind::Ellipse, &facts(&coloured), &[[1.0, 1.0], [9.0, 9.0]], None, None);
    assert!(matches!(values[..], [Value::Measured(ValueKind::Area, _)]));
}

#[test]
fn a_probe_tells_the_pixel_it_is_in() {
    let exam = exam(Some([1.0, 1.0]), None);
    let facts = facts(&exam);
    let (rows, data) = ([20, 21], bytes(20..21));
    let samples =
        Samples { kind: PixelKind::GrayI16, columns: COLUMNS, first_row: 20, bytes: &data };
    let probe = |at: [f64; 2]| values(Kind::Probe, &facts, &[at], None, Some(&samples));
    let unit = || SampleUnit::OfFile("HU".into());
    assert_eq!(sample_rows(Kind::Probe, &facts, &[[10.99, 20.0]]), Some(rows));
    assert_eq!(probe([10.99, 20.0]), [Value::Sample(Some(195.0), unit())]);
    // Column 8 of row 20 is padding (8 + 3 · 20 = 4 · 17).
    assert_eq!(probe([8.5, 20.5]), [Value::Sample(None, unit())]);
    assert_eq!(values(Kind::Probe, &facts, &[[10.0, 20.0]], None, None), [Value::Awaited]);
    assert_eq!(probe([-0.1, 20.0]), [], "beside the image");
}

#[test]
fn a_probe_in_pet_tells_uptake() {
    use crate::exam::{SeriesSuv, Suv};
    let mut pet = exam(Some([1.0, 1.0]), None);
    let suv = Suv {
        by_weight: vec![0.01],
        lean_james: None,
        lean_janmahasatian: None,
        surface_area: None,
        ideal_weight: None,
    };
    pet.series[0].suv = Some(SeriesSuv::Known(suv));
    let data = bytes(20..21);
    let samples =
        Samples { kind: PixelKind::GrayI16, columns: COLUMNS, first_row: 20, bytes: &data };
    let found = values(Kind::Probe, &facts(&pet), &[[10.5, 20.5]], None, Some(&samples));
    // 195 Bq/mL by the rescale of the file.
    assert_eq!(found, [Value::Sample(Some(1.95), SampleUnit::Suv)]);
}
