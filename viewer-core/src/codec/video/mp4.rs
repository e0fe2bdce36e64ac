//! MP4 files (ISO/IEC 14496-12, -15): where the samples of the first video track lie and when they are
//! shown. Sound and everything else is passed over.

use core::ops::Range;

use super::super::DecodeError;
use super::super::reader::Reader;
use super::samples::{Tables, units};
use super::track::{Track, track};
use super::units::Units;
use super::{VIDEO, VideoHeader};

/// Read at a time while looking for the movie box.
const PIECE: u64 = 64 * 1024;
/// Largest movie box: tables of a hundred thousand samples are a few megabytes.
const MOST_MOVIE_BYTES: u64 = 64 * 1024 * 1024;

/// Looks for the movie box, then knows everything.
#[derive(Debug, Default)]
pub(super) struct Mp4 {
    /// Where the next box begins.
    position: u64,
    movie: Option<Range<u64>>,
    pub(super) is_read: bool,
}

impl Mp4 {
    pub(super) fn sniff(start: &[u8]) -> bool {
        let kinds: [&[u8]; 6] = [b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"];
        start.get(4..8).is_some_and(|kind| kinds.contains(&kind))
    }

    /// What is to be read next.
    pub(super) fn wanted(&self, length: u64) -> Range<u64> {
        let piece = || self.position..length.min(self.position.saturating_add(PIECE));
        self.movie.clone().unwrap_or_else(piece)
    }

    /// Takes the bytes from [`Self::wanted`] on; the header once the movie box is there.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        length: u64,
        found: &mut Units,
    ) -> Result<Option<VideoHeader>, DecodeError> {
        let start = self.wanted(length).start;
        while let Some(at) = self.position.checked_sub(start)
            && let Some(rest) = usize::try_from(at).ok().and_then(|at| bytes.get(at..))
            && let Some(next) = BoxHeader::read(rest, length - self.position)
        {
            let whole = self.position..self.position + next.length;
            if whole.end > length {
                return Err(DecodeError::Truncated { codec: VIDEO, at: "box of the MP4 file" });
            }
            if &next.kind == b"moov" {
                let Some(content) = rest.get(next.head..next.length as usize) else {
                    return self.want_movie(whole).map(|()| None);
                };
                self.is_read = true;
                return movie(content, length, found).map(Some);
            }
            self.position = whole.end;
        }
        if self.position >= length || self.position < start + 8 {
            return Err(DecodeError::Truncated { codec: VIDEO, at: "MP4 file without movie box" });
        }
        Ok(None)
    }

    fn want_movie(&mut self, whole: Range<u64>) -> Result<(), DecodeError> {
        let actual = whole.end - whole.start;
        if actual > MOST_MOVIE_BYTES {
            let limit = MOST_MOVIE_BYTES;
            return Err(DecodeError::TooLarge { codec: VIDEO, what: "movie box", actual, limit });
        }
        if self.movie.replace(whole).is_some() {
            return Err(DecodeError::Truncated { codec: VIDEO, at: "movie box" });
        }
        Ok(())
    }
}

/// Type and length of a box (14496-12 4.2).
pub(super) struct BoxHeader {
    kind: [u8; 4],
    /// Bytes before the content.
    head: usize,
    /// Bytes in all.
    length: u64,
}

impl BoxHeader {
    fn read(bytes: &[u8], there: u64) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let short = reader.u32()?;
        let kind = reader.take(4)?.try_into().ok()?;
        let (head, length) = match short {
            0 => (8, there),
            1 => (16, reader.u64()?),
            _ => (8, u64::from(short)),
        };
        (length >= head as u64).then_some(Self { kind, head, length })
    }
}

/// The boxes in `content`, with their kinds; ends at the first that does not fit.
pub(super) fn boxes(mut content: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    core::iter::from_fn(move || {
        let header = BoxHeader::read(content, content.len() as u64)?;
        let (whole, rest) = content.split_at_checked(usize::try_from(header.length).ok()?)?;
        content = rest;
        Some((header.kind, whole.get(header.head..)?))
    })
}

/// Content of the first box of this kind.
pub(super) fn child<'a>(content: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(content).find(|(found, _)| found == kind).map(|(_, content)| content)
}

fn movie(content: &[u8], length: u64, found: &mut Units) -> Result<VideoHeader, DecodeError> {
    if child(content, b"mvex").is_some() {
        return Err(DecodeError::feature(VIDEO, "fragmented MP4"));
    }
    let tracks = boxes(content).filter(|(kind, _)| kind == b"trak");
    let mut videos = tracks.filter_map(|(_, content)| track(content));
    let Track { header, tables } =
        videos.next().ok_or_else(|| DecodeError::corrupt(VIDEO, "no video in the MP4 file"))??;
    let tables = Tables::read(tables)
        .ok_or_else(|| DecodeError::corrupt(VIDEO, "sample tables of the MP4 file"))?;
    units(&tables, length, found)?;
    Ok(header)
}
