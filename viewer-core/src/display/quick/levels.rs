//! Grey pictures of a straight window, as nearly all are, in `f32`. Of an enlarged one levels are stretched along the rows of
//! the image once, then mixed down the canvas; of a shrunk one stored values are summed down the image, then across.

use core::mem;

use super::super::sampling::Tap;
use super::super::{DisplayParams, Modality};
use super::mix::mix;
use super::shrink::{Stored, add_row};
use super::{Lines, Ramp};
use crate::pixel::{FramePixels, PixelFrame};

/// Largest level, black being 0 and white 255: `f32` has steps of a 64th there, and no picture is off by a tenth of a level.
const LARGEST_LEVEL: f64 = 131_072.0;
/// As many stored values as 16 bits have.
const STORED_VALUES: f64 = 65_536.0;

/// How stored values become levels of 255, half a level more than they are shown as.
pub(super) struct Levels<'a> {
    frame: &'a PixelFrame,
    factor: f32,
    offset: f32,
    /// Stored values without a level, lowest and highest.
    padding: [f32; 2],
}

impl<'a> Levels<'a> {
    /// `None` where levels are no straight line of stored values, or `f32` is not exact enough for them.
    pub(super) fn of(frame: &'a PixelFrame, params: &DisplayParams) -> Option<Self> {
        let (Modality::Rescale { slope, intercept }, None) =
            (&params.modality, &params.supplemental)
        else {
            return None;
        };
        let ramp = Ramp::of(params)?;
        let factor = slope * ramp.scale;
        let offset = ramp.level(*intercept);
        let is_exact = factor.abs() * STORED_VALUES + offset.abs() <= LARGEST_LEVEL;
        let is_short = matches!(
            frame.pixels(),
            FramePixels::GrayU8(_)
                | FramePixels::GrayI8(_)
                | FramePixels::GrayU16(_)
                | FramePixels::GrayI16(_)
        );
        let [low, high] = params.padding.unwrap_or([f64::INFINITY, f64::NEG_INFINITY]);
        (is_exact && is_short).then_some(Self {
            frame,
            factor: factor as f32,
            offset: offset as f32,
            padding: [low as f32, high as f32],
        })
    }

    /// Draws what of the canvas lies in the image; `paint` gives the colour of canvas pixels of which a part has a level,
    /// by their number.
    pub(super) fn draw(
        &self,
        lines: &Lines,
        background: u8,
        canvas: &mut [u8],
        paint: impl Fn(usize) -> Option<[u8; 3]>,
    ) {
        let inside = lines.columns.inside.clone();
        let taps = lines.columns.taps.get(inside.clone()).unwrap_or_default();
        let mut rows = [Row::new(lines.width, taps.len()), Row::new(lines.width, taps.len())];
        for position in lines.rows.inside.clone() {
            let [tap] = lines.rows.taps(position) else { continue };
            self.take(&mut rows, [tap.first, tap.second], taps);
            let start = position * lines.rows.stride + inside.start;
            let pixels = canvas.as_chunks_mut::<4>().0;
            let Some(pixels) = pixels.get_mut(start..start + taps.len()) else { continue };
            let second = usize::from(tap.first != tap.second);
            let [first, second] = [&rows[0], &rows[second]];
            if mix([&first.stretched, &second.stretched], tap.part as f32, pixels) {
                fill_gaps([first, second], taps, background, pixels, |number| {
                    paint(start + number)
                });
            }
        }
    }

    /// The same of a picture each of whose canvas pixels is the mean of several samples.
    pub(super) fn draw_shrunk(
        &self,
        lines: &Lines,
        background: u8,
        canvas: &mut [u8],
        paint: impl Fn(usize) -> Option<[u8; 3]>,
    ) {
        let inside = lines.columns.inside.clone();
        let share = 1.0 / lines.columns.per_position as f32;
        let (mut sums, mut line) = (vec![0.0; lines.width], vec![0.0; inside.len()]);
        for position in lines.rows.inside.clone() {
            let taps = lines.rows.taps(position);
            self.sum(taps, &mut sums);
            for (to, across) in line.iter_mut().zip(inside.clone()) {
                let values = lines.columns.taps(across).iter().map(|tap| between(tap, &sums));
                *to = self.factor * values.sum::<f32>() * share + self.offset;
            }
            let start = position * lines.rows.stride + inside.start;
            let pixels = canvas.as_chunks_mut::<4>().0;
            let Some(pixels) = pixels.get_mut(start..start + line.len()) else { continue };
            if !mix([&line, &line], 0.0, pixels) {
                continue;
            }
            let gaps = self.gaps(taps, lines.width);
            let is_empty = |across: usize| {
                let taps = lines.columns.taps(across);
                taps.iter().all(|tap| gaps[tap.first] && gaps[tap.second])
            };
            for ((number, pixel), level) in pixels.iter_mut().enumerate().zip(&line) {
                if level.is_nan() {
                    let is_empty = is_empty(inside.start + number);
                    let colour = if is_empty { None } else { paint(start + number) };
                    let [r, g, b] = colour.unwrap_or([background; 3]);
                    *pixel = [r, g, b, 255];
                }
            }
        }
    }

    /// Means of stored values down the image, for all columns; NaN where padding takes part.
    fn sum(&self, taps: &[Tap], sums: &mut [f32]) {
        let share = 1.0 / taps.len() as f64;
        sums.fill(0.0);
        let parts = |tap: &Tap| [(tap.first, 1.0 - tap.part), (tap.second, tap.part)];
        let mut rows: Vec<(usize, f64)> = Vec::new();
        for (row, part) in taps.iter().flat_map(parts) {
            match rows.last_mut() {
                // The next sample lies at it as well.
                Some((last, sum)) if *last == row => *sum += part,
                _ => rows.push((row, part)),
            }
        }
        for (row, sum) in rows {
            self.add(row, (sum * share) as f32, sums);
        }
    }

    fn add(&self, row: usize, weight: f32, sums: &mut [f32]) {
        let first = row * sums.len();
        match self.frame.pixels() {
            FramePixels::GrayU8(samples) => self.add_from(samples.get(first..), weight, sums),
            FramePixels::GrayI8(samples) => self.add_from(samples.get(first..), weight, sums),
            FramePixels::GrayU16(samples) => self.add_from(samples.get(first..), weight, sums),
            FramePixels::GrayI16(samples) => self.add_from(samples.get(first..), weight, sums),
            // There are no others: see `of`.
            _ => sums.fill(f32::NAN),
        }
    }

    fn add_from<T: Stored>(&self, samples: Option<&[T]>, weight: f32, sums: &mut [f32]) {
        let row = samples.and_then(|samples| samples.get(..sums.len()));
        add_row(row.unwrap_or_default(), weight, self.padding, sums);
    }

    /// Columns of which no pixel that takes part has a level.
    fn gaps(&self, taps: &[Tap], width: usize) -> Vec<bool> {
        let (mut gaps, mut levels) = (vec![true; width], vec![0.0; width]);
        for row in taps.iter().flat_map(|tap| [tap.first, tap.second]) {
            self.read(row, &mut levels);
            gaps.iter_mut().zip(&levels).for_each(|(gap, level)| *gap &= level.is_nan());
        }
        gaps
    }

    /// Makes `rows` hold these rows of the image, of which the second may be the first.
    fn take(&self, rows: &mut [Row; 2], wanted: [usize; 2], taps: &[Tap]) {
        let [first, second] = rows;
        if second.number == Some(wanted[0]) || first.number == Some(wanted[1]) {
            mem::swap(first, second);
        }
        for (row, number) in [first, second].into_iter().zip(wanted) {
            if row.number != Some(number) {
                self.read(number, &mut row.levels);
                row.stretch(taps);
                row.number = Some(number);
            }
        }
    }

    fn read(&self, row: usize, levels: &mut [f32]) {
        let first = row * levels.len();
        match self.frame.pixels() {
            FramePixels::GrayU8(samples) => self.fill(samples.get(first..), levels),
            FramePixels::GrayI8(samples) => self.fill(samples.get(first..), levels),
            FramePixels::GrayU16(samples) => self.fill(samples.get(first..), levels),
            FramePixels::GrayI16(samples) => self.fill(samples.get(first..), levels),
            // There are no others: see `of`.
            _ => levels.fill(f32::NAN),
        }
    }

    fn fill<T: Copy + Into<f32>>(&self, samples: Option<&[T]>, levels: &mut [f32]) {
        let [low, high] = self.padding;
        for (level, sample) in levels.iter_mut().zip(samples.unwrap_or_default()) {
            let stored: f32 = (*sample).into();
            let is_padding = (low <= stored) & (stored <= high);
            *level = if is_padding { f32::NAN } else { self.factor * stored + self.offset };
        }
    }
}

/// A row of the image.
struct Row {
    number: Option<usize>,
    /// Of its pixels; NaN where there is none.
    levels: Vec<f32>,
    /// Of the columns of the canvas.
    stretched: Vec<f32>,
}

impl Row {
    fn new(width: usize, across: usize) -> Self {
        Self { number: None, levels: vec![0.0; width], stretched: vec![0.0; across] }
    }

    fn stretch(&mut self, taps: &[Tap]) {
        for (to, tap) in self.stretched.iter_mut().zip(taps) {
            *to = between(tap, &self.levels);
        }
    }
}

fn between(tap: &Tap, line: &[f32]) -> f32 {
    let (first, second) = (line[tap.first], line[tap.second]);
    first + (second - first) * tap.part as f32
}

/// Canvas pixels of which nothing has a level are background, others without one are painted by their number in the line.
fn fill_gaps(
    rows: [&Row; 2],
    taps: &[Tap],
    background: u8,
    pixels: &mut [[u8; 4]],
    paint: impl Fn(usize) -> Option<[u8; 3]>,
) {
    let [first, second] = rows.map(|row| row.stretched.as_slice());
    for (number, (pixel, tap)) in pixels.iter_mut().zip(taps).enumerate() {
        if !(first[number] + second[number]).is_nan() {
            continue;
        }
        let is_empty = rows
            .iter()
            .all(|row| row.levels[tap.first].is_nan() && row.levels[tap.second].is_nan());
        let colour = if is_empty { None } else { paint(number) };
        let [r, g, b] = colour.unwrap_or([background; 3]);
        *pixel = [r, g, b, 255];
    }
}
