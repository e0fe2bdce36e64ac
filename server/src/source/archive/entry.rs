//! What one file of the archive turned out to hold.

use std::fmt;
use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use object_store::path::Path;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ArchiveError;
use super::facts::Facts;

/// Most bytes one blob of the index may unfold to.
const MAX_BLOB_BYTES: u64 = 256 * 1024 * 1024;

/// A file as the listing shows it.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub path: Path,
    pub size: u64,
    /// Entity tag, or the time of last change where the store has none.
    pub version: String,
}

/// Where bytes lie: in the archive's store, or in the folder of extracted entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Object(Path),
    Cache(Path),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(path) => write!(f, "o:{path}"),
            Self::Cache(path) => write!(f, "c:{path}"),
        }
    }
}

impl Place {
    /// Reads what [`fmt::Display`] wrote.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (kind, path) = text.split_once(':')?;
        let path = Path::parse(path).ok()?;
        match kind {
            "o" => Some(Self::Object(path)),
            "c" => Some(Self::Cache(path)),
            _ => None,
        }
    }
}

/// One instance ready for the index; blobs are made by [`pack`].
#[derive(Debug)]
pub(super) struct NewInstance {
    pub facts: Facts,
    /// The Part 10 file.
    pub place: Place,
    /// Where the ranges of the layout count from.
    pub pixel_place: Place,
    /// Length of the Part 10 file.
    pub length: u64,
    /// Transfer syntax of the Part 10 file.
    pub transfer_syntax: String,
    /// Transfer syntax of the frames as delivered.
    pub frame_syntax: String,
    pub layout: Vec<u8>,
    pub record: Vec<u8>,
    pub metadata: Vec<u8>,
}

/// What reading one file came to.
#[derive(Debug)]
pub(super) enum FileOutcome {
    /// DICOM: one instance, or those of a ZIP, with the reason why some entries were left out.
    Dicom(Vec<NewInstance>, Option<String>),
    /// Not DICOM, or a DICOMDIR: nothing to index.
    Other,
    /// Meant to be DICOM, but unreadable.
    Broken(String),
}

impl FileOutcome {
    pub(super) fn state(&self) -> &'static str {
        match self {
            Self::Dicom(..) => "dicom",
            Self::Other => "other",
            Self::Broken(_) => "broken",
        }
    }

    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Dicom(_, reason) => reason.as_deref(),
            Self::Other => None,
            Self::Broken(reason) => Some(reason),
        }
    }

    pub(super) fn into_instances(self) -> Vec<NewInstance> {
        match self {
            Self::Dicom(instances, _) => instances,
            Self::Other | Self::Broken(_) => Vec::new(),
        }
    }
}

/// Deflated JSON.
pub(crate) fn pack<T: Serialize>(value: &T) -> Result<Vec<u8>, ArchiveError> {
    // At once: the serializer writes word by word, and each of them would be a call of the compressor.
    let json = serde_json::to_vec(value)?;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&json)?;
    Ok(encoder.finish()?)
}

/// The inverse of [`pack`].
pub(crate) fn unpack<T: DeserializeOwned>(blob: &[u8]) -> Result<T, ArchiveError> {
    let mut json = Vec::new();
    DeflateDecoder::new(blob).take(MAX_BLOB_BYTES).read_to_end(&mut json)?;
    Ok(serde_json::from_slice(&json)?)
}
