//! Headers of a JPEG 2000 codestream (ISO/IEC 15444-1 annex A), read before decoding: what is in it,
//! whether it is whole, and how much work it asks for.

use super::super::reader::Reader;
use super::CODEC;
use crate::codec::DecodeError;

const SOC: u16 = 0xFF4F;
const SIZ: u16 = 0xFF51;
const COD: u16 = 0xFF52;
const SOT: u16 = 0xFF90;
const SOD: u16 = 0xFF93;
const EOC: u16 = 0xFFD9;
/// More tiles than Isot can number.
const MAX_TILES: u64 = 65_535;

/// What the main header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MainHeader {
    /// Columns of the image area.
    pub(super) columns: u32,
    /// Rows of the image area.
    pub(super) rows: u32,
    /// Components.
    pub(super) components: Vec<Component>,
    /// A component transform leads back to RGB.
    pub(super) has_component_transform: bool,
    /// The 5/3 wavelet, which loses nothing (if no layer was dropped).
    pub(super) is_reversible: bool,
    /// Number of tiles.
    tiles: u64,
}

/// One component of SIZ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Component {
    /// Bits per sample, 1 to 38.
    pub(super) precision: u32,
    /// Two's complement samples: no level shift.
    pub(super) signed: bool,
    /// Distance between its samples on the reference grid.
    separation: [u8; 2],
}

fn truncated() -> DecodeError {
    DecodeError::Truncated { codec: CODEC, at: "codestream" }
}

fn corrupt(cause: &str) -> DecodeError {
    DecodeError::corrupt(CODEC, cause)
}

/// Reads the main header and walks over the tile-parts: each must be there to its end, and each tile
/// must have one.
pub(super) fn check(codestream: &[u8]) -> Result<MainHeader, DecodeError> {
    let mut reader = Reader::new(codestream);
    if reader.u16().ok_or_else(truncated)? != SOC {
        return Err(corrupt("no start of a codestream"));
    }
    let (mut header, mut style) = (None, None);
    loop {
        let at_tile_part = reader;
        match reader.u16().ok_or_else(truncated)? {
            SIZ => header = Some(read_siz(segment(&mut reader)?).ok_or_else(truncated)?),
            COD => style = Some(read_cod(segment(&mut reader)?).ok_or_else(truncated)?),
            SOT => {
                let mut header: MainHeader = header.ok_or_else(|| corrupt("no SIZ"))?;
                let style = style.ok_or_else(|| corrupt("no COD"))?;
                [header.has_component_transform, header.is_reversible] = style;
                check_tiles(at_tile_part, &header, style)?;
                return Ok(header);
            }
            EOC => return Err(corrupt("no tile")),
            _ => _ = segment(&mut reader)?,
        }
    }
}

fn segment<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    let length = reader.u16().ok_or_else(truncated)?;
    let length = usize::from(length).checked_sub(2).ok_or_else(|| corrupt("segment length"))?;
    reader.take(length).ok_or_else(truncated)
}

fn read_siz(payload: &[u8]) -> Option<MainHeader> {
    let mut reader = Reader::new(payload);
    let _capabilities = reader.u16()?;
    let [right, bottom, left, top] = [reader.u32()?, reader.u32()?, reader.u32()?, reader.u32()?];
    let tile = [reader.u32()?, reader.u32()?].map(u64::from);
    let offset = [reader.u32()?, reader.u32()?].map(u64::from);
    let across = |end: u32, axis: usize| {
        let span = u64::from(end).saturating_sub(offset[axis]);
        span.div_ceil(tile[axis].max(1))
    };
    let count = reader.u16()?;
    let components = (0..count)
        .map(|_| {
            let depth = reader.u8()?;
            Some(Component {
                precision: u32::from(depth & 0x7F) + 1,
                signed: depth & 0x80 != 0,
                separation: [reader.u8()?, reader.u8()?],
            })
        })
        .collect::<Option<Vec<_>>>()?;
    Some(MainHeader {
        columns: right.saturating_sub(left),
        rows: bottom.saturating_sub(top),
        components,
        has_component_transform: false,
        is_reversible: false,
        tiles: across(right, 0) * across(bottom, 1),
    })
}

/// `[component transform, reversible]` of a COD segment.
fn read_cod(payload: &[u8]) -> Option<[bool; 2]> {
    Some([*payload.get(4)? != 0, *payload.get(9)? == 1])
}

impl MainHeader {
    /// The precision and sign that all components share.
    pub(super) fn common_component(&self) -> Result<Component, DecodeError> {
        let first = *self.components.first().ok_or_else(|| corrupt("no component"))?;
        if self.components.iter().any(|&component| component != first) {
            return Err(DecodeError::feature(CODEC, "components of different depth or size"));
        }
        if first.separation != [1, 1] {
            return Err(DecodeError::feature(CODEC, "subsampled components"));
        }
        Ok(first)
    }
}

/// Walks the tile-parts up to EOC.
fn check_tiles(
    mut reader: Reader<'_>,
    header: &MainHeader,
    style: [bool; 2],
) -> Result<(), DecodeError> {
    if header.tiles == 0 || header.tiles > MAX_TILES {
        let (what, actual, limit) = ("number of tiles", header.tiles, MAX_TILES);
        return Err(DecodeError::TooLarge { codec: CODEC, what, actual, limit });
    }
    let mut seen = vec![false; header.tiles as usize];
    loop {
        let mut tile_part = reader;
        match reader.u16() {
            Some(SOT) => {}
            Some(EOC) | None => break,
            Some(_) => return Err(corrupt("no tile-part where one must be")),
        }
        let mut sot = Reader::new(segment(&mut reader)?);
        let (Some(index), Some(length)) = (sot.u16(), sot.u32()) else {
            return Err(corrupt("short SOT"));
        };
        *seen.get_mut(usize::from(index)).ok_or_else(|| corrupt("tile index"))? = true;
        check_tile_header(reader, style)?;
        if length == 0 {
            // The last tile-part goes on to EOC.
            break;
        }
        tile_part.take(length as usize).ok_or_else(truncated)?;
        reader = tile_part;
    }
    if seen.contains(&false) { Err(truncated()) } else { Ok(()) }
}

/// A tile may bring its own COD; the decoder assumes that they all agree on the component transform.
fn check_tile_header(mut reader: Reader<'_>, style: [bool; 2]) -> Result<(), DecodeError> {
    loop {
        match reader.u16().ok_or_else(truncated)? {
            SOD => return Ok(()),
            COD => {
                let own = read_cod(segment(&mut reader)?).ok_or_else(truncated)?;
                if own != style {
                    return Err(DecodeError::feature(CODEC, "tiles with different transforms"));
                }
            }
            _ => _ = segment(&mut reader)?,
        }
    }
}
