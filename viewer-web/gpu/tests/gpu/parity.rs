//! The GPU draws what the CPU reference draws, scene by scene, on both families of back ends.

use crate::compare::assert_same_picture;
use crate::frames::{frame, noise, plain, supplemental, table, view, window};
use crate::harness::{Backend, Gpu, gpu};
use viewer_core::display::{ColourMap, ColourTable, DisplayParams, Interpolation, Modality, Voi};
use viewer_core::exam::VoiFunction::{Linear, LinearExact, Sigmoid};
use viewer_core::geometry::Affine2;
use viewer_core::pixel::{FramePixels, PixelFrame, PixelKind};

const CANVAS: [u32; 2] = [61, 47];

fn rescaled(slope: f64, intercept: f64, voi: Voi) -> DisplayParams {
    DisplayParams { modality: Modality::Rescale { slope, intercept }, voi, ..plain(CANVAS) }
}

type Scene = (&'static str, PixelFrame, DisplayParams);

/// Every kind of frame with the steps it goes through.
fn pixel_scenes() -> Vec<Scene> {
    let ct = || noise(PixelKind::GrayI16, [53, 41], [-1024, 3071], 1);
    let cr = noise(PixelKind::GrayU16, [53, 41], [0, 4095], 2);
    let soft_tissue = || rescaled(1.0, -1024.0, window(40.0, 400.0, Linear));
    let lungs = rescaled(1.0, 0.0, window(-600.0, 1500.0, Linear));
    let inverted = rescaled(1.0, 0.0, window(2048.0, 4096.0, Linear));
    let pet = rescaled(0.020_43, 3.5, window(20.0, 37.5, LinearExact));
    let negative = rescaled(-1.5, 4000.0, window(900.0, 1800.0, Linear));
    vec![
        ("signed CT", ct(), soft_tissue()),
        ("signed CT, lung window", ct(), lungs),
        ("MONOCHROME1 CR", cr, DisplayParams { invert: true, ..inverted }),
        ("fractional slope", noise(PixelKind::GrayU16, [53, 41], [0, 65535], 3), pet),
        ("negative slope", ct(), negative),
        ("8-bit", noise(PixelKind::GrayU8, [53, 41], [0, 255], 4), plain(CANVAS)),
        (
            "signed 8-bit",
            noise(PixelKind::GrayI8, [53, 41], [-128, 127], 5),
            rescaled(1.0, 0.0, window(0.0, 200.0, Linear)),
        ),
        (
            "float",
            noise(PixelKind::GrayF32, [53, 41], [-500, 90_000], 6),
            rescaled(0.001, -2.0, window(10.0, 30.0, Linear)),
        ),
        ("colour", noise(PixelKind::Rgba8, [53, 41], [0, 255], 7), plain(CANVAS)),
        (
            "inverted colour",
            noise(PixelKind::Rgba8, [53, 41], [0, 255], 8),
            DisplayParams { invert: true, ..plain(CANVAS) },
        ),
        ("deep colour", noise(PixelKind::Rgba16, [53, 41], [0, 65_535], 20), plain(CANVAS)),
        (
            "unsigned 32-bit",
            noise(PixelKind::GrayU32, [53, 41], [0, 2_000_000_000], 21),
            rescaled(1.0, 0.0, window(1e9, 1.5e9, Linear)),
        ),
        (
            "signed 32-bit",
            noise(PixelKind::GrayI32, [53, 41], [-100_000_000, 100_000_000], 22),
            rescaled(1e-6, 5.0, window(10.0, 90.0, LinearExact)),
        ),
        ("sigmoid", ct(), rescaled(1.0, -24.0, window(40.0, 400.0, Sigmoid))),
        ("steep sigmoid", ct(), rescaled(1.0, -24.0, window(40.0, 0.5, Sigmoid))),
        ("linear exact", ct(), rescaled(1.0, -24.0, window(40.0, 400.0, LinearExact))),
        ("width below 1", ct(), rescaled(1.0, -24.0, window(40.0, 0.3, LinearExact))),
        ("LINEAR of width 1", ct(), rescaled(1.0, -24.0, window(40.3, 1.0, Linear))),
        ("invalid width", ct(), rescaled(1.0, -24.0, window(40.3, -7.0, Sigmoid))),
    ]
}

/// Padding, colours among greys, and tables that greys go through at last.
fn light_scenes() -> Vec<Scene> {
    let ct = || noise(PixelKind::GrayI16, [53, 41], [-1024, 3071], 31);
    let wide = || noise(PixelKind::GrayU16, [53, 41], [0, 65_535], 32);
    let soft = || rescaled(1.0, 0.0, window(1000.0, 4000.0, Linear));
    let padded = |low, high| DisplayParams { padding: Some([low, high]), ..soft() };
    let coloured = |map: ColourMap| DisplayParams { output: map.table(), ..soft() };
    let curve: Vec<u16> = (0..900_u32).map(|i| (65_535 - i * i % 30_000) as u16).collect();
    let presentation = ColourTable::new([curve.clone(), curve.clone(), curve]);
    vec![
        ("padding", ct(), padded(-1024.0, 500.0)),
        ("padding of one value", noise(PixelKind::GrayU8, [53, 41], [0, 3], 33), padded(2.0, 2.0)),
        ("all padding", ct(), padded(-5000.0, 5000.0)),
        ("padding that cannot be", wide(), padded(-5.0, -1.0)),
        (
            "padding above 2³¹",
            PixelFrame::new(
                2,
                2,
                FramePixels::GrayU32(vec![u32::MAX, 4_000_000_000, 3_999_999_999, 4_000_000_001]),
            )
            .expect("4 pixels"),
            DisplayParams {
                padding: Some([4_294_967_295.0; 2]),
                ..rescaled(1.0, 0.0, window(4e9, 4.0, LinearExact))
            },
        ),
        (
            "supplemental palette",
            wide(),
            DisplayParams {
                supplemental: Some(supplemental(30_000, 9000)),
                padding: Some([50_000.0, 55_000.0]),
                invert: true,
                ..rescaled(1.0, 0.0, window(15_000.0, 30_000.0, Linear))
            },
        ),
        (
            "supplemental palette of negative values",
            ct(),
            DisplayParams { supplemental: Some(supplemental(-300, 3)), ..soft() },
        ),
        ("hot iron", ct(), coloured(ColourMap::HotIron)),
        ("PET", ct(), DisplayParams { invert: true, ..coloured(ColourMap::Pet) }),
        ("hot metal blue", wide(), coloured(ColourMap::HotMetalBlue)),
        ("presentation LUT", ct(), DisplayParams { output: presentation, ..soft() }),
        (
            "every table at once",
            ct(),
            DisplayParams {
                modality: Modality::Lut(table(-1000, 16, (0..4000).map(|i| i * 16).collect())),
                voi: Voi::Lut(table(0, 16, (0..64_000).collect())),
                supplemental: Some(supplemental(2000, 40)),
                output: ColourMap::HotIron.table(),
                padding: Some([0.0, 90.0]),
                ..soft()
            },
        ),
    ]
}

/// Colours in 20 steps: which of two, on their border, is left to rounding; so the steps are compared
/// with values that lie on none.
fn check_steps(backend: Backend) {
    let Some(mut gpu) = gpu(backend) else { return };
    let frame = frame(PixelKind::GrayU8, [16, 16], &(0..256).collect::<Vec<_>>());
    for map in ColourMap::ALL {
        let params = DisplayParams {
            voi: window(127.5, 255.0, LinearExact),
            output: map.table(),
            ..plain([16, 16])
        };
        assert_same_picture(&mut gpu, map.key(), &frame, &params);
    }
}

#[test]
fn colour_steps_on_vulkan() {
    check_steps(Backend::Vulkan);
}

#[test]
fn colour_steps_on_gles() {
    check_steps(Backend::Gles);
}

/// Lookup tables of one row and many, with inputs on both sides of them.
fn table_scenes() -> Vec<Scene> {
    let curve = |entries: u32, bits: u16| -> Vec<u16> {
        let most = f64::from((1_u32 << bits) - 1);
        let part = |i: u32| f64::from(i) / f64::from(entries.max(2) - 1);
        (0..entries).map(|i| (part(i).powf(0.6) * most).round() as u16).collect()
    };
    let ct = || noise(PixelKind::GrayI16, [53, 41], [-2000, 5000], 9);
    let wide = || noise(PixelKind::GrayU16, [53, 41], [0, 65535], 10);
    let modality = |lut, voi| DisplayParams { modality: Modality::Lut(lut), voi, ..plain(CANVAS) };
    let wide_window = || window(32_768.0, 65_536.0, Linear);
    let voi = |lut| rescaled(1.0, 0.0, Voi::Lut(lut));
    vec![
        ("modality LUT", ct(), modality(table(-1000, 16, curve(4096, 16)), wide_window())),
        ("large modality LUT", wide(), modality(table(0, 16, curve(65_536, 16)), wide_window())),
        ("modality LUT of one entry", ct(), modality(table(5, 16, vec![40_000]), wide_window())),
        ("VOI LUT", ct(), voi(table(-1000, 12, curve(4096, 12)))),
        ("large VOI LUT", wide(), voi(table(0, 16, curve(65_536, 16)))),
        ("VOI LUT of 8 bits", ct(), voi(table(0, 8, curve(256, 8)))),
        ("VOI LUT with entries beyond its bits", ct(), voi(table(0, 10, curve(2000, 12)))),
        ("VOI LUT without entries", ct(), voi(table(0, 8, Vec::new()))),
        ("modality LUT without entries", ct(), modality(table(0, 8, Vec::new()), wide_window())),
        (
            "both tables",
            ct(),
            modality(
                table(-1000, 16, curve(3000, 14)),
                Voi::Lut(table(100, 16, curve(16_000, 16))),
            ),
        ),
        (
            "float frame with both tables",
            noise(PixelKind::GrayF32, [53, 41], [-5000, 9000], 11),
            modality(table(-1000, 16, curve(3000, 14)), Voi::Lut(table(0, 16, curve(9000, 16)))),
        ),
        (
            "fractional slope and VOI LUT",
            ct(),
            rescaled(0.25, -7.5, Voi::Lut(table(-300, 16, curve(1200, 16)))),
        ),
        (
            "first mapped values at the ends of the range",
            ct(),
            modality(table(i32::MIN, 16, curve(99, 16)), Voi::Lut(table(i32::MAX, 8, vec![9, 7]))),
        ),
    ]
}

/// Ways of looking at a 53 × 41 frame.
fn views() -> Vec<(&'static str, Affine2)> {
    let middle = [26.5, 20.5];
    let of = |scale, degrees, mirrored| view(CANVAS, middle, scale, degrees, mirrored);
    vec![
        ("1:1", Affine2::IDENTITY),
        ("fit", of(53.0 / 61.0, 0.0, false)),
        ("zoomed × 7.3", of(1.0 / 7.3, 0.0, false)),
        ("zoomed × 2", of(0.5, 0.0, false)),
        ("quarter turn", Affine2 { xx: 0.0, xy: 1.0, x0: 3.0, yx: -1.0, yy: 0.0, y0: 40.0 }),
        ("half turn, mirrored", of(1.0, 180.0, true)),
        ("turned by 33°, mirrored", of(0.8, 33.0, true)),
        ("panned by fractions", view(CANVAS, [21.37, 24.91], 1.0, 0.0, false)),
        ("panned by half a pixel", view(CANVAS, [30.0, 23.0], 1.0, 0.0, false)),
        ("shrunk × 1.5", of(1.5, 0.0, false)),
        ("shrunk × 2.5", of(2.5, 0.0, false)),
        ("shrunk × 9 and turned", of(9.0, 12.0, false)),
        ("off the canvas", view(CANVAS, [900.0, 20.0], 1.0, 0.0, false)),
        ("far off the canvas", view(CANVAS, [3e7, -4e7], 1.0, 0.0, false)),
        ("everything in one pixel", of(5000.0, 0.0, false)),
    ]
}

fn check_scenes(backend: Backend, scenes: &[Scene]) {
    let Some(mut gpu) = gpu(backend) else { return };
    for (name, frame, params) in scenes {
        for interpolation in [Interpolation::Linear, Interpolation::Nearest, Interpolation::Cubic] {
            for (view_name, image_from_canvas) in views() {
                let params = DisplayParams { image_from_canvas, interpolation, ..params.clone() };
                let name = format!("{name}, {view_name}, {interpolation:?}");
                assert_same_picture(&mut gpu, &name, frame, &params);
            }
        }
    }
}

#[test]
fn pixel_scenes_on_vulkan() {
    check_scenes(Backend::Vulkan, &pixel_scenes());
}

#[test]
fn pixel_scenes_on_gles() {
    check_scenes(Backend::Gles, &pixel_scenes());
}

#[test]
fn light_scenes_on_vulkan() {
    check_scenes(Backend::Vulkan, &light_scenes());
}

#[test]
fn light_scenes_on_gles() {
    check_scenes(Backend::Gles, &light_scenes());
}

#[test]
fn table_scenes_on_vulkan() {
    check_scenes(Backend::Vulkan, &table_scenes());
}

#[test]
fn table_scenes_on_gles() {
    check_scenes(Backend::Gles, &table_scenes());
}

/// Frames of any width reach the texture without a row shifted, and a single pixel is a frame.
fn check_sizes(backend: Backend) {
    let Some(mut gpu) = gpu(backend) else { return };
    for columns in [1, 2, 3, 5, 63, 64, 65, 127, 129, 255, 257] {
        for kind in [
            PixelKind::GrayU8,
            PixelKind::GrayI16,
            PixelKind::GrayU32,
            PixelKind::GrayF32,
            PixelKind::Rgba8,
            PixelKind::Rgba16,
        ] {
            let frame = noise(kind, [columns, 9], [0, 127], u64::from(columns));
            let params = plain([columns + 3, 10]);
            assert_same_picture(&mut gpu, &format!("{columns} columns, {kind:?}"), &frame, &params);
        }
    }
}

#[test]
fn all_widths_on_vulkan() {
    check_sizes(Backend::Vulkan);
}

#[test]
fn all_widths_on_gles() {
    check_sizes(Backend::Gles);
}

/// NaN is background and infinity is kept out, as by the CPU renderer, and they spoil no neighbour.
fn check_wild_floats(backend: Backend) {
    let Some(mut gpu) = gpu(backend) else { return };
    let mut samples: Vec<f32> = (0..64).map(|v| v as f32).collect();
    for (at, wild) in [(9, f32::NAN), (27, f32::INFINITY), (45, f32::NEG_INFINITY)] {
        samples[at] = wild;
    }
    let frame = PixelFrame::new(8, 8, FramePixels::GrayF32(samples)).expect("64 samples");
    let voi = window(32.0, 64.0, Linear);
    for scale in [1.0, 0.4, 2.0] {
        let image_from_canvas = view([20, 20], [4.0, 4.0], scale, 0.0, false);
        let params = DisplayParams { voi: voi.clone(), image_from_canvas, ..plain([20, 20]) };
        assert_same_picture(&mut gpu, &format!("wild floats × {scale}"), &frame, &params);
    }
}

#[test]
fn wild_floats_on_vulkan() {
    check_wild_floats(Backend::Vulkan);
}

#[test]
fn wild_floats_on_gles() {
    check_wild_floats(Backend::Gles);
}

/// Far from the origin positions are as exact as near it: noise over 16 bits in a narrow window, zoomed.
fn check_far_from_the_origin(backend: Backend) {
    let Some(mut gpu) = gpu(backend) else { return };
    let columns = gpu.device.limits().max_texture_dimension_2d.min(8000);
    let frame = noise(PixelKind::GrayU16, [columns, 40], [29_000, 31_000], 12);
    for (scale, degrees) in [(1.0 / 16.7, 0.0), (0.313, 0.0), (0.313, 7.0), (1.0, 0.0)] {
        let middle = [f64::from(columns) - 20.3, 19.77];
        let params = DisplayParams {
            image_from_canvas: view([300, 90], middle, scale, degrees, false),
            voi: window(30_000.0, 40.0, Linear),
            ..plain([300, 90])
        };
        assert_same_picture(&mut gpu, &format!("far, × {scale}, {degrees}°"), &frame, &params);
    }
}

#[test]
fn far_from_the_origin_on_vulkan() {
    check_far_from_the_origin(Backend::Vulkan);
}

#[test]
fn far_from_the_origin_on_gles() {
    check_far_from_the_origin(Backend::Gles);
}

/// Each of the 65536 stored values once, in windows of 1 to 4 values; thresholds byte for byte.
fn check_ramp(backend: Backend) {
    let Some(mut gpu) = gpu(backend) else { return };
    let unsigned: Vec<i32> = (0..65_536).collect();
    let signed: Vec<i32> = (-32_768..32_768).collect();
    let frames = [
        (frame(PixelKind::GrayU16, [256, 256], &unsigned), 30_000.0),
        (frame(PixelKind::GrayI16, [256, 256], &signed), -30_000.0),
    ];
    for (frame, middle) in &frames {
        for (slope, intercept) in [(1.0, 0.0), (1.0, -1024.0), (2.0, 1e6), (-0.5, 12.25)] {
            check_narrow_windows(&mut gpu, frame, slope, intercept, slope * middle + intercept);
        }
    }
}

fn check_narrow_windows(gpu: &mut Gpu, frame: &PixelFrame, slope: f64, intercept: f64, at: f64) {
    for width in [1.0, 1.5, 2.0, 3.0, 4.0] {
        for offset in [0.0, 0.25, 0.5, 1.0, -0.75] {
            for function in [Linear, LinearExact] {
                let most = u8::from(width > 1.0);
                let params = DisplayParams {
                    modality: Modality::Rescale { slope, intercept },
                    voi: window(at + offset, width, function),
                    ..plain([256, 256])
                };
                let found = gpu.draw_one(frame, &params);
                let expected = viewer_core::display::cpu::render(frame, &params);
                let first = found.iter().zip(&expected).position(|(a, b)| a.abs_diff(*b) > most);
                assert_eq!(first, None, "{params:?}");
            }
        }
    }
}

#[test]
fn ramp_is_exact_on_vulkan() {
    check_ramp(Backend::Vulkan);
}

#[test]
fn ramp_is_exact_on_gles() {
    check_ramp(Backend::Gles);
}
