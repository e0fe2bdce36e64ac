//! The reference renderer's pictures, quickly, for browsers that have no GPU to draw with.
//!
//! Wherever the rows of the canvas are parallel to the rows or to the columns of the image, which they are until
//! a view is turned freely, a bilinear sample is two steps: between two rows, the same for all pixels of a line, then between
//! two columns. So is the mean of the samples of a shrunk image. Where a pixel without a value takes part, that one
//! canvas pixel is drawn as the reference draws it; so is everything where this does not hold.

use super::cpu::{self, GreyPainter, light, to_8_bit};
use super::modality::read_row;
use super::sampling::{Tap, is_inside, samples_per_side, tap};
use super::{DisplayParams, Interpolation, Voi};
use crate::exam::VoiFunction;
use crate::geometry::Affine2;
use crate::pixel::{FramePixels, PixelFrame};

/// Draws a frame as [`cpu::render`] does, to 1/255: RGBA into a canvas of that size. What is larger than the canvas of
/// `params` is left as it is.
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

/// One direction of the canvas along one direction of the image.
struct Axis {
    /// Of each canvas position its samples, one after the other.
    taps: Vec<Tap>,
    per_position: usize,
    /// Canvas pixels from one position to the next.
    stride: usize,
    /// Positions whose centre is in the image.
    inside: core::ops::Range<usize>,
}

impl Axis {
    /// `length` canvas positions whose image coordinate is `scale` times theirs, and `start`; `side` pixels of the image.
    fn new([scale, start]: [f64; 2], length: u32, stride: usize, side: u32, per: u32) -> Self {
        let at = |position: u32, part: f64| scale * (f64::from(position) + part) + start;
        let samples = |position| {
            let part = move |i: u32| (f64::from(i) + 0.5) / f64::from(per);
            (0..per).map(move |i| tap(at(position, part(i)), side))
        };
        let is_in = |position: &u32| is_inside([at(*position, 0.5), 0.0], [side, 1]);
        let first = (0..length).find(is_in).unwrap_or(length);
        let count = (first..length).take_while(is_in).count();
        Self {
            taps: (0..length).flat_map(samples).collect(),
            per_position: per as usize,
            stride,
            inside: first as usize..first as usize + count,
        }
    }

    fn taps(&self, position: usize) -> &[Tap] {
        let start = position * self.per_position;
        &self.taps[start..start + self.per_position]
    }
}

/// How canvas and image lie to each other.
struct Lines {
    /// Along which the row of the image changes.
    rows: Axis,
    /// Along which the column changes.
    columns: Axis,
    /// Columns of the image.
    width: usize,
}

impl Lines {
    /// `None` where neither rows nor columns are parallel, or a number is none.
    fn new(frame: &PixelFrame, params: &DisplayParams) -> Option<Self> {
        let Affine2 { xx, xy, x0, yx, yy, y0 } = params.image_from_canvas;
        let [width, height] = params.canvas_size_px;
        let [columns, rows] = [frame.columns(), frame.rows()];
        let per = samples_per_side(&params.image_from_canvas);
        let is_finite = [xx, xy, x0, yx, yy, y0].iter().all(|number| number.is_finite());
        if !is_finite || columns == 0 || rows == 0 {
            return None;
        }
        let line = width as usize;
        // What a turn by a quarter leaves of a cosine moves no sample.
        let is_none = |number: f64| number.abs() * f64::from(width.max(height)) < 1e-9;
        let (rows, columns) = if is_none(xy) && is_none(yx) {
            let across = Axis::new([xx, x0], width, 1, columns, per);
            (Axis::new([yy, y0], height, line, rows, per), across)
        } else if is_none(xx) && is_none(yy) {
            let down = Axis::new([xy, x0], height, line, columns, per);
            (Axis::new([yx, y0], width, 1, rows, per), down)
        } else {
            return None;
        };
        Some(Self { rows, columns, width: frame.columns() as usize })
    }

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
            if self.columns.per_position == 1 && self.columns.stride == 1 {
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

/// A window that is a straight line between black and white, in levels of 255.
struct Ramp {
    scale: f64,
    middle: f64,
}

impl Ramp {
    fn of(params: &DisplayParams) -> Option<Self> {
        let Voi::Window { center, width, function } = params.voi else { return None };
        let (middle, span) = match function {
            VoiFunction::Linear => (center - 0.5, width - 1.0),
            VoiFunction::LinearExact => (center, width),
            VoiFunction::Sigmoid => return None,
        };
        if span <= 0.0 || params.output.is_some() {
            return None;
        }
        let scale = if params.invert { -255.0 / span } else { 255.0 / span };
        Some(Self { scale, middle })
    }

    /// Half a level more than the value is shown as; beyond the ends as well.
    fn level(&self, value: f64) -> f64 {
        (value - self.middle) * self.scale + 128.0
    }
}
