//! The reference renderer's pictures, quickly, for browsers that have no GPU to draw with.
//!
//! Wherever the rows of the canvas are parallel to the rows or to the columns of the image, which they are until
//! a view is turned freely, a bilinear sample is two steps: between two rows, the same for all pixels of a line, then between
//! two columns. So is the mean of the samples of a shrunk image. Where a pixel without a value takes part, that one
//! canvas pixel is drawn as the reference draws it; so is everything where this does not hold.

mod axis;
mod levels;
mod mix;
mod ramp;
mod shrink;

use self::axis::Lines;
use self::levels::Levels;
use self::ramp::Ramp;
use super::cpu::{self, GreyPainter, light, to_8_bit};
use super::modality::read_row;
use super::sampling::Tap;
use super::{DisplayParams, Interpolation};
use crate::pixel::{FramePixels, PixelFrame};

/// Draws a frame as [`cpu::render`] does, to 1/255: RGBA into a canvas of that size. What is larger than the canvas of
/// `params` is left as it is.
// Inlined into a caller that is compiled for size, as that of the browser's module is, its loops would be, too.
#[inline(never)]
pub fn render_into(frame: &PixelFrame, params: &DisplayParams, canvas: &mut [u8]) {
    let lines = (params.interpolation == Interpolation::Linear)
        .then(|| Lines::new(frame, params))
        .flatten();
    let Some(lines) = lines else {
        let picture = cpu::render(frame, params);
        canvas.iter_mut().zip(picture).for_each(|(to, from)| *to = from);
        return;
    };
    let background = [params.background, params.background, params.background, 255];
    canvas.as_chunks_mut::<4>().0.fill(background);
    match frame.pixels() {
        FramePixels::Rgba8(samples) => lines.colours(samples, 255.0, params, canvas),
        FramePixels::Rgba16(samples) => lines.colours(samples, 65_535.0, params, canvas),
        _ => lines.greys(frame, params, canvas),
    }
}

impl Lines {
    fn greys(&self, frame: &PixelFrame, params: &DisplayParams, canvas: &mut [u8]) {
        let pixels = frame.pixels();
        let read = |row: usize, line: &mut [[f64; 1]]| {
            read_row(pixels, row * line.len(), params, line.as_flattened_mut());
        };
        let painter = GreyPainter::new(frame, params);
        let place = |at: usize| {
            let width = params.canvas_size_px[0] as usize;
            [(at % width) as u32, (at / width) as u32]
        };
        let gap = |at: usize, is_whole: bool| {
            // A pixel that is a colour of a palette has no grey, but is drawn.
            let is_empty = is_whole && params.supplemental.is_none();
            if is_empty { None } else { painter.paint(place(at)) }
        };
        if let Some(levels) = Levels::of(frame, params).filter(|_| self.is_upright()) {
            let paint = |at| painter.paint(place(at));
            match self.is_enlarged() {
                true => levels.draw(self, params.background, canvas, paint),
                false => levels.draw_shrunk(self, params.background, canvas, paint),
            }
            return;
        }
        match Ramp::of(params) {
            // Levels of the image's pixels are interpolated instead of their values: both are on one straight line.
            Some(ramp) => {
                let levels = |row: usize, line: &mut [[f64; 1]]| {
                    read(row, line);
                    line.as_flattened_mut()
                        .iter_mut()
                        .for_each(|value| *value = ramp.level(*value));
                };
                // The cast saturates, and drops what is below a level.
                self.draw(canvas, levels, |[level]| [level as u8; 3], gap);
            }
            None => {
                let tone = |[value]: [f64; 1]| light(value, params).map(to_8_bit);
                self.draw(canvas, read, tone, gap);
            }
        }
    }

    fn colours<T: Copy + Into<f64>>(
        &self,
        samples: &[T],
        full: f64,
        params: &DisplayParams,
        canvas: &mut [u8],
    ) {
        let read = |row: usize, line: &mut [[f64; 3]]| {
            let pixels = samples.as_chunks::<4>().0.iter().skip(row * line.len());
            line.iter_mut()
                .zip(pixels)
                .for_each(|(to, [r, g, b, _])| *to = [*r, *g, *b].map(|level| level.into() / full));
        };
        let tone = |levels: [f64; 3]| {
            levels.map(|level| to_8_bit(if params.invert { 1.0 - level } else { level }))
        };
        self.draw(canvas, read, tone, |_, _| None);
    }

    /// `read` gives the values of a row of the image, `tone` what is written of a value, `gap` what is written where a
    /// pixel without a value takes part, or no other (its second argument).
    fn draw<const N: usize>(
        &self,
        canvas: &mut [u8],
        read: impl Fn(usize, &mut [[f64; N]]),
        tone: impl Fn([f64; N]) -> [u8; 3],
        gap: impl Fn(usize, bool) -> Option<[u8; 3]>,
    ) {
        let pixels = canvas.as_chunks_mut::<4>().0;
        let mut rows = Rows::new(self.width, read);
        let share = 1.0 / self.rows.per_position as f64;
        let part = 1.0 / self.columns.per_position as f64;
        for position in self.rows.inside.clone() {
            rows.take_mean(self.rows.taps(position), share);
            let (line, gaps) = (rows.mean.as_slice(), rows.gaps.as_slice());
            let start = position * self.rows.stride;
            let shown = |taps: &[Tap], value: [f64; N], at: usize| {
                if value.iter().any(|v| v.is_nan()) {
                    gap(at, taps.iter().all(|tap| gaps[tap.first] && gaps[tap.second]))
                } else {
                    Some(tone(value))
                }
            };
            let inside = self.columns.inside.clone();
            if self.is_enlarged() {
                // Most pictures are enlarged, and not turned.
                let taps = self.columns.taps.get(inside.clone()).unwrap_or_default();
                let to =
                    pixels.get_mut(start + inside.start..start + inside.end).unwrap_or_default();
                for (number, (pixel, tap)) in to.iter_mut().zip(taps).enumerate() {
                    let at = start + inside.start + number;
                    if let Some([r, g, b]) = shown(&[*tap], tap.between(line), at) {
                        *pixel = [r, g, b, 255];
                    }
                }
                continue;
            }
            for across in inside {
                let taps = self.columns.taps(across);
                let value = mean(taps.iter().map(|tap| tap.between(line)), part);
                let at = start + across * self.columns.stride;
                let rgb = shown(taps, value, at);
                if let Some((pixel, [r, g, b])) = pixels.get_mut(at).zip(rgb) {
                    *pixel = [r, g, b, 255];
                }
            }
        }
    }
}

impl Tap {
    /// What lies there between two values of a line.
    fn between<const N: usize>(&self, line: &[[f64; N]]) -> [f64; N] {
        let (first, second) = (line[self.first], line[self.second]);
        core::array::from_fn(|n| first[n] + (second[n] - first[n]) * self.part)
    }
}

/// `share` is one over their number.
fn mean<const N: usize>(values: impl Iterator<Item = [f64; N]>, share: f64) -> [f64; N] {
    let sum = values.fold([0.0; N], |sum, value| core::array::from_fn(|n| sum[n] + value[n]));
    sum.map(|sum| sum * share)
}

/// Rows of the image as values; the last two that were read are kept.
struct Rows<F, const N: usize> {
    read: F,
    kept: [(Option<usize>, Vec<[f64; N]>); 2],
    mean: Vec<[f64; N]>,
    /// Where none of the pixels that the mean is of has a value.
    gaps: Vec<bool>,
}

impl<F: Fn(usize, &mut [[f64; N]]), const N: usize> Rows<F, N> {
    fn new(width: usize, read: F) -> Self {
        let empty = || (None, vec![[0.0; N]; width]);
        let (mean, gaps) = (vec![[0.0; N]; width], vec![false; width]);
        Self { read, kept: [empty(), empty()], mean, gaps }
    }

    /// Takes the mean of some samples down the image, for all columns; `share` is one over their number.
    fn take_mean(&mut self, taps: &[Tap], share: f64) {
        for (number, tap) in taps.iter().enumerate() {
            let first = self.row(tap.first, tap.second);
            let second = self.row(tap.second, tap.first);
            let pairs = self.kept[first].1.iter().zip(&self.kept[second].1);
            for (gap, (first, second)) in self.gaps.iter_mut().zip(pairs.clone()) {
                *gap = (number == 0 || *gap) && first[0].is_nan() && second[0].is_nan();
            }
            for (mean, (first, second)) in self.mean.iter_mut().zip(pairs) {
                for ((mean, first), second) in mean.iter_mut().zip(first).zip(second) {
                    let value = (first + (second - first) * tap.part) * share;
                    *mean = if number == 0 { value } else { *mean + value };
                }
            }
        }
    }

    /// Where a row is kept; it takes the place of one other than `needed`.
    fn row(&mut self, row: usize, needed: usize) -> usize {
        if let Some(place) = self.kept.iter().position(|(kept, _)| *kept == Some(row)) {
            return place;
        }
        let place = usize::from(self.kept[0].0 == Some(needed));
        (self.read)(row, &mut self.kept[place].1);
        self.kept[place].0 = Some(row);
        place
    }
}
