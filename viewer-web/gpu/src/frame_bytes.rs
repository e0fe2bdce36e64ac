//! The bytes of a frame on their way to the GPU, whatever the back end.

use std::borrow::Cow;

use viewer_core::display::modality::clean_sample;
use viewer_core::pixel::PixelKind;

use crate::GpuError;

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

/// How many bytes a frame of so many columns and rows has.
pub(crate) fn frame_bytes(kind: PixelKind, [columns, rows]: [u32; 2]) -> u64 {
    u64::from(columns) * u64::from(rows) * kind.bytes_per_pixel() as u64
}

pub(crate) fn check_size(limit: u32, columns: u32, rows: u32) -> Result<(), GpuError> {
    if columns == 0 || rows == 0 {
        Err(GpuError::Empty { columns, rows })
    } else if columns > limit || rows > limit {
        Err(GpuError::TooLarge { columns, rows, limit })
    } else {
        Ok(())
    }
}

pub(crate) fn check_bytes(kind: PixelKind, size_px: [u32; 2], found: u64) -> Result<(), GpuError> {
    let expected = frame_bytes(kind, size_px);
    if expected == found { Ok(()) } else { Err(GpuError::ByteCount { expected, found }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_checked_against_the_device() {
        assert_eq!(check_size(4096, 4096, 4096), Ok(()));
        assert_eq!(
            check_size(4096, 4096, 4097),
            Err(GpuError::TooLarge { columns: 4096, rows: 4097, limit: 4096 })
        );
        assert_eq!(check_size(4096, 0, 3), Err(GpuError::Empty { columns: 0, rows: 3 }));
    }

    #[test]
    fn bytes_must_fill_the_frame() {
        assert_eq!(check_bytes(PixelKind::GrayI16, [3, 2], 12), Ok(()));
        assert_eq!(
            check_bytes(PixelKind::Rgba8, [3, 2], 12),
            Err(GpuError::ByteCount { expected: 24, found: 12 })
        );
    }

    #[test]
    fn float_samples_are_cleaned_and_others_left_alone() {
        let bytes: Vec<u8> = [f32::NAN, 1.5].iter().flat_map(|v| v.to_ne_bytes()).collect();
        let expected: Vec<u8> = [NO_VALUE, 1.5].iter().flat_map(|v| v.to_ne_bytes()).collect();
        assert_eq!(cleaned(PixelKind::GrayF32, &bytes), expected);
        assert_eq!(cleaned(PixelKind::GrayU8, &bytes), bytes);
    }
}
