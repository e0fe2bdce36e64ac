//! The processes of JPEG: which are decoded, and what is said of the others. Each needs its own scans;
//! what comes out must be the same.

use libjpeg_turbo_rs::common::types::ScanScript;
use libjpeg_turbo_rs::precision::compress_12bit;
use libjpeg_turbo_rs::{
    Encoder, PixelFormat, Subsampling, read_coefficients, write_coefficients_progressive,
};
use viewer_core::codec::{DecodeError, decode_stored};
use viewer_core::exam::ImageFormat;
use viewer_core::pixel::samples::StoredSamples;

use super::frames::{
    JPEG_BASELINE, JPEG_EXTENDED, JPEG_LOSSLESS, JPEG_PROGRESSIVE, color, gray, pattern,
};
use super::jpeg::{SIZE, baseline, ramp, restarted_scans};

fn decode(jpeg: &[u8], format: &ImageFormat) -> Result<StoredSamples, DecodeError> {
    decode_stored(JPEG_PROGRESSIVE, jpeg, format).map(|frame| {
        assert!(frame.lossy);
        frame.samples
    })
}

fn ybr(bits: u16) -> ImageFormat {
    color(SIZE, bits, "YBR_FULL_422")
}

fn words(bytes: &[u8]) -> StoredSamples {
    StoredSamples::U16(bytes.as_chunks::<2>().0.iter().map(|&v| u16::from_le_bytes(v)).collect())
}

/// Differences of rounding only: the inverse DCT may take another way.
fn assert_close(found: &StoredSamples, expected: &StoredSamples, tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for index in 0..found.len() {
        let [found, expected] =
            [found, expected].map(|samples| samples.value(index).expect("within"));
        assert!((found - expected).abs() <= tolerance, "{found}, not {expected}, at {index}");
    }
}

#[test]
fn frames_of_libjpeg_turbo() {
    let progressive = include_bytes!("../codec_vectors/ybr8_420_progressive.jpg");
    let expected = include_bytes!("../codec_vectors/ybr8_420_progressive.u8").to_vec();
    let found = decode(progressive, &ybr(8)).expect("whole");
    assert_eq!(found, StoredSamples::U8(expected));
    let gray12 = include_bytes!("../codec_vectors/gray12_extended.jpg");
    let expected = words(include_bytes!("../codec_vectors/gray12_extended.u16le"));
    assert_close(&decode(gray12, &gray(SIZE, 12, false)).expect("whole"), &expected, 1.0);
    let color12 = include_bytes!("../codec_vectors/ybr12_420_extended.jpg");
    let expected = words(include_bytes!("../codec_vectors/ybr12_420_extended.u16le"));
    assert_close(&decode(color12, &ybr(12)).expect("whole"), &expected, 2.0);
}

fn script(parts: &[(&[u8], [u8; 4])]) -> Vec<ScanScript> {
    let scan = |&(components, [ss, se, ah, al]): &(&[u8], [u8; 4])| ScanScript {
        components: components.to_vec(),
        ss,
        se,
        ah,
        al,
    };
    parts.iter().map(scan).collect()
}

/// Process 6 and 8, then process 10 and 12: bands of frequencies alone, and with bits one by one.
fn scripts() -> [Vec<ScanScript>; 2] {
    let bands = script(&[
        (&[0, 1, 2], [0, 0, 0, 0]),
        (&[0], [1, 9, 0, 0]),
        (&[2], [1, 63, 0, 0]),
        (&[1], [1, 63, 0, 0]),
        (&[0], [10, 63, 0, 0]),
    ]);
    let bits = script(&[
        (&[0, 1, 2], [0, 0, 0, 1]),
        (&[0], [1, 5, 0, 2]),
        (&[1], [1, 63, 0, 1]),
        (&[2], [1, 63, 0, 1]),
        (&[0], [6, 63, 0, 2]),
        (&[0], [1, 63, 2, 1]),
        (&[0, 1, 2], [0, 0, 1, 0]),
        (&[1], [1, 63, 1, 0]),
        (&[2], [1, 63, 1, 0]),
        (&[0], [1, 63, 1, 0]),
    ]);
    [bands, bits]
}

fn progressive(subsampling: Subsampling, script: Vec<ScanScript>) -> Vec<u8> {
    let (pixels, [columns, rows]) = (ramp(SIZE), SIZE.map(|v| v as usize));
    let encoder = Encoder::new(&pixels, columns, rows, PixelFormat::Rgb).quality(92);
    let encoder = encoder.subsampling(subsampling).progressive(true).scan_script(script);
    encoder.restart_blocks(5).encode().expect("encodes")
}

#[test]
fn progressive_frames_are_those_of_the_sequential_process() {
    use Subsampling::{S411, S420, S422, S440, S444};
    for subsampling in [S444, S422, S420, S440, S411] {
        let sequential = baseline(SIZE, subsampling);
        let expected = decode_stored(JPEG_BASELINE, &sequential, &ybr(8)).expect("whole").samples;
        for script in scripts() {
            let jpeg = progressive(subsampling, script);
            assert!(jpeg.windows(2).any(|pair| pair == [0xFF, 0xC2]), "a progressive frame");
            assert!(jpeg.windows(2).any(|pair| pair == [0xFF, 0xD1]), "restart intervals");
            assert_eq!(decode(&jpeg, &ybr(8)).as_ref(), Ok(&expected), "{subsampling:?}");
        }
    }
}

#[test]
fn twelve_bits_progressive_are_those_of_the_sequential_process() {
    let [columns, rows] = SIZE.map(|v| v as usize);
    for components in [1, 3] {
        let count = rows * columns * components;
        let values: Vec<i16> = (0..count).map(|i| (i * 37 % 4096) as i16).collect();
        let sequential = compress_12bit(&values, columns, rows, components, 90, Subsampling::S444);
        let sequential = sequential.expect("encodes");
        let coefficients = read_coefficients(&sequential).expect("reads");
        let jpeg = write_coefficients_progressive(&coefficients, None).expect("encodes");
        let format = if components == 1 { gray(SIZE, 12, false) } else { ybr(12) };
        let expected = decode_stored(JPEG_EXTENDED, &sequential, &format).expect("whole").samples;
        assert_eq!(decode(&jpeg, &format), Ok(expected));
    }
}

/// A progressive frame cut between two scans is a picture, only a blurred one: it must not be shown.
#[test]
fn every_cut_of_a_progressive_frame_is_noticed() {
    for script in scripts() {
        let jpeg = progressive(Subsampling::S420, script);
        for length in 3..jpeg.len() - 1 {
            let cut = decode(&jpeg[..length], &ybr(8));
            assert!(cut.is_err(), "cut at {length} of {}", jpeg.len());
        }
    }
}

#[test]
fn a_component_without_a_scan_is_noticed() {
    let mut jpeg = baseline(SIZE, Subsampling::S444);
    let scan = jpeg.windows(2).position(|w| w == [0xFF, 0xDA]).expect("SOS");
    // The second component twice instead of the third one.
    jpeg[scan + 9] = jpeg[scan + 7];
    let at = "scans of all components";
    assert_eq!(decode(&jpeg, &ybr(8)), Err(DecodeError::Truncated { codec: "JPEG", at }));
}

#[test]
fn a_missing_quantisation_table_is_noticed() {
    let color12 = include_bytes!("../codec_vectors/ybr12_420_extended.jpg").to_vec();
    for (mut jpeg, bits) in [(baseline(SIZE, Subsampling::S444), 8), (color12, 12)] {
        let is_frame = |w: &[u8]| matches!(w, [0xFF, 0xC0 | 0xC1]);
        let frame = jpeg.windows(2).position(is_frame).expect("a frame header");
        jpeg[frame + 12] = 3;
        let cause = "no quantisation table".to_owned();
        let error = DecodeError::Corrupt { codec: "JPEG", cause };
        assert_eq!(decode(&jpeg, &ybr(bits)), Err(error));
    }
}

#[test]
fn too_many_scans_are_refused() {
    let mut jpeg = baseline(SIZE, Subsampling::S444);
    let scan = jpeg.windows(2).position(|w| w == [0xFF, 0xDA]).expect("SOS");
    let scans = jpeg[scan..jpeg.len() - 2].repeat(101);
    jpeg.truncate(scan);
    jpeg.extend(scans);
    let error = DecodeError::TooLarge { codec: "JPEG", what: "scans", actual: 101, limit: 100 };
    assert_eq!(decode(&jpeg, &ybr(8)), Err(error));
}

#[test]
fn other_processes_are_named() {
    for (marker, name) in [
        (0xC5, "the hierarchical sequential process (SOF5)"),
        (0xC6, "the hierarchical progressive process (SOF6)"),
        (0xC7, "the hierarchical lossless process (SOF7)"),
        (0xC9, "the extended sequential process with arithmetic coding (SOF9)"),
        (0xCA, "the progressive process with arithmetic coding (SOF10)"),
        (0xCB, "the lossless process with arithmetic coding (SOF11)"),
        (0xCD, "the hierarchical sequential process with arithmetic coding (SOF13)"),
        (0xCE, "the hierarchical progressive process with arithmetic coding (SOF14)"),
        (0xCF, "the hierarchical lossless process with arithmetic coding (SOF15)"),
    ] {
        let mut jpeg = baseline(SIZE, Subsampling::S444);
        let frame = jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).expect("SOF0");
        jpeg[frame + 1] = marker;
        let error = decode(&jpeg, &ybr(8));
        let feature = name.to_owned();
        assert_eq!(error, Err(DecodeError::UnsupportedFeature { codec: "JPEG", feature }));
    }
    let jpeg = baseline(SIZE, Subsampling::S444);
    let hierarchical = [&jpeg[..2], &[0xFF, 0xDE, 0, 2], &jpeg[2..]].concat();
    let feature = "a hierarchical process (DHP)".to_owned();
    let error = DecodeError::UnsupportedFeature { codec: "JPEG", feature };
    assert_eq!(decode(&hierarchical, &ybr(8)), Err(error));
}

/// The number of lines behind the first scan instead of in the frame header.
fn open_ended(jpeg: &[u8], start_of_frame: u8) -> Vec<u8> {
    let mut jpeg = jpeg.to_vec();
    let frame = jpeg.windows(2).position(|w| w == [0xFF, start_of_frame]).expect("SOF");
    let lines = [jpeg[frame + 5], jpeg[frame + 6]];
    jpeg[frame + 5..frame + 7].fill(0);
    let scan = jpeg.windows(2).position(|w| w == [0xFF, 0xDA]).expect("SOS");
    let is_end = |w: &[u8]| matches!(w, [0xFF, 1..=0xCF | 0xD8..=0xFE]);
    let end = scan + 2 + jpeg[scan + 2..].windows(2).position(is_end).expect("a marker");
    [&jpeg[..end], &[0xFF, 0xDC, 0, 4], &lines, &jpeg[end..]].concat()
}

#[test]
fn the_number_of_lines_may_come_last() {
    let jpeg = baseline(SIZE, Subsampling::S420);
    let expected = decode(&jpeg, &ybr(8));
    assert_eq!(decode(&open_ended(&jpeg, 0xC0), &ybr(8)), expected);
    let values = pattern(SIZE, 3, 16);
    let lossless = open_ended(&restarted_scans(&values, SIZE, 3), 0xC3);
    let stored = decode_stored(JPEG_LOSSLESS, &lossless, &color(SIZE, 16, "RGB")).expect("whole");
    assert_eq!(stored.samples, StoredSamples::U16(values));
    let other = decode(&open_ended(&jpeg, 0xC0), &color([SIZE[0], 20], 8, "YBR_FULL"));
    assert!(matches!(other, Err(DecodeError::SizeMismatch { rows: 21, .. })), "{other:?}");
}
