//! Random frames, views and windows: the GPU draws what the CPU reference draws.

use crate::compare::assert_same_picture;
use crate::frames::{noise, table, view};
use crate::harness::{Backend, gpu};
use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use viewer_core::display::{DisplayParams, Interpolation, Modality, Voi, cpu, quick};
use viewer_core::exam::VoiFunction;
use viewer_core::pixel::{PixelFrame, PixelKind};

/// Kinds with the lowest and highest value they store.
const KINDS: [(PixelKind, [i32; 2]); 9] = [
    (PixelKind::GrayU8, [0, 255]),
    (PixelKind::GrayI8, [-128, 127]),
    (PixelKind::GrayU16, [0, 65_535]),
    (PixelKind::GrayI16, [-32_768, 32_767]),
    (PixelKind::GrayF32, [-100_000, 100_000]),
    (PixelKind::GrayU32, [0, 1_000_000]),
    (PixelKind::GrayI32, [-1_000_000, 1_000_000]),
    (PixelKind::Rgba8, [0, 255]),
    (PixelKind::Rgba16, [0, 65_535]),
];

fn any_function() -> impl Strategy<Value = VoiFunction> {
    prop::sample::select(vec![VoiFunction::Linear, VoiFunction::LinearExact, VoiFunction::Sigmoid])
}

/// A window somewhere over modality values from `low` to `high`, from a hundredth of them to twice as wide.
fn any_window([low, high]: [f64; 2]) -> impl Strategy<Value = Voi> {
    (0.0..1.0, 0.01..2.0, any_function()).prop_map(move |(at, part, function)| Voi::Window {
        center: low + at * (high - low),
        width: (high - low) * part + 1.001,
        function,
    })
}

/// A rising VOI LUT over modality values from `low` to `high`, with some to spare on either side.
fn any_voi_table([low, high]: [f64; 2]) -> impl Strategy<Value = Voi> {
    (2_u32..5000, 8_u16..=16, -0.5..0.5).prop_map(move |(entries, bits, shift)| {
        let most = f64::from((1_u32 << bits) - 1);
        let value = |i| (f64::from(i) / f64::from(entries - 1) * most).round() as u16;
        // Entries that rise by more than a grey level per input would show the rounding of inputs.
        let first = low + shift * (high - low);
        Voi::Lut(table(
            first as i32,
            bits,
            (0..entries.max(512)).map(|i| value(i.min(entries - 1))).collect(),
        ))
    })
}

fn any_tone([low, high]: [i32; 2]) -> impl Strategy<Value = (Modality, Voi)> {
    (prop_oneof![Just(1.0), 0.01..3.0, -2.0..-0.01], -2000.0..2000.0).prop_flat_map(
        move |(slope, intercept)| {
            let ends: [f64; 2] = [low, high].map(|stored| slope * f64::from(stored) + intercept);
            let range = [ends[0].min(ends[1]), ends[0].max(ends[1])];
            let voi = prop_oneof![3 => any_window(range), 1 => any_voi_table(range)];
            (Just(Modality::Rescale { slope, intercept }), voi)
        },
    )
}

/// Turned by any angle or by quarters, mirrored or not, from × 12 to shrunk × 6, partly beside the canvas.
fn any_view(canvas: [u32; 2], [columns, rows]: [u32; 2]) -> impl Strategy<Value = DisplayParams> {
    let degrees = prop_oneof![prop::sample::select(vec![0.0, 90.0, 180.0, 270.0]), 0.0..360.0_f64,];
    let scale = prop_oneof![Just(1.0), Just(2.0), Just(0.5), 0.08..6.0_f64];
    let middle = (-0.2..1.2_f64, -0.2..1.2_f64);
    let interpolation = prop::sample::select(vec![
        Interpolation::Linear,
        Interpolation::Nearest,
        Interpolation::Cubic,
    ]);
    (degrees, scale, middle, interpolation, any::<(bool, bool, u8)>()).prop_map(
        move |(degrees, scale, (x, y), interpolation, (mirrored, invert, background))| {
            let middle = [x * f64::from(columns), y * f64::from(rows)];
            DisplayParams {
                canvas_size_px: canvas,
                image_from_canvas: view(canvas, middle, scale, degrees, mirrored),
                interpolation,
                invert,
                background,
                ..crate::frames::plain(canvas)
            }
        },
    )
}

fn any_scene() -> impl Strategy<Value = (PixelFrame, DisplayParams)> {
    (0..KINDS.len(), 1_u32..70, 1_u32..70, 1_u32..50, 1_u32..50, any::<u64>()).prop_flat_map(
        |(index, columns, rows, width, height, seed)| {
            let (kind, range) = KINDS[index];
            let size = [columns, rows];
            let frame = noise(kind, size, range, seed);
            let padding = prop::option::weighted(0.3, (0.0..1.0, 0.0..0.5));
            (Just(frame), any_view([width, height], size), any_tone(range), padding).prop_map(
                move |(frame, params, (modality, voi), padding)| {
                    let span = f64::from(range[1]) - f64::from(range[0]);
                    let padding = padding.map(|(at, part)| {
                        [at, at + part].map(|v: f64| (f64::from(range[0]) + v * span).round())
                    });
                    (frame, DisplayParams { modality, voi, padding, ..params })
                },
            )
        },
    )
}

fn check(backend: Backend) {
    let Some(gpu) = gpu(backend) else { return };
    let gpu = RefCell::new(gpu);
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&any_scene(), |(frame, params)| {
            assert_same_picture(&mut gpu.borrow_mut(), "random scene", &frame, &params);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{backend:?}: {error}"));
}

#[test]
fn random_scenes_on_vulkan() {
    check(Backend::Vulkan);
}

#[test]
fn random_scenes_on_gles() {
    check(Backend::Gles);
}

/// Without a GPU the page draws with [`quick`].
#[test]
fn random_scenes_drawn_quickly_by_the_processor() {
    let config = Config { cases: 3000, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&any_scene(), |(frame, params)| {
            let expected = cpu::render(&frame, &params);
            let mut found = vec![7; expected.len()];
            quick::render_into(&frame, &params, &mut found);
            let off = found.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b)).max();
            prop_assert!(off.unwrap_or(0) <= 1, "{:?} {:?}", off, params);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}
