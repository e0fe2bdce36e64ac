//! JPEG-LS: the standard's example, codestreams of CharLS, and everything the encoder here writes.

use proptest::prelude::*;
use viewer_core::codec::{DecodeError, StoredFrame, decode_stored};
use viewer_core::exam::ImageFormat;
use viewer_core::pixel::samples::StoredSamples;

use super::frames::{JPEG_LS, JPEG_LS_NEAR, bytes, color, gray, pattern};
use super::jpeg_ls_encoder::{Options, encode};

const SIZE: [u32; 2] = [13, 7];

/// ITU-T T.87 annex H.3.
const ANNEX_H: [u8; 57] = [
    0xFF, 0xD8, 0xFF, 0xF7, 0x00, 0x0B, 0x08, 0x00, 0x04, 0x00, 0x04, 0x01, 0x01, 0x11, 0x00, 0xFF,
    0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0xC0, 0x00, 0x00, 0x6C, 0x80, 0x20, 0x8E,
    0x01, 0xC0, 0x00, 0x00, 0x57, 0x40, 0x00, 0x00, 0x6E, 0xE6, 0x00, 0x00, 0x01, 0xBC, 0x18, 0x00,
    0x00, 0x05, 0xD8, 0x00, 0x00, 0x91, 0x60, 0xFF, 0xD9,
];

pub(super) fn options(size: [u32; 2], components: usize, precision: u32) -> Options {
    Options {
        columns: size[0] as usize,
        rows: size[1] as usize,
        components,
        precision,
        near: 0,
        interleave: 0,
        preset: [0; 5],
        restart_lines: 0,
    }
}

fn format(options: &Options) -> ImageFormat {
    let size = [options.columns as u32, options.rows as u32];
    match options.components {
        1 => gray(size, options.precision as u16, false),
        _ => color(size, options.precision as u16, "RGB"),
    }
}

fn decode(options: &Options, codestream: &[u8]) -> StoredFrame {
    decode_stored(JPEG_LS, codestream, &format(options)).expect("whole")
}

fn stored(options: &Options, values: Vec<u16>) -> StoredSamples {
    if options.precision > 8 {
        StoredSamples::U16(values)
    } else {
        StoredSamples::U8(bytes(&values))
    }
}

#[test]
fn the_example_of_the_standard() {
    let frame = decode_stored(JPEG_LS, &ANNEX_H, &gray([4, 4], 8, false)).expect("whole");
    let expected = vec![0, 0, 90, 74, 68, 50, 43, 205, 64, 145, 145, 145, 100, 145, 145, 145];
    assert_eq!(frame.samples, StoredSamples::U8(expected));
    let values = [0, 0, 90, 74, 68, 50, 43, 205, 64, 145, 145, 145, 100, 145, 145, 145];
    let (codestream, _) = encode(&options([4, 4], 1, 8), &values);
    assert_eq!(codestream, ANNEX_H, "the encoder of these tests");
}

#[test]
fn codestreams_of_charls() {
    let eight = StoredSamples::U8(bytes(&pattern(SIZE, 1, 8)));
    let gray8 = include_bytes!("../codec_vectors/gray8.jls");
    let frame = decode_stored(JPEG_LS, gray8, &gray(SIZE, 8, false)).expect("whole");
    assert_eq!((frame.samples, frame.lossy), (eight, false));
    let gray16 = include_bytes!("../codec_vectors/gray16.jls");
    let frame = decode_stored(JPEG_LS, gray16, &gray(SIZE, 16, false)).expect("whole");
    assert_eq!(frame.samples, StoredSamples::U16(pattern(SIZE, 1, 16)));
    let rgb8 = include_bytes!("../codec_vectors/rgb8.jls");
    let frame = decode_stored(JPEG_LS, rgb8, &color(SIZE, 8, "RGB")).expect("whole");
    assert_eq!(frame.samples, StoredSamples::U8(bytes(&pattern(SIZE, 3, 8))));
    let near = include_bytes!("../codec_vectors/gray8_near3.jls");
    let frame = decode_stored(JPEG_LS_NEAR, near, &gray(SIZE, 8, false)).expect("whole");
    assert!(frame.lossy);
    // The first and the last line as CharLS decodes them.
    let StoredSamples::U8(found) = frame.samples else { panic!("8 bits") };
    assert_eq!(found[..13], [0, 35, 77, 119, 155, 192, 230, 17, 52, 92, 133, 175, 211]);
    assert_eq!(found[78..], [188, 161, 125, 98, 64, 31, 5, 224, 197, 163, 130, 100, 71]);
}

#[test]
fn signed_samples_are_twos_complement_of_bits_stored() {
    let (codestream, _) = encode(&options([4, 1], 1, 12), &[0x800, 0x7FF, 0xFFF, 0]);
    let frame = decode_stored(JPEG_LS, &codestream, &gray([4, 1], 12, true)).expect("whole");
    assert_eq!(frame.samples, StoredSamples::I16(vec![-2048, 2047, -1, 0]));
}

/// Flat areas with edges and noise, so that runs and regular samples meet.
fn mixed(options: &Options, seed: u32) -> Vec<u16> {
    let max = match options.preset[0] {
        0 => (1u32 << options.precision) - 1,
        max => u32::from(max),
    };
    let mut state = seed | 1;
    let mut noise = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    let count = options.columns * options.rows;
    let mut level = noise() % (max + 1);
    let mut values = Vec::new();
    for _ in 0..count {
        let dice = noise();
        if dice % 11 == 0 {
            level = noise() % (max + 1);
        }
        for component in 0..options.components as u32 {
            let jitter = if dice % 3 == 0 { noise() % 4 } else { component };
            values.push((level + jitter).min(max) as u16);
        }
    }
    values
}

fn any_options() -> impl Strategy<Value = (Options, u32)> {
    let shape = (1usize..40, 1usize..12, prop::sample::select(vec![1usize, 3]), 2u32..=16);
    let coding = (0u8..=2, 0usize..4, 0i32..=4, any::<bool>(), any::<u32>());
    (shape, coding).prop_map(|((columns, rows, components, precision), coding)| {
        let (interleave, restart_lines, near, custom, seed) = coding;
        let max = (1i32 << precision) - 1;
        let near = near.min(max / 2);
        let interleave = if components == 1 { 0 } else { interleave };
        let mut options = options([columns as u32, rows as u32], components, precision);
        (options.interleave, options.restart_lines, options.near) =
            (interleave, restart_lines, near);
        if custom && precision > 4 {
            let t1 = near as u16 + 2;
            options.preset = [max as u16 - 1, t1, t1 + 1, t1 + 2, 31];
        }
        (options, seed)
    })
}

proptest! {
    #[test]
    fn whatever_is_encoded_comes_back((options, seed) in any_options()) {
        let values = mixed(&options, seed);
        let (codestream, reconstructed) = encode(&options, &values);
        let frame = decode(&options, &codestream);
        prop_assert_eq!(&frame.samples, &stored(&options, reconstructed.clone()));
        prop_assert_eq!(frame.lossy, options.near > 0);
        for (original, found) in values.iter().zip(&reconstructed) {
            prop_assert!(i32::from(original.abs_diff(*found)) <= options.near);
        }
    }
}

#[test]
fn features_that_are_not_supported_are_named() {
    let (codestream, _) = encode(&options(SIZE, 1, 8), &pattern(SIZE, 1, 8));
    let scan = codestream.windows(2).position(|w| w == [0xFF, 0xDA]).expect("SOS");
    let format = gray(SIZE, 8, false);
    let error = |codestream: &[u8]| decode_stored(JPEG_LS, codestream, &format).expect_err("no");
    let feature =
        |name: &str| DecodeError::UnsupportedFeature { codec: "JPEG-LS", feature: name.to_owned() };
    let with = |offset: usize, value: u8| {
        let mut changed = codestream.clone();
        changed[scan + offset] = value;
        changed
    };
    assert_eq!(error(&with(6, 1)), feature("a mapping table"));
    assert_eq!(error(&with(9, 2)), feature("a point transform"));
    let before_scan = |segment: &[u8]| [&codestream[..scan], segment, &codestream[scan..]].concat();
    let transform = before_scan(b"\xFF\xE8\0\x07mrfx\x01");
    assert_eq!(error(&transform), feature("the colour transform of an APP8 segment"));
    let oversize = before_scan(&[0xFF, 0xF8, 0, 5, 4, 2, 0]);
    assert_eq!(error(&oversize), feature("images of more than 65535 rows or columns"));
    // A table that no scan uses is nothing.
    let table = before_scan(&[0xFF, 0xF8, 0, 6, 2, 1, 1, 9]);
    assert!(decode_stored(JPEG_LS, &table, &format).is_ok());
}

#[test]
fn every_cut_is_noticed() {
    let mut options = options(SIZE, 3, 12);
    options.restart_lines = 2;
    for interleave in 0..=2 {
        options.interleave = interleave;
        let (codestream, _) = encode(&options, &mixed(&options, 77));
        for length in 3..codestream.len() - 2 {
            let cut = decode_stored(JPEG_LS, &codestream[..length], &format(&options));
            assert!(cut.is_err(), "interleave {interleave} cut at {length}");
        }
    }
}
