//! Native and deflated frames.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use viewer_core::codec::{DecodeError, Family, decode_frame, decode_stored};
use viewer_core::exam::{ImageFormat, SampleKind};
use viewer_core::pixel::FramePixels;
use viewer_core::pixel::samples::{LayoutError, StoredSamples};

use super::frames::{DEFLATED_FRAME, EXPLICIT_BIG, EXPLICIT_LITTLE, color, gray};

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn byte_orders_give_the_same_samples() {
    let format = gray([2, 1], 16, false);
    let little = decode_stored(EXPLICIT_LITTLE, &[0x34, 0x12, 0x78, 0x56], &format);
    let big = decode_stored(EXPLICIT_BIG, &[0x12, 0x34, 0x56, 0x78], &format);
    assert_eq!(little.expect("whole").samples, StoredSamples::U16(vec![0x1234, 0x5678]));
    assert_eq!(big.expect("whole").samples, StoredSamples::U16(vec![0x1234, 0x5678]));
}

#[test]
fn thirty_two_bits_are_kept_and_doubles_become_f32() {
    let long = ImageFormat { bits_allocated: 32, ..gray([2, 1], 32, true) };
    let long = ImageFormat { high_bit: 31, ..long };
    let bytes = [0xFE, 0xFF, 0xFF, 0xFF, 0x04, 0x03, 0x02, 0x01];
    let frame = decode_frame(EXPLICIT_LITTLE, &bytes, &long, None).expect("whole");
    assert_eq!(*frame.frame.pixels(), FramePixels::GrayI32(vec![-2, 16_909_060]));
    assert_eq!(frame.range, Some([-2.0, 16_909_060.0].into()));
    let double = ImageFormat { bits_allocated: 64, samples: SampleKind::Double, ..long };
    let bytes: Vec<u8> = [1.0e-3, f64::NAN].iter().flat_map(|v| v.to_le_bytes()).collect();
    let frame = decode_frame(EXPLICIT_LITTLE, &bytes, &double, None).expect("whole");
    assert_eq!(frame.range, Some([1.0e-3, 1.0e-3].into()));
    let FramePixels::GrayF32(pixels) = frame.frame.pixels() else { panic!("no floats") };
    assert!(pixels[0] == 1.0e-3 && pixels[1].is_nan());
    assert!(!frame.lossy);
}

#[test]
fn planes_and_pixels_give_the_same_colour() {
    let interleaved = color([2, 1], 8, "RGB");
    let planar = ImageFormat { planar: true, ..interleaved.clone() };
    let expected = FramePixels::Rgba8(vec![1, 2, 3, 255, 4, 5, 6, 255]);
    for (format, bytes) in [(interleaved, [1, 2, 3, 4, 5, 6]), (planar, [1, 4, 2, 5, 3, 6])] {
        let frame = decode_frame(EXPLICIT_LITTLE, &bytes, &format, None).expect("whole");
        assert_eq!(*frame.frame.pixels(), expected);
        assert_eq!(frame.range, None);
    }
}

#[test]
fn subsampled_chroma_is_expanded() {
    let format = color([4, 1], 8, "YBR_FULL_422");
    let stored = decode_stored(EXPLICIT_LITTLE, &[10, 11, 20, 30, 12, 13, 21, 31], &format);
    let expected = vec![10, 20, 30, 11, 20, 30, 12, 21, 31, 13, 21, 31];
    assert_eq!(stored.expect("whole").samples, StoredSamples::U8(expected));
    let error = decode_stored(EXPLICIT_LITTLE, &[0; 12], &format).expect_err("4:4:4 data");
    assert_eq!(error, DecodeError::LengthMismatch { codec: "native", expected: 8, found: 12 });
}

#[test]
fn a_frame_has_its_length_or_one_byte_of_padding() {
    let format = gray([3, 1], 8, false);
    let decode = |bytes: &[u8]| decode_stored(EXPLICIT_LITTLE, bytes, &format);
    assert_eq!(decode(&[1, 2, 3]).expect("whole").samples, StoredSamples::U8(vec![1, 2, 3]));
    assert_eq!(decode(&[1, 2, 3, 0]).expect("padded").samples, StoredSamples::U8(vec![1, 2, 3]));
    let truncated = DecodeError::Truncated { codec: "native", at: "pixel cells" };
    assert_eq!(decode(&[1, 2]).expect_err("short"), truncated);
    let error = DecodeError::LengthMismatch { codec: "native", expected: 3, found: 5 };
    assert_eq!(decode(&[1, 2, 3, 4, 5]).expect_err("long"), error);
}

#[test]
fn codestreams_under_a_native_label_are_told_from_samples_that_look_like_one() {
    let soc = [0xFF, 0x4F, 0xFF, 0x51, 0, 0];
    let error = decode_stored(EXPLICIT_LITTLE, &soc, &gray([100, 1], 8, false));
    let expected = DecodeError::Mislabelled { labelled: Family::Native, found: Family::Jpeg2000 };
    assert_eq!(error, Err(expected));
    let samples = decode_stored(EXPLICIT_LITTLE, &soc, &gray([6, 1], 8, false));
    assert_eq!(samples.expect("six samples").samples, StoredSamples::U8(soc.to_vec()));
}

#[test]
fn deflated_frames_are_inflated_to_their_size_and_no_further() {
    let format = gray([4, 1], 12, true);
    let cells = [0xFF, 0x0F, 0x00, 0xF8, 0x34, 0x02, 0x01, 0x00];
    let stored = decode_stored(DEFLATED_FRAME, &deflate(&cells), &format).expect("whole");
    assert_eq!(stored.samples, StoredSamples::I16(vec![-1, -2048, 0x234, 1]));
    let error = |bytes: &[u8]| decode_stored(DEFLATED_FRAME, bytes, &format).expect_err("broken");
    let bomb = deflate(&vec![0; 10_000_000]);
    let too_long = DecodeError::LengthMismatch { codec: "native", expected: 8, found: 10 };
    assert_eq!(error(&bomb), too_long);
    let cut = deflate(&cells);
    let truncated = DecodeError::Truncated { codec: "deflate", at: "deflate stream" };
    assert_eq!(error(&cut[..cut.len() - 4]), truncated);
    assert!(matches!(error(&[0xFF; 8]), DecodeError::Corrupt { codec: "deflate", .. }));
}

#[test]
fn attributes_that_contradict_each_other_are_refused() {
    let error = |format: ImageFormat| {
        decode_stored(EXPLICIT_LITTLE, &[0; 8], &format).expect_err("a contradiction")
    };
    let good = gray([2, 2], 12, false);
    let bits = |allocated, stored, high| {
        DecodeError::Layout(LayoutError::Bits { allocated, stored, high })
    };
    let cases = [
        (ImageFormat { bits_allocated: 13, ..good.clone() }, bits(13, 12, 11)),
        (ImageFormat { bits_stored: 20, ..good.clone() }, bits(16, 20, 11)),
        (ImageFormat { bits_stored: 0, ..good.clone() }, bits(16, 0, 11)),
        (ImageFormat { high_bit: 3, ..good.clone() }, bits(16, 12, 3)),
        (ImageFormat { high_bit: 16, ..good.clone() }, bits(16, 12, 16)),
        (
            ImageFormat { samples_per_pixel: 2, ..good.clone() },
            DecodeError::Layout(LayoutError::SamplesPerPixel(2)),
        ),
        (
            ImageFormat { rows: 0, ..good.clone() },
            DecodeError::Layout(LayoutError::Empty { rows: 0, columns: 2 }),
        ),
        (
            ImageFormat { samples_per_pixel: 3, ..good.clone() },
            DecodeError::SamplesPerPixel {
                photometric: "MONOCHROME2".to_owned(),
                samples_per_pixel: 3,
            },
        ),
        (
            ImageFormat { photometric_interpretation: "FOO".to_owned(), ..good },
            DecodeError::Photometric("FOO".to_owned()),
        ),
    ];
    for (format, expected) in cases {
        assert_eq!(error(format), expected);
    }
}
