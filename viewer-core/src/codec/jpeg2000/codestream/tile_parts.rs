//! Tile-parts: SOT, their headers and the bytes of their packets (ISO/IEC 15444-1 A.4.2).

use std::borrow::Cow;

use super::corrupt;
use super::packed_headers::PackedHeaders;
use super::parameters::ParameterSet;
use super::segments::{EOC, PPT, SOD, SOT, segment};
use super::siz::Siz;
use super::truncated;
use crate::codec::DecodeError;
use crate::codec::reader::Reader;

/// SOT with its marker and length.
const SOT_BYTES: usize = 12;

/// What the codestream has of one tile.
#[derive(Clone, Debug, Default)]
pub(in crate::codec::jpeg2000) struct Tile<'a> {
    /// Segments of its tile-part headers.
    pub(super) own: Option<Box<ParameterSet>>,
    /// Packets of all tile-parts, one after the other.
    pub(in crate::codec::jpeg2000) data: Cow<'a, [u8]>,
    /// Packet headers where they are kept apart.
    pub(in crate::codec::jpeg2000) packet_headers: Option<Vec<u8>>,
}

/// Reads all tile-parts. Data that ends early is left to the reader of the packets, who knows
/// whether something is missing.
pub(super) fn read<'a>(
    mut reader: Reader<'a>,
    siz: &Siz,
    packed: PackedHeaders,
) -> Result<Vec<Tile<'a>>, DecodeError> {
    let mut tiles = vec![Tile::default(); siz.tile_count()];
    let mut packed_by_part =
        if packed.is_empty() { None } else { Some(packed.by_tile_part()?.into_iter()) };
    loop {
        let whole = reader.rest();
        match reader.u16() {
            Some(SOT) => {}
            Some(EOC) | None => return Ok(tiles),
            Some(_) => return Err(corrupt("no tile-part where one must be")),
        }
        let Some((index, length)) = read_sot(&mut reader)? else { return Ok(tiles) };
        let tile = tiles.get_mut(index).ok_or_else(|| corrupt("tile index"))?;
        let length = if length == 0 { whole.len() } else { length.min(whole.len()) };
        if length < SOT_BYTES {
            return Err(corrupt("length of a tile-part"));
        }
        let (part, rest) = whole.split_at(length);
        let mut part = Reader::new(&part[SOT_BYTES.min(part.len())..]);
        if !tile.read_header(&mut part, siz)? {
            return Ok(tiles);
        }
        if let Some(headers) = packed_by_part.as_mut().and_then(Iterator::next) {
            tile.packet_headers.get_or_insert_default().extend(headers);
        }
        tile.append(part.rest());
        reader = Reader::new(rest);
    }
}

/// Index and length of a tile-part; `None` where the data ends within.
fn read_sot(reader: &mut Reader<'_>) -> Result<Option<(usize, usize)>, DecodeError> {
    if reader.rest().len() < SOT_BYTES - 2 {
        return Ok(None);
    }
    let mut sot = Reader::new(segment(reader)?);
    match (sot.u16(), sot.u32(), sot.u16()) {
        (Some(index), Some(length), Some(_)) => Ok(Some((usize::from(index), length as usize))),
        _ => Err(corrupt("short SOT")),
    }
}

impl<'a> Tile<'a> {
    /// Reads up to SOD; false where the data ends before it.
    fn read_header(&mut self, part: &mut Reader<'a>, siz: &Siz) -> Result<bool, DecodeError> {
        let mut packed = PackedHeaders::default();
        loop {
            let read = match part.u16() {
                None => return Ok(false),
                Some(SOD) => break,
                Some(PPT) => segment(part).and_then(|payload| packed.push(payload)),
                Some(marker) => {
                    let new = || Box::new(ParameterSet::new(siz.components.len()));
                    self.own.get_or_insert_with(new).read(marker, part)
                }
            };
            match read {
                Err(error) if error == truncated() => return Ok(false),
                read => read?,
            }
        }
        if !packed.is_empty() {
            self.packet_headers.get_or_insert_default().extend(packed.into_bytes());
        }
        Ok(true)
    }

    fn append(&mut self, body: &'a [u8]) {
        if self.data.is_empty() {
            self.data = Cow::Borrowed(body);
        } else {
            self.data.to_mut().extend_from_slice(body);
        }
    }
}
