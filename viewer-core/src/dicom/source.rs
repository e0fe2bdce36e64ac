use std::io::{BufReader, Read, Seek, SeekFrom};

use super::ParseError;
use crate::base::limits::MAX_VALUE_BYTES;

/// A reader that knows where it is and how much there is, so that no length field of a file is ever
/// believed beyond what the file can back.
pub(super) struct Source<R> {
    reader: BufReader<R>,
    position: u64,
    length: u64,
}

impl<R: Read + Seek> Source<R> {
    /// Takes a reader as a whole, whatever its current position.
    pub(super) fn new(mut reader: R) -> Result<Self, ParseError> {
        let length = reader.seek(SeekFrom::End(0))?;
        reader.seek(SeekFrom::Start(0))?;
        Ok(Self { reader: BufReader::new(reader), position: 0, length })
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Length of the whole in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Moves to an absolute position, at most the end.
    pub(super) fn seek_to(&mut self, position: u64) -> Result<(), ParseError> {
        if position > self.length {
            return Err(ParseError::Truncated { offset: self.position });
        }
        match i64::try_from(i128::from(position) - i128::from(self.position)) {
            Ok(distance) => self.reader.seek_relative(distance)?,
            Err(_) => {
                self.reader.seek(SeekFrom::Start(position))?;
            }
        }
        self.position = position;
        Ok(())
    }

    /// `N` bytes that must lie before `end`.
    pub(super) fn read_array<const N: usize>(&mut self, end: u64) -> Result<[u8; N], ParseError> {
        self.check(N as u64, end)?;
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        self.position += N as u64;
        Ok(bytes)
    }

    /// `count` bytes that must lie before `end`.
    pub(super) fn read_bytes(&mut self, count: u64, end: u64) -> Result<Vec<u8>, ParseError> {
        self.check(count, end)?;
        if count > MAX_VALUE_BYTES {
            return Err(ParseError::TooLong { offset: self.position });
        }
        let mut bytes = vec![0; count as usize];
        self.reader.read_exact(&mut bytes)?;
        self.position += count;
        Ok(bytes)
    }

    fn check(&self, count: u64, end: u64) -> Result<(), ParseError> {
        let available = end.min(self.length).saturating_sub(self.position);
        if count > available {
            return Err(ParseError::Truncated { offset: self.position });
        }
        Ok(())
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}
