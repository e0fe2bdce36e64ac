//! Errors → the kinds of failure that the user is told apart.

use negatoscope_protocol::{Failure, FailureKind};
use viewer_core::base::multipart::MultipartError;
use viewer_core::codec::DecodeError;
use viewer_core::pixel::samples::LayoutError;

/// Why a request has no frame.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The body is not the multipart it is said to be.
    #[error(transparent)]
    Multipart(#[from] MultipartError),
    /// The body does not hold exactly one frame.
    #[error("{0} parts where one frame was asked for")]
    Parts(usize),
    /// The frame cannot be decoded.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// What the page is told of a frame in this transfer syntax.
#[must_use]
pub fn failure_of(error: &RequestError, transfer_syntax_uid: &str) -> Failure {
    let kind = match error {
        RequestError::Multipart(MultipartError::Truncated) => FailureKind::Truncated,
        RequestError::Multipart(_) | RequestError::Parts(_) => FailureKind::Corrupt,
        RequestError::Decode(error) => kind_of_decode(error, transfer_syntax_uid),
    };
    Failure { kind, detail: error.to_string() }
}

fn kind_of_decode(error: &DecodeError, transfer_syntax_uid: &str) -> FailureKind {
    match error {
        DecodeError::Unsupported { name, uid } => {
            FailureKind::Unsupported { name: name.clone(), uid: uid.clone() }
        }
        // The file is fine, this viewer is not: JPEG with arithmetic coding, for one.
        DecodeError::UnsupportedFeature { codec, feature } => FailureKind::Unsupported {
            name: format!("{codec}, {feature}"),
            uid: transfer_syntax_uid.to_owned(),
        },
        DecodeError::Truncated { .. } => FailureKind::Truncated,
        DecodeError::TooLarge { .. } | DecodeError::Layout(LayoutError::TooLarge { .. }) => {
            FailureKind::TooLarge
        }
        _ => FailureKind::Corrupt,
    }
}
