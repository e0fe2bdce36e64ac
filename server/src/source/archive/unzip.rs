//! Takes the entries out of a ZIP, into files named by their number: names written by strangers never
//! become paths, and what is unfolded is counted while it is written, not believed.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use zip::ZipArchive;
use zip::read::ZipFile;

/// What a ZIP may unfold to before it is taken for a bomb.
#[derive(Clone, Copy, Debug)]
pub struct ZipLimits {
    /// Most entries.
    pub entries: usize,
    /// Most bytes of one entry.
    pub entry_bytes: u64,
    /// Most bytes of all entries together.
    pub total_bytes: u64,
    /// Most bytes unfolded per byte packed, beyond the first megabyte.
    pub ratio: u64,
}

impl Default for ZipLimits {
    fn default() -> Self {
        Self { entries: 100_000, entry_bytes: 4 << 30, total_bytes: 32 << 30, ratio: 300 }
    }
}

/// Bytes unfolded before the ratio is looked at: small files of zeros are harmless.
const RATIO_GRACE_BYTES: u64 = 1 << 20;

/// What came out of a ZIP.
#[derive(Debug, Default)]
pub(super) struct Extracted {
    /// Numbers of the entries written, each a file of that name in the folder.
    pub entries: Vec<usize>,
    /// Entries left out, and why the last one was.
    pub refused: Option<(u64, &'static str)>,
}

impl Extracted {
    fn refuse(&mut self, reason: &'static str) {
        let count = self.refused.map_or(0, |(count, _)| count) + 1;
        self.refused = Some((count, reason));
    }
}

/// Writes every plain entry of `zip` (of `zip_bytes` bytes) to `folder/NUMBER`. An entry that is refused is left out; a ZIP
/// that exceeds the limits as a whole stops there, and what came before it stays.
///
/// # Errors
/// When the ZIP itself cannot be read, or the folder cannot be written.
pub(super) fn extract(
    zip: impl Read + Seek,
    zip_bytes: u64,
    folder: &Path,
    limits: &ZipLimits,
) -> io::Result<Extracted> {
    let mut zip = ZipArchive::new(zip)?;
    fs::create_dir_all(folder)?;
    let mut extracted = Extracted::default();
    // Entries that share the same packed bytes must not count them twice.
    let by_ratio = RATIO_GRACE_BYTES.saturating_add(zip_bytes.saturating_mul(limits.ratio));
    let mut budget = limits.total_bytes.min(by_ratio);
    for number in 0..zip.len() {
        if number >= limits.entries {
            extracted.refuse("too many entries");
            break;
        }
        let Ok(mut entry) = zip.by_index(number) else {
            extracted.refuse("unreadable entry");
            continue;
        };
        if !entry.is_file() {
            continue;
        }
        let path = folder.join(number.to_string());
        let allowed = limits.entry_bytes.min(budget);
        let (unfolded, result) = write_entry(&mut entry, &path, allowed, limits.ratio);
        budget = budget.saturating_sub(unfolded);
        match result {
            Ok(()) => extracted.entries.push(number),
            Err(Refused::Entry(reason)) => {
                fs::remove_file(&path).ok();
                extracted.refuse(reason);
            }
            Err(Refused::Folder(error)) => return Err(error),
        }
        if budget == 0 {
            extracted.refuse("unfolds to too much");
            break;
        }
    }
    Ok(extracted)
}

enum Refused {
    /// This entry only.
    Entry(&'static str),
    /// The disk does not take it.
    Folder(io::Error),
}

/// Returns how many bytes came out, and whether the entry is good.
fn write_entry<R: Read>(
    entry: &mut ZipFile<'_, R>,
    path: &Path,
    allowed: u64,
    ratio: u64,
) -> (u64, Result<(), Refused>) {
    if entry.enclosed_name().is_none() {
        return (0, Err(Refused::Entry("entry with a path outside the archive")));
    }
    if entry.encrypted() {
        return (0, Err(Refused::Entry("encrypted entry")));
    }
    let by_ratio = entry.compressed_size().saturating_mul(ratio).saturating_add(RATIO_GRACE_BYTES);
    let mut unfolded = 0;
    let result = File::create(path)
        .map_err(Refused::Folder)
        .and_then(|file| copy(entry, file, allowed.min(by_ratio), &mut unfolded));
    (unfolded, result)
}

fn copy(
    mut from: impl Read,
    mut to: File,
    allowed: u64,
    unfolded: &mut u64,
) -> Result<(), Refused> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = from.read(&mut buffer).map_err(|_damaged| Refused::Entry("damaged entry"))?;
        let Some(chunk) = buffer.get(..count).filter(|chunk| !chunk.is_empty()) else {
            return to.flush().map_err(Refused::Folder);
        };
        *unfolded += count as u64;
        if *unfolded > allowed {
            return Err(Refused::Entry("entry unfolds to too much"));
        }
        to.write_all(chunk).map_err(Refused::Folder)?;
    }
}
