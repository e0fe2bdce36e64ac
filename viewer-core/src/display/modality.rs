//! Step 1, stored → modality values (PS3.3 C.11.1): Rescale Slope and Intercept, or a Modality LUT.

use super::{DisplayParams, Modality};
use crate::exam::{LookupTable, ModalityTransform};
use crate::pixel::FramePixels;

/// Largest magnitude a floating point sample may have. Both renderers clean samples so, because
/// neither interpolation nor shaders are defined on infinity.
pub const FLOAT_SAMPLE_LIMIT: f32 = 1e30;

impl Modality {
    /// The modality value of one stored value.
    #[must_use]
    pub fn apply(&self, stored: f64) -> f64 {
        match self {
            Self::Rescale { slope, intercept } => slope * stored + intercept,
            Self::Lut(table) => f64::from(entry(table, stored.round())),
        }
    }
}

impl From<&ModalityTransform> for Modality {
    fn from(transform: &ModalityTransform) -> Self {
        match transform {
            ModalityTransform::Rescale { slope, intercept } => {
                Self::Rescale { slope: *slope, intercept: *intercept }
            }
            ModalityTransform::Lut(table) => Self::Lut(table.clone()),
        }
    }
}

/// The entry for a whole-numbered `input`: below the first mapped value the first entry, above the
/// last one the last (PS3.3 C.11.1.1.1); 0 for a table without entries.
#[must_use]
pub fn entry(table: &LookupTable, input: f64) -> u16 {
    let last = table.entries.len().saturating_sub(1);
    // The float → integer cast saturates, which is the clamping asked for at the lower end.
    let index = (input - f64::from(table.first_mapped)) as usize;
    table.entries.get(index.min(last)).copied().unwrap_or(0)
}

/// A floating point sample as both renderers take it (see [`FLOAT_SAMPLE_LIMIT`]). NaN stays: a pixel
/// that has no value is padding.
#[must_use]
pub fn clean_sample(sample: f32) -> f32 {
    sample.clamp(-FLOAT_SAMPLE_LIMIT, FLOAT_SAMPLE_LIMIT)
}

/// What the pixels of a grey frame are.
pub(super) struct GreyPixels<'a> {
    pixels: &'a FramePixels,
    params: &'a DisplayParams,
}

impl<'a> GreyPixels<'a> {
    pub(super) fn new(pixels: &'a FramePixels, params: &'a DisplayParams) -> Self {
        Self { pixels, params }
    }

    /// Modality values of all pixels, row by row; NaN where a pixel is padding or a colour.
    pub(super) fn values(&self) -> Vec<f64> {
        (0..self.pixels.len()).map(|index| self.value(index)).collect()
    }

    /// Modality value of the pixel at `index`; NaN where it is padding or a colour, and past the end.
    pub(super) fn value(&self, index: usize) -> f64 {
        self.pixels.value(index).map_or(f64::NAN, |stored| match self.pixels {
            FramePixels::GrayF32(_) => self.of_number(clean_sample(stored as f32).into()),
            _ if self.is_grey(stored) => self.of_number(stored),
            _ => f64::NAN,
        })
    }

    /// The colour of the pixel at `index`; `None` where it is grey or padding.
    pub(super) fn colour(&self, index: usize) -> Option<[f64; 3]> {
        let palette = self.params.supplemental.as_ref()?;
        let stored = self.pixels.value(index).filter(|&stored| !self.is_padding(stored))?;
        let entry = stored - f64::from(palette.first_mapped);
        (entry >= 0.0).then(|| palette.colours.entry(entry as usize))
    }

    fn of_number(&self, stored: f64) -> f64 {
        // A modality LUT would make a number of NaN.
        if stored.is_nan() { stored } else { self.params.modality.apply(stored) }
    }

    fn is_grey(&self, stored: f64) -> bool {
        let palette = self.params.supplemental.as_ref();
        let is_colour = palette.is_some_and(|palette| stored >= f64::from(palette.first_mapped));
        !is_colour && !self.is_padding(stored)
    }

    fn is_padding(&self, stored: f64) -> bool {
        self.params.padding.is_some_and(|[low, high]| (low..=high).contains(&stored))
    }
}

/// Modality values of the pixels of a grey frame from the one at `first` on, as many as there is room for; NaN where
/// a pixel is padding or a colour.
pub(super) fn read_row(
    pixels: &FramePixels,
    first: usize,
    params: &DisplayParams,
    values: &mut [f64],
) {
    let is_plain = params.padding.is_none() && params.supplemental.is_none();
    match (&params.modality, pixels) {
        (Modality::Rescale { slope, intercept }, pixels) if is_plain => {
            let line = Rescaled { first, slope: *slope, intercept: *intercept };
            match pixels {
                FramePixels::GrayU8(v) => line.read(v, values),
                FramePixels::GrayI8(v) => line.read(v, values),
                FramePixels::GrayU16(v) => line.read(v, values),
                FramePixels::GrayI16(v) => line.read(v, values),
                _ => read_any(pixels, first, params, values),
            }
        }
        _ => read_any(pixels, first, params, values),
    }
}

struct Rescaled {
    first: usize,
    slope: f64,
    intercept: f64,
}

impl Rescaled {
    fn read<T: Copy + Into<f64>>(&self, samples: &[T], values: &mut [f64]) {
        let samples = samples.get(self.first..).unwrap_or_default();
        for (value, sample) in values.iter_mut().zip(samples) {
            *value = self.slope * (*sample).into() + self.intercept;
        }
    }
}

fn read_any(pixels: &FramePixels, first: usize, params: &DisplayParams, values: &mut [f64]) {
    let pixels = GreyPixels::new(pixels, params);
    for (index, value) in (first..).zip(values) {
        *value = pixels.value(index);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ColourTable, Interpolation, SupplementalPalette, Voi};
    use super::*;
    use crate::exam::VoiFunction;
    use crate::geometry::Affine2;
    use proptest::prelude::*;

    fn table(first_mapped: i32, entries: &[u16]) -> LookupTable {
        LookupTable {
            first_mapped,
            bits: 16,
            entries: entries.to_vec(),
            explanation: String::new(),
        }
    }

    #[test]
    fn rescale_is_slope_times_stored_plus_intercept() {
        let hounsfield = Modality::Rescale { slope: 1.0, intercept: -1024.0 };
        assert_eq!(hounsfield.apply(0.0), -1024.0);
        assert_eq!(hounsfield.apply(1064.0), 40.0);
        let becquerel = Modality::Rescale { slope: 0.25, intercept: 3.0 };
        assert_eq!(becquerel.apply(-5.0), 1.75);
    }

    #[test]
    fn lut_clamps_at_both_ends() {
        let lut = Modality::Lut(table(-2, &[7, 100, 65535]));
        let found: Vec<f64> =
            [-32768.0, -3.0, -2.0, -1.0, 0.0, 1.0, 65535.0].map(|v| lut.apply(v)).into();
        assert_eq!(found, [7.0, 7.0, 7.0, 100.0, 65535.0, 65535.0, 65535.0]);
    }

    #[test]
    fn a_table_without_entries_gives_zero() {
        assert_eq!(entry(&table(0, &[]), 5.0), 0);
    }

    fn params(padding: Option<[f64; 2]>, supplemental: Option<i32>) -> DisplayParams {
        let colours = ColourTable::new([vec![65_535, 0], vec![0, 0], vec![0, 65_535]]);
        let supplemental = supplemental
            .zip(colours)
            .map(|(first_mapped, colours)| SupplementalPalette { first_mapped, colours });
        DisplayParams {
            canvas_size_px: [1, 1],
            image_from_canvas: Affine2::IDENTITY,
            padding,
            supplemental,
            modality: Modality::Rescale { slope: 2.0, intercept: 1.0 },
            voi: Voi::Window { center: 0.0, width: 1.0, function: VoiFunction::Linear },
            invert: false,
            output: None,
            interpolation: Interpolation::Linear,
            background: 0,
        }
    }

    /// Values with -9999 for pixels without one.
    fn values(pixels: &FramePixels, params: &DisplayParams) -> Vec<f64> {
        let values = GreyPixels::new(pixels, params).values();
        values.into_iter().map(|value| if value.is_nan() { -9999.0 } else { value }).collect()
    }

    #[test]
    fn signed_samples_keep_their_sign_and_wide_ones_their_value() {
        let plain = params(None, None);
        assert_eq!(values(&FramePixels::GrayI8(vec![-128, 127]), &plain), [-255.0, 255.0]);
        assert_eq!(values(&FramePixels::GrayI16(vec![-32768, 32767]), &plain), [-65535.0, 65535.0]);
        let wide = FramePixels::GrayU32(vec![u32::MAX, u32::MAX - 1]);
        assert_eq!(values(&wide, &plain), [8_589_934_591.0, 8_589_934_589.0]);
        assert_eq!(values(&FramePixels::GrayI32(vec![i32::MIN]), &plain), [-4_294_967_295.0]);
    }

    #[test]
    fn padding_has_no_value() {
        let padded = params(Some([-2000.0, -1990.0]), None);
        let stored = FramePixels::GrayI16(vec![-2001, -2000, -1990, -1989]);
        assert_eq!(values(&stored, &padded), [-4001.0, -9999.0, -9999.0, -3977.0]);
    }

    #[test]
    fn colours_begin_with_the_first_mapped_value() {
        let coloured = params(Some([7.0, 7.0]), Some(5));
        let stored = FramePixels::GrayU8(vec![4, 5, 6, 7, 200]);
        assert_eq!(values(&stored, &coloured), [9.0, -9999.0, -9999.0, -9999.0, -9999.0]);
        let colour = |index| GreyPixels::new(&stored, &coloured).colour(index);
        let (red, blue) = (Some([1.0, 0.0, 0.0]), Some([0.0, 0.0, 1.0]));
        assert_eq!([0, 1, 2, 3, 4].map(colour), [None, red, blue, None, blue]);
    }

    #[test]
    fn nan_has_no_value_and_infinity_ends() {
        let wild = FramePixels::GrayF32(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1.5]);
        let limit = f64::from(FLOAT_SAMPLE_LIMIT) * 2.0 + 1.0;
        assert_eq!(
            values(&wild, &params(Some([1.5, 1.5]), None)),
            [-9999.0, limit, -limit + 2.0, 4.0]
        );
        let table = DisplayParams { modality: Modality::Lut(table(0, &[9])), ..params(None, None) };
        assert_eq!(values(&wild, &table), [-9999.0, 9.0, 9.0, 9.0]);
    }

    proptest! {
        #[test]
        fn rescale_can_be_undone(slope in 0.001_f64..1000.0, intercept in -1e4_f64..1e4, stored in -32768_i32..65536) {
            let modality = Modality::Rescale { slope, intercept };
            let back = (modality.apply(f64::from(stored)) - intercept) / slope;
            prop_assert!((back - f64::from(stored)).abs() < 1e-3);
        }
    }
}
