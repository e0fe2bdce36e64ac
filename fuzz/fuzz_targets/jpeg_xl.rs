#![no_main]

use libfuzzer_sys::fuzz_target;
use negatoscope_fuzz::{decode_own_size, format_from};
use viewer_core::codec::decode_jpeg_xl_prefix;
use viewer_core::exam::ImageFormat;

/// Sizes of the seeds: a size in the codestream is a matter of bits, and is checked before all else.
const SIZES: [[u32; 2]; 3] = [[13, 7], [40, 24], [256, 256]];

fuzz_target!(|data: &[u8]| {
    for [columns, rows] in SIZES {
        decode_own_size("1.2.840.10008.1.2.4.112", data, Some([columns, rows]));
        let Some((format, _)) = format_from(&[1, 1, 0, 0b1000_1100]) else { continue };
        if let Ok(Some(frame)) =
            decode_jpeg_xl_prefix(data, &ImageFormat { columns, rows, ..format })
        {
            assert_eq!(frame.samples.len(), (columns * rows) as usize);
        }
    }
});
