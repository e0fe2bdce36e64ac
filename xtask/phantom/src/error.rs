use std::path::PathBuf;

use thiserror::Error;

/// Why the phantom could not be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PhantomError {
    /// A folder or file could not be made, read or written.
    #[error("cannot write {path}")]
    Io {
        /// Which one.
        path: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
    /// dicom-object refused the data set.
    #[error("cannot encode the data set")]
    Dicom(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The JPEG encoder refused the picture.
    #[error("cannot encode a JPEG frame")]
    Jpeg(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A side of the requested scale does not fit a DICOM attribute or the burnt-in number.
    #[error("{0} pixels a side are too few or too many")]
    Size(usize),
    /// The file to damage holds too little.
    #[error("{0} is too short to damage")]
    TooShort(PathBuf),
}
