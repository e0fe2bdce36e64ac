//! A ZIP that is written while it is sent: stored, with the sizes behind each file (APPNOTE 4.3.9), and in its 64-bit form
//! where a file or the whole needs it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use time::OffsetDateTime;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

/// From this length on a file is written with 64-bit sizes; an anonymised one may grow a little.
const LARGE: u64 = (u32::MAX as u64) - (1 << 24);

/// Where the writer leaves its bytes until they are sent.
#[derive(Clone, Default)]
struct Outlet(Arc<Mutex<Vec<u8>>>);

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A ZIP under way. What has been written is taken with [`Self::take`] before more is.
pub(super) struct ZipStream {
    writer: ZipWriter<StreamWriter<Outlet>>,
    outlet: Outlet,
    now: DateTime,
}

impl ZipStream {
    /// Whose files bear this time.
    pub(super) fn new(now: OffsetDateTime) -> Self {
        let outlet = Outlet::default();
        Self { writer: ZipWriter::new_stream(outlet.clone()), outlet, now: zip_time(now) }
    }

    /// Begins a file; `length` where known.
    pub(super) fn begin(&mut self, name: &str, length: Option<u64>) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(length.is_none_or(|length| length >= LARGE))
            .last_modified_time(self.now);
        Ok(self.writer.start_file(name, options)?)
    }

    /// Adds to the file that was begun last.
    pub(super) fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.write_all(bytes)
    }

    /// What there is to be sent.
    pub(super) fn take(&mut self) -> Bytes {
        std::mem::take(&mut *self.outlet.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }

    /// The end.
    pub(super) fn finish(self) -> io::Result<Bytes> {
        let Self { writer, outlet, .. } = self;
        writer.finish()?;
        Ok(std::mem::take(&mut *outlet.0.lock().unwrap_or_else(PoisonError::into_inner)).into())
    }
}

/// The years of ZIP are those from 1980 to 2107.
fn zip_time(now: OffsetDateTime) -> DateTime {
    let year = u16::try_from(now.year()).unwrap_or_default();
    let (month, day) = (now.month().into(), now.day());
    DateTime::from_date_and_time(year, month, day, now.hour(), now.minute(), now.second())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    #[test]
    fn what_was_taken_piece_by_piece_is_a_zip() {
        let mut zip = ZipStream::new(OffsetDateTime::UNIX_EPOCH);
        let mut whole = Vec::new();
        for (name, length) in [("A/SMALL", Some(6)), ("LARGE", None)] {
            zip.begin(name, length).unwrap();
            for piece in [&b"one"[..], b"two"] {
                zip.add(piece).unwrap();
                whole.extend(zip.take());
            }
        }
        whole.extend(zip.finish().unwrap());
        let mut read = zip::ZipArchive::new(Cursor::new(whole)).unwrap();
        for name in ["A/SMALL", "LARGE"] {
            let mut text = String::new();
            read.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "onetwo");
        }
    }
}
