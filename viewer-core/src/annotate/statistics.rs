//! Values of the pixels in a region.
//!
//! A pixel counts where its centre is inside; its value is the modality value (in PET the SUV), never one between
//! pixels. Padding, pixels that have colours of their own and those without a value do not count. The deviation is
//! that of the pixels themselves (divided by their number, not by one less).

use super::{ImageFacts, Region};
use crate::display::Modality;
use crate::pixel::PixelKind;

/// Bars of a histogram.
pub const HISTOGRAM_BINS: usize = 32;

/// Some whole rows of the samples of a frame.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    /// Layout of a sample.
    pub kind: PixelKind,
    /// Columns of the frame.
    pub columns: u32,
    /// Row that `bytes` begins with, from 0.
    pub first_row: u32,
    /// Native endian, row by row, no padding.
    pub bytes: &'a [u8],
}

impl Samples<'_> {
    /// The stored value of a pixel; `None` outside of the rows, and for colours.
    #[must_use]
    pub fn value(&self, column: u32, row: u32) -> Option<f64> {
        if column >= self.columns || self.kind.is_colour() {
            return None;
        }
        let row = usize::try_from(row.checked_sub(self.first_row)?).ok()?;
        let columns = usize::try_from(self.columns).ok()?;
        let index = row.checked_mul(columns)?.checked_add(usize::try_from(column).ok()?)?;
        let size = self.kind.bytes_per_pixel();
        let start = index.checked_mul(size)?;
        let bytes = self.bytes.get(start..start.checked_add(size)?)?;
        read(self.kind, bytes)
    }
}

fn read(kind: PixelKind, bytes: &[u8]) -> Option<f64> {
    match (kind, bytes) {
        (PixelKind::GrayU8, &[a]) => Some(a.into()),
        (PixelKind::GrayI8, &[a]) => Some(i8::from_ne_bytes([a]).into()),
        (PixelKind::GrayU16, &[a, b]) => Some(u16::from_ne_bytes([a, b]).into()),
        (PixelKind::GrayI16, &[a, b]) => Some(i16::from_ne_bytes([a, b]).into()),
        (PixelKind::GrayU32, &[a, b, c, d]) => Some(u32::from_ne_bytes([a, b, c, d]).into()),
        (PixelKind::GrayI32, &[a, b, c, d]) => Some(i32::from_ne_bytes([a, b, c, d]).into()),
        (PixelKind::GrayF32, &[a, b, c, d]) => Some(f32::from_ne_bytes([a, b, c, d]).into()),
        _ => None,
    }
}

/// What the pixels of a region are like.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// How many count.
    pub count: u32,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// How many in each of equal parts from the smallest to the largest, both included.
    pub histogram: [u32; HISTOGRAM_BINS],
}

impl Statistics {
    /// Of a region of a frame. `None` where no pixel counts, or a row of the region is not among `samples`.
    #[must_use]
    pub fn of(facts: &ImageFacts<'_>, region: &Region, samples: &Samples<'_>) -> Option<Self> {
        let reader = Reader::new(facts);
        let mut found = Vec::new();
        for [row, first, last] in pixel_spans(facts, region) {
            for column in first..last {
                let stored = samples.value(column, row)?;
                found.extend(reader.value(stored));
            }
        }
        Self::of_values(&found)
    }

    fn of_values(values: &[f64]) -> Option<Self> {
        let count = u32::try_from(values.len()).ok().filter(|count| *count > 0)?;
        let mean = values.iter().sum::<f64>() / f64::from(count);
        let square: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let min = values.iter().copied().fold(f64::INFINITY, f64::min);
        let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut histogram = [0; HISTOGRAM_BINS];
        for value in values {
            let share = if max > min { (value - min) / (max - min) } else { 0.0 };
            // In 0 ..= HISTOGRAM_BINS, hence exact.
            let bin = (share * HISTOGRAM_BINS as f64) as usize;
            if let Some(bar) = histogram.get_mut(bin.min(HISTOGRAM_BINS - 1)) {
                *bar += 1;
            }
        }
        let deviation = (square / f64::from(count)).sqrt();
        Some(Self { count, mean, deviation, min, max, histogram })
    }
}

/// Row, first column and the column behind the last of the pixels whose centre is inside.
pub(super) fn pixel_spans(facts: &ImageFacts<'_>, region: &Region) -> Vec<[u32; 3]> {
    let [low, high] = region.y_range();
    let [first_row, end_row] = [centres_from(low), centres_from(high).saturating_add(1)];
    let mut spans = Vec::new();
    for row in first_row..end_row.min(facts.format.rows) {
        for [start, end] in region.spans(f64::from(row) + 0.5) {
            let [first, end] = [start, end].map(|x| centres_from(x).min(facts.format.columns));
            if first < end {
                spans.push([row, first, end]);
            }
        }
    }
    spans
}

/// The first pixel whose centre is not before `x`.
fn centres_from(x: f64) -> u32 {
    // The cast saturates: what is left of the image begins with its first pixel.
    (x - 0.5).ceil() as u32
}

/// Turns stored values into those that are told.
pub(super) struct Reader {
    modality: Modality,
    padding: Option<[f64; 2]>,
    /// Stored value from which on pixels have colours of their own.
    first_coloured: Option<f64>,
    factor: f64,
}

impl Reader {
    pub(super) fn new(facts: &ImageFacts<'_>) -> Self {
        let palette = facts.display.palette.as_ref();
        Self {
            modality: Modality::from(&facts.display.modality),
            padding: facts.format.padding,
            first_coloured: palette.map(|palette| f64::from(palette.first_mapped)),
            factor: facts.suv_factor().unwrap_or(1.0),
        }
    }

    /// `None` for what does not count.
    pub(super) fn value(&self, stored: f64) -> Option<f64> {
        let is_padding = self.padding.is_some_and(|[low, high]| (low..=high).contains(&stored));
        let is_coloured = self.first_coloured.is_some_and(|first| stored >= first);
        let value = self.modality.apply(stored) * self.factor;
        (stored.is_finite() && !is_padding && !is_coloured && value.is_finite()).then_some(value)
    }
}
