//! Why something is not imported. No message holds a name, an identifier or a UID: they go to the log.

use thiserror::Error;

/// Why the header of an object cannot be written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unwritable {
    /// Its elements are not where its transfer syntax says.
    #[error("the object is malformed")]
    Malformed,
    /// Sequences within sequences without end.
    #[error("the object has too many elements")]
    TooDeep,
    /// The whole data set is compressed.
    #[error("the object is deflated")]
    Deflated,
    /// Its character set has no sign for a value, and cannot be changed without writing other texts anew.
    #[error("the character set of the object has no sign for a value")]
    CharacterSet,
    /// A value is longer than its VR allows.
    #[error("a value is too long")]
    TooLong,
}

/// What is wrong with an identity that somebody sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    /// Patient ID or name is missing.
    #[error("patient id and name are needed")]
    Missing,
    /// A value that its VR does not allow; which attribute.
    #[error("{0} has a value that DICOM does not allow")]
    Value(&'static str),
}
