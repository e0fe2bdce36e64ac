//! Shutters and overlays over the picture: the GPU draws what the CPU reference draws, on every pixel.

use negatoscope_gpu::{CoverDraw, PaneDraw};
use viewer_core::display::cover::{CoverPlane, GRAPHIC, REGION, SHUTTERED, draw_over};
use viewer_core::display::{DisplayParams, cpu};
use viewer_core::exam::{Cover, OverlayPlane, Shutter, ShutterShape};
use viewer_core::geometry::Affine2;
use viewer_core::pixel::{PixelFrame, PixelKind};

use crate::compare::{SHIFT_PX, differences};
use crate::frames::{next_random, noise, plain, view};
use crate::harness::{Backend, Gpu, gpu};

const CANVAS: [u32; 2] = [61, 47];
const ALL: u8 = SHUTTERED | GRAPHIC | REGION;

fn overlay(group: u16, [rows, columns]: [u32; 2], origin: [i32; 2]) -> OverlayPlane {
    OverlayPlane {
        group,
        rows,
        columns,
        origin,
        frames: None,
        is_region: group == 0x6002,
        bit: None,
        label: String::new(),
    }
}

/// Thin lines and scattered pixels of both types, partly beside the image, in a round shutter.
fn plane(size: [u32; 2]) -> CoverPlane {
    let [columns, rows] = size;
    let mut state = 5;
    let bits: Vec<u8> = (0..columns * rows).map(|_| sparse(&mut state)).collect();
    let shapes = vec![
        ShutterShape::Circle { center: [20, 26], radius: 22 },
        ShutterShape::Polygon { vertices: vec![[1, 1], [3, 53], [60, 50], [30, 2]] },
    ];
    let cover = Cover {
        overlays: vec![
            overlay(0x6000, [rows, columns], [1, 1]),
            overlay(0x6002, [rows, columns], [-6, 9]),
        ],
        shutter: Some(Shutter { shapes, rgb: [40, 90, 200] }),
        unreadable: false,
    };
    CoverPlane::compose(&cover, 0, size, 1.0, |_| Some(&bits))
}

/// A byte with few bits set.
fn sparse(state: &mut u64) -> u8 {
    (next_random(state) & next_random(state) & next_random(state)) as u8
}

fn expected(frame: &PixelFrame, params: &DisplayParams, plane: &CoverPlane, shown: u8) -> Vec<u8> {
    let mut canvas = cpu::render(frame, params);
    let map = &params.image_from_canvas;
    draw_over(&mut canvas, params.canvas_size_px[0], map, plane, shown);
    canvas
}

/// As the comparison of pictures: where a position that differs by rounding falls on either side of a
/// border between pixels, both sides are right.
fn bounds(
    frame: &PixelFrame,
    params: &DisplayParams,
    plane: &CoverPlane,
    shown: u8,
) -> [Vec<u8>; 2] {
    let unshifted = expected(frame, params, plane, shown);
    let (mut low, mut high) = (unshifted.clone(), unshifted);
    for (x, y) in [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)] {
        let mut shifted = params.clone();
        shifted.image_from_canvas.x0 += x * SHIFT_PX;
        shifted.image_from_canvas.y0 += y * SHIFT_PX;
        for (at, byte) in expected(frame, &shifted, plane, shown).into_iter().enumerate() {
            low[at] = low[at].min(byte);
            high[at] = high[at].max(byte);
        }
    }
    [low, high]
}

fn found(
    gpu: &mut Gpu,
    frame: &PixelFrame,
    params: &DisplayParams,
    plane: &CoverPlane,
    shown: u8,
) -> Vec<u8> {
    let texture = gpu.renderer.upload(frame).expect("a frame that fits");
    let cover = gpu.renderer.upload_cover(plane).expect("a plane that fits");
    let [width, height] = params.canvas_size_px;
    let pane = PaneDraw {
        rect_px: [0, 0, width, height],
        frame: Some(&texture),
        params,
        cover: Some(CoverDraw { texture: &cover, shown }),
    };
    gpu.draw([width, height], &[pane], 0)
}

fn views(middle: [f64; 2]) -> Vec<(&'static str, Affine2)> {
    let of = |scale, degrees, mirrored| view(CANVAS, middle, scale, degrees, mirrored);
    vec![
        ("1:1", Affine2::IDENTITY),
        ("fit", of(53.0 / 61.0, 0.0, false)),
        ("zoomed × 7.3", of(1.0 / 7.3, 0.0, false)),
        ("quarter turn", Affine2 { xx: 0.0, xy: 1.0, x0: 3.0, yx: -1.0, yy: 0.0, y0: 40.0 }),
        ("turned by 33°, mirrored", of(0.8, 33.0, true)),
        ("shrunk × 1.5", of(1.5, 0.0, false)),
        ("shrunk × 2", of(2.0, 0.0, false)),
        ("shrunk × 6.4 and turned", of(6.4, 12.0, false)),
        ("everything in a few pixels", of(30.0, 0.0, false)),
        ("off the canvas", view(CANVAS, [900.0, 20.0], 1.0, 0.0, false)),
    ]
}

fn check(backend: Backend) {
    let Some(mut gpu) = gpu(backend) else { return };
    let size = [53, 41];
    let plane = plane(size);
    for kind in [PixelKind::GrayU8, PixelKind::Rgba8] {
        let frame = noise(kind, size, [0, 255], 3);
        for (name, image_from_canvas) in views([26.5, 20.5]) {
            for shown in [ALL, GRAPHIC | REGION, SHUTTERED, 0] {
                let params = DisplayParams { image_from_canvas, ..plain(CANVAS) };
                let found = found(&mut gpu, &frame, &params, &plane, shown);
                let [low, high] = bounds(&frame, &params, &plane, shown);
                let wrong = differences(&found, [&low, &high]);
                let first = wrong.first().map(|&at| (at, found[at], low[at], high[at]));
                assert_eq!(first, None, "{kind:?}, {name}, {shown}: {} bytes", wrong.len());
            }
        }
    }
}

#[test]
fn covers_on_vulkan() {
    check(Backend::Vulkan);
}

#[test]
fn covers_on_gles() {
    check(Backend::Gles);
}

/// 1:1, what is covered is covered to the byte.
fn check_exact(backend: Backend) {
    let Some(mut gpu) = gpu(backend) else { return };
    let size = [53, 41];
    let frame = noise(PixelKind::GrayU8, size, [0, 255], 9);
    let params = plain(size);
    let plane = plane(size);
    let drawn = found(&mut gpu, &frame, &params, &plane, SHUTTERED | GRAPHIC);
    let wanted = expected(&frame, &params, &plane, SHUTTERED | GRAPHIC);
    let covered = plane.cells().iter().map(|cell| cell & (SHUTTERED | GRAPHIC) != 0);
    let pixels = drawn.chunks(4).zip(wanted.chunks(4)).zip(covered);
    let wrong = pixels.filter(|((a, b), is_covered)| *is_covered && a != b).count();
    assert_eq!(wrong, 0);
}

#[test]
fn exact_on_vulkan() {
    check_exact(Backend::Vulkan);
}

#[test]
fn exact_on_gles() {
    check_exact(Backend::Gles);
}
