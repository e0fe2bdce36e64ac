//! Deflated JSON: thousands of small blobs, of which each would spend more on the compressor's state than on its bytes.

use std::sync::{Mutex, PoisonError};

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use serde::{Serialize, de::DeserializeOwned};

use super::ArchiveError;

/// Most bytes one blob may unfold to.
const MAX_BLOB_BYTES: usize = 256 << 20;
/// States kept for the next blob, of a few hundred KiB each.
const KEPT: usize = 4;
/// Room made for a blob at first, and at least once more of it where that was not enough.
const LEAST_ROOM: usize = 512;

static COMPRESSORS: Pool<Compress> = Pool(Mutex::new(Vec::new()));
static DECOMPRESSORS: Pool<Decompress> = Pool(Mutex::new(Vec::new()));

/// States that were used before.
#[derive(Default)]
pub(crate) struct Pool<T>(Mutex<Vec<T>>);

impl<T> Pool<T> {
    /// Does something with one of them, or a new one.
    pub(crate) fn with<R>(&self, make: impl FnOnce() -> T, work: impl FnOnce(&mut T) -> R) -> R {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut state = kept.unwrap_or_else(make);
        let done = work(&mut state);
        let mut pool = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pool.len() < KEPT {
            pool.push(state);
        }
        done
    }
}

/// Packs a value.
pub(crate) fn pack<T: Serialize>(value: &T) -> Result<Vec<u8>, ArchiveError> {
    let json = serde_json::to_vec(value)?;
    let make = || Compress::new(Compression::fast(), false);
    COMPRESSORS.with(make, |state| {
        state.reset();
        let mut packed = Vec::with_capacity(LEAST_ROOM + json.len() / 4);
        loop {
            let rest = json.get(state.total_in() as usize..).unwrap_or_default();
            match state.compress_vec(rest, &mut packed, FlushCompress::Finish) {
                Ok(Status::StreamEnd) => return Ok(packed),
                Ok(Status::Ok | Status::BufError) => packed.reserve(packed.len() + LEAST_ROOM),
                Err(cause) => return Err(std::io::Error::other(cause).into()),
            }
        }
    })
}

/// The inverse of [`pack`].
pub(crate) fn unpack<T: DeserializeOwned>(blob: &[u8]) -> Result<T, ArchiveError> {
    let json = DECOMPRESSORS
        .with(|| Decompress::new(false), |state| inflate(state, blob, MAX_BLOB_BYTES))?;
    Ok(serde_json::from_slice(&json)?)
}

fn inflate(state: &mut Decompress, blob: &[u8], most: usize) -> Result<Vec<u8>, ArchiveError> {
    state.reset(false);
    let mut json = Vec::with_capacity(LEAST_ROOM + blob.len() * 4);
    loop {
        let before = (state.total_in(), state.total_out());
        let rest = blob.get(before.0 as usize..).unwrap_or_default();
        let status = state.decompress_vec(rest, &mut json, FlushDecompress::None);
        let status = status.map_err(std::io::Error::other)?;
        if status == Status::StreamEnd {
            return Ok(json);
        }
        let is_stuck = before == (state.total_in(), state.total_out());
        if is_stuck && json.len() < json.capacity() || json.len() > most {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
        }
        json.reserve(json.len() + LEAST_ROOM);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use flate2::{read::DeflateDecoder, write::DeflateEncoder};

    use super::*;

    fn usual(json: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(json).unwrap();
        encoder.finish().unwrap()
    }

    /// The index asks for objects without pixels by the blob of such a layout, whichever version wrote it.
    #[test]
    fn nothing_is_packed_as_it_always_was_and_what_older_versions_have_packed_is_read() {
        assert_eq!(pack(&None::<u8>).unwrap(), usual(b"null"));
        let values = [
            serde_json::json!(null),
            serde_json::json!({ "a": [1, 2, 3], "b": "x".repeat(10_000) }),
            serde_json::json!((0..20_000).collect::<Vec<u32>>()),
        ];
        for value in values.iter().chain(&values) {
            let older = usual(&serde_json::to_vec(value).unwrap());
            for packed in [pack(value).unwrap(), older] {
                assert_eq!(unpack::<serde_json::Value>(&packed).unwrap(), *value);
            }
        }
    }

    #[test]
    fn what_is_cut_off_damaged_or_too_long_is_an_error_and_spoils_nothing() {
        let good = pack(&"x".repeat(5000)).unwrap();
        for cut in 0..good.len() {
            assert!(unpack::<String>(&good[..cut]).is_err(), "{cut}");
        }
        assert!(unpack::<String>(&[0xFF; 40]).is_err());
        let long = usual(&[b' '; 50_000]);
        assert!(inflate(&mut Decompress::new(false), &long, 10_000).is_err());
        assert_eq!(inflate(&mut Decompress::new(false), &long, 50_000).unwrap().len(), 50_000);
        assert_eq!(unpack::<String>(&good).unwrap(), "x".repeat(5000));
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_packed_comes_back(text: String, bytes in proptest::collection::vec(0_u8.., 0..300)) {
            assert_eq!(unpack::<String>(&pack(&text).unwrap()).unwrap(), text);
            let ours = unpack::<serde_json::Value>(&bytes);
            let mut json = Vec::new();
            let theirs = DeflateDecoder::new(&bytes[..]).read_to_end(&mut json).is_ok();
            assert!(ours.is_err() || theirs);
        }
    }
}
