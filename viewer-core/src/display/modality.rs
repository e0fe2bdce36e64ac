//! Step 1, stored → modality values (PS3.3 C.11.1): Rescale Slope and Intercept, or a Modality LUT.

use super::Modality;
use crate::exam::{LookupTable, ModalityTransform};
use crate::pixel::FramePixels;

/// Largest magnitude a floating point sample may have; NaN counts as 0. Both renderers clean samples
/// so, because neither interpolation nor shaders are defined on NaN and infinity.
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

/// A floating point sample as both renderers take it (see [`FLOAT_SAMPLE_LIMIT`]).
#[must_use]
pub fn clean_sample(sample: f32) -> f32 {
    if sample.is_nan() { 0.0 } else { sample.clamp(-FLOAT_SAMPLE_LIMIT, FLOAT_SAMPLE_LIMIT) }
}

/// Modality values of all pixels of a grey frame, row by row; `None` for colour.
pub(super) fn values(pixels: &FramePixels, modality: &Modality) -> Option<Vec<f64>> {
    fn map<T: Copy + Into<f64>>(stored: &[T], modality: &Modality) -> Vec<f64> {
        stored.iter().map(|&sample| modality.apply(sample.into())).collect()
    }
    match pixels {
        FramePixels::GrayU8(v) => Some(map(v, modality)),
        FramePixels::GrayI8(v) => Some(map(v, modality)),
        FramePixels::GrayU16(v) => Some(map(v, modality)),
        FramePixels::GrayI16(v) => Some(map(v, modality)),
        FramePixels::GrayF32(v) => {
            Some(v.iter().map(|&sample| modality.apply(clean_sample(sample).into())).collect())
        }
        FramePixels::Rgba8(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    #[test]
    fn signed_samples_keep_their_sign() {
        let same = Modality::Rescale { slope: 1.0, intercept: 0.0 };
        assert_eq!(values(&FramePixels::GrayI8(vec![-128, 127]), &same), Some(vec![-128.0, 127.0]));
        let wide = FramePixels::GrayI16(vec![-32768, 32767]);
        assert_eq!(values(&wide, &same), Some(vec![-32768.0, 32767.0]));
    }

    #[test]
    fn not_a_number_and_infinity_are_cleaned() {
        let same = Modality::Rescale { slope: 1.0, intercept: 0.0 };
        let wild = FramePixels::GrayF32(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1.5]);
        let limit = f64::from(FLOAT_SAMPLE_LIMIT);
        assert_eq!(values(&wild, &same), Some(vec![0.0, limit, -limit, 1.5]));
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
