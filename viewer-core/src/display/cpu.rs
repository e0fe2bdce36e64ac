//! The reference renderer: every step in `f64`, as the standard writes it. Slow and right.

use super::modality::values;
use super::sampling::{Channel, is_inside, samples_per_side};
use super::{DisplayParams, Interpolation};
use crate::geometry::Affine2;
use crate::pixel::{FramePixels, PixelFrame};

/// Draws a frame: RGBA, 8 bits a channel, rows from the top, `canvas width × height × 4` bytes, A = 255.
///
/// The caller bounds the canvas size; nothing else can go wrong.
#[must_use]
pub fn render(frame: &PixelFrame, params: &DisplayParams) -> Vec<u8> {
    match (values(frame.pixels(), &params.modality), frame.pixels()) {
        (Some(values), _) => render_grey(frame, &values, params),
        (None, FramePixels::Rgba8(rgba)) => render_colour(frame, rgba, params),
        (None, _) => draw(frame, params, |_| [params.background; 3]),
    }
}

fn render_grey(frame: &PixelFrame, values: &[f64], params: &DisplayParams) -> Vec<u8> {
    let columns = frame.columns() as usize;
    let value_at = |column: u32, row: u32| {
        values.get(row as usize * columns + column as usize).copied().unwrap_or(0.0)
    };
    let channel = Channel { size: [frame.columns(), frame.rows()], value_at };
    draw(frame, params, |pixel| {
        let grey = params.voi.apply(pixel.mean(&channel));
        [to_8_bit(if params.invert { 1.0 - grey } else { grey }); 3]
    })
}

fn render_colour(frame: &PixelFrame, rgba: &[u8], params: &DisplayParams) -> Vec<u8> {
    let columns = frame.columns() as usize;
    draw(frame, params, |pixel| {
        [0, 1, 2].map(|index| {
            let value_at = |column: u32, row: u32| {
                let at = (row as usize * columns + column as usize) * 4 + index;
                f64::from(rgba.get(at).copied().unwrap_or(0)) / 255.0
            };
            let channel = Channel { size: [frame.columns(), frame.rows()], value_at };
            let level = pixel.mean(&channel);
            to_8_bit(if params.invert { 1.0 - level } else { level })
        })
    })
}

/// One canvas pixel and how to sample an image under it.
struct CanvasPixel<'a> {
    corner: [u32; 2],
    per_side: u32,
    image_from_canvas: &'a Affine2,
    interpolation: Interpolation,
}

impl CanvasPixel<'_> {
    fn mean<F: Fn(u32, u32) -> f64>(&self, channel: &Channel<F>) -> f64 {
        channel.mean(self.corner, self.per_side, self.image_from_canvas, self.interpolation)
    }
}

/// Calls `colour_of` for each canvas pixel whose centre lies in the image; the rest is background.
fn draw(
    frame: &PixelFrame,
    params: &DisplayParams,
    colour_of: impl Fn(&CanvasPixel<'_>) -> [u8; 3],
) -> Vec<u8> {
    let [width, height] = params.canvas_size_px;
    let per_side = samples_per_side(&params.image_from_canvas);
    let size = [frame.columns(), frame.rows()];
    let mut canvas = Vec::with_capacity(width as usize * height as usize * 4);
    for y in 0..height {
        for x in 0..width {
            let centre = [f64::from(x) + 0.5, f64::from(y) + 0.5];
            let [r, g, b] = if is_inside(params.image_from_canvas.apply(centre), size) {
                colour_of(&CanvasPixel {
                    corner: [x, y],
                    per_side,
                    image_from_canvas: &params.image_from_canvas,
                    interpolation: params.interpolation,
                })
            } else {
                [params.background; 3]
            };
            canvas.extend_from_slice(&[r, g, b, 255]);
        }
    }
    canvas
}

/// 0 … 1 → 0 … 255, rounded to nearest, halves upwards. The cast saturates; NaN becomes 0.
fn to_8_bit(level: f64) -> u8 {
    (level * 255.0 + 0.5).floor() as u8
}
