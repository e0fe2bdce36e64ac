//! Every file with reference samples whose transfer syntax is decoded, read and decoded as the server
//! and the viewer do: lossless and near-lossless ones give the very same bytes, lossy ones the same
//! statistics and grid within the tolerance of their decoders.
#![cfg(all(feature = "codecs", feature = "dicom"))]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs::File;
use std::path::Path;

use sha2::{Digest, Sha256};
use support::shared::{Row, rows};
use viewer_core::codec::{Family, StoredFrame, decoder_for, transfer_syntax};
use viewer_core::exam::ImageFormat;
use viewer_core::inspect::DicomImage;
use viewer_core::pixel::samples::StoredSamples;

/// Stored samples of all frames and the format they were decoded by.
fn decode(path: &Path) -> Result<(ImageFormat, Vec<StoredFrame>), String> {
    let file = File::open(path).expect("a file of the manifest");
    let mut image = DicomImage::open(file).map_err(|error| error.to_string())?;
    let format = image.series().formats[0].clone();
    let frames = (1..=image.frame_count()).map(|number| image.stored(number));
    let frames = frames.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    Ok((format, frames))
}

fn compare(folder: &Path, row: &Row) -> Result<(), String> {
    let (format, frames) = decode(&folder.join(&row.path))?;
    let mut hash = Sha256::new();
    frames.iter().for_each(|frame| hash.update(frame.samples.to_le_bytes()));
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found == row.get("expected_pixels_sha256") {
        return compare_statistics(row, &frames, 0.001);
    }
    let is_near_lossless = format.transfer_syntax_uid.ends_with(".81");
    if is_near_lossless || !frames.iter().any(|frame| frame.lossy) {
        return Err("other bytes".to_owned());
    }
    let tolerance = if format.transfer_syntax_uid.ends_with(".51") { 4.0 } else { 2.0 };
    compare_statistics(row, &frames, tolerance)?;
    compare_grid(row, &format, &frames[0].samples, tolerance)
}

/// Signs and magnitudes: a hash of bytes does not tell signed from unsigned.
fn compare_statistics(row: &Row, frames: &[StoredFrame], tolerance: f64) -> Result<(), String> {
    let values =
        || frames.iter().flat_map(|f| (0..f.samples.len()).filter_map(|i| f.samples.value(i)));
    let (count, sum) = values().fold((0.0, 0.0), |(count, sum), v| (count + 1.0, sum + v));
    let min = values().fold(f64::INFINITY, f64::min);
    let max = values().fold(f64::NEG_INFINITY, f64::max);
    let found = [("pixel_min", min), ("pixel_max", max), ("pixel_mean", sum / count)];
    for (column, found) in found {
        let Ok(expected) = row.get(column).parse::<f64>() else { continue };
        // The manifest gives six digits.
        let margin = tolerance.max(expected.abs() * 6e-6);
        if (found - expected).abs() > margin {
            return Err(format!("{column} {found}, not {expected}"));
        }
    }
    Ok(())
}

/// Sixteen samples of the first frame, at rows R(2i+1)/8 and columns C(2j+1)/8.
fn compare_grid(
    row: &Row,
    format: &ImageFormat,
    samples: &StoredSamples,
    tolerance: f64,
) -> Result<(), String> {
    let expected: Vec<f64> =
        row.get("grid16").split(',').map(|v| v.parse().expect("a number")).collect();
    assert_eq!(expected.len(), 16, "{}", row.path);
    for (index, expected) in expected.into_iter().enumerate() {
        let (i, j) = (index as u32 / 4, index as u32 % 4);
        let (y, x) = (format.rows * (2 * i + 1) / 8, format.columns * (2 * j + 1) / 8);
        let at = (y * format.columns + x) * u32::from(format.samples_per_pixel);
        let found = samples.value(at as usize).ok_or("too few samples")?;
        if (found - expected).abs() > tolerance {
            return Err(format!("{found} at row {y} column {x}, not {expected}"));
        }
    }
    Ok(())
}

#[test]
fn all_files_give_their_reference_samples() {
    let Some((folder, rows)) = rows() else { return };
    let decodable = |row: &&Row| {
        let syntax = row.get("transfer_syntax");
        row.has("expected_pixels_sha256") && (syntax.is_empty() || decoder_for(syntax).is_ok())
    };
    let compared: Vec<&Row> = rows.iter().filter(decodable).collect();
    assert!(compared.len() >= 800, "only {} files to compare", compared.len());
    let is_wavelet = |row: &&&Row| {
        let syntax = transfer_syntax(row.get("transfer_syntax"));
        syntax.is_some_and(|row| matches!(row.family, Family::Jpeg2000 | Family::Htj2k))
    };
    let wavelets = compared.iter().filter(is_wavelet).count();
    assert!(wavelets >= 30, "only {wavelets} of JPEG 2000 and HTJ2K");
    let failures: Vec<String> = compared
        .iter()
        .filter_map(|row| compare(&folder, row).err().map(|error| format!("{}: {error}", row.path)))
        .collect();
    eprintln!("{} of {} files as expected", compared.len() - failures.len(), compared.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Files whose defect lies in the encoded frame, with a part of what is said of it.
const DEFECTS: [(&str, &str); 10] = [
    ("codestream-components-lie", "JPEG 2000: data ends too early"),
    ("codestream-random", "JPEG 2000: no start of a codestream"),
    ("codestream-siz-bomb", "JPEG 2000: number of tiles 1125899906842624 exceeds the limit"),
    ("codestream-size-differs", "header says 128 x 80, the codestream 64 x 64"),
    ("codestream-truncated", "JPEG 2000: data ends too early (packet)"),
    ("empty-fragments", "JPEG 2000: data ends too early"),
    ("rle-offsets-out-of-range", "RLE: segment offsets point outside the frame"),
    ("rle-overrun", "RLE: a segment decodes to more than its plane"),
    ("rle-segments-16", "RLE: 16 segments where 2 bytes make a pixel"),
    ("rle-short", "RLE: data ends too early (segment)"),
];

#[test]
fn defects_of_frames_are_named() {
    let Some((folder, _)) = rows() else { return };
    for (name, expected) in DEFECTS {
        let found = decode(&folder.join(format!("malformed/derived/{name}.dcm")));
        let found = found.err().unwrap_or_default();
        assert!(found.contains(expected), "{name}: {found:?}");
    }
}

/// Whatever else is wrong with a file: an error, or frames of the size that its header gives.
#[test]
fn malformed_files_give_errors_or_whole_frames() {
    let Some((folder, rows)) = rows() else { return };
    let malformed = rows.iter().filter(|row| row.path.starts_with("malformed/"));
    for row in malformed {
        let Ok((format, frames)) = decode(&folder.join(&row.path)) else { continue };
        let expected = format.rows * format.columns * u32::from(format.samples_per_pixel);
        for frame in frames.iter().take(20) {
            assert_eq!(frame.samples.len(), expected as usize, "{}", row.path);
        }
    }
}
