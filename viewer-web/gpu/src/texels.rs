//! Samples as shaders can read them.

use std::borrow::Cow;

use viewer_core::display::modality::clean_sample;
use viewer_core::pixel::PixelKind;

/// Stands for NaN, on which shaders are not defined: beyond every clean sample.
const NO_VALUE: f32 = f32::MAX;

/// Shaders are not defined on infinity either: float samples are cleaned as the CPU renderer does.
pub(crate) fn cleaned(kind: PixelKind, bytes: &[u8]) -> Cow<'_, [u8]> {
    if kind != PixelKind::GrayF32 {
        return Cow::Borrowed(bytes);
    }
    let (samples, _) = bytes.as_chunks::<4>();
    let clean = |sample: &[u8; 4]| {
        let sample = clean_sample(f32::from_ne_bytes(*sample));
        if sample.is_nan() { NO_VALUE } else { sample }.to_ne_bytes()
    };
    Cow::Owned(samples.iter().flat_map(clean).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn float_samples_are_cleaned_and_others_left_alone() {
        let bytes: Vec<u8> = [f32::NAN, 1.5].iter().flat_map(|v| v.to_ne_bytes()).collect();
        let expected: Vec<u8> = [NO_VALUE, 1.5].iter().flat_map(|v| v.to_ne_bytes()).collect();
        assert_eq!(cleaned(PixelKind::GrayF32, &bytes), expected);
        assert_eq!(cleaned(PixelKind::GrayU8, &bytes), bytes);
    }
}
