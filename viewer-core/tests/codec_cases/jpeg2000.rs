//! JPEG 2000 codestreams of OpenJPEG.

use viewer_core::codec::{DecodeError, decode_frame, decode_stored};
use viewer_core::exam::ImageFormat;
use viewer_core::pixel::FramePixels;
use viewer_core::pixel::color::ColorModel;
use viewer_core::pixel::samples::StoredSamples;

use super::frames::{JPEG_2000, JPEG_2000_LOSSY, bytes, color, gray, pattern};

pub(super) const SIZE: [u32; 2] = [13, 7];
pub(super) const UNSIGNED_12: &[u8] = include_bytes!("../codec_vectors/gray12u_53.j2k");
const SIGNED_12: &[u8] = include_bytes!("../codec_vectors/gray12s_53.j2k");
const SIGNED_16_JP2: &[u8] = include_bytes!("../codec_vectors/gray16s_53.jp2");
pub(super) const RCT: &[u8] = include_bytes!("../codec_vectors/rgb8_rct.j2k");
const PLAIN: &[u8] = include_bytes!("../codec_vectors/rgb8_plain.j2k");
const LOSSY: &[u8] = include_bytes!("../codec_vectors/gray12u_97.j2k");
const LOSSY_SAMPLES: &[u8] = include_bytes!("../codec_vectors/gray12u_97.u16le");

fn signed(bits: u32) -> Vec<i16> {
    pattern(SIZE, 1, bits).iter().map(|&v| (i32::from(v) - (1 << (bits - 1))) as i16).collect()
}

#[test]
fn reversible_grey_comes_back_with_its_sign() {
    let unsigned = decode_stored(JPEG_2000, UNSIGNED_12, &gray(SIZE, 12, false)).expect("whole");
    assert_eq!(unsigned.samples, StoredSamples::U16(pattern(SIZE, 1, 12)));
    assert!(!unsigned.lossy);
    let negative = decode_stored(JPEG_2000, SIGNED_12, &gray(SIZE, 12, true)).expect("whole");
    assert_eq!(negative.samples, StoredSamples::I16(signed(12)));
    let wrapped = decode_stored(JPEG_2000, SIGNED_16_JP2, &gray(SIZE, 16, true)).expect("whole");
    assert_eq!(wrapped.samples, StoredSamples::I16(signed(16)));
}

/// An unsigned codestream under a signed header holds two's complement.
#[test]
fn pixel_representation_decides_how_an_unsigned_codestream_is_read() {
    let stored = decode_stored(JPEG_2000, UNSIGNED_12, &gray(SIZE, 12, true)).expect("whole");
    let fold = |v: u16| if v < 2048 { v as i16 } else { v as i16 - 4096 };
    let expected = pattern(SIZE, 1, 12).into_iter().map(fold).collect();
    assert_eq!(stored.samples, StoredSamples::I16(expected));
}

#[test]
fn colour_is_what_the_codestream_says() {
    let expected = StoredSamples::U8(bytes(&pattern(SIZE, 3, 8)));
    for (codestream, photometric, model) in [
        (RCT, "YBR_RCT", ColorModel::Rgb),
        (RCT, "RGB", ColorModel::Rgb),
        // A wrong label: the transform is undone all the same, what comes out is RGB.
        (RCT, "YBR_FULL", ColorModel::Rgb),
        (PLAIN, "RGB", ColorModel::Rgb),
        (PLAIN, "YBR_FULL", ColorModel::YbrFull),
    ] {
        let stored = decode_stored(JPEG_2000, codestream, &color(SIZE, 8, photometric));
        let stored = stored.expect("whole");
        assert_eq!((&stored.samples, stored.color), (&expected, model), "{photometric}");
    }
}

#[test]
fn overshoot_of_a_lossy_wavelet_is_clamped() {
    let frame = decode_frame(JPEG_2000_LOSSY, LOSSY, &gray([16, 16], 12, false), None);
    let frame = frame.expect("whole");
    assert!(frame.lossy);
    assert_eq!(frame.range, Some([0.0, 4095.0].into()));
    let FramePixels::GrayU16(samples) = frame.frame.pixels() else { panic!("12 bits") };
    let reference = LOSSY_SAMPLES.as_chunks::<2>().0.iter().map(|&b| u16::from_le_bytes(b));
    for (index, (found, expected)) in samples.iter().zip(reference).enumerate() {
        assert!(found.abs_diff(expected) <= 1, "sample {index}: {found}, not {expected}");
    }
}

#[test]
fn a_codestream_of_another_shape_is_refused() {
    let error = |format: &ImageFormat| {
        decode_stored(JPEG_2000, UNSIGNED_12, format).expect_err("another shape")
    };
    assert_eq!(
        error(&gray([7, 13], 12, false)),
        DecodeError::SizeMismatch { header_columns: 7, header_rows: 13, columns: 13, rows: 7 }
    );
    let codec = "JPEG 2000";
    assert_eq!(
        error(&gray(SIZE, 8, false)),
        DecodeError::DepthMismatch { codec, precision: 12, bits_stored: 8, bits_allocated: 8 }
    );
    assert_eq!(
        error(&color(SIZE, 12, "RGB")),
        DecodeError::ComponentMismatch { codec, components: 1, samples_per_pixel: 3 }
    );
}

/// Up to the end of the last packet; the marker behind it may be missing, the picture is whole then.
#[test]
fn every_cut_is_noticed() {
    for length in 4..UNSIGNED_12.len() - 2 {
        let result = decode_stored(JPEG_2000, &UNSIGNED_12[..length], &gray(SIZE, 12, false));
        assert!(result.is_err(), "cut at {length}");
    }
}

/// SOT's own number of tiles would be a number of allocations.
#[test]
fn more_tiles_than_can_be_numbered_are_refused() {
    let mut bomb = UNSIGNED_12.to_vec();
    // XTsiz and YTsiz: tiles of one pixel; Xsiz and Ysiz: 70000 columns, one row.
    bomb[24..32].copy_from_slice(&[0, 0, 0, 1, 0, 0, 0, 1]);
    bomb[8..16].copy_from_slice(&[0, 1, 0x11, 0x70, 0, 0, 0, 1]);
    let error = decode_stored(JPEG_2000, &bomb, &gray(SIZE, 12, false)).expect_err("a bomb");
    let limit = 65_535;
    let (codec, what, actual) = ("JPEG 2000", "number of tiles", 70_000);
    assert_eq!(error, DecodeError::TooLarge { codec, what, actual, limit });
}
