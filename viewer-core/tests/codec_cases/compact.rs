//! Native frames that the server encodes for the page come back to the last bit, or are not encoded.

use proptest::prelude::*;
use viewer_core::codec::{COMPACT_UID, DecodeError, decode_stored, encode_compact, encode_jpeg_ls};
use viewer_core::exam::ImageFormat;

use super::frames::{EXPLICIT_BIG, EXPLICIT_LITTLE, JPEG_LS, color, gray, pattern};

/// A picture in the middle of a flat field, as cells.
fn cells(format: &ImageFormat, values: &[u16]) -> Vec<u8> {
    let bits = u32::from(16 - format.bits_stored);
    let extended = |value: u16| match format.signed {
        true => ((value << bits).cast_signed() >> bits).cast_unsigned(),
        false => value << bits >> bits,
    };
    let bytes = |value: &u16| extended(*value).to_le_bytes();
    match format.bits_allocated {
        8 => values.iter().map(|value| bytes(value)[0]).collect(),
        _ => values.iter().flat_map(bytes).collect(),
    }
}

fn assert_comes_back(format: &ImageFormat, values: &[u16]) {
    let native = cells(format, values);
    if let Some(compact) = encode_compact(EXPLICIT_LITTLE, &native, format) {
        let expected = decode_stored(EXPLICIT_LITTLE, &native, format);
        assert_eq!(decode_stored(COMPACT_UID, &compact, format), expected);
        assert!(compact.len() < native.len());
    }
}

#[test]
fn values_about_zero_are_small_steps() {
    let size = [64, 64];
    let values: Vec<u16> = pattern(size, 1, 3).into_iter().map(|v| v.wrapping_sub(4)).collect();
    let format = gray(size, 16, true);
    let native = cells(&format, &values);
    let compact = encode_compact(EXPLICIT_LITTLE, &native, &format).expect("smaller");
    assert!(compact.len() * 3 < native.len(), "{} of {}", compact.len(), native.len());
    assert_comes_back(&format, &values);
    let plain = encode_jpeg_ls(&values, [64, 64], 1, 16).expect("sixteen bits");
    assert!(plain.len() * 5 > compact.len() * 6, "two's complement: {}", plain.len());
}

#[test]
fn what_would_not_come_back_is_not_encoded() {
    let (size, flat) = ([16, 16], vec![5_u16; 256]);
    let format = gray(size, 12, false);
    let native = cells(&format, &flat);
    assert!(encode_compact(EXPLICIT_LITTLE, &native, &format).is_some());
    assert_eq!(encode_compact(EXPLICIT_BIG, &native, &format), None, "the other order");
    assert_eq!(encode_compact(JPEG_LS, &native, &format), None, "encoded already");
    assert_eq!(encode_compact(EXPLICIT_LITTLE, &native[2..], &format), None, "cut off");
    let mut overlaid = native.clone();
    overlaid[301] |= 0x80;
    assert_eq!(encode_compact(EXPLICIT_LITTLE, &overlaid, &format), None, "an overlay");
    let noise: Vec<u16> = (0..256_u32).map(|i| ((i * i * 40503) >> 7) as u16).collect();
    let noisy = gray(size, 16, false);
    assert_eq!(encode_compact(EXPLICIT_LITTLE, &cells(&noisy, &noise), &noisy), None, "larger");
}

#[test]
fn another_depth_is_refused() {
    let eight = encode_jpeg_ls(&[3; 16], [4, 4], 1, 8).expect("eight bits");
    let refused = decode_stored(COMPACT_UID, &eight, &gray([4, 4], 12, true));
    assert!(matches!(refused, Err(DecodeError::Corrupt { .. })), "{refused:?}");
}

/// What the decoder of others made of it: entropy-coded data of a lossless image is the same from every encoder.
#[test]
fn codes_are_those_of_charls() {
    let gray8 = &include_bytes!("../codec_vectors/gray8.jls")[..];
    let gray16 = include_bytes!("../codec_vectors/gray16.jls");
    for (vector, bits) in [(gray8, 8), (gray16, 16)] {
        let ours = encode_jpeg_ls(&pattern([13, 7], 1, bits), [13, 7], 1, bits as u8);
        assert_eq!(scan(&ours.expect("a picture")), scan(vector));
    }
}

/// From the header of the scan to the end.
fn scan(codestream: &[u8]) -> &[u8] {
    let start = codestream.windows(3).position(|window| window == [0xFF, 0xDA, 0]);
    &codestream[start.expect("a scan")..]
}

fn formats() -> impl Strategy<Value = ImageFormat> {
    let size = [1_u32..30, 1_u32..30];
    prop_oneof![
        (size.clone(), 2_u16..=16, any::<bool>())
            .prop_map(|(size, bits, signed)| gray(size, bits, signed)),
        size.prop_map(|size| color(size, 8, "RGB")),
    ]
}

proptest! {
    #[test]
    fn every_native_frame_comes_back(format in formats(), seed in any::<u16>(), smooth in 0_u32..16) {
        let size = [format.columns, format.rows];
        let values = pattern(size, format.samples_per_pixel.into(), 16);
        let values: Vec<u16> = values.iter().map(|v| (v >> smooth).wrapping_add(seed)).collect();
        assert_comes_back(&format, &values);
    }
}
