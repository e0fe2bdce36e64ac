//! Code-blocks that are decoded while the rest of their frame is on its way: most of the work on a large frame is done
//! when its last byte comes. The frame is decoded as any other then, and takes from here the blocks that it would decode
//! of the same bytes by the same parameters.

use core::cell::Cell;

use super::codestream::TileParameters;
use super::coefficients::BlockDecoders;
use super::decode::{Frame, ReadTile};
use super::tile::Block;
use crate::codec::{DecodeError, FrameSpec};

/// Most samples kept of a frame: 64 MiB.
const MOST_SAMPLES: u64 = 1 << 25;
/// Most blocks kept of a frame: as many of the usual size as there may be samples. They are put in between others.
const MOST_BLOCKS: usize = 1 << 13;

/// Blocks decoded so far, by tile.
#[derive(Default)]
pub(in crate::codec) struct Ahead {
    tiles: Vec<Tile>,
    samples: u64,
    blocks: usize,
}

#[derive(Default)]
struct Tile {
    /// How the blocks were decoded; a later part of the tile may say otherwise.
    parameters: Option<TileParameters>,
    /// In the order of their places.
    blocks: Vec<DecodedBlock>,
}

/// Component, resolution level, sub-band in it; row and column in the sub-band.
type Place = ([usize; 3], [u32; 2]);

/// One block.
pub(super) struct DecodedBlock {
    place: Place,
    /// What it was decoded of.
    block: Block,
    /// Its coefficients in halves, row by row.
    halves: Vec<i16>,
}

impl Ahead {
    /// Decodes the blocks that are there by now. `encoded` is the beginning of a frame, and begins with what was given
    /// the last time. Of whatever cannot be read nothing is said: it may be read when more is there, and who decodes the
    /// frame tells what is wrong with it.
    pub(in crate::codec) fn look(&mut self, encoded: &[u8], spec: &FrameSpec) {
        let Ok(frame) = Frame::open(encoded, spec) else { return };
        let count = frame.codestream.tiles.len();
        self.tiles.resize_with(count, Tile::default);
        let mut decoders = BlockDecoders::new();
        for index in (0..count).filter(|&index| !frame.codestream.tiles[index].data.is_empty()) {
            let Ok(tile) = frame.read_tile(index, true) else { continue };
            self.decode_new(&frame, index, &tile, &mut decoders);
        }
    }

    /// Decodes what is whole of a tile and not known.
    fn decode_new(
        &mut self,
        frame: &Frame<'_>,
        index: usize,
        tile: &ReadTile,
        decoders: &mut BlockDecoders,
    ) {
        let Tile { parameters, blocks: known } = &mut self.tiles[index];
        if parameters.as_ref() != Some(&tile.parameters) {
            known.clear();
            *parameters = Some(tile.parameters.clone());
        }
        let data = &frame.codestream.tiles[index].data;
        for_each_whole(tile, |band, block| {
            let place = (band, [block.area.y0, block.area.x0]);
            let samples = self.samples + block.area.count();
            let has_room = samples <= MOST_SAMPLES && self.blocks < MOST_BLOCKS;
            if has_room
                && let Err(at) = known.binary_search_by_key(&place, |block| block.place)
                && let Ok(Some(halves)) = decode(tile, band, block, data, decoders)
            {
                (self.samples, self.blocks) = (samples, self.blocks + 1);
                known.insert(at, DecodedBlock { place, block: block.clone(), halves });
            }
        });
    }

    /// How many blocks have been decoded.
    pub(in crate::codec) fn count(&self) -> usize {
        self.blocks
    }

    /// The blocks of a tile that is decoded by these parameters.
    pub(super) fn blocks(&self, index: usize, parameters: &TileParameters) -> &[DecodedBlock] {
        match self.tiles.get(index) {
            Some(tile) if tile.parameters.as_ref() == Some(parameters) => &tile.blocks,
            _ => &[],
        }
    }
}

/// Every block with data to which no packet adds any more.
fn for_each_whole(tile: &ReadTile, mut take: impl FnMut([usize; 3], &Block)) {
    for (number, component) in tile.components.iter().enumerate() {
        for (resolution, level) in component.resolutions.iter().enumerate() {
            let announced =
                |precinct: &&super::tile::Precinct| precinct.layers_announced == tile.layers();
            for precinct in level.precincts.iter().filter(announced) {
                for (index, part) in precinct.bands.iter().enumerate() {
                    let is_whole = |block: &&Block| !block.is_cut && !block.segments.is_empty();
                    let blocks = part.blocks.iter().filter(is_whole);
                    blocks.for_each(|block| take([number, resolution, index], block));
                }
            }
        }
    }
}

/// Coefficients of a block in halves; `None` where 16 bits do not hold them, which only small sub-bands need.
fn decode(
    tile: &ReadTile,
    [component, resolution, index]: [usize; 3],
    block: &Block,
    data: &[u8],
    decoders: &mut BlockDecoders,
) -> Result<Option<Vec<i16>>, DecodeError> {
    let component = &tile.components[component];
    let band = &component.resolutions[resolution].bands[index];
    decoders.decode(component, band, block, data)?;
    let [columns, rows] = [block.area.width(), block.area.height()].map(|side| side as usize);
    let mut halves = vec![0; columns * rows];
    // Every bit that is not the sign's.
    let bits = Cell::new(0);
    for (y, row) in halves.chunks_exact_mut(columns).enumerate() {
        decoders.copy_row(y, row, |half| {
            bits.set(bits.get() | (half ^ (half >> 31)));
            half as i16
        });
    }
    Ok((bits.get() <= i16::MAX.into()).then_some(halves))
}

/// Blocks of a tile, a component or a sub-band that need not be decoded.
#[derive(Clone, Copy)]
pub(super) struct Known<'a>(&'a [DecodedBlock]);

impl<'a> Known<'a> {
    /// Of a tile's, those of component `number`.
    pub(super) fn of_component(blocks: &'a [DecodedBlock], number: usize) -> Self {
        Self(blocks).within(|[component, ..]| component.cmp(&number))
    }

    /// Of a component's, those of a sub-band.
    pub(super) fn of_band(self, resolution: usize, index: usize) -> Self {
        self.within(|[_, own_resolution, own_index]| {
            [own_resolution, own_index].cmp(&[resolution, index])
        })
    }

    fn within(self, compare: impl Fn([usize; 3]) -> core::cmp::Ordering) -> Self {
        let order = |block: &DecodedBlock| compare(block.place.0);
        let start = self.0.partition_point(|block| order(block).is_lt());
        let end = self.0.partition_point(|block| order(block).is_le());
        Self(&self.0[start..end])
    }

    /// Of a sub-band's, the one that was decoded of just this.
    pub(super) fn block(self, block: &Block) -> Option<&'a DecodedBlock> {
        let place = [block.area.y0, block.area.x0];
        let at = self.0.binary_search_by_key(&place, |known| known.place.1).ok()?;
        self.0.get(at).filter(|known| known.block == *block)
    }
}

impl DecodedBlock {
    /// One row of it: what `dequantise` makes of signed coefficients in halves.
    #[inline(always)]
    pub(super) fn copy_row<S>(&self, y: usize, row: &mut [S], dequantise: impl Fn(i32) -> S) {
        let start = y * self.block.area.width() as usize;
        let halves = &self.halves[start..];
        row.iter_mut().zip(halves).for_each(|(to, &half)| *to = dequantise(half.into()));
    }
}
