//! Image attributes and sample patterns.

use viewer_core::exam::{ImageFormat, SampleKind};

pub(super) const EXPLICIT_LITTLE: &str = "1.2.840.10008.1.2.1";
pub(super) const EXPLICIT_BIG: &str = "1.2.840.10008.1.2.2";
pub(super) const DEFLATED_FRAME: &str = "1.2.840.10008.1.2.8.1";
pub(super) const RLE: &str = "1.2.840.10008.1.2.5";
pub(super) const JPEG_BASELINE: &str = "1.2.840.10008.1.2.4.50";
pub(super) const JPEG_EXTENDED: &str = "1.2.840.10008.1.2.4.51";
pub(super) const JPEG_PROGRESSIVE: &str = "1.2.840.10008.1.2.4.55";
pub(super) const JPEG_LOSSLESS: &str = "1.2.840.10008.1.2.4.57";
pub(super) const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
pub(super) const JPEG_LS_NEAR: &str = "1.2.840.10008.1.2.4.81";
pub(super) const JPEG_2000: &str = "1.2.840.10008.1.2.4.90";
pub(super) const JPEG_2000_LOSSY: &str = "1.2.840.10008.1.2.4.91";
pub(super) const JPEG_2000_PART_2: &str = "1.2.840.10008.1.2.4.92";
pub(super) const HTJ2K: &str = "1.2.840.10008.1.2.4.201";
pub(super) const JPEG_XL_LOSSLESS: &str = "1.2.840.10008.1.2.4.110";
pub(super) const JPEG_XL: &str = "1.2.840.10008.1.2.4.112";

/// Grey image of `columns × rows`; Bits Allocated is 8 or 16.
pub(super) fn gray([columns, rows]: [u32; 2], bits: u16, signed: bool) -> ImageFormat {
    ImageFormat {
        transfer_syntax_uid: String::new(),
        sop_class_uid: String::new(),
        rows,
        columns,
        samples_per_pixel: 1,
        photometric_interpretation: "MONOCHROME2".to_owned(),
        bits_allocated: if bits > 8 { 16 } else { 8 },
        bits_stored: bits,
        high_bit: bits - 1,
        signed,
        planar: false,
        samples: SampleKind::Integer,
        padding: None,
        spacing: None,
        aspect_ratio: None,
        lossy: None,
    }
}

/// Colour image, interleaved.
pub(super) fn color(size: [u32; 2], bits: u16, photometric: &str) -> ImageFormat {
    ImageFormat {
        samples_per_pixel: 3,
        photometric_interpretation: photometric.to_owned(),
        ..gray(size, bits, false)
    }
}

/// The pattern of the codestreams in `codec_vectors`, interleaved by pixel.
pub(super) fn pattern([columns, rows]: [u32; 2], components: u32, bits: u32) -> Vec<u16> {
    let value = |x: u32, y: u32, k: u32| {
        let value = x * 9973 + y * 30011 + x * y * 7919 + k * 5003;
        ((value % 65536) >> (16 - bits)) as u16
    };
    (0..rows)
        .flat_map(|y| (0..columns).map(move |x| (x, y)))
        .flat_map(|(x, y)| (0..components).map(move |k| value(x, y, k)))
        .collect()
}

/// The same with every second cell of 8 × 8 pixels in the middle of the range: what has flat areas
/// beside busy ones.
pub(super) fn sparse_pattern(size: [u32; 2], components: u32, bits: u32) -> Vec<u16> {
    let mut values = pattern(size, components, bits);
    for (index, value) in values.iter_mut().enumerate() {
        let pixel = index as u32 / components;
        let [x, y] = [pixel % size[0], pixel / size[0]];
        if (x / 8 + y / 8) % 2 == 1 {
            *value = 1 << (bits - 1);
        }
    }
    values
}

/// Values that fit a byte.
pub(super) fn bytes(values: &[u16]) -> Vec<u8> {
    values.iter().map(|&v| u8::try_from(v).expect("8-bit values")).collect()
}
