//! An object of which the header has been read while the rest is still to come.

use std::io::Cursor;

use bytes::Bytes;
use futures::stream::{BoxStream, TryStreamExt};
use viewer_core::dicom::{DicomFile, read_part10};

use crate::source::{InstanceStream, SourceError};

/// Read before the header is looked at for the first time.
const FIRST: usize = 64 * 1024;
/// No header is longer than this.
const MOST: usize = 64 * 1024 * 1024;

/// Bytes of a file as they come.
pub(crate) type Pieces = BoxStream<'static, Result<Bytes, SourceError>>;

/// A file with its header.
pub(crate) struct Opened {
    /// What it says before its pixel data; `None` where that cannot be read.
    pub(crate) file: Option<DicomFile>,
    /// The bytes that have come.
    pub(crate) head: Bytes,
    /// Length of the file, where known.
    pub(crate) length: Option<u64>,
    /// The bytes after them.
    pub(crate) rest: Pieces,
}

/// Reads as much as the header takes.
pub(crate) async fn open(stream: InstanceStream) -> Result<Opened, SourceError> {
    open_pieces(stream.length, stream.bytes).await
}

/// The same of bytes whose number may be known.
pub(crate) async fn open_pieces(
    length: Option<u64>,
    mut rest: Pieces,
) -> Result<Opened, SourceError> {
    let mut head = Vec::new();
    let mut wanted = FIRST;
    loop {
        let is_all = fill(&mut head, &mut rest, wanted).await?;
        let (bytes, file) = parse(head).await?;
        head = bytes;
        let is_whole = file.as_ref().is_some_and(|file| file.pixel_data.is_some()) || is_all;
        if is_whole || head.len() >= MOST {
            let length = if is_all { Some(head.len() as u64) } else { length };
            let file = file.filter(|_| is_whole);
            return Ok(Opened { file, head: head.into(), length, rest });
        }
        wanted = head.len().saturating_mul(4).min(MOST);
    }
}

/// Reads until there are `wanted` bytes; whether there are no more.
async fn fill(head: &mut Vec<u8>, rest: &mut Pieces, wanted: usize) -> Result<bool, SourceError> {
    while head.len() < wanted {
        let Some(piece) = rest.try_next().await? else { return Ok(true) };
        head.extend_from_slice(&piece);
    }
    Ok(false)
}

async fn parse(bytes: Vec<u8>) -> Result<(Vec<u8>, Option<DicomFile>), SourceError> {
    let work = move || {
        let file = read_part10(Cursor::new(&bytes)).ok();
        (bytes, file)
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|cause| SourceError::Unavailable(cause.to_string()))
}

#[cfg(test)]
mod tests {
    use futures::stream::{self, StreamExt};

    use super::*;
    use crate::source::dimse::part10;

    /// A file with `filler` bytes of text before one pixel of 16 bits.
    fn file(filler: usize) -> Vec<u8> {
        let mut file = part10::head("1.2.840.10008.5.1.4.1.1.2", "1.2.3", "1.2.840.10008.1.2.1");
        file.extend(*b"\x08\x00\x18\x00UI\x06\x001.2.3\0");
        file.extend(*b"\x20\x00\x00\x40LT\x00\x00");
        for _ in 0..filler / 60_000 {
            file.extend(*b"\x20\x00\x00\x40LT\x60\xEA");
            file.extend([b'x'; 60_000]);
        }
        file.extend(*b"\xE0\x7F\x10\x00OW\x00\x00\x02\x00\x00\x00\x34\x12");
        file
    }

    fn stream(bytes: &[u8], piece: usize) -> InstanceStream {
        let pieces: Vec<_> = bytes.chunks(piece).map(|it| Ok(Bytes::copy_from_slice(it))).collect();
        InstanceStream {
            transfer_syntax_uid: "1.2.840.10008.1.2.1".to_owned(),
            length: None,
            bytes: stream::iter(pieces).boxed(),
        }
    }

    #[tokio::test]
    async fn a_header_is_read_as_far_as_it_goes_and_no_byte_is_lost() {
        for filler in [0, 600_000] {
            let whole = file(filler);
            let mut longer = whole.clone();
            longer.extend(vec![7; 3_000_000]);
            let opened = open(stream(&longer, 10_000)).await.unwrap();
            let pixels = opened.file.unwrap().pixel_data.unwrap();
            assert_eq!(pixels.value_offset as usize, whole.len() - 2);
            assert!(opened.head.len() < longer.len());
            let rest: Vec<Bytes> = opened.rest.try_collect().await.unwrap();
            assert!([&opened.head[..], &rest.concat()].concat() == longer);
        }
    }

    #[tokio::test]
    async fn what_is_no_object_comes_all_the_same() {
        let opened = open(stream(b"no DICOM at all", 4)).await.unwrap();
        assert!(opened.file.is_none());
        assert_eq!((&opened.head[..], opened.length), (&b"no DICOM at all"[..], Some(15)));
    }
}
