//! The files of a journal: one per UTC day, named by it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use time::{Date, macros::format_description};

use super::Record;
use super::line::{self, MAX_LINE};

const PREFIX: &str = "audit-";
const SUFFIX: &str = ".jsonl";

/// Name of the file of a day. Names sort like days.
pub(super) fn name_of(day: Date) -> String {
    let (year, month, day) = (day.year(), u8::from(day.month()), day.day());
    format!("{PREFIX}{year:04}-{month:02}-{day:02}{SUFFIX}")
}

/// The day of a file; `None` for what is no part of a journal.
pub(super) fn day_of(name: &str) -> Option<Date> {
    let day = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    Date::parse(day, format_description!("[year]-[month]-[day]")).ok()
}

/// Names of the files, oldest first.
pub(super) fn list(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.extend(entry?.file_name().into_string().ok().filter(|name| day_of(name).is_some()));
    }
    names.sort_unstable();
    Ok(names)
}

/// The lock of a journal, held until dropped.
pub(super) struct Lock(#[expect(dead_code, reason = "closing the file lets go of the lock")] File);

impl Lock {
    pub(super) fn take(folder: &Path) -> io::Result<Self> {
        let file =
            private(OpenOptions::new().append(true).create(true)).open(folder.join("lock"))?;
        file.lock()?;
        Ok(Self(file))
    }
}

/// Opens a file for appending, made where needed, readable by this user only.
pub(super) fn open_to_append(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().append(true).create(true)).open(path)
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Makes the folder, for this user only.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes down that a file was made or deleted.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// How a file ends.
pub(super) struct End {
    /// The last whole line; `None` where there is none.
    pub(super) last: Option<Record>,
    /// Bytes up to and with the last line break.
    pub(super) whole_bytes: u64,
    /// Bytes of the file.
    pub(super) bytes: u64,
}

/// Reads the end of a file.
pub(super) fn end_of(path: &Path) -> io::Result<End> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    // A torn line and the whole one before it.
    let start = bytes.saturating_sub(2 * MAX_LINE as u64);
    file.seek(SeekFrom::Start(start))?;
    let mut end = Vec::new();
    file.take(bytes - start).read_to_end(&mut end)?;
    let Some(last_break) = end.iter().rposition(|byte| *byte == b'\n') else {
        let is_torn_only = start == 0;
        return if is_torn_only {
            Ok(End { last: None, whole_bytes: 0, bytes })
        } else {
            Err(damaged(path))
        };
    };
    let lines = end.get(..last_break).unwrap_or_default();
    let line = lines.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let last = line::read(line).map_err(|_wrong| damaged(path))?;
    Ok(End { last: Some(last), whole_bytes: start + last_break as u64 + 1, bytes })
}

fn damaged(path: &Path) -> io::Error {
    let name = path.file_name().map(PathBuf::from).unwrap_or_default();
    io::Error::other(format!(
        "{}: its last line is no line of a journal; run `negatoscope audit verify`",
        name.display()
    ))
}
