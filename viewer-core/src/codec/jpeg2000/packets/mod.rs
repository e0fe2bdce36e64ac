//! Packets: which code-blocks a layer adds to, and with how many bytes (ISO/IEC 15444-1 B.9, B.10).

mod bits;
mod order;
mod tag_tree;

pub(super) use self::order::packet_order;
pub(super) use self::tag_tree::TagTree;

use self::bits::HeaderBits;
use super::codestream::{BlockStyle, PacketStyle};
use super::tile::{Block, PrecinctBand, TileComponent};
use super::{corrupt, cut_packet};
use crate::codec::DecodeError;

const SOP: [u8; 2] = [0xFF, 0x91];
const SOP_BYTES: usize = 6;
const EPH: [u8; 2] = [0xFF, 0x92];
/// Longest length of a segment that is read, in bits; no data is that long.
const MAX_LENGTH_BITS: u32 = 31;
/// More zero bit-planes than any sub-band has planes (37, and 37 of a region of interest).
const MAX_ZERO_PLANES: u32 = 80;

/// Reads the packets of one tile.
pub(super) struct PacketReader<'a> {
    /// The tile's data.
    body: &'a [u8],
    position: usize,
    /// Headers that are kept apart.
    headers: Option<&'a [u8]>,
    style: PacketStyle,
}

/// What a packet header announces for one codeword segment.
struct Announced {
    band: usize,
    block: usize,
    segment: usize,
    length: usize,
}

impl<'a> PacketReader<'a> {
    pub(super) fn new(body: &'a [u8], headers: Option<&'a [u8]>, style: PacketStyle) -> Self {
        Self { body, position: 0, headers, style }
    }

    /// Reads one packet into its precinct.
    pub(super) fn read(
        &mut self,
        component: &mut TileComponent,
        resolution: usize,
        precinct: usize,
        layer: u16,
    ) -> Result<(), DecodeError> {
        self.skip_sop();
        let mut bits = HeaderBits::new(match self.headers {
            Some(headers) => headers,
            None => self.body.get(self.position..).unwrap_or_default(),
        });
        let has_data = bits.bit()?;
        let coding = &component.parameters.coding;
        let level = &mut component.resolutions[resolution];
        let mut announced = Vec::new();
        if has_data {
            level.open_precinct(precinct, coding.block_size, resolution == 0);
            for (index, band) in level.precincts[precinct].bands.iter_mut().enumerate() {
                let style = coding.block_style;
                read_band_header(&mut bits, band, index, layer, style, &mut announced)?;
            }
        }
        let header_bytes = bits.finish()?;
        self.skip_header(header_bytes);
        let precinct = &mut level.precincts[precinct];
        precinct.layers_announced = layer + 1;
        let mut is_cut = false;
        for part in announced {
            let end = self.position.checked_add(part.length).filter(|&end| end <= self.body.len());
            let block = &mut precinct.bands[part.band].blocks[part.block];
            match end {
                Some(end) if !is_cut => {
                    block.segments[part.segment].parts.push(self.position..end);
                    self.position = end;
                }
                _ => (block.is_cut, is_cut) = (true, true),
            }
        }
        if is_cut {
            return Err(cut_packet());
        }
        // Last: a packet whose end is missing has not been read.
        precinct.layers_read = layer + 1;
        Ok(())
    }

    fn skip_sop(&mut self) {
        let rest = self.body.get(self.position..).unwrap_or_default();
        if self.style.sop && rest.starts_with(&SOP) && rest.len() >= SOP_BYTES {
            self.position += SOP_BYTES;
        }
    }

    /// Passes over a header of `bytes` and EPH, wherever headers are.
    fn skip_header(&mut self, bytes: usize) {
        let eph = self.style.eph;
        let skipped = |rest: &[u8]| match rest.get(bytes..) {
            Some(after) if eph && after.starts_with(&EPH) => bytes + EPH.len(),
            _ => bytes,
        };
        match &mut self.headers {
            Some(headers) => *headers = headers.get(skipped(headers)..).unwrap_or_default(),
            None => self.position += skipped(self.body.get(self.position..).unwrap_or_default()),
        }
    }
}

fn read_band_header(
    bits: &mut HeaderBits<'_>,
    band: &mut PrecinctBand,
    band_index: usize,
    layer: u16,
    style: BlockStyle,
    announced: &mut Vec<Announced>,
) -> Result<(), DecodeError> {
    let PrecinctBand { blocks, across, inclusion, zero_planes } = band;
    for (index, block) in blocks.iter_mut().enumerate() {
        let cell = [index % *across, index / *across];
        let is_new = block.length_bits == 0;
        let is_included = match is_new {
            true => inclusion.below(bits, cell, u32::from(layer) + 1)?.is_some(),
            false => bits.bit()?,
        };
        if !is_included {
            continue;
        }
        if is_new {
            block.length_bits = 3;
            block.zero_planes = zero_planes
                .below(bits, cell, MAX_ZERO_PLANES)?
                .ok_or_else(|| corrupt("zero bit-planes"))?;
        }
        read_lengths(bits, block, style, |segment, length| {
            announced.push(Announced { band: band_index, block: index, segment, length });
        })?;
    }
    Ok(())
}

/// Number of passes and lengths of their segments (B.10.6, B.10.7).
fn read_lengths(
    bits: &mut HeaderBits<'_>,
    block: &mut Block,
    style: BlockStyle,
    mut announce: impl FnMut(usize, usize),
) -> Result<(), DecodeError> {
    let mut passes = read_passes(bits)?;
    while bits.bit()? {
        block.length_bits += 1;
    }
    while passes > 0 {
        let (segment, taken) = block.next_segment(style, passes);
        passes -= taken;
        let length_bits = block.length_bits + taken.ilog2();
        if length_bits > MAX_LENGTH_BITS {
            return Err(corrupt("length of a codeword segment"));
        }
        announce(segment, bits.take(length_bits)? as usize);
    }
    Ok(())
}

/// Number of new coding passes, 1 to 164 (table B.4).
fn read_passes(bits: &mut HeaderBits<'_>) -> Result<u32, DecodeError> {
    if !bits.bit()? {
        return Ok(1);
    }
    if !bits.bit()? {
        return Ok(2);
    }
    for (width, first) in [(2, 3), (5, 6), (7, 37)] {
        let code = bits.take(width)?;
        if code < (1 << width) - 1 || width == 7 {
            return Ok(first + code);
        }
    }
    Err(corrupt("number of coding passes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_passes() {
        let cases: [(&[u8], u32); 6] = [
            (&[0b0000_0000], 1),
            (&[0b1000_0000], 2),
            (&[0b1110_0000], 5),
            (&[0b1111_0000, 0], 6),
            (&[0b1111_1111, 0b0100_0000, 0], 37),
            (&[0xFF, 0x7F, 0xFF], 164),
        ];
        for (bytes, passes) in cases {
            assert_eq!(read_passes(&mut HeaderBits::new(bytes)), Ok(passes), "{bytes:?}");
        }
    }
}
