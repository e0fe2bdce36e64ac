//! Reads a journal as it grows, from a line on.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::{
    entry::Record,
    line::{self, MAX_LINE},
    segment,
};

/// A place in a journal.
pub(super) struct Follower {
    folder: PathBuf,
    /// Number of the last line handed out.
    seq: u64,
    /// File and offset behind that line; `None`: to be looked for.
    place: Option<(String, u64)>,
}

impl Follower {
    /// Behind line `seq`.
    pub(super) fn after(folder: &Path, seq: u64) -> Self {
        Self { folder: folder.to_owned(), seq, place: None }
    }

    /// The next lines, at most `most`; none where nothing was written since. Lines that were deleted
    /// meanwhile are passed over.
    pub(super) fn next(&mut self, most: usize) -> io::Result<Vec<Record>> {
        let names = segment::list(&self.folder)?;
        if self.place.as_ref().is_some_and(|(name, _)| !names.contains(name)) {
            self.place = None;
        }
        let mut found = Vec::new();
        let (start, mut offset) = match &self.place {
            Some((name, offset)) => (name.clone(), *offset),
            None => (self.file_of_next(&names)?, 0),
        };
        for name in names.iter().filter(|name| **name >= start) {
            offset = self.read_file(name, offset, most, &mut found)?;
            self.place = Some((name.clone(), offset));
            if found.len() >= most {
                break;
            }
            offset = 0;
        }
        Ok(found)
    }

    /// The newest file that begins at or before the next line, or the oldest.
    fn file_of_next(&self, names: &[String]) -> io::Result<String> {
        for name in names.iter().rev() {
            let mut line = Vec::new();
            let mut reader = BufReader::new(File::open(self.folder.join(name))?);
            let is_whole = read_line(&mut reader, &mut line)?;
            if is_whole && read(&line)?.seq <= self.seq + 1 {
                return Ok(name.clone());
            }
        }
        Ok(names.first().cloned().unwrap_or_default())
    }

    /// Reads whole lines; tells the offset behind the last one.
    fn read_file(
        &mut self,
        name: &str,
        mut offset: u64,
        most: usize,
        found: &mut Vec<Record>,
    ) -> io::Result<u64> {
        let mut file = File::open(self.folder.join(name))?;
        file.seek(SeekFrom::Start(offset))?;
        let mut reader = BufReader::new(file);
        let mut line = Vec::new();
        while found.len() < most && read_line(&mut reader, &mut line)? {
            offset += line.len() as u64 + 1;
            let record = read(&line)?;
            if record.seq > self.seq {
                self.seq = record.seq;
                found.push(record);
            }
        }
        Ok(offset)
    }
}

/// A line without its line break; `false` where it is not whole (yet).
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    reader.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', line)?;
    Ok(line.pop() == Some(b'\n'))
}

fn read(line: &[u8]) -> io::Result<Record> {
    line::read(line).map_err(io::Error::other)
}
