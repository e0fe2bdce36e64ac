//! Shapes whose measures are known, drawn on the screen however the image lies there.

use super::*;
use crate::measure::{NoScale, Provenance};
use proptest::prelude::*;

/// What a person draws to get a kind of a known size, as millimetres from a point of the image.
fn shapes(size_mm: f64, angle: f64) -> Vec<(Kind, Vec<[f64; 2]>, f64, Unit)> {
    let at = |radius: f64, angle: f64| [radius * angle.cos(), radius * angle.sin()];
    let [origin, end] = [[0.0, 0.0], at(size_mm, angle)];
    let opened = at(size_mm, angle + 0.7);
    let degrees = 0.7_f64.to_degrees();
    let mm2 = Unit::SquareMillimetre;
    vec![
        (Kind::Length, vec![origin, end], size_mm, Unit::Millimetre),
        (Kind::Polyline, vec![origin, end, origin, opened], 3.0 * size_mm, Unit::Millimetre),
        (Kind::Angle, vec![end, origin, opened], degrees, Unit::Degree),
        (
            Kind::Cobb,
            vec![origin, end, [3.0, 4.0], [3.0 + opened[0], 4.0 + opened[1]]],
            degrees,
            Unit::Degree,
        ),
        (Kind::Rectangle, vec![origin, [size_mm, 0.5 * size_mm]], 0.5 * size_mm.powi(2), mm2),
        (
            Kind::Ellipse,
            vec![origin, [size_mm, 0.5 * size_mm]],
            std::f64::consts::PI * size_mm.powi(2) / 8.0,
            mm2,
        ),
        (
            Kind::Circle,
            vec![at(size_mm, angle), at(size_mm, angle + 1.0), at(size_mm, angle + 3.0)],
            std::f64::consts::PI * size_mm.powi(2),
            mm2,
        ),
        (Kind::Polygon, vec![origin, end, opened], size_mm.powi(2) * 0.7_f64.sin() / 2.0, mm2),
        (
            Kind::Bidirectional,
            vec![origin, end, at(2.0, angle + 1.0), at(9.0, angle + 2.0)],
            size_mm,
            Unit::Millimetre,
        ),
        (
            Kind::Cardiothoracic,
            vec![origin, at(size_mm / 2.0, angle), origin, at(size_mm, angle)],
            0.5,
            Unit::Ratio,
        ),
    ]
}

proptest! {
    #[test]
    fn values_are_those_of_the_patient_however_the_image_lies(
        turns in 0_u8..4, mirrored: bool, zoom in 0.3..12.0_f64,
        turns_later in 0_u8..4, zoom_later in 0.3..12.0_f64,
        rows_mm in 0.1..3.0_f64, columns_mm in 0.1..3.0_f64,
        size_mm in 1.0..80.0_f64, angle in 0.0..6.2_f64,
    ) {
        let exam = exam(Some([rows_mm, columns_mm]), Some(leaning()));
        let facts = facts(&exam);
        let [canvas_from_image, image_from_canvas] = map(&exam, turns, mirrored, zoom);
        for (kind, shape_mm, expected, unit) in shapes(size_mm, angle) {
            // Clicked where they are seen.
            let on_canvas = shape_mm.iter().map(|[x, y]| {
                canvas_from_image.apply([20.0 + x / columns_mm, 10.0 + y / rows_mm])
            });
            let clicked: Vec<_> = on_canvas.map(|at| image_from_canvas.apply(at)).collect();
            let mut draft = Draft::begin(kind, clicked[0], &canvas_from_image);
            for point in &clicked[1..] {
                draft.moved(*point);
                draft.place(*point);
            }
            let points = draft.ended(&facts).expect("enough points");
            let drawn = Annotation::new(kind, &facts, &points);
            prop_assert!(matches!(drawn.points, Points::Patient(_)));
            let found = drawn.points.image_points(&facts).expect("on its plane");
            let value = only(&values(kind, &facts, &found, None, None));
            prop_assert_eq!(value.unit, unit);
            let off = (value.value - expected).abs();
            prop_assert!(off < 1e-6 * expected.max(1.0), "{kind:?}: {off} off");
            // Seen later in another position, its handles are where the shape is then.
            let [later, _] = map(&exam, turns_later, !mirrored, zoom_later);
            let drawing = Drawing::of(kind, &facts, &found, &later);
            for (index, at) in drawing.handles {
                let [x, y] = later.apply(points[index]);
                prop_assert!((at[0] - x).hypot(at[1] - y) < 1e-6);
            }
        }
    }

    #[test]
    fn a_short_axis_is_perpendicular_in_the_patient(
        rows_mm in 0.2..3.0_f64, columns_mm in 0.2..3.0_f64, points in proptest::array::uniform4([0.0..60.0_f64, 0.0..40.0]),
        moved in 0_usize..4, to in [0.0..60.0_f64, 0.0..40.0],
    ) {
        let exam = exam(Some([rows_mm, columns_mm]), Some(leaning()));
        let facts = facts(&exam);
        let mut draft = Draft::begin(Kind::Bidirectional, points[0], &Affine2::IDENTITY);
        for point in &points[1..] {
            draft.place(*point);
        }
        let drawn = Annotation::new(Kind::Bidirectional, &facts, &draft.ended(&facts).expect("four"));
        let mut edited = drawn.points.image_points(&facts).expect("on its plane");
        edited[moved] = to;
        for annotation in [drawn.with_image_points(&facts, edited, Some(moved)), drawn] {
            let found = annotation.points.image_points(&facts).expect("on its plane");
            let [a, b, c, d] = [0, 1, 2, 3].map(|i| [found[i][0] * columns_mm, found[i][1] * rows_mm]);
            let along = (b[0] - a[0]) * (d[0] - c[0]) + (b[1] - a[1]) * (d[1] - c[1]);
            prop_assert!(along.abs() < 1e-5, "{along}");
        }
    }

    #[test]
    fn a_plumb_line_hangs_down_the_screen_and_tells_the_way_across(
        turns in 0_u8..4, mirrored: bool, zoom in 0.5..8.0_f64, across_px in 5.0..90.0_f64, down_px in -50.0..50.0_f64,
    ) {
        let exam = exam(Some([0.5, 0.5]), None);
        let facts = facts(&exam);
        let [canvas_from_image, image_from_canvas] = map(&exam, turns, mirrored, zoom);
        let at = canvas_from_image.apply([20.0, 20.0]);
        let to = image_from_canvas.apply([at[0] + across_px, at[1] + down_px]);
        let mut draft = Draft::begin(Kind::PlumbLine, [20.0, 20.0], &canvas_from_image);
        draft.place(to);
        let points = draft.ended(&facts).expect("two clicks are enough");
        let value = only(&values(Kind::PlumbLine, &facts, &points, None, None));
        let scale = canvas_from_image.xx.hypot(canvas_from_image.yx);
        prop_assert!((value.value - across_px / scale * 0.5).abs() < 1e-6);
    }
}

#[test]
fn without_spacing_the_unit_is_the_pixel_and_a_line_of_known_length_changes_that() {
    let exam = exam(None, None);
    let mut facts = facts(&exam);
    let points = [[1.0, 1.0], [11.0, 1.0]];
    let before = only(&values(Kind::Length, &facts, &points, None, None));
    assert_eq!((before.value, before.unit), (10.0, Unit::Pixel));
    assert_eq!(before.provenance, Provenance::None(NoScale::NotCalibrated));
    let mut line = Annotation::new(Kind::Calibration, &facts, &points);
    assert!(matches!(line.points, Points::Image(_)));
    line.known_mm = Some(25.0);
    let mut store = Store::default();
    store.add(line);
    let columns = |item: &Annotation| {
        let points = item.points.image_points(&facts)?;
        Some(points[1][0] - points[0][0])
    };
    assert_eq!(store.user_pixel_mm("another", columns), None);
    facts.user_pixel_mm = store.user_pixel_mm(IMAGE, columns);
    let after = only(&values(Kind::Length, &facts, &points, None, None));
    assert_eq!((after.value, after.unit), (25.0, Unit::Millimetre));
    assert_eq!(after.provenance, Provenance::UserLine);
}

#[test]
fn three_points_in_one_line_make_no_circle() {
    let exam = exam(Some([1.0, 1.0]), None);
    let facts = facts(&exam);
    let line = [[1.0, 1.0], [2.0, 2.0], [5.0, 5.0]];
    assert_eq!(Region::of(Kind::Circle, &facts, &line), None);
    assert_eq!(values(Kind::Circle, &facts, &line, None, None), []);
    // A circle on tall pixels is as wide as it is high in the patient.
    let tall = super::exam(Some([2.0, 0.5]), None);
    let circle =
        Region::of(Kind::Circle, &super::facts(&tall), &[[8.0, 5.0], [12.0, 4.0], [16.0, 5.0]]);
    let Some(Region::Ellipse { center, radii }) = circle else { panic!("{circle:?}") };
    let round = |v: [f64; 2]| v.map(|c| (c * 1e6).round() / 1e6);
    assert_eq!((round(center), round(radii)), ([12.0, 5.0], [4.0, 1.0]));
}
