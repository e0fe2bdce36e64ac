//! A deflated entry of an archive, read as if it were a file: forward as it unfolds, backward by beginning anew.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use flate2::Crc;
use flate2::read::DeflateDecoder;
use viewer_core::dicom::ByteRange;

use crate::bytes::{Bytes, Reader, target};

/// Bytes that may still be unfolded of a medium before it is taken for a bomb.
#[derive(Clone, Debug)]
pub struct Budget(Rc<Cell<u64>>);

impl Budget {
    /// So many.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        Self(Rc::new(Cell::new(bytes)))
    }

    /// As many more.
    pub fn add(&self, bytes: u64) {
        self.0.set(self.0.get().saturating_add(bytes));
    }

    fn take(&self, bytes: usize) -> io::Result<()> {
        let left = self.0.get().checked_sub(bytes as u64);
        self.0.set(left.ok_or(io::ErrorKind::FileTooLarge)?);
        Ok(())
    }
}

/// The reader.
pub struct Inflated {
    bytes: Rc<dyn Bytes>,
    packed: ByteRange,
    /// As the archive states it; nothing is read beyond it.
    length: u64,
    budget: Budget,
    decoder: DeflateDecoder<Reader>,
    /// How much the decoder has given.
    given: u64,
    position: u64,
}

/// Passed over at a time.
const SCRATCH: usize = 16 << 10;

impl Inflated {
    /// Of an entry that unfolds to `length` bytes, and no more.
    #[must_use]
    pub fn new(bytes: Rc<dyn Bytes>, packed: ByteRange, length: u64, budget: Budget) -> Self {
        let decoder = DeflateDecoder::new(Reader::part(Rc::clone(&bytes), packed));
        Self { bytes, packed, length, budget, decoder, given: 0, position: 0 }
    }

    fn give(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(self.given)).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        let count = self.decoder.read(&mut buffer[..count])?;
        self.budget.take(count)?;
        self.given += count as u64;
        Ok(count)
    }

    /// Goes on, or begins anew, until the decoder gives what is at the position; `false` where the stream ends before.
    fn reach(&mut self) -> io::Result<bool> {
        if self.given > self.position {
            let anew = Reader::part(Rc::clone(&self.bytes), self.packed);
            self.decoder = DeflateDecoder::new(anew);
            self.given = 0;
        }
        let mut scratch = [0; SCRATCH];
        while self.given < self.position {
            let left = usize::try_from(self.position - self.given).unwrap_or(SCRATCH);
            if self.give(&mut scratch[..left.min(SCRATCH)])? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Read for Inflated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.length || buffer.is_empty() || !self.reach()? {
            return Ok(0);
        }
        let count = self.give(buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Inflated {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = target(to, self.position, self.length)?;
        Ok(self.position)
    }
}

/// All of an entry, where it is as long and has the check sum (CRC-32) that the archive states.
///
/// # Errors
/// Where it is not, or cannot be read.
pub fn unfolded(mut reader: Inflated, crc: u32) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    reader.read_to_end(&mut all)?;
    let mut sum = Crc::new();
    sum.update(&all);
    if all.len() as u64 != reader.length || sum.sum() != crc {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;

    fn content() -> Vec<u8> {
        (0..200_000_u32).map(|value| (value / 7 % 253) as u8).collect()
    }

    fn packed(content: &[u8]) -> Rc<dyn Bytes> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        Rc::new(encoder.finish().unwrap())
    }

    fn reader(content: &[u8], length: u64, budget: u64) -> Inflated {
        let bytes = packed(content);
        let range = ByteRange { offset: 0, length: bytes.length() };
        Inflated::new(bytes, range, length, Budget::new(budget))
    }

    #[test]
    fn it_is_read_forward_and_backward() {
        let content = content();
        let mut reader = reader(&content, content.len() as u64, u64::MAX);
        for at in [0_u64, 150_000, 100, 199_999, 199_998] {
            reader.seek(SeekFrom::Start(at)).unwrap();
            let mut one = [0];
            reader.read_exact(&mut one).unwrap();
            assert_eq!(one[0], content[at as usize]);
        }
        assert_eq!(reader.seek(SeekFrom::End(0)).unwrap(), 200_000);
        assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn what_is_stated_and_what_is_allowed_are_its_ends() {
        let content = content();
        let mut short = Vec::new();
        reader(&content, 1000, u64::MAX).read_to_end(&mut short).unwrap();
        assert_eq!(short, content[..1000]);
        let mut nothing = Vec::new();
        assert!(reader(&content, 200_000, 100_000).read_to_end(&mut nothing).is_err());
    }

    #[test]
    fn a_whole_entry_is_as_long_and_has_the_sum_that_is_stated() {
        let content = content();
        let mut sum = Crc::new();
        sum.update(&content);
        let all = |length, crc| unfolded(reader(&content, length, u64::MAX), crc);
        assert_eq!(all(200_000, sum.sum()).unwrap(), content);
        assert!(all(200_000, !sum.sum()).is_err());
        assert!(all(200_001, sum.sum()).is_err());
        assert!(all(199_999, sum.sum()).is_err());
    }
}
