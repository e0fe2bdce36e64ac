//! The directory of a ZIP archive (APPNOTE.TXT 6.3): which entries it has and where their bytes lie. Nothing of it is believed
//! beyond what the archive holds, and no name is used for anything but to be shown.

use std::io;

use thiserror::Error;
use viewer_core::dicom::ByteRange;

use crate::bytes::Bytes;

/// Most entries of one archive.
pub const MAX_ENTRIES: u64 = 200_000;
/// Longest directory that is read.
const MAX_DIRECTORY_BYTES: u64 = 64 << 20;
/// Longest entry, unfolded: as the server's archive.
const MAX_ENTRY_BYTES: u64 = 4 << 30;
/// Most bytes that one packed byte may become, beyond the first megabyte: as the server's archive.
pub const MAX_RATIO: u64 = 300;
/// Small files of zeros are harmless.
pub const RATIO_GRACE_BYTES: u64 = 1 << 20;

const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
const DIRECTORY_HEADER: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const END_64: [u8; 4] = *b"PK\x06\x06";
const END_64_LOCATOR: [u8; 4] = *b"PK\x06\x07";
const END_BYTES: usize = 22;
const END_64_BYTES: usize = 56;
const LOCATOR_BYTES: usize = 20;
const LOCAL_BYTES: usize = 30;
/// Longest comment behind the end record.
const MAX_COMMENT: usize = 0xFFFF;
/// Stands for a value that is in the extra field of ZIP64.
const IN_EXTRA: u32 = 0xFFFF_FFFF;
const ZIP64_EXTRA: u16 = 0x0001;
const ENCRYPTED: u16 = 0x0001;
const UTF8_NAME: u16 = 0x0800;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Whether a file begins like an archive with entries.
#[must_use]
pub fn is_archive(start: &[u8]) -> bool {
    start.starts_with(&LOCAL_HEADER)
}

/// One entry that may be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As written, to be shown.
    pub name: String,
    /// Whether its bytes are deflated; else they are stored.
    pub is_deflated: bool,
    /// CRC-32 of what it unfolds to.
    pub crc: u32,
    /// Bytes it unfolds to, as stated.
    pub length: u64,
    /// Bytes in the archive, as stated.
    packed: u64,
    /// Where its local header is.
    header: u64,
}

/// Why an entry is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// It needs a password.
    #[error("encrypted")]
    Encrypted,
    /// Packed in another way than those that exams come in.
    #[error("packed by an unknown method")]
    Method,
    /// Unfolds to too much.
    #[error("unfolds to too much")]
    TooLarge,
}

/// What an archive holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// Entries that may be read; no folders.
    pub entries: Vec<Entry>,
    /// Names of entries that are left out, and why.
    pub refused: Vec<(String, Refusal)>,
}

/// Why an archive cannot be read.
#[derive(Debug, Error)]
pub enum ZipError {
    /// The file is gone, or the medium is out.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// There is no end record: cut off, or no archive.
    #[error("the archive is cut off")]
    NoEnd,
    /// Its records contradict each other.
    #[error("the directory of the archive is damaged")]
    Damaged,
    /// More than [`MAX_ENTRIES`], or a directory that is too long.
    #[error("the archive has too many entries")]
    TooMany,
    /// In several files.
    #[error("a part of an archive in several files")]
    Split,
}

/// Little-endian fields of a record, in their order.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], ZipError> {
        let (field, rest) = self.0.split_first_chunk().ok_or(ZipError::Damaged)?;
        self.0 = rest;
        Ok(*field)
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8], ZipError> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(ZipError::Damaged)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn u16(&mut self) -> Result<u16, ZipError> {
        self.take().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, ZipError> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, ZipError> {
        self.take().map(u64::from_le_bytes)
    }
}

/// Where the directory lies.
struct Place {
    entries: u64,
    length: u64,
    offset: u64,
}

/// Reads the directory of an archive.
///
/// # Errors
/// [`ZipError`] where there is none that makes sense.
pub fn directory(archive: &dyn Bytes) -> Result<Directory, ZipError> {
    let place = place(archive)?;
    if place.entries > MAX_ENTRIES || place.length > MAX_DIRECTORY_BYTES {
        return Err(ZipError::TooMany);
    }
    if place.offset.saturating_add(place.length) > archive.length() {
        return Err(ZipError::Damaged);
    }
    let length = usize::try_from(place.length).map_err(|_beyond| ZipError::TooMany)?;
    let bytes = archive.read_at(place.offset, length)?;
    let mut fields = Fields(&bytes);
    let mut found = Directory::default();
    for _ in 0..place.entries {
        let (entry, refusal) = header(&mut fields)?;
        match refusal {
            Some(refusal) => found.refused.push((entry.name, refusal)),
            // Folders have names of their own, and nothing in them.
            None if entry.name.ends_with('/') => {}
            None => found.entries.push(entry),
        }
    }
    Ok(found)
}

/// Looks for the end record, behind which there may be a comment.
fn place(archive: &dyn Bytes) -> Result<Place, ZipError> {
    let tail_length = archive.length().min((END_BYTES + MAX_COMMENT) as u64);
    let tail_at = archive.length() - tail_length;
    let tail = archive.read_at(tail_at, usize::try_from(tail_length).unwrap_or(0))?;
    let is_end = |at: &usize| {
        let record = tail.get(*at..).unwrap_or_default();
        let comment = record.get(20..22).map(|length| u16::from_le_bytes([length[0], length[1]]));
        record.starts_with(&END) && comment == u16::try_from(record.len() - END_BYTES).ok()
    };
    let last = tail.len().checked_sub(END_BYTES).ok_or(ZipError::NoEnd)?;
    let at = (0..=last).rev().find(is_end).ok_or(ZipError::NoEnd)?;
    let mut fields = Fields(tail.get(at + 4..).unwrap_or_default());
    let disks = [fields.u16()?, fields.u16()?];
    let entries = [fields.u16()?, fields.u16()?];
    let (length, offset) = (fields.u32()?, fields.u32()?);
    if let Some(place) = place_64(archive, tail_at + at as u64)? {
        return Ok(place);
    }
    if disks != [0, 0] || entries[0] != entries[1] {
        return Err(ZipError::Split);
    }
    Ok(Place { entries: entries[1].into(), length: length.into(), offset: offset.into() })
}

/// The same of ZIP64, where there is one before the end record.
fn place_64(archive: &dyn Bytes, end_at: u64) -> Result<Option<Place>, ZipError> {
    let Some(locator_at) = end_at.checked_sub(LOCATOR_BYTES as u64) else { return Ok(None) };
    let locator = archive.read_at(locator_at, LOCATOR_BYTES)?;
    let mut fields = Fields(&locator);
    if fields.take()? != END_64_LOCATOR {
        return Ok(None);
    }
    fields.u32()?; // the disk
    let record_at = fields.u64()?;
    let record = archive.read_at(record_at, END_64_BYTES)?;
    let mut fields = Fields(&record);
    if fields.take()? != END_64 {
        return Err(ZipError::Damaged);
    }
    fields.take::<12>()?; // length of the record, versions
    let disks = [fields.u32()?, fields.u32()?];
    let [here, entries] = [fields.u64()?, fields.u64()?];
    if disks != [0, 0] || here != entries {
        return Err(ZipError::Split);
    }
    Ok(Some(Place { entries, length: fields.u64()?, offset: fields.u64()? }))
}

fn header(fields: &mut Fields<'_>) -> Result<(Entry, Option<Refusal>), ZipError> {
    if fields.take()? != DIRECTORY_HEADER {
        return Err(ZipError::Damaged);
    }
    fields.u32()?; // versions
    let [flags, method] = [fields.u16()?, fields.u16()?];
    fields.u32()?; // when it was changed
    let crc = fields.u32()?;
    let [packed, length] = [fields.u32()?, fields.u32()?];
    let [name_length, extra_length, comment_length] = [fields.u16()?, fields.u16()?, fields.u16()?];
    fields.take::<8>()?; // disk, attributes
    let header = fields.u32()?;
    let name = name_of(fields.bytes(name_length.into())?, flags & UTF8_NAME != 0);
    let extra = fields.bytes(extra_length.into())?;
    let [length, packed, header] = full([length, packed, header], extra)?;
    fields.bytes(comment_length.into())?;
    let most = packed.saturating_mul(MAX_RATIO).saturating_add(RATIO_GRACE_BYTES);
    let refusal = if flags & ENCRYPTED != 0 {
        Some(Refusal::Encrypted)
    } else if !matches!(method, STORED | DEFLATED) {
        Some(Refusal::Method)
    } else if length > MAX_ENTRY_BYTES.min(most) {
        Some(Refusal::TooLarge)
    } else {
        None
    };
    let is_deflated = method == DEFLATED;
    Ok((Entry { name, is_deflated, crc, length, packed, header }, refusal))
}

/// Values of which some are in the extra field of ZIP64, in this order.
fn full(values: [u32; 3], extra: &[u8]) -> Result<[u64; 3], ZipError> {
    let mut extra = Fields(extra);
    let mut zip64 = Fields(&[]);
    while !extra.0.is_empty() && values.contains(&IN_EXTRA) {
        let (kind, length) = (extra.u16()?, extra.u16()?);
        let content = extra.bytes(length.into())?;
        if kind == ZIP64_EXTRA {
            zip64 = Fields(content);
            break;
        }
    }
    let mut all = [0; 3];
    for (full, value) in all.iter_mut().zip(values) {
        *full = if value == IN_EXTRA { zip64.u64()? } else { value.into() };
    }
    Ok(all)
}

/// A name; bytes that are not ASCII mean letters only where the flag says that they are UTF-8.
fn name_of(bytes: &[u8], is_utf8: bool) -> String {
    if is_utf8 {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    bytes.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '\u{FFFD}' }).collect()
}

impl Entry {
    /// Where its bytes lie in the archive, behind its local header, which has lengths of its own.
    ///
    /// # Errors
    /// [`ZipError`] where there is no such header, or the archive ends before them.
    pub fn place(&self, archive: &dyn Bytes) -> Result<ByteRange, ZipError> {
        let start = archive.read_at(self.header, LOCAL_BYTES)?;
        let mut fields = Fields(&start);
        if fields.take()? != LOCAL_HEADER {
            return Err(ZipError::Damaged);
        }
        fields.take::<22>()?;
        let [name, extra] = [fields.u16()?, fields.u16()?].map(u64::from);
        let offset = self.header.saturating_add(LOCAL_BYTES as u64 + name + extra);
        let is_there = offset.saturating_add(self.packed) <= archive.length();
        let is_as_stored = self.is_deflated || self.packed == self.length;
        if !is_there || !is_as_stored {
            return Err(ZipError::Damaged);
        }
        Ok(ByteRange { offset, length: self.packed })
    }
}
