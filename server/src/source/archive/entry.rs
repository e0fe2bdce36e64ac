//! What one file of the archive turned out to hold.

use std::fmt;

use object_store::path::Path;

use super::facts::Facts;

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
