//! The reference renderer: every step in `f64`, as the standard writes it. Slow and right.

use super::modality::GreyPixels;
use super::sampling::{Channel, is_inside, pixel_under, samples_per_side};
use super::{DisplayParams, Interpolation};
use crate::pixel::{FramePixels, PixelFrame};

/// Draws a frame: RGBA, 8 bits a channel, rows from the top, `canvas width × height × 4` bytes, A = 255.
///
/// The caller bounds the canvas size; nothing else can go wrong.
#[must_use]
pub fn render(frame: &PixelFrame, params: &DisplayParams) -> Vec<u8> {
    match frame.pixels() {
        FramePixels::Rgba8(_) => render_colour(frame, 255.0, params),
        FramePixels::Rgba16(_) => render_colour(frame, 65_535.0, params),
        _ => render_grey(frame, params),
    }
}

fn render_grey(frame: &PixelFrame, params: &DisplayParams) -> Vec<u8> {
    let pixels = GreyPixels::new(frame.pixels(), params);
    let values = pixels.values();
    let value_at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    draw(frame, params, |samples| grey(&pixels, value_at, [frame.columns(), frame.rows()], samples))
}

/// One canvas pixel of a grey frame; `None` where nothing of it has a value.
fn grey(
    pixels: &GreyPixels<'_>,
    value_at: impl Fn(usize) -> f64,
    size: [u32; 2],
    samples: &Samples<'_>,
) -> Option<[f64; 3]> {
    let index = |column: u32, row: u32| row as usize * size[0] as usize + column as usize;
    let channel = Channel { size, value_at: |column, row| value_at(index(column, row)) };
    let (mut grey, mut colour) = (Mean::<1>::default(), Mean::<3>::default());
    for at in samples.points() {
        let value = channel.sample(at, samples.interpolation);
        let [column, row] = pixel_under(at, size);
        if !value.is_nan() {
            grey.add([value]);
        } else if let Some(rgb) = pixels.colour(index(column, row)) {
            colour.add(rgb);
        }
    }
    if grey.count > 0.0 {
        let light = light(grey.mean()[0], samples.params);
        colour.sum = [0, 1, 2].map(|c| colour.sum[c] + grey.count * light[c]);
        colour.count += grey.count;
    }
    (colour.count > 0.0).then(|| colour.mean())
}

/// Draws single canvas pixels of a grey frame that lie in it.
pub(super) struct GreyPainter<'a> {
    pixels: GreyPixels<'a>,
    size: [u32; 2],
    per_side: u32,
    params: &'a DisplayParams,
}

impl<'a> GreyPainter<'a> {
    pub(super) fn new(frame: &'a PixelFrame, params: &'a DisplayParams) -> Self {
        let per_side = samples_per_side(&params.image_from_canvas);
        let pixels = GreyPixels::new(frame.pixels(), params);
        Self { pixels, size: [frame.columns(), frame.rows()], per_side, params }
    }

    /// `None` for background.
    pub(super) fn paint(&self, corner: [u32; 2]) -> Option<[u8; 3]> {
        let interpolation = self.params.interpolation;
        let (per_side, params) = (self.per_side, self.params);
        let samples = Samples { corner: corner.map(f64::from), per_side, params, interpolation };
        let value_at = |index| self.pixels.value(index);
        grey(&self.pixels, value_at, self.size, &samples).map(|rgb| rgb.map(to_8_bit))
    }
}

/// Steps 3 and 4.
pub(super) fn light(value: f64, params: &DisplayParams) -> [f64; 3] {
    let grey = params.voi.apply(value);
    let grey = if params.invert { 1.0 - grey } else { grey };
    params.output.as_ref().map_or([grey; 3], |table| table.at(grey))
}

fn render_colour(frame: &PixelFrame, full: f64, params: &DisplayParams) -> Vec<u8> {
    let (size, pixels) = ([frame.columns(), frame.rows()], frame.pixels());
    draw(frame, params, |samples| {
        let levels = [0, 1, 2].map(|index| {
            let value_at = |column: u32, row: u32| {
                let at = (row as usize * size[0] as usize + column as usize) * 4 + index;
                pixels.value(at).unwrap_or(0.0) / full
            };
            let channel = Channel { size, value_at };
            let mut mean = Mean::<1>::default();
            samples.points().for_each(|at| mean.add([channel.sample(at, samples.interpolation)]));
            mean.mean()[0]
        });
        Some(levels.map(|level| if params.invert { 1.0 - level } else { level }))
    })
}

struct Mean<const N: usize> {
    sum: [f64; N],
    count: f64,
}

impl<const N: usize> Default for Mean<N> {
    fn default() -> Self {
        Self { sum: [0.0; N], count: 0.0 }
    }
}

impl<const N: usize> Mean<N> {
    fn add(&mut self, value: [f64; N]) {
        self.sum.iter_mut().zip(value).for_each(|(sum, value)| *sum += value);
        self.count += 1.0;
    }

    fn mean(&self) -> [f64; N] {
        self.sum.map(|sum| sum / self.count)
    }
}

/// Where one canvas pixel samples the image, and how.
struct Samples<'a> {
    corner: [f64; 2],
    per_side: u32,
    params: &'a DisplayParams,
    interpolation: Interpolation,
}

impl Samples<'_> {
    /// The image points of the samples, row by row.
    fn points(&self) -> impl Iterator<Item = [f64; 2]> + '_ {
        let side = self.per_side;
        let part = move |i: u32| (f64::from(i) + 0.5) / f64::from(side);
        (0..side * side).map(move |i| {
            let [x, y] = self.corner;
            self.params.image_from_canvas.apply([x + part(i % side), y + part(i / side)])
        })
    }
}

/// Calls `colour_of` for each canvas pixel whose centre lies in the image; the rest, and where that
/// finds nothing, is background.
fn draw(
    frame: &PixelFrame,
    params: &DisplayParams,
    colour_of: impl Fn(&Samples<'_>) -> Option<[f64; 3]>,
) -> Vec<u8> {
    let [width, height] = params.canvas_size_px;
    let per_side = samples_per_side(&params.image_from_canvas);
    let interpolation = match params.interpolation {
        Interpolation::Cubic if per_side > 1 => Interpolation::Linear,
        other => other,
    };
    let size = [frame.columns(), frame.rows()];
    let mut canvas = Vec::with_capacity(width as usize * height as usize * 4);
    for y in 0..height {
        for x in 0..width {
            let corner = [x, y].map(f64::from);
            let centre = corner.map(|at| at + 0.5);
            let is_inside = is_inside(params.image_from_canvas.apply(centre), size);
            let samples = Samples { corner, per_side, params, interpolation };
            let colour = is_inside.then(|| colour_of(&samples)).flatten();
            let [r, g, b] = colour.map_or([params.background; 3], |rgb| rgb.map(to_8_bit));
            canvas.extend_from_slice(&[r, g, b, 255]);
        }
    }
    canvas
}

/// 0 … 1 → 0 … 255, rounded to nearest, halves upwards. The cast saturates; NaN becomes 0.
pub(super) fn to_8_bit(level: f64) -> u8 {
    (level * 255.0 + 0.5).floor() as u8
}
