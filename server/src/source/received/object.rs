//! One received object: its frames, values and metadata, read from its bytes.

use std::io::Cursor;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use serde_json::Value;
use thiserror::Error;
use viewer_core::base::limits::MAX_FRAME_BYTES;
use viewer_core::dicom::{
    self, ByteRange, FrameLayout, FrameRanges, IndexError, Indexed, LayoutError, PixelDataLayout,
    ReadError,
};
use viewer_core::exam::{Instance, is_video};

use crate::source::archive::{
    bulk::{self, Found},
    metadata::metadata,
    reading::frame_syntax,
    video::within,
};
use crate::source::{
    BulkStream, ElementPath, EncodedFrame, InstanceRef, InstanceStream, SourceError, VideoPart,
};

/// Memory of one frame's place, beside its fragments.
const FRAME_OVERHEAD: u64 = 24;
/// Videos are sent in pieces of this many bytes.
const PIECE: usize = 1024 * 1024;

/// Why received bytes are no object. Holds no value of it.
#[derive(Debug, Error)]
pub(super) enum Unreadable {
    /// Not DICOM, or it cannot be told from others.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// What a small object unfolds to cannot be bounded by what was received.
    #[error("a deflated data set, which nobody asked for")]
    Deflated,
}

impl From<ReadError> for Unreadable {
    fn from(error: ReadError) -> Self {
        Self::Index(error.into())
    }
}

/// A Part 10 object.
pub(super) struct Object {
    bytes: Bytes,
    layout: Option<PixelDataLayout>,
    transfer_syntax: String,
    frame_syntax: String,
}

impl Object {
    /// Reads the header and where the frames are. Blocking.
    pub(super) fn read(bytes: Bytes) -> Result<(Self, Instance), Unreadable> {
        let stated = dicom::stated_transfer_syntax(Cursor::new(&bytes))?;
        if dicom::is_deflated(&stated) {
            return Err(Unreadable::Deflated);
        }
        let Indexed { instance, layout, file } = dicom::index(Cursor::new(&bytes))?;
        let frame_syntax = frame_syntax(layout.as_ref(), &file.transfer_syntax_uid).to_owned();
        let transfer_syntax = file.transfer_syntax_uid;
        Ok((Self { bytes, layout, transfer_syntax, frame_syntax }, instance))
    }

    /// Bytes that the places of its frames take.
    pub(super) fn overhead(&self) -> u64 {
        match self.layout.as_ref().map(|layout| &layout.frames) {
            Some(FrameLayout::Encapsulated { frames }) => {
                let of_frame = |fragments: &Vec<ByteRange>| {
                    FRAME_OVERHEAD + size_of_val(fragments.as_slice()) as u64
                };
                frames.iter().map(of_frame).sum()
            }
            _ => 0,
        }
    }

    /// One frame, counted from 1.
    pub(super) fn frame(&self, number: u32) -> Result<EncodedFrame, SourceError> {
        let no_pixels = || SourceError::Corrupt("no usable pixel data".to_owned());
        let layout = self.layout.as_ref().ok_or_else(no_pixels)?;
        let found = layout.frame(number).ok_or_else(|| match layout.frames {
            FrameLayout::Native { frames, .. } if (1..=frames).contains(&number) => ends_inside(),
            _ => SourceError::NotFound,
        })?;
        let bytes = match as_stored(layout, &found) {
            Some(range) => self.slice(range)?,
            None => {
                let read = dicom::read_frame(Cursor::new(&self.bytes), layout, number);
                read.map(Bytes::from).map_err(unreadable_frame)?
            }
        };
        if bytes.len() as u64 != layout.delivered_bytes(&found) {
            return Err(ends_inside());
        }
        Ok(EncodedFrame { transfer_syntax_uid: self.frame_syntax.clone(), bytes })
    }

    /// A part of the object, without a copy.
    fn slice(&self, range: ByteRange) -> Result<Bytes, SourceError> {
        let start = usize::try_from(range.offset).map_err(|_beyond| ends_inside())?;
        let length = usize::try_from(range.length).map_err(|_beyond| ends_inside())?;
        let end = start.checked_add(length).ok_or_else(ends_inside)?;
        let part = self.bytes.get(start..end).ok_or_else(ends_inside)?;
        Ok(self.bytes.slice_ref(part))
    }

    /// The whole object.
    pub(super) fn instance(&self) -> InstanceStream {
        InstanceStream {
            transfer_syntax_uid: self.transfer_syntax.clone(),
            length: Some(self.bytes.len() as u64),
            bytes: pieces(vec![self.bytes.clone()]),
        }
    }

    /// Its metadata. Blocking.
    pub(super) fn metadata(&self, at: &InstanceRef) -> Result<Value, SourceError> {
        let file = dicom::read_part10(Cursor::new(&self.bytes)).map_err(|error| corrupt(&error))?;
        Ok(metadata(&file, at)?)
    }

    /// The value of one element. Blocking.
    pub(super) fn bulk(&self, element: &ElementPath) -> Result<BulkStream, SourceError> {
        let file = dicom::read_part10(Cursor::new(&self.bytes)).map_err(|error| corrupt(&error))?;
        let found = bulk::find(&file, self.layout.as_ref(), element);
        let (transfer_syntax_uid, bytes) = match found.ok_or(SourceError::NotFound)? {
            Found::Value(bytes) => (None, Bytes::from(bytes)),
            Found::PixelData(offset, length) => {
                (Some(self.frame_syntax.clone()), self.slice(ByteRange { offset, length })?)
            }
        };
        let length = Some(bytes.len() as u64);
        Ok(BulkStream { transfer_syntax_uid, length, bytes: pieces(vec![bytes]) })
    }

    /// A part of its video stream.
    pub(super) fn video(&self, start: u64, end: Option<u64>) -> Result<VideoPart, SourceError> {
        let layout = self.layout.as_ref().filter(|_| is_video(&self.frame_syntax));
        let found = layout.and_then(|layout| layout.frame(1)).ok_or(SourceError::NotFound)?;
        let total = total(&found.ranges);
        let end = end.unwrap_or(total).min(total);
        let range = start.min(end)..end;
        let parts = within(&found.ranges, &range);
        let parts: Result<Vec<Bytes>, _> = parts.iter().map(|part| self.slice(*part)).collect();
        Ok(VideoPart {
            transfer_syntax_uid: self.frame_syntax.clone(),
            range,
            total,
            bytes: pieces(parts?),
        })
    }
}

/// Where a frame lies that is served as it is, in one piece.
fn as_stored(layout: &PixelDataLayout, found: &FrameRanges) -> Option<ByteRange> {
    let [range] = found.ranges.as_slice() else { return None };
    (layout.is_as_stored() && range.length <= MAX_FRAME_BYTES).then_some(*range)
}

fn total(ranges: &[ByteRange]) -> u64 {
    ranges.iter().fold(0, |sum, range| sum.saturating_add(range.length))
}

type Pieces = stream::BoxStream<'static, Result<Bytes, SourceError>>;

fn pieces(parts: Vec<Bytes>) -> Pieces {
    let pieces = parts.into_iter().flat_map(|mut part| {
        std::iter::from_fn(move || {
            (!part.is_empty()).then(|| Ok(part.split_to(part.len().min(PIECE))))
        })
    });
    stream::iter(pieces).boxed()
}

fn ends_inside() -> SourceError {
    SourceError::Corrupt("the object ends inside this frame".to_owned())
}

fn corrupt(error: &ReadError) -> SourceError {
    SourceError::Corrupt(error.to_string())
}

fn unreadable_frame(error: LayoutError) -> SourceError {
    match error {
        LayoutError::TooLarge => SourceError::TooLarge("frame"),
        LayoutError::NoFrame { .. } => SourceError::NotFound,
        other => SourceError::Corrupt(other.to_string()),
    }
}

/// Runs what reads a whole header beside the threads that serve requests.
pub(super) async fn apart<T: Send + 'static>(
    object: &Arc<Object>,
    work: impl FnOnce(&Object) -> Result<T, SourceError> + Send + 'static,
) -> Result<T, SourceError> {
    let object = Arc::clone(object);
    let done = tokio::task::spawn_blocking(move || work(&object));
    done.await.map_err(|error| SourceError::Unavailable(error.to_string()))?
}
