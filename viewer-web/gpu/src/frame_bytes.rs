//! The bytes of a frame on their way to the GPU, whatever the back end.

use viewer_core::pixel::PixelKind;

use crate::GpuError;

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
}
