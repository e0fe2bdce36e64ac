//! JPEG XL codestreams of libjxl.

use viewer_core::codec::{
    DecodeError, Family, StoredFrame, decode_frame, decode_jpeg_xl_prefix, decode_stored,
};
use viewer_core::exam::ImageFormat;
use viewer_core::pixel::color::ColorModel;
use viewer_core::pixel::samples::StoredSamples;

use super::frames::{JPEG_2000, JPEG_XL, JPEG_XL_LOSSLESS, bytes, color, gray, pattern};

pub(super) const SIZE: [u32; 2] = [13, 7];
const GRAY_8: &[u8] = include_bytes!("../codec_vectors/gray8.jxl");
pub(super) const GRAY_12: &[u8] = include_bytes!("../codec_vectors/gray12.jxl");
const GRAY_16: &[u8] = include_bytes!("../codec_vectors/gray16.jxl");
pub(super) const RGB_8: &[u8] = include_bytes!("../codec_vectors/rgb8.jxl");
const RGB_16: &[u8] = include_bytes!("../codec_vectors/rgb16.jxl");
const RAMP_16: &[u8] = include_bytes!("../codec_vectors/ramp16.jxl");
const LARGE: &[u8] = include_bytes!("../codec_vectors/gray8_large.jxl");
const LARGE_SIZE: [u32; 2] = [320, 300];
/// Lossy codestreams with their samples by libjxl.
const LOSSY_RGB: [(&[u8], &[u8]); 3] = [
    (
        include_bytes!("../codec_vectors/rgb8_jpeg420.jxl"),
        include_bytes!("../codec_vectors/rgb8_jpeg420.rgb"),
    ),
    (
        include_bytes!("../codec_vectors/rgb8_jpeg444.jxl"),
        include_bytes!("../codec_vectors/rgb8_jpeg444.rgb"),
    ),
    (
        include_bytes!("../codec_vectors/rgb8_xyb.jxl"),
        include_bytes!("../codec_vectors/rgb8_xyb.rgb"),
    ),
];
const LOSSY_GRAY: (&[u8], &[u8]) = (
    include_bytes!("../codec_vectors/gray8_jpeg.jxl"),
    include_bytes!("../codec_vectors/gray8_jpeg.u8"),
);
const LOSSY_SIZE: [u32; 2] = [40, 24];

fn stored(codestream: &[u8], format: &ImageFormat) -> StoredFrame {
    decode_stored(JPEG_XL_LOSSLESS, codestream, format).expect("whole")
}

#[test]
fn lossless_grey_comes_back_in_integers() {
    let frame = stored(GRAY_8, &gray(SIZE, 8, false));
    assert_eq!(frame.samples, StoredSamples::U8(bytes(&pattern(SIZE, 1, 8))));
    assert_eq!((frame.lossy, frame.color, frame.bits), (false, ColorModel::Gray, 8));
    for (codestream, bits) in [(GRAY_12, 12), (GRAY_16, 16)] {
        let frame = stored(codestream, &gray(SIZE, bits, false));
        assert_eq!(frame.samples, StoredSamples::U16(pattern(SIZE, 1, bits.into())), "{bits}");
        assert!(!frame.lossy);
    }
}

#[test]
fn every_value_of_16_bits_is_exact() {
    let frame = stored(RAMP_16, &gray([256, 256], 16, false));
    assert_eq!(frame.samples, StoredSamples::U16((0..=u16::MAX).collect()));
}

/// JPEG XL has no sign: Pixel Representation says that the samples are two's complement.
#[test]
fn signed_samples_are_twos_complement_of_their_depth() {
    let expected = |bits: u32| {
        let sign = 16 - bits;
        let values = pattern(SIZE, 1, bits).into_iter();
        StoredSamples::I16(values.map(|v| ((v << sign) as i16) >> sign).collect())
    };
    assert_eq!(stored(GRAY_12, &gray(SIZE, 12, true)).samples, expected(12));
    assert_eq!(stored(GRAY_16, &gray(SIZE, 16, true)).samples, expected(16));
    let eight = pattern(SIZE, 1, 8).into_iter().map(|v| v as u8 as i8).collect();
    assert_eq!(stored(GRAY_8, &gray(SIZE, 8, true)).samples, StoredSamples::I8(eight));
    let all = (0..=u16::MAX).map(|v| v as i16).collect();
    assert_eq!(stored(RAMP_16, &gray([256, 256], 16, true)).samples, StoredSamples::I16(all));
}

#[test]
fn lossless_colour_is_what_the_photometric_interpretation_says() {
    let expected = StoredSamples::U8(bytes(&pattern(SIZE, 3, 8)));
    for (photometric, model) in [("RGB", ColorModel::Rgb), ("YBR_FULL", ColorModel::YbrFull)] {
        let frame = stored(RGB_8, &color(SIZE, 8, photometric));
        assert_eq!((&frame.samples, frame.color), (&expected, model), "{photometric}");
        assert!(!frame.lossy);
    }
    let frame = stored(RGB_16, &color(SIZE, 16, "RGB"));
    assert_eq!((frame.samples, frame.bits), (StoredSamples::U16(pattern(SIZE, 3, 16)), 16));
}

/// Recompressed JPEG, with and without chroma subsampling, and XYB: RGB comes out whatever the label.
#[test]
fn transformed_colour_is_rgb_as_in_the_reference_decoder() {
    for (codestream, reference) in LOSSY_RGB {
        for photometric in ["RGB", "YBR_FULL_422", "XYB"] {
            let frame = stored(codestream, &color(LOSSY_SIZE, 8, photometric));
            assert_eq!((frame.color, frame.lossy), (ColorModel::Rgb, true), "{photometric}");
            assert_near(&frame.samples, reference);
        }
    }
    let frame = stored(LOSSY_GRAY.0, &gray(LOSSY_SIZE, 8, false));
    assert_eq!((frame.color, frame.lossy), (ColorModel::Gray, true));
    assert_near(&frame.samples, LOSSY_GRAY.1);
}

fn assert_near(samples: &StoredSamples, reference: &[u8]) {
    let StoredSamples::U8(samples) = samples else { panic!("8 bits") };
    assert_eq!(samples.len(), reference.len());
    for (index, (found, expected)) in samples.iter().zip(reference).enumerate() {
        assert!(found.abs_diff(*expected) <= 1, "sample {index}: {found}, not {expected}");
    }
}

#[test]
fn a_codestream_of_another_shape_is_refused() {
    let codec = "JPEG XL";
    let error =
        |format: &ImageFormat| decode_stored(JPEG_XL, GRAY_12, format).expect_err("another shape");
    assert_eq!(
        error(&gray([7, 13], 12, false)),
        DecodeError::SizeMismatch { header_columns: 7, header_rows: 13, columns: 13, rows: 7 }
    );
    assert_eq!(
        error(&gray(SIZE, 8, false)),
        DecodeError::DepthMismatch { codec, precision: 12, bits_stored: 8, bits_allocated: 8 }
    );
    assert_eq!(
        error(&color(SIZE, 12, "RGB")),
        DecodeError::ComponentMismatch { codec, components: 1, samples_per_pixel: 3 }
    );
}

#[test]
fn every_cut_is_noticed() {
    for (whole, format) in [
        (GRAY_12, gray(SIZE, 12, false)),
        (GRAY_16, gray(SIZE, 16, false)),
        (LOSSY_RGB[0].0, color(LOSSY_SIZE, 8, "RGB")),
    ] {
        for length in 0..whole.len() {
            let error = decode_stored(JPEG_XL, &whole[..length], &format).expect_err("cut");
            assert!(matches!(error, DecodeError::Truncated { .. }), "cut at {length}: {error}");
        }
    }
}

/// From some length on there is a picture, and it comes closer to the whole as more arrives.
#[test]
fn a_prefix_gives_a_first_look() {
    let format = gray(LARGE_SIZE, 8, false);
    let StoredSamples::U8(whole) = stored(LARGE, &format).samples else { panic!("8 bits") };
    let error_at = |length: usize| {
        let frame = decode_jpeg_xl_prefix(&LARGE[..length], &format).expect("no defect")?;
        assert!(frame.lossy);
        let StoredSamples::U8(samples) = frame.samples else { panic!("8 bits") };
        let sum: u32 = samples.iter().zip(&whole).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
        Some(f64::from(sum) / whole.len() as f64)
    };
    assert_eq!(error_at(10), None);
    assert_eq!(error_at(LARGE.len()), Some(0.0));
    let early = error_at(LARGE.len() * 3 / 4).expect("three quarters give a picture");
    assert!(early < 20.0, "mean difference {early}");
}

#[test]
fn xyb_needs_a_codestream_that_says_what_it_means() {
    let format = color(SIZE, 8, "XYB");
    let error = decode_stored(JPEG_2000, RGB_8, &format);
    assert_eq!(error, Err(DecodeError::Photometric("XYB".to_owned())));
}

#[test]
fn jpeg_xl_under_another_label_is_told() {
    let error = decode_frame(JPEG_2000, GRAY_12, &gray(SIZE, 12, false), None);
    let (labelled, found) = (Family::Jpeg2000, Family::JpegXl);
    assert_eq!(error, Err(DecodeError::Mislabelled { labelled, found }));
}
