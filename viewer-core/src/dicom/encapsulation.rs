//! What can be said of encapsulated pixel data (PS3.5 A.4) without decoding it.

use std::io::{Read, Seek};

use serde::Serialize;

use super::file::DicomFile;
use super::fragments::extended_offsets;
use super::frame_count;
use super::layout::{LayoutError, fragments_of};

/// The state of an encapsulated pixel data element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Encapsulation {
    /// Fragments, without the item of the Basic Offset Table.
    pub fragments: usize,
    /// Entries of the Basic Offset Table; 0 where it is empty.
    pub basic_offsets: usize,
    /// Entries of the Extended Offset Table (7FE0,0001); 0 where there is none.
    pub extended_offsets: usize,
    /// Whether the element ends with its delimiter; otherwise the file may be cut off.
    pub closed: bool,
    /// What tells which fragments make a frame; `None` where nothing does.
    pub frames_by: Option<FrameMap>,
}

/// What tells which fragments make a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FrameMap {
    /// Extended Offset Table (PS3.3 C.7.6.3.1.8).
    ExtendedOffsetTable,
    /// Basic Offset Table (PS3.5 A.4).
    BasicOffsetTable,
    /// As many fragments as frames.
    OneFragmentEach,
    /// One frame: all fragments.
    OneFrame,
    /// Fragments that begin like a codestream begin a frame.
    Codestreams,
}

/// Reads it; `None` where the pixel data is native or there is none.
///
/// # Errors
/// [`LayoutError`] where the element cannot be read.
pub fn encapsulation<R: Read + Seek>(
    file: &DicomFile,
    reader: R,
) -> Result<Option<Encapsulation>, LayoutError> {
    if file.pixel_data.is_none_or(|element| element.length.is_some()) {
        return Ok(None);
    }
    let found = fragments_of(file, reader)?;
    let announced = frame_count(&file.object).unwrap_or(1);
    Ok(Some(Encapsulation {
        fragments: found.ranges.len(),
        basic_offsets: found.basic_offsets.len(),
        extended_offsets: extended_offsets(&file.object).len(),
        closed: found.is_closed,
        frames_by: found.starts(&file.object, announced).map(|starts| starts.by),
    }))
}
