use thiserror::Error;

use crate::codec::DecodeError;
use crate::dicom::{LayoutError, ParseError, ReadError};
use crate::pixel::icc::IccError;
use crate::pixel::samples::LayoutError as SampleLayoutError;

/// Why a file gives no samples or no picture. Each names its cause; none carries a value of the file that
/// tells who it is about.
#[derive(Debug, Error)]
pub enum InspectError {
    /// The file is no DICOM that can be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Its pixel data cannot be made sense of.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// An object without pixels (a report, a presentation state …).
    #[error("no image: {sop_class}")]
    NoImage {
        /// Name of its SOP class.
        sop_class: String,
    },
    /// The file holds fewer frames than it announces.
    #[error("{found} of {announced} frames are there")]
    MissingFrames {
        /// Frames that are there.
        found: u32,
        /// Number of Frames.
        announced: u32,
    },
    /// One frame cannot be decoded.
    #[error("frame {number}: {cause}")]
    Frame {
        /// Counted from 1.
        number: u32,
        /// Why.
        cause: DecodeError,
    },
    /// Its colours cannot be converted by its profile.
    #[error(transparent)]
    Profile(#[from] IccError),
    /// Asked for a frame that the image does not announce.
    #[error("no frame {number}: the image has {announced}, counted from 1")]
    NoFrame {
        /// As asked for.
        number: u32,
        /// Number of Frames.
        announced: u32,
    },
    /// Asked for a window or VOI LUT that the frame does not have, or that the standard does not define.
    #[error("the frame has no usable VOI like that")]
    NoVoi,
}

/// What kind of failure an [`InspectError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The reader failed: says nothing about the file.
    Unreadable,
    /// The question does not fit the file.
    Asked,
    /// The file may be right; this program does not draw it.
    Unsupported,
    /// The file contradicts itself, the standard, or its own length.
    Malformed,
}

impl InspectError {
    /// What kind of failure this is.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Read(error) | Self::Layout(LayoutError::Read(error)) => of_read(error),
            Self::Layout(error) if error.is_unsupported() => Verdict::Unsupported,
            Self::NoImage { .. } => Verdict::Unsupported,
            Self::Frame { cause, .. } => of_decode(cause),
            Self::Layout(_) | Self::MissingFrames { .. } | Self::Profile(_) => Verdict::Malformed,
            Self::NoFrame { .. } | Self::NoVoi => Verdict::Asked,
        }
    }
}

fn of_read(error: &ReadError) -> Verdict {
    match error {
        ReadError::Parse(ParseError::Io(_)) => Verdict::Unreadable,
        ReadError::TooLarge => Verdict::Unsupported,
        ReadError::NotDicom | ReadError::Parse(_) | ReadError::Inflate => Verdict::Malformed,
    }
}

fn of_decode(error: &DecodeError) -> Verdict {
    match error {
        DecodeError::Unsupported { .. }
        | DecodeError::UnsupportedFeature { .. }
        | DecodeError::Photometric(_)
        | DecodeError::Layout(SampleLayoutError::TooLarge { .. }) => Verdict::Unsupported,
        _ => Verdict::Malformed,
    }
}
