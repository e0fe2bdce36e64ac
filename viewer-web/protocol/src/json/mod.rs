//! JSON, read and written by the browser itself: `serde_json` has a parser, and tables to print floats with, that
//! the visitor would wait for (20 kB in each module).

mod read;
mod write;

use std::fmt;

use serde::{de, ser};

pub use read::{parse, read, read_value};
pub use write::write;

/// Why a text could not be read. Never repeats any of it: it may be about a patient. (What serde would say goes
/// nowhere, so that neither its sentences nor what puts them together are sent to the browser.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// It is no JSON.
    Syntax,
    /// It is not what was expected.
    Shape,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "no JSON",
            Self::Shape => "JSON of another shape than expected",
        })
    }
}

impl std::error::Error for JsonError {}

impl de::Error for JsonError {
    fn custom<T: fmt::Display>(_told: T) -> Self {
        Self::Shape
    }
}

impl ser::Error for JsonError {
    fn custom<T: fmt::Display>(_told: T) -> Self {
        Self::Shape
    }
}
