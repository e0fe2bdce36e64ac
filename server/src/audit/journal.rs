//! Appending to a journal.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    net::IpAddr,
    path::{Path, PathBuf},
};

use time::{Duration, OffsetDateTime};

use super::{
    entry::{Anchor, Entry, Event, LOCAL, SERVER},
    line::{self, Head},
    segment::{self, Lock},
};

/// A journal and where it was left.
pub(super) struct Journal {
    folder: PathBuf,
    known: Option<Known>,
}

/// The end of the journal when it was last looked at.
#[derive(Clone)]
struct Known {
    /// Name of the newest file; empty where there is none.
    name: String,
    bytes: u64,
    head: Head,
}

impl Journal {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        segment::make_folder(folder)?;
        let mut journal = Self { folder: folder.to_owned(), known: None };
        let _lock = Lock::take(folder)?;
        // What is no journal is found now and not at the first visitor.
        journal.find_end(OffsetDateTime::now_utc())?;
        Ok(journal)
    }

    pub(super) fn append(&mut self, now: OffsetDateTime, entry: &Entry<'_>) -> io::Result<()> {
        let _lock = Lock::take(&self.folder)?;
        self.append_locked(now, entry)
    }

    /// Deletes whole days, oldest first, each after a line that says where it ended: whatever is cut
    /// short leaves a journal that can be verified.
    pub(super) fn prune(&mut self, now: OffsetDateTime, retention_days: u32) -> io::Result<usize> {
        let _lock = Lock::take(&self.folder)?;
        let oldest_kept = now.date() - Duration::days(retention_days.into());
        let names = segment::list(&self.folder)?;
        let (_newest, others) = names.split_last().map_or((None, &[][..]), |(n, o)| (Some(n), o));
        let mut deleted = 0;
        for name in others {
            if segment::day_of(name).is_none_or(|day| day >= oldest_kept) {
                break;
            }
            if let Some(last) = segment::end_of(&self.folder.join(name))?.last {
                let anchor = Anchor { seq: last.seq, hash: last.hash };
                let entry =
                    Entry { anchor: Some(&anchor), ..Entry::new(Event::Pruned, SERVER, LOCAL) };
                self.append_locked(now, &entry)?;
            }
            fs::remove_file(self.folder.join(name))?;
            deleted += 1;
        }
        segment::sync_folder(&self.folder)?;
        Ok(deleted)
    }

    fn append_locked(&mut self, now: OffsetDateTime, entry: &Entry<'_>) -> io::Result<()> {
        let known = self.find_end(now)?;
        self.write(&known, now, entry)
    }

    fn write(&mut self, known: &Known, now: OffsetDateTime, entry: &Entry<'_>) -> io::Result<()> {
        // Until all is written, nothing is known: after a failure the end is looked for anew.
        self.known = None;
        // A clock that goes back does not write into a day that has ended.
        let name = segment::name_of(now.date()).max(known.name.clone());
        let is_new = name != known.name;
        let (bytes, head) = line::write(&known.head, now, entry)?;
        let mut file = segment::open_to_append(&self.folder.join(&name))?;
        file.write_all(&bytes)?;
        file.sync_data()?;
        if is_new {
            segment::sync_folder(&self.folder)?;
        }
        let before = if is_new { 0 } else { known.bytes };
        self.known = Some(Known { name, bytes: before + bytes.len() as u64, head });
        Ok(())
    }

    /// Where the next line goes. Another process may have written since; one that was killed may have
    /// left half a line, which nobody was told about: it is cut off, and that is written down.
    fn find_end(&mut self, now: OffsetDateTime) -> io::Result<Known> {
        let names = segment::list(&self.folder)?;
        let newest = names.last().cloned().unwrap_or_default();
        if let Some(known) = &self.known
            && known.name == newest
            && fs::metadata(self.folder.join(&newest))?.len() == known.bytes
        {
            return Ok(known.clone());
        }
        let (known, torn_bytes) = self.look(&names)?;
        self.known = Some(known.clone());
        if torn_bytes == 0 {
            return Ok(known);
        }
        let reason = format!("{torn_bytes} bytes of an unfinished line");
        let address: IpAddr = LOCAL;
        let repaired =
            Entry { reason: Some(&reason), ..Entry::new(Event::Repaired, SERVER, address) };
        self.write(&known, now, &repaired)?;
        self.known.clone().ok_or_else(|| io::Error::other("audit journal without an end"))
    }

    /// The end of the newest file that has a line, and the bytes that were cut off.
    fn look(&self, names: &[String]) -> io::Result<(Known, u64)> {
        let newest = names.last().cloned().unwrap_or_default();
        let mut known = Known { name: newest.clone(), bytes: 0, head: Head::start() };
        let mut torn_bytes = 0;
        for name in names.iter().rev() {
            let path = self.folder.join(name);
            let end = segment::end_of(&path)?;
            if end.bytes > end.whole_bytes {
                torn_bytes += end.bytes - end.whole_bytes;
                let file = OpenOptions::new().write(true).open(&path)?;
                file.set_len(end.whole_bytes)?;
                file.sync_data()?;
            }
            if *name == newest {
                known.bytes = end.whole_bytes;
            }
            if let Some(last) = end.last {
                known.head = last.head();
                break;
            }
        }
        Ok((known, torn_bytes))
    }
}
