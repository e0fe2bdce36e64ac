//! Every file with reference samples whose transfer syntax is decoded: lossless ones give the very
//! same bytes, lossy ones the same statistics and grid within the tolerance of their decoders.
#![cfg(feature = "codecs")]

mod codec_support;

use codec_support::{DicomImage, Reference, read_manifest};
use sha2::{Digest, Sha256};
use viewer_core::codec::{DecodeError, decode_stored, decoder_for};
use viewer_core::pixel::samples::StoredSamples;

/// Decodes all frames of a file.
fn decode(reference: &Reference) -> Result<(Vec<StoredSamples>, bool), String> {
    let image = DicomImage::open(&reference.path).ok_or("cannot be read")?;
    let syntax = &image.format.transfer_syntax_uid;
    let mut lossy = false;
    let mut frames = Vec::new();
    for frame in &image.frames {
        let stored = decode_stored(syntax, frame, &image.format)
            .map_err(|error: DecodeError| error.to_string())?;
        lossy |= stored.lossy;
        frames.push(stored.samples);
    }
    Ok((frames, lossy))
}

fn compare(reference: &Reference) -> Result<(), String> {
    let (frames, lossy) = decode(reference)?;
    let mut hash = Sha256::new();
    frames.iter().for_each(|frame| hash.update(frame.to_le_bytes()));
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found == reference.sha256 {
        return Ok(());
    }
    let tolerance = if !lossy {
        return Err(format!("{} other bytes", frames.len()));
    } else {
        2.0
    };
    compare_lossy(reference, &frames, tolerance)
}

fn compare_lossy(
    reference: &Reference,
    frames: &[StoredSamples],
    tolerance: f64,
) -> Result<(), String> {
    let values = || frames.iter().flat_map(|f| (0..f.len()).filter_map(|i| f.value(i)));
    let (count, sum) = values().fold((0.0, 0.0), |(count, sum), v| (count + 1.0, sum + v));
    let min = values().fold(f64::INFINITY, f64::min);
    let max = values().fold(f64::NEG_INFINITY, f64::max);
    let found = [min, max, sum / count];
    for (found, expected) in found.iter().zip(reference.statistics) {
        if (found - expected).abs() > tolerance {
            return Err(format!("statistics {found:?}, not {:?}", reference.statistics));
        }
    }
    Ok(())
}

#[test]
fn all_files_give_their_reference_samples() {
    let Some(references) = read_manifest() else { return };
    let decoded: Vec<&Reference> =
        references.iter().filter(|r| decoder_for(&r.transfer_syntax).is_ok()).collect();
    let failures: Vec<String> = decoded
        .iter()
        .filter_map(|r| {
            compare(r).err().map(|e| format!("{} [{}]: {e}", r.name, r.transfer_syntax))
        })
        .collect();
    eprintln!("{} of {} files as expected", decoded.len() - failures.len(), decoded.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
