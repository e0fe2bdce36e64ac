//! What lies, is cut or blows up costs no more memory or time than an honest frame: the allocator counts.
#![cfg(all(feature = "codecs", feature = "dicom"))]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "codec_cases/frames.rs"]
#[expect(dead_code, reason = "shared with the tests of the families")]
mod frames;
#[expect(dead_code, reason = "only the paths of the manifest are needed here")]
mod support;

use std::fs::{self, File};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use frames::{
    DEFLATED_FRAME, HTJ2K, JPEG_2000, JPEG_2000_LOSSY, JPEG_BASELINE, JPEG_EXTENDED, JPEG_LOSSLESS,
    JPEG_LS, JPEG_PROGRESSIVE, RLE, color, gray,
};
use peak_alloc::PeakAlloc;
use viewer_core::codec::{FrameSpec, decode_stored};
use viewer_core::dicom::{image_of, layout_of, read_frame, read_part10};
use viewer_core::exam::ImageFormat;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// The allocator counts for all threads.
static ALONE: Mutex<()> = Mutex::new(());

/// What reading an object with many small elements may take, besides its bytes.
const ELEMENTS_BYTES: usize = 32 << 20;
/// JPEG 2000 holds each coefficient as a 32-bit number, beside the sample that it becomes.
const JPEG_2000_BYTES_PER_SAMPLE: usize = 6;
/// What decoders need whatever the size of the frame: tables, error texts.
const TABLES_BYTES: usize = 512 * 1024;
/// Debug builds and busy machines are slow.
const MOST_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 30 } else { 2 });

/// Does `work`, and fails where it takes more than `most_bytes` at any one time, or too long.
fn bounded<T>(name: &str, most_bytes: usize, work: impl FnOnce() -> T) -> T {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let started = Instant::now();
    let result = work();
    let (taken, most) = (started.elapsed(), ALLOCATOR.peak_usage().saturating_sub(before));
    assert!(most <= most_bytes, "{name}: {most} bytes, more than {most_bytes}");
    assert!(taken < MOST_TIME, "{name}: {taken:?}");
    result
}

/// Four times what the header declares.
fn allowance(syntax: &str, format: &ImageFormat) -> usize {
    let Ok(spec) = FrameSpec::from_format(format) else { return TABLES_BYTES };
    let least = match syntax {
        JPEG_2000 | JPEG_2000_LOSSY | HTJ2K => {
            spec.layout.sample_count() * JPEG_2000_BYTES_PER_SAMPLE
        }
        _ => 0,
    };
    least.max(4 * spec.layout.stored_bytes()) + TABLES_BYTES
}

/// Start, frame header that says 65535 × 65535, one scan.
fn jpeg_of_65535(process: u8, precision: u8) -> Vec<u8> {
    let frame = [0xFF, process, 0, 11, precision, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1, 0x11, 0];
    let scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x12, 0x34, 0xFF, 0xD9];
    [&[0xFF, 0xD8], &frame[..], &scan].concat()
}

/// Size 2^31 - 1 squared in one tile.
fn jpeg_2000_of_2_31() -> Vec<u8> {
    let size = [0x7F, 0xFF, 0xFF, 0xFF];
    let mut siz = vec![0xFF, 0x4F, 0xFF, 0x51, 0, 41, 0, 0];
    siz.extend([size, size, [0; 4], [0; 4], size, size, [0; 4], [0; 4]].concat());
    siz.extend([0, 1, 7, 1, 1]);
    siz
}

/// Runs of 128 zeros without end.
fn rle_bomb() -> Vec<u8> {
    let mut frame = vec![0; 64];
    (frame[0], frame[4]) = (1, 64);
    frame.extend([129, 0].repeat(100_000));
    frame
}

/// A deflate stream of as many zeros.
fn deflate_bomb(bytes: usize) -> Vec<u8> {
    use flate2::{Compression, write::DeflateEncoder};
    use std::io::Write as _;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; bytes]).expect("into memory");
    encoder.finish().expect("into memory")
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let small = gray([64, 64], 8, false);
    let deep = gray([64, 64], 12, false);
    let bombs = [
        (JPEG_BASELINE, &small, jpeg_of_65535(0xC0, 8)),
        (JPEG_EXTENDED, &deep, jpeg_of_65535(0xC1, 12)),
        (JPEG_PROGRESSIVE, &deep, jpeg_of_65535(0xC2, 12)),
        (JPEG_LOSSLESS, &deep, jpeg_of_65535(0xC3, 12)),
        (JPEG_LS, &deep, jpeg_of_65535(0xF7, 12)),
        (JPEG_2000, &small, jpeg_2000_of_2_31()),
        (HTJ2K, &small, jpeg_2000_of_2_31()),
        (RLE, &small, rle_bomb()),
        (DEFLATED_FRAME, &small, deflate_bomb(64 << 20)),
    ];
    for (syntax, format, encoded) in &bombs {
        let most = allowance(syntax, format);
        let result = bounded(syntax, most, || decode_stored(syntax, encoded, format));
        assert!(result.is_err(), "{syntax}: {result:?}");
    }
}

/// A header of the largest frame allowed over next to nothing.
#[test]
fn large_headers_over_little_data() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let format = color([9_000, 7_000], 8, "RGB");
    for syntax in [DEFLATED_FRAME, RLE, JPEG_2000, HTJ2K, JPEG_LS, JPEG_LOSSLESS, JPEG_BASELINE] {
        let most = allowance(syntax, &format);
        let result = bounded(syntax, most, || decode_stored(syntax, &[0xFF, 0xD8, 0, 1], &format));
        assert!(result.is_err(), "{syntax}");
    }
}

/// Reads a file and decodes its frames as the server and the viewer do, until the first that fails.
fn decode_file(path: &Path) -> Result<(), String> {
    let name = path.display().to_string();
    let file_bytes = fs::metadata(path).expect("a file").len() as usize;
    let open = || File::open(path).expect("a file");
    // Attributes and places of fragments are kept in memory; pixel data is not.
    let reading = 4 * file_bytes + ELEMENTS_BYTES;
    let file =
        bounded(&name, reading, || read_part10(open())).map_err(|error| error.to_string())?;
    let layout = bounded(&name, reading, || layout_of(&file, open()));
    let layout = layout.map_err(|error| error.to_string())?;
    let format = image_of(&file).format;
    let started = Instant::now();
    for number in 1..=layout.frame_count() {
        let encoded = read_frame(open(), &layout, number).map_err(|error| error.to_string())?;
        let decode = || decode_stored(&format.transfer_syntax_uid, &encoded, &format);
        let most = allowance(&format.transfer_syntax_uid, &format);
        let frame = bounded(&name, most, decode);
        let frame = frame.map_err(|error| format!("frame {number}: {error}"))?;
        let expected = format.rows * format.columns * u32::from(format.samples_per_pixel);
        assert_eq!(frame.samples.len(), expected as usize, "{name}");
        assert!(started.elapsed() < MOST_TIME, "{name}");
    }
    Ok(())
}

#[test]
fn malformed_files_cost_no_more_than_whole_ones() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((folder, rows)) = support::shared::rows() else { return };
    let malformed = rows.iter().filter(|row| row.path.starts_with("malformed/"));
    let (mut refused, mut decoded) = (0, 0);
    for row in malformed {
        match decode_file(&folder.join(&row.path)) {
            Ok(()) => decoded += 1,
            Err(cause) => {
                assert!(!cause.is_empty(), "{}", row.path);
                refused += 1;
            }
        }
    }
    assert!(refused >= 20 && decoded >= 10, "{refused} refused, {decoded} decoded");
}
