//! A sealed file: written once from its beginning, read anywhere. Blocking.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use rand::RngCore;

use super::{Key, PIECE_BYTES, SALT_BYTES, Sealing, TAG_BYTES, sealed_bytes};

/// Where a piece begins in the file.
const fn place_of(piece: u64) -> u64 {
    SALT_BYTES as u64 + piece * (PIECE_BYTES + TAG_BYTES) as u64
}

/// Writes a sealed file.
pub(crate) struct Writer {
    file: File,
    sealing: Sealing,
    /// The piece that is being filled: whether it is the last is known when nothing comes after it.
    waiting: Vec<u8>,
    length: u64,
}

impl Writer {
    /// Makes the file, which must not be there yet, for its owner only. `what` it holds is needed to read it.
    pub(crate) fn create(path: &Path, key: &Key, what: &str) -> io::Result<Self> {
        let mut salt = [0; SALT_BYTES];
        rand::rng().fill_bytes(&mut salt);
        let sealing = Sealing::new(key, &salt, what).map_err(io::Error::other)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.write_all(&salt)?;
        Ok(Self { file, sealing, waiting: Vec::new(), length: 0 })
    }

    pub(crate) fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        while !bytes.is_empty() {
            if self.waiting.len() == PIECE_BYTES {
                self.seal(false)?;
            }
            let room = PIECE_BYTES - self.waiting.len();
            let (part, rest) = bytes.split_at(bytes.len().min(room));
            if self.waiting.capacity() == 0 {
                self.waiting.reserve_exact(PIECE_BYTES.min(bytes.len()) + TAG_BYTES);
            }
            self.waiting.extend_from_slice(part);
            bytes = rest;
        }
        Ok(())
    }

    fn seal(&mut self, is_last: bool) -> io::Result<()> {
        self.sealing.seal(&mut self.waiting, is_last).map_err(io::Error::other)?;
        self.file.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }

    /// How many bytes were written, before they were sealed. The file is not forced to the disk.
    pub(crate) fn finish(mut self) -> io::Result<u64> {
        self.seal(true)?;
        Ok(self.length)
    }
}

/// The same form of bytes that are all here, to be written wherever there is room; it takes the place of what is in `all`.
pub(crate) fn sealed(key: &Key, what: &str, bytes: &[u8], all: &mut Vec<u8>) -> io::Result<()> {
    let mut salt = [0; SALT_BYTES];
    rand::rng().fill_bytes(&mut salt);
    let mut sealing = Sealing::new(key, &salt, what).map_err(io::Error::other)?;
    all.clear();
    all.reserve_exact(sealed_bytes(bytes.len() as u64) as usize);
    all.extend_from_slice(&salt);
    let mut rest = bytes;
    loop {
        let (piece, after) = rest.split_at(rest.len().min(PIECE_BYTES));
        let start = all.len();
        all.extend_from_slice(piece);
        sealing.seal_end(all, start, after.is_empty()).map_err(io::Error::other)?;
        if after.is_empty() {
            return Ok(());
        }
        rest = after;
    }
}

/// Reads what was sealed, a file or a part of one. A piece that is not what was written is an error, and nothing of it is ever given out.
pub(crate) struct Reader {
    file: File,
    /// Where it begins in the file.
    start: u64,
    sealing: Sealing,
    /// Bytes before they were sealed.
    length: u64,
    position: u64,
    /// The piece with this number, opened.
    opened: Option<u64>,
    piece: Vec<u8>,
}

impl Reader {
    /// Opens what lies in a file from `start` on, and has `length` bytes.
    pub(crate) fn open(
        path: &Path,
        start: u64,
        (key, what): (&Key, &str),
        length: u64,
    ) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut salt = [0; SALT_BYTES];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut salt)?;
        let sealing = Sealing::new(key, &salt, what).map_err(io::Error::other)?;
        Ok(Self { file, start, sealing, length, position: 0, opened: None, piece: Vec::new() })
    }

    fn load(&mut self, number: u64) -> io::Result<()> {
        if self.opened == Some(number) {
            return Ok(());
        }
        self.opened = None;
        let left = self.length.saturating_sub(number * PIECE_BYTES as u64);
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE_BYTES);
        self.piece.resize(length + TAG_BYTES, 0);
        self.file.seek(SeekFrom::Start(self.start + place_of(number)))?;
        self.file.read_exact(&mut self.piece)?;
        let is_last = left <= PIECE_BYTES as u64;
        self.sealing.open_at((number, is_last), &mut self.piece).map_err(io::Error::other)?;
        self.opened = Some(number);
        Ok(())
    }
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.length || into.is_empty() {
            return Ok(0);
        }
        self.load(self.position / PIECE_BYTES as u64)?;
        let from = (self.position % PIECE_BYTES as u64) as usize;
        let mut rest = self.piece.get(from..).unwrap_or_default();
        let count = rest.read(into)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = [3; 32];

    fn written(path: &Path, bytes: &[u8]) {
        let mut writer = Writer::create(path, &KEY, "a").unwrap();
        bytes.chunks(50_000).for_each(|piece| writer.write(piece).unwrap());
        assert_eq!(writer.finish().unwrap(), bytes.len() as u64);
    }

    fn read(path: &Path, what: &str, length: u64, from: u64) -> io::Result<Vec<u8>> {
        let mut reader = Reader::open(path, 0, (&KEY, what), length)?;
        reader.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    #[test]
    fn what_was_written_is_read_from_any_place() {
        let folder = tempfile::tempdir().unwrap();
        let lengths = [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 77];
        for (number, length) in lengths.into_iter().enumerate() {
            let path = folder.path().join(number.to_string());
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            written(&path, &bytes);
            let stored = std::fs::metadata(&path).unwrap();
            assert_eq!(stored.len(), sealed_bytes(length as u64));
            #[cfg(unix)]
            assert_eq!(
                std::os::unix::fs::PermissionsExt::mode(&stored.permissions()) & 0o777,
                0o600
            );
            for from in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, length] {
                let expected = bytes.get(from..).unwrap_or_default();
                assert!(read(&path, "a", length as u64, from as u64).unwrap() == expected);
            }
        }
    }

    #[test]
    fn what_lies_among_others_is_read_as_from_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let object = |length: usize| (0..length).map(|at| (at % 251) as u8).collect::<Vec<u8>>();
        let objects = [0, 1, PIECE_BYTES, 2 * PIECE_BYTES + 9].map(object);
        let mut all = Vec::new();
        let mut places = Vec::new();
        let mut one = vec![1; 100];
        for (number, object) in objects.iter().enumerate() {
            sealed(&KEY, &number.to_string(), object, &mut one).unwrap();
            assert_eq!(one.len() as u64, sealed_bytes(object.len() as u64));
            places.push(all.len() as u64);
            all.extend_from_slice(&one);
        }
        std::fs::write(&path, all).unwrap();
        let read = |start, what: &str, length| {
            let mut bytes = Vec::new();
            Reader::open(&path, start, (&KEY, what), length)?.read_to_end(&mut bytes)?;
            io::Result::Ok(bytes)
        };
        for (number, object) in objects.iter().enumerate() {
            let (start, length) = (places[number], object.len() as u64);
            assert!(read(start, &number.to_string(), length).unwrap() == *object);
            if length > 0 {
                assert!(read(start, "another", length).is_err());
                assert!(read(start + 1, &number.to_string(), length).is_err());
            }
        }
    }

    #[test]
    fn nothing_is_read_of_what_was_changed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, length) = (folder.path().join("x"), 2 * PIECE_BYTES + 5);
        written(&path, &vec![1; length]);
        let good = std::fs::read(&path).unwrap();
        assert!(read(&path, "b", length as u64, 0).is_err(), "another file's name");
        assert!(read(&path, "a", length as u64 - 1, 0).is_err(), "another length");
        let piece = PIECE_BYTES + TAG_BYTES;
        for spoil in [
            |bytes: &mut Vec<u8>, _| bytes[3] ^= 1,
            |bytes: &mut Vec<u8>, _| bytes[SALT_BYTES + 9] ^= 1,
            |bytes: &mut Vec<u8>, _| bytes.truncate(bytes.len() - 1),
            |bytes: &mut Vec<u8>, piece| {
                let (one, two) = bytes[SALT_BYTES..].split_at_mut(piece);
                one.swap_with_slice(&mut two[..piece]);
            },
        ] {
            let mut bytes = good.clone();
            spoil(&mut bytes, piece);
            std::fs::write(&path, bytes).unwrap();
            assert!(read(&path, "a", length as u64, 0).is_err());
        }
        assert!(Writer::create(&path, &KEY, "a").is_err(), "no file is written twice");
    }
}
