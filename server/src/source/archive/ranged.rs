//! Reads an object like a local file, by chunks: a header costs one or two requests, whatever the size
//! of the pixel data behind it.

use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::runtime::Handle;

/// Most headers fit; a bucket answers this in the time of its first byte.
const LARGEST_CHUNK: u64 = 128 * 1024;
/// Fetched after a jump: there may be just one item header to read before the next jump.
const SMALLEST_CHUNK: u64 = 8 * 1024;

/// `Read + Seek` over one object. Use it on a blocking thread of the runtime only.
pub(super) struct RangedReader {
    store: Arc<dyn ObjectStore>,
    path: Path,
    size: u64,
    position: u64,
    chunk_start: u64,
    chunk: Bytes,
    next_length: u64,
    runtime: Handle,
    failure: Option<object_store::Error>,
}

impl RangedReader {
    /// Reads `path`, whose size is known from the listing.
    pub(super) fn new(store: Arc<dyn ObjectStore>, path: Path, size: u64, runtime: Handle) -> Self {
        let (position, chunk_start, chunk) = (0, 0, Bytes::new());
        let next_length = LARGEST_CHUNK;
        Self {
            store,
            path,
            size,
            position,
            chunk_start,
            chunk,
            next_length,
            runtime,
            failure: None,
        }
    }

    /// Fails where the store has failed since: what was read may be a part only, whatever the parser made
    /// of it.
    pub(super) fn check(&mut self) -> std::result::Result<(), object_store::Error> {
        self.failure.take().map_or(Ok(()), Err)
    }

    /// The rest of the chunk at the current position, fetched if need be; empty at the end.
    fn available(&mut self) -> Result<Bytes> {
        if self.position >= self.size {
            return Ok(Bytes::new());
        }
        let offset = self.position.checked_sub(self.chunk_start);
        if let Some(offset) = offset.filter(|offset| *offset < self.chunk.len() as u64) {
            return Ok(self.chunk.slice(offset as usize..));
        }
        let is_jump = self.position != self.chunk_start + self.chunk.len() as u64;
        self.next_length = match is_jump {
            true => SMALLEST_CHUNK,
            false => (self.next_length * 2).min(LARGEST_CHUNK),
        };
        let end = self.position.saturating_add(self.next_length).min(self.size);
        let fetch = self.store.get_range(&self.path, self.position..end);
        self.chunk = match self.runtime.block_on(fetch) {
            Ok(chunk) => chunk,
            Err(error) => {
                let text = error.to_string();
                self.failure = Some(error);
                return Err(Error::other(text));
            }
        };
        self.chunk_start = self.position;
        if self.chunk.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(self.chunk.clone())
    }
}

impl Read for RangedReader {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let available = self.available()?;
        let count = available.len().min(buffer.len());
        let (Some(from), Some(to)) = (available.get(..count), buffer.get_mut(..count)) else {
            return Ok(0);
        };
        to.copy_from_slice(from);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for RangedReader {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
