use viewer_core::display::{DisplayParams, Voi, cpu};
use viewer_core::pixel::PixelFrame;

use crate::harness::Gpu;

/// Draws on both renderers and asks for at most 1/255 of difference on every pixel.
///
/// Where a picture jumps (a border between pixels with `Nearest`, the edge of the image, a threshold),
/// positions that differ by rounding may fall on either side. A pixel that differs may therefore
/// be what the reference draws with the image shifted by at most [`SHIFT_PX`], or, where a table makes
/// steps of greys, with the window shifted by a millionth of its width.
pub(crate) fn assert_same_picture(
    gpu: &mut Gpu,
    name: &str,
    frame: &PixelFrame,
    params: &DisplayParams,
) {
    let found = gpu.draw_one(frame, params);
    let expected = cpu::render(frame, params);
    assert_rounded(name, &found, &expected);
    assert_within_one(name, frame, params, &found, expected);
}

/// The same without a word on how many pixels differ by 1: in a window of 511 half of all values lie on
/// the border between two levels.
pub(crate) fn assert_close_picture(
    gpu: &mut Gpu,
    name: &str,
    frame: &PixelFrame,
    params: &DisplayParams,
) {
    let found = gpu.draw_one(frame, params);
    assert_within_one(name, frame, params, &found, cpu::render(frame, params));
}

fn assert_within_one(
    name: &str,
    frame: &PixelFrame,
    params: &DisplayParams,
    found: &[u8],
    expected: Vec<u8>,
) {
    assert_eq!(found.len(), expected.len(), "{name}");
    let differing = differences(found, [&expected; 2]);
    if differing.is_empty() {
        return;
    }
    let (low, high) = shifted_bounds(frame, params, expected);
    let differing = differences(found, [&low, &high]);
    let report: Vec<String> = differing
        .iter()
        .take(5)
        .map(|at| {
            let pixel = at / 4;
            let width = params.canvas_size_px[0] as usize;
            let (x, y) = (pixel % width, pixel / width);
            format!("({x}, {y}): {}, not {} … {}", found[*at], low[*at], high[*at])
        })
        .collect();
    assert!(
        differing.is_empty(),
        "{name}: {} of {} bytes differ: {report:?}\n{params:?}",
        differing.len(),
        found.len()
    );
}

/// A difference of 1 is for values on the border between two levels (bytes interpolated half-way), not
/// for a renderer that cuts off where the other one rounds: one byte in 20 at most.
fn assert_rounded(name: &str, found: &[u8], expected: &[u8]) {
    let off = found.iter().zip(expected).filter(|(a, b)| a != b).count();
    assert!(off <= found.len() / 20 + 6, "{name}: {off} of {} bytes differ", found.len());
}

/// Image pixels by which positions may differ: 16 times what 32-bit rounding explains.
pub(crate) const SHIFT_PX: f64 = 1.0 / 262_144.0;

/// Bytes more than 1 outside of the bounds.
pub(crate) fn differences(found: &[u8], [low, high]: [&Vec<u8>; 2]) -> Vec<usize> {
    let outside = |at: &usize| {
        found[*at] < low[*at].saturating_sub(1) || found[*at] > high[*at].saturating_add(1)
    };
    (0..found.len()).filter(outside).collect()
}

fn shifted_bounds(
    frame: &PixelFrame,
    params: &DisplayParams,
    unshifted: Vec<u8>,
) -> (Vec<u8>, Vec<u8>) {
    let (mut low, mut high) = (unshifted.clone(), unshifted);
    for (x, y, z) in [
        (-1.0, -1.0, 0.0),
        (-1.0, 1.0, 0.0),
        (1.0, -1.0, 0.0),
        (1.0, 1.0, 0.0),
        (0.0, 0.0, -1e-6),
        (0.0, 0.0, 1e-6),
    ] {
        let mut shifted = params.clone();
        shifted.image_from_canvas.x0 += x * SHIFT_PX;
        shifted.image_from_canvas.y0 += y * SHIFT_PX;
        if let (Voi::Window { center, width, .. }, Some(_)) = (&mut shifted.voi, &params.output) {
            *center += z * *width;
        }
        for (at, byte) in cpu::render(frame, &shifted).into_iter().enumerate() {
            low[at] = low[at].min(byte);
            high[at] = high[at].max(byte);
        }
    }
    (low, high)
}
