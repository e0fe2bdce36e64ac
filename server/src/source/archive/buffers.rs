//! Frames of local files, read into memory that is used again.
//!
//! Fresh memory for each frame costs more than reading it: the system clears every page of it, and takes it back after.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

/// Larger frames are rare, and read into memory of their own.
const LARGEST_BYTES: usize = 2 << 20;
/// Memory that waits for the next frame.
const KEPT_BYTES: usize = 32 << 20;

/// Buffers that are free.
#[derive(Clone, Default)]
pub(super) struct Buffers(Arc<Mutex<Free>>);

#[derive(Default)]
struct Free {
    buffers: Vec<Vec<u8>>,
    bytes: usize,
}

impl Buffers {
    /// A range of a file. Blocking.
    ///
    /// # Errors
    /// Also where the file ends before the range does: what was in the buffer before is never part of the answer.
    pub(super) fn read(&self, file: &Path, range: Range<u64>) -> io::Result<Bytes> {
        let length = range.end.saturating_sub(range.start);
        let length = usize::try_from(length).map_err(|_too_long| io::ErrorKind::OutOfMemory)?;
        let file = File::open(file)?;
        let mut lent = Lent { buffer: self.take(length), length, home: self.clone() };
        read_exact_at(&file, lent.part_mut(), range.start)?;
        Ok(Bytes::from_owner(lent))
    }

    fn take(&self, length: usize) -> Vec<u8> {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = if length <= LARGEST_BYTES { free.buffers.pop() } else { None };
        let mut buffer = found.unwrap_or_default();
        free.bytes -= buffer.capacity();
        drop(free);
        if buffer.len() < length {
            buffer.resize(length, 0);
        }
        buffer
    }

    fn give_back(&self, buffer: Vec<u8>) {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = free.bytes + buffer.capacity();
        if buffer.capacity() <= LARGEST_BYTES && bytes <= KEPT_BYTES {
            free.bytes = bytes;
            free.buffers.push(buffer);
        }
    }
}

/// A buffer in use; free again when its last reader is done.
struct Lent {
    buffer: Vec<u8>,
    length: usize,
    home: Buffers,
}

impl Lent {
    fn part_mut(&mut self) -> &mut [u8] {
        self.buffer.get_mut(..self.length).unwrap_or_default()
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.buffer.get(..self.length).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.home.give_back(std::mem::take(&mut self.buffer));
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, part: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, part, offset)
}

#[cfg(not(unix))]
fn read_exact_at(mut file: &File, part: &mut [u8], offset: u64) -> io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn memory_is_used_again_and_tells_nothing_of_what_was_in_it() {
        let buffers = Buffers::default();
        let (first, second) = (file(&[1; 5000]), file(&[2; 5000]));
        let bytes = buffers.read(first.path(), 0..5000).unwrap();
        assert_eq!(bytes, vec![1; 5000]);
        let place = bytes.as_ptr();
        let clone = bytes.slice(10..20);
        drop(bytes);
        assert!(buffers.0.lock().unwrap().buffers.is_empty(), "still read by somebody");
        drop(clone);
        let shorter = buffers.read(second.path(), 4990..5000).unwrap();
        assert_eq!((shorter.as_ptr(), &*shorter), (place, &[2; 10][..]));
        drop(shorter);
        let cut = buffers.read(second.path(), 4990..5010).unwrap_err();
        assert_eq!(cut.kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(buffers.read(second.path(), 7..7).unwrap(), Bytes::new());
    }

    #[test]
    fn little_is_kept() {
        let buffers = Buffers::default();
        let large = file(&vec![3; LARGEST_BYTES + 1]);
        drop(buffers.read(large.path(), 0..LARGEST_BYTES as u64 + 1).unwrap());
        assert!(buffers.0.lock().unwrap().buffers.is_empty());
        let many: Vec<Bytes> =
            (0..20).map(|_| buffers.read(large.path(), 0..LARGEST_BYTES as u64).unwrap()).collect();
        drop(many);
        let free = buffers.0.lock().unwrap();
        assert!(
            (1..=KEPT_BYTES).contains(&free.bytes) && free.buffers.len() < 20,
            "{}",
            free.bytes
        );
    }
}
