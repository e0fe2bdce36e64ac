//! Rows of a sub-band's coefficients, in order: its code-blocks are decoded strip by strip, when the
//! first row of a strip is asked for. So no more coefficients are in memory than are soon needed.

use super::ahead::Known;
use super::coefficients::BlockDecoders;
use super::tile::{Band, Block, Resolution, TileComponent};
use super::wavelet::Kernel;
use crate::codec::DecodeError;

/// The code-blocks of a sub-band that lie side by side, decoded.
pub(super) struct Strip<'a, K: Kernel> {
    band: &'a Band,
    /// Those with data, from top to bottom, and how many have been decoded.
    blocks: Vec<&'a Block>,
    decoded: usize,
    /// Those that have been decoded before.
    known: Known<'a>,
    /// Base-2 logarithm of its height.
    height_bits: u32,
    /// Its rows, in the coordinates of the sub-band.
    first: u32,
    end: u32,
    samples: Vec<K::Sample>,
    /// What coefficients in halves are multiplied by, where the wavelet is on real numbers.
    factor: f32,
}

impl<'a, K: Kernel> Strip<'a, K> {
    /// Sub-band number `index` of a resolution level.
    pub(super) fn new(
        component: &TileComponent,
        level: &'a Resolution,
        index: usize,
        known: Known<'a>,
        factor: f32,
    ) -> Self {
        let band = &level.bands[index];
        let parts = level.precincts.iter().filter_map(|precinct| precinct.bands.get(index));
        let blocks = parts.flat_map(|part| &part.blocks);
        let mut blocks: Vec<_> = blocks.filter(|block| !block.segments.is_empty()).collect();
        blocks.sort_by_key(|block| block.area.y0);
        Self {
            band,
            blocks,
            decoded: 0,
            known,
            // Code-blocks that small precincts make smaller lie in one strip all the same.
            height_bits: component.parameters.coding.block_size[1].into(),
            first: band.area.y0,
            end: band.area.y0,
            samples: Vec::new(),
            factor,
        }
    }

    /// Row `row` from 0 on; no row is asked for after a later one.
    pub(super) fn row(
        &mut self,
        row: usize,
        component: &TileComponent,
        data: &[u8],
        decoders: &mut BlockDecoders,
    ) -> Result<&[K::Sample], DecodeError> {
        let y = self.band.area.y0 + row as u32;
        if y >= self.end {
            self.decode_next(y, component, data, decoders)?;
        }
        let width = self.band.area.width() as usize;
        let start = (y - self.first) as usize * width;
        Ok(&self.samples[start..start + width])
    }

    /// Decodes the strip that row `y` is in, the first of it.
    fn decode_next(
        &mut self,
        y: u32,
        component: &TileComponent,
        data: &[u8],
        decoders: &mut BlockDecoders,
    ) -> Result<(), DecodeError> {
        let area = self.band.area;
        let end = ((u64::from(y) >> self.height_bits) + 1) << self.height_bits;
        (self.first, self.end) = (y, end.min(area.y1.into()) as u32);
        let blocks = &self.blocks[self.decoded..];
        let blocks = &blocks[..blocks.partition_point(|block| block.area.y0 < self.end)];
        self.decoded += blocks.len();
        let (width, factor) = (area.width() as usize, self.factor);
        let count = width * (self.end - y) as usize;
        self.samples.resize(count, K::Sample::default());
        let covered: u64 = blocks.iter().map(|block| block.area.count()).sum();
        if covered < count as u64 {
            self.samples.fill(K::Sample::default());
        }
        for block in blocks {
            let known = self.known.block(block);
            if known.is_none() {
                decoders.decode(component, self.band, block, data)?;
            }
            let (x, columns) = ((block.area.x0 - area.x0) as usize, block.area.width() as usize);
            for row in 0..block.area.height() {
                let start = (block.area.y0 + row - y) as usize * width + x;
                let place = &mut self.samples[start..start + columns];
                let coefficient = |half| K::coefficient(half, factor);
                match known {
                    Some(known) => known.copy_row(row as usize, place, coefficient),
                    None => decoders.copy_row(row as usize, place, coefficient),
                }
            }
        }
        Ok(())
    }
}
