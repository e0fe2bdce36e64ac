//! Damaged and made-up input: an error or a frame of the right size, never a panic.

use libjpeg_turbo_rs::Subsampling;
use proptest::prelude::*;
use viewer_core::codec::{
    ArrivingFrame, DecodeError, TRANSFER_SYNTAXES, decode_into, decode_prefix, decode_reduced,
    decode_stored,
};
use viewer_core::exam::ImageFormat;

use super::frames::{
    DEFLATED_FRAME, HTJ2K, JPEG_2000, JPEG_BASELINE, JPEG_LOSSLESS, JPEG_LS, JPEG_XL, RLE, color,
    gray, pattern,
};
use super::{jpeg, jpeg_ls, jpeg_ls_encoder, jpeg_xl, jpeg2000, jpeg2000_vectors, rle};

const SIZE: [u32; 2] = [13, 7];

/// Whole frames of every family.
fn samples() -> Vec<(&'static str, ImageFormat, Vec<u8>)> {
    let cells: Vec<u8> = pattern(SIZE, 1, 16).iter().flat_map(|v| v.to_le_bytes()).collect();
    let lossless = libjpeg_turbo_rs::precision::compress_lossless_arbitrary(
        &pattern(SIZE, 3, 12),
        13,
        7,
        3,
        12,
        6,
        0,
    );
    let by_sample = jpeg_ls_encoder::Options {
        interleave: 2,
        restart_lines: 3,
        ..jpeg_ls::options(SIZE, 3, 8)
    };
    let (jls_color, _) = jpeg_ls_encoder::encode(&by_sample, &pattern(SIZE, 3, 8));
    let (jls, _) = jpeg_ls_encoder::encode(&jpeg_ls::options(SIZE, 1, 12), &pattern(SIZE, 1, 12));
    let rgb = color(SIZE, 8, "RGB");
    vec![
        (RLE, gray(SIZE, 16, false), rle::encode(&cells, 2, 1)),
        (JPEG_BASELINE, rgb.clone(), jpeg::baseline(SIZE, Subsampling::S420)),
        (JPEG_LOSSLESS, color(SIZE, 12, "RGB"), lossless.expect("encodes")),
        (JPEG_LS, rgb.clone(), jls_color),
        (JPEG_LS, gray(SIZE, 12, true), jls),
        (JPEG_2000, rgb.clone(), jpeg2000::RCT.to_vec()),
        (JPEG_XL, rgb, jpeg_xl::RGB_8.to_vec()),
        (JPEG_XL, gray(SIZE, 12, false), jpeg_xl::GRAY_12.to_vec()),
        (JPEG_2000, gray(SIZE, 12, false), jpeg2000::UNSIGNED_12.to_vec()),
        (DEFLATED_FRAME, gray(SIZE, 16, false), cells),
    ]
}

/// Wavelet codestreams that use most of what there is.
const WAVELETS: [&str; 12] = [
    "rgb8_rpcl.j2k",
    "rgb8_cprl_tiles.j2k",
    "rgb8_poc.j2k",
    "rgb8_ppm.j2k",
    "rgb8_coc_qcc.j2k",
    "rgb8_roi.j2k",
    "gray12_style_all.j2k",
    "gray12_style_bypass.j2k",
    "gray12_irreversible.j2k",
    "ht_rgb8_tiles.j2c",
    "ht_gray11_refined.j2c",
    "ht_gray12_blocks_1024x4.j2c",
];

fn check(syntax: &str, format: &ImageFormat, encoded: &[u8]) {
    if let Ok(frame) = decode_stored(syntax, encoded, format) {
        assert_eq!((frame.columns, frame.rows), (format.columns, format.rows));
        let expected = format.columns * format.rows * u32::from(format.samples_per_pixel);
        assert_eq!(frame.samples.len(), expected as usize);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn damaged_frames(
        which in 0usize..10,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let (syntax, format, mut encoded) = samples().swap_remove(which);
        for (index, value) in changes {
            *index.get_mut(&mut encoded) = value;
        }
        if let Some(cut) = cut {
            encoded.truncate(cut.index(encoded.len()));
        }
        check(syntax, &format, &encoded);
    }

    #[test]
    fn damaged_wavelets(
        name in prop::sample::select(&WAVELETS[..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
        levels in 0u8..3,
    ) {
        let mut encoded = jpeg2000_vectors::vector(name);
        for (index, value) in changes {
            *index.get_mut(&mut encoded) = value;
        }
        if let Some(cut) = cut {
            encoded.truncate(cut.index(encoded.len()));
        }
        let format = jpeg2000_vectors::format_of(name, jpeg2000_vectors::SIZE);
        check(HTJ2K, &format, &encoded);
        let most = (format.columns * format.rows * u32::from(format.samples_per_pixel)) as usize;
        let reduced = decode_reduced(JPEG_2000, &encoded, &format, levels);
        let prefix = decode_prefix(JPEG_2000, &encoded, &format);
        for found in [reduced, prefix].into_iter().flatten() {
            prop_assert!(found.frame.samples.len() <= most);
        }
        let mut arriving = ArrivingFrame::new(JPEG_2000, &format).expect("of this family");
        for piece in [8, 3, 2, 1] {
            arriving.look(&encoded[..encoded.len() / piece]);
        }
        prop_assert_eq!(arriving.finish(&encoded), decode_stored(JPEG_2000, &encoded, &format));
    }

    #[test]
    fn made_up_frames(
        row in 0..TRANSFER_SYNTAXES.len(),
        start in prop::sample::select(vec![
            vec![], vec![0xFF, 0xD8, 0xFF], vec![0xFF, 0x4F, 0xFF, 0x51], vec![1, 0, 0, 0, 64],
            vec![0xFF, 0x0A],
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let encoded = [start, rest].concat();
        check(TRANSFER_SYNTAXES[row].uid, &gray([5, 3], 12, true), &encoded);
        check(TRANSFER_SYNTAXES[row].uid, &color([3, 2], 8, "YBR_FULL"), &encoded);
    }
}

#[test]
fn whole_frames_of_the_samples_are_whole() {
    for (syntax, format, encoded) in samples() {
        if syntax != DEFLATED_FRAME {
            assert!(decode_stored(syntax, &encoded, &format).is_ok(), "{syntax}");
        }
    }
}

#[test]
fn a_buffer_of_the_caller_gets_the_same_samples() {
    for (syntax, format, encoded) in samples() {
        let Ok(stored) = decode_stored(syntax, &encoded, &format) else { continue };
        let expected = stored.samples.to_le_bytes();
        let mut buffer = vec![0xA5; expected.len()];
        let info = decode_into(syntax, &encoded, &format, &mut buffer).expect("whole");
        assert_eq!((info, &buffer), (stored.info(), &expected), "{syntax}");
        assert_eq!(info.lossy, syntax == JPEG_BASELINE, "{syntax}");
        let mut short = vec![0xA5; expected.len() - 1];
        let error = decode_into(syntax, &encoded, &format, &mut short).expect_err("too short");
        let (expected, found) = (expected.len() as u64, short.len() as u64);
        assert_eq!(error, DecodeError::LengthMismatch { codec: "buffer", expected, found });
        assert!(short.iter().all(|&byte| byte == 0xA5), "untouched");
    }
}
