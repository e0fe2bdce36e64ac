//! What became of a file, by whichever way it was decoded.

use super::manifest::Row;
use super::samples::{Closeness, Summary};
use super::statement::Statement;

/// The end of a file's decoding.
pub(super) enum Ended {
    /// All frames are there.
    Decoded(Box<Summary>),
    /// Refused as not supported.
    Unsupported(String),
    /// Refused as damaged.
    Malformed(String),
    /// Anything that must not happen: a crash, a trap, a hang.
    Broken(String),
}

/// How a file counts.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// The very bytes of the table.
    Exact,
    /// Lossy, and within the tolerance.
    Within,
    /// Refused, as the conformance statement says or because it is broken.
    Refused,
    /// No answer to compare with, and nothing went wrong.
    NoReference,
    /// A deviation, and what it is.
    Deviation(String),
}

/// Holds the end of a file against its row.
pub(super) fn verdict(row: &Row, ended: &Ended, statement: &Statement) -> Verdict {
    let is_known = !row.get("expected_pixels_sha256").is_empty();
    match ended {
        Ended::Broken(cause) => Verdict::Deviation(cause.clone()),
        Ended::Decoded(summary) if is_known => match summary.closeness(row) {
            Closeness::Exact => Verdict::Exact,
            Closeness::Within => Verdict::Within,
            Closeness::Wrong(difference) => Verdict::Deviation(difference),
        },
        Ended::Decoded(_) => Verdict::NoReference,
        Ended::Unsupported(_) if !statement.honours(row.get("transfer_syntax")) => Verdict::Refused,
        Ended::Unsupported(cause) | Ended::Malformed(cause) if is_known => {
            Verdict::Deviation(cause.clone())
        }
        Ended::Unsupported(_) | Ended::Malformed(_) => Verdict::Refused,
    }
}
