//! The bytes of an object: in memory or on disk, read the same way.

use std::io::{Cursor, Read, Result as IoResult, Seek, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use viewer_core::dicom::ByteRange;

use super::disk::Kept;
use super::object::{Held, ends_inside};
use crate::sealed;
use crate::source::SourceError;

/// Objects are sent in pieces of this many bytes.
const PIECE: u64 = 512 * 1024;

pub(super) type Pieces = BoxStream<'static, Result<Bytes, SourceError>>;

/// Where the bytes of an object are.
pub(super) enum Body {
    Memory(Bytes),
    Disk(Arc<Kept>),
}

impl Body {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Disk(kept) => kept.len(),
        }
    }

    /// Whether it is on disk, and cannot be read there.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self, Self::Disk(kept) if kept.is_lost())
    }

    /// Reads it from its beginning. Blocking where it is on disk.
    pub(super) fn reader(&self) -> IoResult<Reader> {
        Ok(match self {
            Self::Memory(bytes) => Reader::Memory(Cursor::new(bytes.clone())),
            Self::Disk(kept) => {
                let opened = kept.reader().inspect_err(|cause| lost(kept, cause))?;
                Reader::Disk(Box::new(opened), Arc::clone(kept))
            }
        })
    }

    /// A part of it; in memory without a copy. Blocking where it is on disk.
    pub(super) fn slice(&self, range: ByteRange) -> Result<Bytes, SourceError> {
        let end = range.offset.checked_add(range.length).filter(|end| *end <= self.len());
        let end = end.ok_or_else(ends_inside)?;
        if let Self::Memory(bytes) = self {
            return Ok(bytes.slice(range.offset as usize..end as usize));
        }
        let mut reader = self.reader()?;
        reader.seek(SeekFrom::Start(range.offset))?;
        let mut bytes = vec![0; usize::try_from(range.length).map_err(|_beyond| ends_inside())?];
        reader.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }

    pub(super) fn one_piece(bytes: Bytes) -> Pieces {
        stream::iter([Ok(bytes)]).boxed()
    }
}

/// A file that is not what was written is no object any more: it has to come again.
fn lost(kept: &Kept, cause: &std::io::Error) {
    tracing::error!(%cause, "a received object on disk is damaged, and is fetched again");
    kept.lose();
}

/// Reads a [`Body`].
pub(super) enum Reader {
    Memory(Cursor<Bytes>),
    Disk(Box<sealed::Reader>, Arc<Kept>),
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> IoResult<usize> {
        match self {
            Self::Memory(cursor) => cursor.read(into),
            Self::Disk(reader, kept) => reader.read(into).inspect_err(|cause| lost(kept, cause)),
        }
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> IoResult<u64> {
        match self {
            Self::Memory(cursor) => cursor.seek(to),
            Self::Disk(reader, _) => reader.seek(to),
        }
    }
}

/// What cannot be read on disk may come again.
impl From<std::io::Error> for SourceError {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable(format!("a received object on disk: {error}"))
    }
}

/// Parts of an object one after the other, none longer than [`PIECE`], each read when it is wanted.
pub(super) fn apart_pieces(
    object: Arc<Held>,
    ranges: Vec<ByteRange>,
) -> Result<Pieces, SourceError> {
    let length = object.body().len();
    let is_inside =
        |range: &ByteRange| range.offset.checked_add(range.length).is_some_and(|it| it <= length);
    if !ranges.iter().all(is_inside) {
        return Err(ends_inside());
    }
    let parts = ranges.into_iter().flat_map(|range| {
        let starts = (0..range.length.div_ceil(PIECE)).map(move |number| number * PIECE);
        starts.map(move |start| ByteRange {
            offset: range.offset + start,
            length: PIECE.min(range.length - start),
        })
    });
    let pieces = stream::iter(parts).then(move |part| {
        let object = Arc::clone(&object);
        async move {
            if matches!(object.body(), Body::Memory(_)) {
                return object.body().slice(part);
            }
            super::object::apart(&object, move |object| object.body().slice(part)).await
        }
    });
    Ok(pieces.boxed())
}
