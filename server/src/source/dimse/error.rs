//! Why a DIMSE exchange failed. No message holds a name or a UID: they go to the log.

use std::io;

use thiserror::Error;

use crate::source::SourceError;

/// What went wrong between us and the PACS.
#[derive(Debug, Error)]
pub enum DimseError {
    /// No connection.
    #[error("no connection to the PACS: {0}")]
    Connect(io::Error),
    /// The TLS handshake.
    #[error("TLS with the PACS: {0}")]
    Tls(io::Error),
    /// The connection broke.
    #[error("the connection to the PACS broke: {0}")]
    Broken(io::Error),
    /// The PACS closed the connection.
    #[error("the PACS closed the connection")]
    Closed,
    /// The PACS refuses associations, with its reason.
    #[error("the PACS refuses the association: {0}")]
    Rejected(String),
    /// The PACS aborted the association.
    #[error("the PACS aborted the association")]
    Aborted,
    /// What was asked for is in none of the presentation contexts the PACS accepted.
    #[error("the PACS does not accept {0}")]
    NotAccepted(&'static str),
    /// Bytes or messages that PS3.7 or PS3.8 do not allow.
    #[error("the PACS broke the protocol: {0}")]
    Protocol(String),
    /// Nothing came in time.
    #[error("the PACS did not answer in time ({0})")]
    Timeout(&'static str),
    /// A response with a status of failure.
    #[error("{operation}: the PACS answered with status {status:04X}")]
    Status {
        /// C-FIND, C-GET, …
        operation: &'static str,
        /// The status (PS3.4 C.4).
        status: u16,
    },
    /// More than we hold.
    #[error("{0} exceeds a limit")]
    TooLarge(&'static str),
}

impl From<DimseError> for SourceError {
    fn from(error: DimseError) -> Self {
        match error {
            DimseError::TooLarge(what) => Self::TooLarge(what),
            other => Self::Unavailable(other.to_string()),
        }
    }
}
