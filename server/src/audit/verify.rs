//! Reading a journal from its first line to its last, checking the chain.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use thiserror::Error;

use super::{
    entry::{Anchor, Record},
    line::{self, Head, LineError, MAX_LINE},
    segment::{self, Lock},
};

/// Why a journal is not whole.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// A file cannot be read.
    #[error("cannot read the journal: {0}")]
    Unreadable(#[from] io::Error),
    /// A line is no line, or was changed.
    #[error("{file}, line {line}: {cause}")]
    Line {
        /// The file.
        file: String,
        /// The line in it, from 1.
        line: u64,
        /// What is wrong.
        cause: LineError,
    },
    /// A line does not continue the one before.
    #[error(
        "{file}, line {line}: does not continue the line before: lines are missing, or changed"
    )]
    Gap {
        /// The file.
        file: String,
        /// The line in it, from 1.
        line: u64,
    },
    /// The oldest line is not the first, and no line says that those before were deleted.
    #[error("the journal begins with line {0}, and no line says that those before were deleted")]
    NoBeginning(u64),
    /// The line that was kept elsewhere is not there.
    #[error("line {0} is missing or another one: the journal was cut or written anew")]
    NotExpected(u64),
}

/// A journal that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Lines that are there.
    pub lines: u64,
    /// Number of the first one that is there; 0 in an empty journal.
    pub first: u64,
    /// The last line.
    pub head: Head,
    /// Bytes of an unfinished line at the end: what a crash leaves, and nobody was told about.
    pub torn_bytes: u64,
}

/// Checks every line. `expected` is a head that was printed before and kept elsewhere: without one,
/// nothing can tell that lines were cut off the end.
///
/// # Errors
/// [`VerifyError`] for the first thing that is wrong.
pub fn verify(folder: &Path, expected: Option<&Head>) -> Result<Verified, VerifyError> {
    let mut found = expected.is_none_or(|expected| *expected == Head::start());
    let mut anchors: Vec<Anchor> = Vec::new();
    let mut first: Option<Anchor> = None;
    let verified = read(folder, |record| {
        first.get_or_insert_with(|| Anchor { seq: record.seq, hash: record.prev.clone() });
        found |= expected.is_some_and(|expected| *expected == record.head());
        anchors.extend(record.anchor);
        Ok(())
    })?;
    let is_beginning = first.is_none_or(|first| {
        let before = Anchor { seq: first.seq.saturating_sub(1), hash: first.hash };
        before.seq == 0 && before.hash == Head::start().hash || anchors.contains(&before)
    });
    if !is_beginning {
        return Err(VerifyError::NoBeginning(verified.first));
    }
    if let (Some(expected), false) = (expected, found) {
        return Err(VerifyError::NotExpected(expected.seq));
    }
    Ok(verified)
}

/// Reads every line of a journal in order, checking that each continues the one before.
///
/// # Errors
/// [`VerifyError`] for the first thing that is wrong, or what `each` returns.
pub fn read(
    folder: &Path,
    mut each: impl FnMut(Record) -> io::Result<()>,
) -> Result<Verified, VerifyError> {
    let mut result = Verified { lines: 0, first: 0, head: Head::start(), torn_bytes: 0 };
    for (name, bytes) in files(folder)? {
        if result.torn_bytes > 0 {
            // Nothing is written after half a line: it is cut off first.
            return Err(VerifyError::Gap { file: name, line: 1 });
        }
        let mut reader = BufReader::new(File::open(folder.join(&name))?.take(bytes));
        let mut number = 0;
        let mut line = Vec::new();
        while next_line(&mut reader, &mut line)? {
            number += 1;
            let record = line::read(&line).map_err(|cause| VerifyError::Line {
                file: name.clone(),
                line: number,
                cause,
            })?;
            let continues = record.seq == result.head.seq + 1 && record.prev == result.head.hash;
            if result.lines > 0 && !continues {
                return Err(VerifyError::Gap { file: name, line: number });
            }
            if result.lines == 0 {
                result.first = record.seq;
            }
            result.lines += 1;
            result.head = record.head();
            each(record)?;
        }
        result.torn_bytes = line.len() as u64;
    }
    Ok(result)
}

/// The files with the bytes they have now: what is being written meanwhile is not looked at.
fn files(folder: &Path) -> io::Result<Vec<(String, u64)>> {
    let _lock = Lock::take(folder)?;
    let names = segment::list(folder)?.into_iter();
    names.map(|name| Ok((name.clone(), fs::metadata(folder.join(name))?.len()))).collect()
}

/// Reads a whole line without its line break; what is left at the end is no whole line, and stays in
/// `line`.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    reader.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', line)?;
    match line.pop() {
        Some(b'\n') => Ok(true),
        // Longer than any line: what is wrong with it is said by whoever reads it.
        Some(last) if line.len() >= MAX_LINE => {
            line.push(last);
            Ok(true)
        }
        last => {
            line.extend(last);
            Ok(false)
        }
    }
}
