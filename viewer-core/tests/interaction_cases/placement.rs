//! Where a view puts an image.

use super::support::{format, series, unscaled};
use proptest::prelude::*;
use viewer_core::display::{Interpolation, cpu};
use viewer_core::exam::{ImageFormat, Spacing, SpacingSource};
use viewer_core::pixel::{FramePixels, PixelFrame};
use viewer_core::viewport::{
    DataPresentation, FlipAxis, ImageGeometry, ResolvedView, ViewPresentation, Zoom, frame_display,
    resolve,
};

const CANVAS: [u32; 2] = [800, 600];

fn square(columns: u32, rows: u32) -> ImageGeometry {
    ImageGeometry { columns, rows, pixel_aspect: 1.0, spacing: None }
}

/// Every way to turn and mirror.
fn orientations() -> impl Iterator<Item = ViewPresentation> {
    (0..4).flat_map(|quarter_turns| {
        [false, true].map(|mirrored| ViewPresentation {
            quarter_turns,
            mirrored,
            ..ViewPresentation::default()
        })
    })
}

fn assert_near(found: [f64; 2], expected: [f64; 2], tolerance: f64) {
    let off = (found[0] - expected[0]).hypot(found[1] - expected[1]);
    assert!(off <= tolerance, "{found:?} is {off} away from {expected:?}");
}

#[test]
fn fit_touches_the_nearer_edges_and_centres() {
    let view = resolve(&square(400, 200), CANVAS, &ViewPresentation::default());
    assert_eq!(view.scale, 2.0);
    assert_eq!(view.canvas_from_image.apply([0.0, 0.0]), [0.0, 100.0]);
    assert_eq!(view.canvas_from_image.apply([400.0, 200.0]), [800.0, 500.0]);
    let turned = resolve(&square(400, 200), CANVAS, &ViewPresentation::default().turned(1));
    assert_eq!(turned.scale, 1.5);
    assert_eq!(turned.canvas_from_image.apply([0.0, 0.0]), [550.0, 0.0]);
}

#[test]
fn anisotropic_pixels_are_drawn_in_physical_shape() {
    let spacing = Spacing {
        between_rows_mm: 1.0,
        between_columns_mm: 0.5,
        source: SpacingSource::ImagerPixelSpacing,
    };
    let geometry = ImageGeometry::of(&ImageFormat { spacing: Some(spacing), ..format(100, 100) });
    let view = resolve(&geometry, [400, 400], &ViewPresentation::default());
    // 50 mm wide, 100 mm high.
    assert_eq!((view.scale, view.row_scale), (2.0, 4.0));
    assert_eq!(view.canvas_from_image.apply([0.0, 0.0]), [100.0, 0.0]);
    let visible = view.spacing.expect("known");
    assert_eq!(visible.mm_per_canvas_px, 0.25);
    assert_eq!(visible.source, SpacingSource::ImagerPixelSpacing);
}

#[test]
fn turning_is_clockwise_and_flipping_is_on_the_screen() {
    let corner = |presentation: ViewPresentation| {
        // A 100×100 image at 1:1 in the middle of a 100×100 canvas: where is its first pixel?
        let view = resolve(&square(100, 100), [100, 100], &presentation);
        view.canvas_from_image.apply([0.5, 0.5])
    };
    let start = ViewPresentation::default();
    let (top_left, top_right) = ([0.5, 0.5], [99.5, 0.5]);
    let (bottom_right, bottom_left) = ([99.5, 99.5], [0.5, 99.5]);
    assert_eq!(corner(start), top_left);
    assert_eq!(corner(start.turned(1)), top_right);
    assert_eq!(corner(start.turned(2)), bottom_right);
    assert_eq!(corner(start.turned(-1)), bottom_left);
    assert_eq!(corner(start.flipped(FlipAxis::Horizontal)), top_right);
    assert_eq!(corner(start.flipped(FlipAxis::Vertical)), bottom_left);
    // After a quarter turn the pixel is at the top right: a horizontal flip brings it to the left.
    assert_eq!(corner(start.turned(1).flipped(FlipAxis::Horizontal)), top_left);
    assert_eq!(corner(start.turned(1).flipped(FlipAxis::Vertical)), bottom_right);
    assert_eq!(corner(start.flipped(FlipAxis::Horizontal).turned(1)), bottom_right);
}

#[test]
fn flips_and_turns_undo_themselves() {
    for presentation in orientations() {
        for axis in [FlipAxis::Horizontal, FlipAxis::Vertical] {
            assert_eq!(presentation.flipped(axis).flipped(axis), presentation);
        }
        assert_eq!(presentation.turned(3).turned(1), presentation);
        assert_eq!(presentation.turned(-5), presentation.turned(3));
        assert_eq!(presentation.turned(i32::MIN), presentation);
    }
}

#[test]
fn one_to_one_puts_pixels_on_pixels() {
    for presentation in orientations() {
        for (size, canvas) in [([5, 4], [9, 8]), ([5, 4], [8, 9]), ([4, 7], [3, 4])] {
            let one_to_one =
                ViewPresentation { zoom: Zoom::OneToOne, center: [0.37, 0.61], ..presentation };
            let view = resolve(&square(size[0], size[1]), canvas, &one_to_one);
            let [x, y] = view.image_from_canvas.apply([2.5, 1.5]);
            assert_eq!((x.fract().abs(), y.fract().abs()), (0.5, 0.5), "{one_to_one:?}");
        }
    }
}

/// What the reference renderer draws at 1:1 is what is stored, in every orientation.
#[test]
fn one_to_one_draws_stored_values() {
    let (columns, rows) = (23_u32, 17_u32);
    let stored: Vec<u8> = (0..columns * rows).map(|i| (i * 37 % 251) as u8).collect();
    let frame =
        PixelFrame::new(columns, rows, FramePixels::GrayU8(stored.clone())).expect("samples fit");
    let mut eight_bits = series("OT", &[1]);
    eight_bits.formats =
        vec![ImageFormat { bits_stored: 8, signed: false, ..format(columns, rows) }];
    eight_bits.displays = vec![unscaled()];
    let geometry = ImageGeometry::of(&eight_bits.formats[0]);
    for presentation in orientations() {
        let one_to_one = ViewPresentation { zoom: Zoom::OneToOne, ..presentation };
        let view = resolve(&geometry, [40, 41], &one_to_one);
        let drawn = frame_display(&eight_bits, [0, 0], &DataPresentation::default(), &view, None)
            .expect("consistent");
        assert_eq!(drawn.params.interpolation, Interpolation::Linear);
        let canvas = cpu::render(&frame, &drawn.params);
        for row in 0..rows {
            for column in 0..columns {
                let center = [f64::from(column) + 0.5, f64::from(row) + 0.5];
                let [x, y] = view.canvas_from_image.apply(center);
                let at = (y as usize * 40 + x as usize) * 4;
                let expected = stored[(row * columns + column) as usize];
                assert_eq!(canvas[at], expected, "{column} {row} {one_to_one:?}");
            }
        }
    }
}

fn any_presentation() -> impl Strategy<Value = ViewPresentation> {
    let zoom =
        prop_oneof![Just(Zoom::Fit), Just(Zoom::OneToOne), (0.3..20.0_f64).prop_map(Zoom::FromFit)];
    (zoom, 0.0..=1.0_f64, 0.0..=1.0_f64, 0..4_u8, any::<bool>()).prop_map(
        |(zoom, x, y, quarter_turns, mirrored)| ViewPresentation {
            zoom,
            center: [x, y],
            quarter_turns,
            mirrored,
        },
    )
}

fn any_geometry() -> impl Strategy<Value = ImageGeometry> {
    (1..3000_u32, 1..3000_u32, 0.2..5.0_f64).prop_map(|(columns, rows, pixel_aspect)| {
        ImageGeometry { columns, rows, pixel_aspect, spacing: None }
    })
}

fn any_canvas() -> impl Strategy<Value = [u32; 2]> {
    [1..4000_u32, 1..4000_u32]
}

fn shows_image(view: &ResolvedView, geometry: &ImageGeometry) -> bool {
    let middle = view.canvas_size_px.map(|side| f64::from(side) / 2.0);
    let [x, y] = view.image_from_canvas.apply(middle);
    // Half a device pixel may be lost where pixels are put on pixels.
    let slack = [0.5 / view.scale + 1e-6, 0.5 / view.row_scale + 1e-6];
    let [columns, rows] = [f64::from(geometry.columns), f64::from(geometry.rows)];
    let slack = slack[0].max(slack[1]);
    (-slack..=columns + slack).contains(&x) && (-slack..=rows + slack).contains(&y)
}

proptest! {
    #[test]
    fn maps_are_each_others_opposite(
        geometry in any_geometry(), canvas in any_canvas(), presentation in any_presentation(),
        x in -100.0..4000.0_f64, y in -100.0..4000.0_f64,
    ) {
        let view = resolve(&geometry, canvas, &presentation);
        let back = view.canvas_from_image.apply(view.image_from_canvas.apply([x, y]));
        assert_near(back, [x, y], 1e-6);
    }

    #[test]
    fn the_point_under_the_pointer_stays(
        geometry in any_geometry(), canvas in any_canvas(), presentation in any_presentation(),
        at in [0.0..1.0_f64, 0.0..1.0_f64], factor in 1.0..3.0_f64,
    ) {
        let view = resolve(&geometry, canvas, &presentation);
        let pointer = [at[0] * f64::from(canvas[0]), at[1] * f64::from(canvas[1])];
        let point = view.image_from_canvas.apply(pointer);
        let on_image = (0.0..=f64::from(geometry.columns)).contains(&point[0])
            && (0.0..=f64::from(geometry.rows)).contains(&point[1]);
        prop_assume!(on_image);
        let larger = view.zoomed(&presentation, &geometry, factor, pointer);
        let zoomed = resolve(&geometry, canvas, &larger);
        // Exact, except where a whole-number scale puts pixels on pixels.
        let tolerance = if zoomed.scale.fract() == 0.0 || view.scale.fract() == 0.0 { 1.5 } else { 1e-3 };
        assert_near(zoomed.canvas_from_image.apply(point), pointer, tolerance);
    }

    #[test]
    fn zooming_in_and_out_comes_back(
        presentation in any_presentation(), factor in 0.5..2.0_f64,
        at in [300.0..500.0_f64, 200.0..400.0_f64],
    ) {
        let geometry = square(512, 512);
        let presentation = ViewPresentation { center: [0.5, 0.5], zoom: Zoom::FromFit(1.37), ..presentation };
        let view = resolve(&geometry, CANVAS, &presentation);
        let there = view.zoomed(&presentation, &geometry, factor, at);
        let back = resolve(&geometry, CANVAS, &there).zoomed(&there, &geometry, 1.0 / factor, at);
        assert_near(back.center, presentation.center, 1e-9);
        prop_assert_eq!((back.quarter_turns, back.mirrored), (presentation.quarter_turns, presentation.mirrored));
        let Zoom::FromFit(zoom) = back.zoom else { panic!("a factor") };
        prop_assert!((zoom - 1.37).abs() < 1e-9);
    }

    #[test]
    fn the_image_cannot_be_lost(
        geometry in any_geometry(), canvas in any_canvas(), presentation in any_presentation(),
        delta in [-1e5..1e5_f64, -1e5..1e5_f64], factor in 1e-3..1e3_f64,
        at in [-1e4..1e4_f64, -1e4..1e4_f64],
    ) {
        let view = resolve(&geometry, canvas, &presentation);
        let panned = view.panned(&presentation, &geometry, delta);
        prop_assert!(shows_image(&resolve(&geometry, canvas, &panned), &geometry));
        let zoomed = resolve(&geometry, canvas, &view.zoomed(&presentation, &geometry, factor, at));
        prop_assert!(shows_image(&zoomed, &geometry));
        prop_assert!(zoomed.scale > 0.0 && zoomed.scale.is_finite());
    }

    #[test]
    fn panning_moves_the_image_with_the_hand(
        presentation in any_presentation(), delta in [-20.0..20.0_f64, -20.0..20.0_f64],
    ) {
        let presentation =
            ViewPresentation { zoom: Zoom::FromFit(2.3), center: [0.5, 0.5], ..presentation };
        let geometry = ImageGeometry { pixel_aspect: 1.7, ..square(300, 200) };
        let view = resolve(&geometry, CANVAS, &presentation);
        let point = view.image_from_canvas.apply([400.0, 300.0]);
        let panned = view.panned(&presentation, &geometry, delta);
        let moved = resolve(&geometry, CANVAS, &panned).canvas_from_image.apply(point);
        assert_near(moved, [400.0 + delta[0], 300.0 + delta[1]], 1e-6);
    }
}

#[test]
fn nonsense_from_a_saved_view_is_put_right() {
    let wrong = ViewPresentation {
        zoom: Zoom::FromFit(f64::NAN),
        center: [f64::INFINITY, 7.0],
        quarter_turns: 9,
        mirrored: true,
    };
    let view = resolve(&square(10, 10), [0, 0], &wrong);
    assert!(view.scale > 0.0);
    let put_right = wrong.sanitised();
    assert_eq!(put_right.center, [0.5, 1.0]);
    assert_eq!((put_right.zoom, put_right.quarter_turns), (Zoom::Fit, 1));
}
