//! The codestream (ISO/IEC 15444-1 annex A): main header, tile-parts, and what they say, before any
//! sample is decoded.

mod coding;
mod packed_headers;
mod parameters;
mod quantisation;
mod segments;
mod siz;
mod tile_parts;

pub(super) use self::coding::{BlockStyle, PacketStyle, Progression, Wavelet};
pub(super) use self::parameters::{ComponentParameters, ProgressionChange, TileParameters};
pub(super) use self::quantisation::Step;
pub(super) use self::siz::{Component, Siz};
pub(super) use self::tile_parts::Tile;

use self::packed_headers::PackedHeaders;
use self::parameters::ParameterSet;
use self::segments::{EOC, SIZ, SOC, SOT, segment};
use super::{CODEC, corrupt, truncated};
use crate::codec::DecodeError;
use crate::codec::reader::Reader;

/// A codestream taken apart, its packets still unread.
#[derive(Debug)]
pub(super) struct Codestream<'a> {
    /// Image and tile size.
    pub(super) siz: Siz,
    main: ParameterSet,
    /// By tile index; a tile without any tile-part has no data.
    pub(super) tiles: Vec<Tile<'a>>,
}

/// The main header alone: enough to refuse an image before its tiles are looked at.
pub(super) struct MainHeader<'a> {
    /// Image and tile size.
    pub(super) siz: Siz,
    main: ParameterSet,
    packed: PackedHeaders,
    /// From the first SOT on.
    rest: Reader<'a>,
}

impl<'a> MainHeader<'a> {
    /// Reads up to the first tile-part.
    pub(super) fn read(codestream: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(codestream);
        if reader.u16().ok_or_else(truncated)? != SOC {
            return Err(corrupt("no start of a codestream"));
        }
        if reader.u16().ok_or_else(truncated)? != SIZ {
            return Err(corrupt("no SIZ"));
        }
        let siz = Siz::read(segment(&mut reader)?)?;
        let mut main = ParameterSet::new(siz.components.len());
        let mut packed = PackedHeaders::default();
        loop {
            let rest = reader;
            match reader.u16().ok_or_else(truncated)? {
                SOT => {
                    main.check_main()?;
                    return Ok(Self { siz, main, packed, rest });
                }
                EOC => return Err(corrupt("no tile")),
                segments::PPM => packed.push(segment(&mut reader)?)?,
                marker => main.read(marker, &mut reader)?,
            }
        }
    }

    /// Reads the tile-parts.
    pub(super) fn read_tiles(self) -> Result<Codestream<'a>, DecodeError> {
        let Self { siz, main, packed, rest } = self;
        let tiles = tile_parts::read(rest, &siz, packed)?;
        Ok(Codestream { siz, main, tiles })
    }
}

impl Codestream<'_> {
    /// What holds for one tile: its own segments before those of the main header, those of a
    /// component before those of all (A.6).
    pub(super) fn parameters(&self, tile: &Tile<'_>) -> Result<TileParameters, DecodeError> {
        self.main.resolve(tile.own.as_deref())
    }

    /// What holds where no tile says otherwise.
    pub(super) fn main_parameters(&self) -> Result<TileParameters, DecodeError> {
        self.main.resolve(None)
    }
}

/// Data beyond Part 1 and Part 15, named.
fn extension(what: &str) -> DecodeError {
    DecodeError::feature(CODEC, format!("{what} (Part 2)"))
}
