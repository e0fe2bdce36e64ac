//! A DICOM file named on the command line: opened, and the end of the program it leads to.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use anyhow::Context;
use viewer_core::inspect::{DicomImage, InspectError, Verdict};

/// What a file was refused for.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", path.display(), self.cause())]
pub(super) struct Refused {
    path: PathBuf,
    cause: InspectError,
    cause_verdict: Verdict,
}

impl Refused {
    /// The file's path beside the cause.
    pub(super) fn of(path: &Path) -> impl Fn(InspectError) -> Self {
        move |cause| Self { path: path.to_owned(), cause_verdict: cause.verdict(), cause }
    }

    /// Why, without the path.
    pub(super) fn cause(&self) -> String {
        format!("{}{}", word(self.cause_verdict), self.cause)
    }

    /// Exit status: 1 cannot be read, 2 asked for what it does not hold, 3 unsupported, 4 malformed.
    pub(super) fn exit_status(&self) -> u8 {
        match self.cause_verdict {
            Verdict::Unreadable => 1,
            Verdict::Asked => 2,
            Verdict::Unsupported => 3,
            Verdict::Malformed => 4,
        }
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Unreadable | Verdict::Asked => "",
        Verdict::Unsupported => "unsupported: ",
        Verdict::Malformed => "malformed: ",
    }
}

pub(super) fn open_file(path: &Path) -> anyhow::Result<File> {
    File::open(path).with_context(|| format!("cannot open {}", path.display()))
}

pub(super) fn open_image(path: &Path) -> anyhow::Result<DicomImage<File>> {
    Ok(DicomImage::open(open_file(path)?).map_err(Refused::of(path))?)
}
