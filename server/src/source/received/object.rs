//! One received object: its frames, values and metadata, read from its bytes.

use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use thiserror::Error;
use viewer_core::base::limits::MAX_FRAME_BYTES;
use viewer_core::dicom::{
    self, ByteRange, FrameLayout, FrameRanges, IndexError, Indexed, LayoutError, PixelDataLayout,
    ReadError,
};
use viewer_core::exam::{Instance, is_video};

use super::body::{Body, Pieces, apart_pieces};
use super::disk::Pin;
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
/// Memory of what is known of an object, where its bytes are on disk.
const OBJECT_OVERHEAD: u64 = 512;

/// Why received bytes are no object. Holds no value of it.
#[derive(Debug, Error)]
pub(super) enum Unreadable {
    /// Not DICOM, or it cannot be told from others.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// What a small object unfolds to cannot be bounded by what was received.
    #[error("a deflated data set, which nobody asked for")]
    Deflated,
    /// What was written cannot be read back.
    #[error("on disk: {0}")]
    Disk(std::io::Error),
}

impl From<std::io::Error> for Unreadable {
    fn from(error: std::io::Error) -> Self {
        Self::Disk(error)
    }
}

impl From<ReadError> for Unreadable {
    fn from(error: ReadError) -> Self {
        Self::Index(error.into())
    }
}

/// A Part 10 object.
pub(super) struct Object {
    body: Body,
    layout: Option<PixelDataLayout>,
    transfer_syntax: String,
    frame_syntax: String,
}

impl Object {
    /// Reads the header and where the frames are. Blocking.
    pub(super) fn read(body: Body) -> Result<(Self, Instance), Unreadable> {
        let stated = dicom::stated_transfer_syntax(body.reader()?)?;
        if dicom::is_deflated(&stated) {
            return Err(Unreadable::Deflated);
        }
        let Indexed { instance, layout, file } = dicom::index(body.reader()?)?;
        let frame_syntax = frame_syntax(layout.as_ref(), &file.transfer_syntax_uid).to_owned();
        let transfer_syntax = file.transfer_syntax_uid;
        Ok((Self { body, layout, transfer_syntax, frame_syntax }, instance))
    }

    pub(super) const fn body(&self) -> &Body {
        &self.body
    }

    /// The same object with its bytes elsewhere.
    pub(super) fn with_body(self, body: Body) -> Self {
        Self { body, ..self }
    }

    /// Bytes of memory that it takes.
    pub(super) fn memory_bytes(&self) -> u64 {
        let of_bytes = match &self.body {
            Body::Memory(bytes) => bytes.len() as u64,
            Body::Disk(_) => OBJECT_OVERHEAD,
        };
        of_bytes.saturating_add(self.places_bytes())
    }

    /// Bytes of everything but its pixels, at most.
    pub(super) fn bytes_beside_pixels(&self) -> u64 {
        let pixels = match self.layout.as_ref().map(|layout| &layout.frames) {
            Some(FrameLayout::Native { bytes, .. }) => bytes.length,
            Some(FrameLayout::Encapsulated { frames }) => {
                frames.iter().fold(0, |sum, ranges| total(ranges).saturating_add(sum))
            }
            None => 0,
        };
        self.body.len().saturating_sub(pixels)
    }

    /// Bytes that the places of its frames take.
    fn places_bytes(&self) -> u64 {
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

    /// One frame, counted from 1. Blocking where the object is on disk.
    pub(super) fn frame(&self, number: u32) -> Result<EncodedFrame, SourceError> {
        let no_pixels = || SourceError::Corrupt("no usable pixel data".to_owned());
        let layout = self.layout.as_ref().ok_or_else(no_pixels)?;
        let found = layout.frame(number).ok_or_else(|| match layout.frames {
            FrameLayout::Native { frames, .. } if (1..=frames).contains(&number) => ends_inside(),
            _ => SourceError::NotFound,
        })?;
        let bytes = match as_stored(layout, &found) {
            Some(range) => self.body.slice(range)?,
            None => {
                let read = dicom::read_frame(self.body.reader()?, layout, number);
                read.map(Bytes::from).map_err(unreadable_frame)?
            }
        };
        if bytes.len() as u64 != layout.delivered_bytes(&found) {
            return Err(ends_inside());
        }
        Ok(EncodedFrame { transfer_syntax_uid: self.frame_syntax.clone(), bytes })
    }

    /// Its metadata. Blocking.
    pub(super) fn metadata(&self, at: &InstanceRef) -> Result<Value, SourceError> {
        let file = dicom::read_part10(self.body.reader()?).map_err(|error| corrupt(&error))?;
        Ok(metadata(&file, at)?)
    }
}

/// An object that stays where it is while somebody reads it.
pub(super) struct Held {
    object: Arc<Object>,
    _pin: Option<Pin>,
}

impl Held {
    /// `None` where it had to make room.
    pub(super) fn of(object: &Arc<Object>) -> Option<Self> {
        let pin = match &object.body {
            Body::Memory(_) => None,
            Body::Disk(kept) => Some(kept.pin()?),
        };
        Some(Self { object: Arc::clone(object), _pin: pin })
    }

    /// The whole object.
    pub(super) fn instance(self: Arc<Self>) -> Result<InstanceStream, SourceError> {
        let length = self.body.len();
        Ok(InstanceStream {
            transfer_syntax_uid: self.transfer_syntax.clone(),
            length: Some(length),
            bytes: self.pieces(vec![ByteRange { offset: 0, length }])?,
        })
    }

    /// The value of one element. Blocking.
    pub(super) fn bulk(self: Arc<Self>, element: &ElementPath) -> Result<BulkStream, SourceError> {
        let file = dicom::read_part10(self.body.reader()?).map_err(|error| corrupt(&error))?;
        let found = bulk::find(&file, self.layout.as_ref(), element);
        let (transfer_syntax_uid, length, bytes) = match found.ok_or(SourceError::NotFound)? {
            Found::Value(bytes) => (None, bytes.len() as u64, Body::one_piece(bytes.into())),
            Found::PixelData(offset, length) => {
                let syntax = Some(self.frame_syntax.clone());
                (syntax, length, self.pieces(vec![ByteRange { offset, length }])?)
            }
        };
        Ok(BulkStream { transfer_syntax_uid, length: Some(length), bytes })
    }

    /// A part of its video stream.
    pub(super) fn video(
        self: Arc<Self>,
        start: u64,
        end: Option<u64>,
    ) -> Result<VideoPart, SourceError> {
        let layout = self.layout.as_ref().filter(|_| is_video(&self.frame_syntax));
        let found = layout.and_then(|layout| layout.frame(1)).ok_or(SourceError::NotFound)?;
        let total = total(&found.ranges);
        let end = end.unwrap_or(total).min(total);
        let range = start.min(end)..end;
        let parts = within(&found.ranges, &range);
        Ok(VideoPart {
            transfer_syntax_uid: self.frame_syntax.clone(),
            range,
            total,
            bytes: self.pieces(parts)?,
        })
    }

    /// Parts of the object one after the other.
    fn pieces(self: Arc<Self>, ranges: Vec<ByteRange>) -> Result<Pieces, SourceError> {
        apart_pieces(self, ranges)
    }
}

impl Deref for Held {
    type Target = Object;

    fn deref(&self) -> &Object {
        &self.object
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

pub(super) fn ends_inside() -> SourceError {
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

/// Runs what reads a header, or the disk, beside the threads that serve requests.
pub(super) async fn apart<T: Send + 'static>(
    object: &Arc<Held>,
    work: impl FnOnce(Arc<Held>) -> Result<T, SourceError> + Send + 'static,
) -> Result<T, SourceError> {
    let object = Arc::clone(object);
    let done = tokio::task::spawn_blocking(move || work(object));
    done.await.map_err(|error| SourceError::Unavailable(error.to_string()))?
}
