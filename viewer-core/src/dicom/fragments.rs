//! Encapsulated pixel data (PS3.5 A.4): fragments, offset tables, and which fragments make a frame.

use std::io::{Read, Seek};

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::encapsulation::FrameMap;
use super::encoding::Encoding;
use super::file::PixelDataElement;
use super::layout::{ByteRange, LayoutError};
use super::parse::{Header, ITEM, ParseError, Parser, SEQUENCE_END};
use super::source::Source;
use crate::base::limits::{MAX_FRAGMENTS, MAX_FRAMES};

/// What an encapsulated pixel data element holds.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Fragments {
    /// Entries of the Basic Offset Table.
    pub(super) basic_offsets: Vec<u64>,
    /// Fragments without their item headers.
    pub(super) ranges: Vec<ByteRange>,
    /// Whether each fragment begins like a codestream.
    is_start: Vec<bool>,
    /// Whether the sequence delimiter was found: else the file may be cut off.
    pub(super) is_closed: bool,
}

/// One opinion on which fragments begin frames.
pub(super) struct Starts {
    /// Whose opinion.
    pub(super) by: FrameMap,
    /// Indices of fragments, ascending from 0.
    fragments: Vec<usize>,
    /// How many frames that opinion knows, also those that a file cut off does not have.
    frames: usize,
}

impl Starts {
    fn all_there(by: FrameMap, fragments: Vec<usize>) -> Self {
        Self { by, frames: fragments.len(), fragments }
    }
}

/// Walks the items of the element. A missing delimiter and a last fragment that the file cuts off are
/// tolerated: the frames before it are whole.
pub(super) fn read_fragments<R: Read + Seek>(
    reader: R,
    element: &PixelDataElement,
) -> Result<Fragments, ParseError> {
    let mut parser = Parser::new(Source::new(reader)?);
    let encoding = Encoding { explicit_vr: true, big_endian: element.big_endian };
    let end = parser.source.length();
    parser.source.seek_to(element.value_offset)?;
    let mut found = Fragments::default();
    let (mut is_table, mut padding) = (true, 0);
    while found.ranges.len() < MAX_FRAGMENTS {
        let Some(header) = item_header(&mut parser, encoding, padding) else { break };
        found.is_closed = header.tag == SEQUENCE_END;
        let (ITEM, Some(length)) = (header.tag, header.length) else { break };
        let offset = parser.source.position();
        let length = length.min(end.saturating_sub(offset));
        if is_table {
            found.basic_offsets = offset_table(&mut parser, encoding, length)?;
            is_table = false;
        } else {
            let start = parser.source.read_bytes(length.min(16), end)?;
            found.is_start.push(begins_codestream(&start));
            found.ranges.push(ByteRange { offset, length });
        }
        parser.source.seek_to(offset + length)?;
        padding = length % 2;
    }
    Ok(found)
}

/// The header of the next item or delimiter; `None` where there is neither. Where the item before has an
/// odd length, which PS3.5 A.4 forbids, there may be a byte of `padding` that the length leaves out.
fn item_header<R: Read + Seek>(
    parser: &mut Parser<R>,
    encoding: Encoding,
    padding: u64,
) -> Option<Header> {
    let (position, end) = (parser.source.position(), parser.source.length());
    (0..=padding).find_map(|skipped| {
        parser.source.seek_to(position + skipped).ok()?;
        let header = parser.header(encoding, end).ok()?;
        matches!(header.tag, ITEM | SEQUENCE_END).then_some(header)
    })
}

fn offset_table<R: Read + Seek>(
    parser: &mut Parser<R>,
    encoding: Encoding,
    length: u64,
) -> Result<Vec<u64>, ParseError> {
    if length > u64::from(MAX_FRAMES) * 4 {
        return Ok(Vec::new());
    }
    let bytes = parser.source.read_bytes(length, u64::MAX)?;
    let entries = bytes.chunks_exact(4).filter_map(|entry| entry.try_into().ok());
    Ok(entries.map(|entry| u64::from(encoding.u32(entry))).collect())
}

/// Whether bytes begin like a frame of one of the compressions DICOM knows: JPEG and JPEG-LS, JPEG 2000
/// and HTJ2K with or without boxes, JPEG XL likewise, RLE (PS3.5 G.5: 1 to 15 segments, first at 64).
fn begins_codestream(start: &[u8]) -> bool {
    const MARKS: [&[u8]; 6] = [
        &[0xFF, 0xD8, 0xFF],
        &[0xFF, 0x4F, 0xFF, 0x51],
        &[0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50, 0x20, 0x20],
        &[0xFF, 0x0A],
        &[0x00, 0x00, 0x00, 0x0C, 0x4A, 0x58, 0x4C, 0x20],
        &[0x00, 0x00, 0x01, 0xB3],
    ];
    let is_rle = matches!(start, [1..=15, 0, 0, 0, 64, 0, 0, 0, ..]);
    is_rle || MARKS.iter().any(|mark| start.starts_with(mark))
}

impl Fragments {
    /// The fragments of each frame. What names the frames is taken in this order, the first that
    /// gives as many frames as announced: the Extended Offset Table, the Basic Offset Table, one
    /// fragment a frame, all fragments one frame, fragments that begin like a codestream; a table
    /// whose frames begin like anything else yields to what agrees with the codestreams. Where
    /// none has that many, the first table that holds (or the codestreams) says which frames there are.
    pub(super) fn by_frame(
        &self,
        object: &InMemDicomObject,
        announced: u32,
    ) -> Result<Vec<Vec<ByteRange>>, LayoutError> {
        match self.starts(object, announced) {
            Some(starts) => Ok(self.cut(&starts.fragments, announced as usize)),
            None if self.ranges.is_empty() => Ok(Vec::new()),
            None => Err(LayoutError::UnassignableFragments {
                fragments: self.ranges.len(),
                frames: announced,
            }),
        }
    }

    /// All fragments as one: the stream of a video, whatever the number of its frames.
    pub(super) fn joined(self) -> Vec<Vec<ByteRange>> {
        if self.ranges.is_empty() { Vec::new() } else { vec![self.ranges] }
    }

    /// The opinion that is followed; see [`Self::by_frame`].
    pub(super) fn starts(&self, object: &InMemDicomObject, announced: u32) -> Option<Starts> {
        let count = announced as usize;
        let extended = self.starts_at(FrameMap::ExtendedOffsetTable, &extended_offsets(object));
        let basic = self.starts_at(FrameMap::BasicOffsetTable, &self.basic_offsets);
        let mut candidates: Vec<Starts> = [extended, basic]
            .into_iter()
            .chain([self.one_each(count), self.one_for_all(count), self.codestream_starts()])
            .flatten()
            .collect();
        let is_exact = |starts: &Starts| starts.frames == count;
        let begins = |&index: &usize| self.is_start.get(index) == Some(&true);
        let is_plausible =
            |starts: &Starts| is_exact(starts) && starts.fragments.iter().all(begins);
        let followed = candidates.iter().position(is_plausible);
        let followed = followed.or_else(|| candidates.iter().position(is_exact)).unwrap_or(0);
        (!candidates.is_empty()).then(|| candidates.swap_remove(followed))
    }

    /// The fragments that a table's offsets (of item headers, from the first one's) name; `None`
    /// unless they ascend from 0 and all are fragments, or lie beyond the end of a file cut off.
    fn starts_at(&self, by: FrameMap, offsets: &[u64]) -> Option<Starts> {
        let first = self.ranges.first()?.offset;
        let end = self.ranges.last().map_or(first, |last| last.offset.saturating_add(last.length));
        let is_there = |&&offset: &&u64| self.is_closed || first.saturating_add(offset) < end;
        let index_of = |&offset: &u64| {
            let target = first.checked_add(offset)?;
            self.ranges.binary_search_by_key(&target, |range| range.offset).ok()
        };
        let fragments: Vec<usize> =
            offsets.iter().take_while(is_there).map(index_of).collect::<Option<_>>()?;
        let ascend = offsets.windows(2).all(|pair| pair[0] < pair[1]);
        (fragments.first() == Some(&0) && ascend).then_some(Starts {
            by,
            fragments,
            frames: offsets.len(),
        })
    }

    /// One fragment a frame, unless some begin like codestreams and others do not.
    fn one_each(&self, count: usize) -> Option<Starts> {
        let is_uniform = self.is_start.windows(2).all(|pair| pair[0] == pair[1]);
        let is_each = self.ranges.len() == count && is_uniform;
        is_each.then(|| Starts::all_there(FrameMap::OneFragmentEach, (0..count).collect()))
    }

    fn one_for_all(&self, count: usize) -> Option<Starts> {
        (count == 1 && !self.ranges.is_empty())
            .then(|| Starts::all_there(FrameMap::OneFrame, vec![0]))
    }

    fn codestream_starts(&self) -> Option<Starts> {
        if self.is_start.first() != Some(&true) {
            return None;
        }
        let indices = self.is_start.iter().enumerate();
        let starts = indices.filter_map(|(index, is_start)| is_start.then_some(index));
        Some(Starts::all_there(FrameMap::Codestreams, starts.collect()))
    }

    fn cut(&self, starts: &[usize], count: usize) -> Vec<Vec<ByteRange>> {
        let ends = starts.iter().skip(1).copied().chain([self.ranges.len()]);
        let cut = starts.iter().zip(ends).take(count);
        cut.map(|(&from, to)| self.ranges.get(from..to).unwrap_or_default().to_vec()).collect()
    }
}

/// Extended Offset Table (7FE0,0001), PS3.3 C.7.6.3.1.8: offsets as in the basic one, 64 bits.
pub(super) fn extended_offsets(object: &InMemDicomObject) -> Vec<u64> {
    let offsets = object.integers(tags::EXTENDED_OFFSET_TABLE);
    offsets.into_iter().filter_map(|offset| offset.try_into().ok()).collect()
}
