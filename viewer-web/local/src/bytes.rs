//! Files that are read a part at a time, where they lie.

use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use viewer_core::dicom::ByteRange;

/// Bytes of a file, or of a part of one.
pub trait Bytes {
    /// How many.
    fn length(&self) -> u64;

    /// Those from `offset` on, `length` of them, or as many as there are.
    ///
    /// # Errors
    /// Where the file is gone, or the medium is out.
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;
}

impl Bytes for Vec<u8> {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        let end = start.saturating_add(length).min(self.len());
        Ok(self.get(start..end).unwrap_or_default().to_vec())
    }
}

/// The first piece that is read after a jump. Headers of most images are shorter.
const FIRST_PIECE: usize = 16 << 10;
/// The longest: what is read on and on is asked for less often.
const LONGEST_PIECE: usize = 256 << 10;

/// Reads a part of a file in pieces, the next of which is longer where one follows the other.
pub struct Reader {
    bytes: Rc<dyn Bytes>,
    range: ByteRange,
    position: u64,
    piece: Vec<u8>,
    /// Where the piece begins, from the start of `range`.
    piece_at: u64,
    next_length: usize,
}

impl Reader {
    /// Of a whole file.
    #[must_use]
    pub fn whole(bytes: Rc<dyn Bytes>) -> Self {
        let length = bytes.length();
        Self::part(bytes, ByteRange { offset: 0, length })
    }

    /// Of a part; one that the file does not hold ends with the file.
    #[must_use]
    pub fn part(bytes: Rc<dyn Bytes>, range: ByteRange) -> Self {
        let there = bytes.length().saturating_sub(range.offset);
        let range = ByteRange { length: range.length.min(there), ..range };
        let next_length = FIRST_PIECE;
        Self { bytes, range, position: 0, piece: Vec::new(), piece_at: 0, next_length }
    }

    /// How many bytes the part has.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.range.length
    }

    /// What of the piece lies at the position; empty at the end of the part.
    fn here(&mut self) -> io::Result<&[u8]> {
        if self.offset_in_piece().is_none() {
            self.fetch()?;
        }
        let at = self.offset_in_piece().unwrap_or(self.piece.len());
        Ok(self.piece.get(at..).unwrap_or_default())
    }

    fn offset_in_piece(&self) -> Option<usize> {
        let at = usize::try_from(self.position.checked_sub(self.piece_at)?).ok()?;
        (at < self.piece.len()).then_some(at)
    }

    fn fetch(&mut self) -> io::Result<()> {
        let follows = self.position == self.piece_at.saturating_add(self.piece.len() as u64);
        self.next_length = match follows {
            true => self.next_length.saturating_mul(2).min(LONGEST_PIECE),
            false => FIRST_PIECE,
        };
        let left = self.range.length.saturating_sub(self.position);
        let length = self.next_length.min(usize::try_from(left).unwrap_or(usize::MAX));
        self.piece = match length {
            0 => Vec::new(),
            _ => self.bytes.read_at(self.range.offset.saturating_add(self.position), length)?,
        };
        self.piece_at = self.position;
        Ok(())
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = {
            let here = self.here()?;
            let count = here.len().min(buffer.len());
            buffer[..count].copy_from_slice(&here[..count]);
            count
        };
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = target(to, self.position, self.range.length)?;
        Ok(self.position)
    }
}

/// Where a jump leads, from the start.
pub(crate) fn target(to: SeekFrom, position: u64, length: u64) -> io::Result<u64> {
    let target = match to {
        SeekFrom::Start(offset) => Some(offset),
        SeekFrom::End(by) => length.checked_add_signed(by),
        SeekFrom::Current(by) => position.checked_add_signed(by),
    };
    target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_like_a_file_of_its_own() {
        let all: Vec<u8> = (0..100_000_u32).map(|value| (value % 251) as u8).collect();
        let range = ByteRange { offset: 10, length: 70_000 };
        let mut reader = Reader::part(Rc::new(all.clone()), range);
        let mut read = Vec::new();
        reader.read_to_end(&mut read).unwrap();
        assert_eq!(read, all[10..70_010]);
        for at in [69_999_u64, 0, 16_383, 16_384, 40_000] {
            assert_eq!(reader.seek(SeekFrom::Start(at)).unwrap(), at);
            let mut one = [0];
            reader.read_exact(&mut one).unwrap();
            assert_eq!(one[0], all[10 + at as usize]);
        }
        assert_eq!(reader.seek(SeekFrom::End(-1)).unwrap(), 69_999);
        assert!(reader.seek(SeekFrom::Current(-70_000)).is_err());
    }

    #[test]
    fn a_part_ends_with_its_file() {
        let range = ByteRange { offset: 3, length: u64::MAX };
        let mut reader = Reader::part(Rc::new(vec![1, 2, 3, 4]), range);
        assert_eq!(reader.length(), 1);
        let mut read = Vec::new();
        reader.read_to_end(&mut read).unwrap();
        assert_eq!(read, [4]);
        let beyond = ByteRange { offset: u64::MAX, length: 1 };
        assert_eq!(Reader::part(Rc::new(vec![1]), beyond).length(), 0);
    }
}
