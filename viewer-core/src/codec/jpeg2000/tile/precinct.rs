//! Precincts: the code-blocks whose data is in one packet of each layer (ISO/IEC 15444-1 B.6, B.7).

use super::block::Block;
use crate::codec::jpeg2000::packets::TagTree;
use crate::codec::jpeg2000::rect::{Rect, shift_up};

/// One precinct.
#[derive(Clone, Debug, Default)]
pub(in crate::codec::jpeg2000) struct Precinct {
    /// Layers whose packets have been read.
    pub(in crate::codec::jpeg2000) layers_read: u16,
    /// Layers whose packet headers have been read: the bytes they announce may end early.
    pub(in crate::codec::jpeg2000) layers_announced: u16,
    /// By sub-band; empty until a packet has data.
    pub(in crate::codec::jpeg2000) bands: Vec<PrecinctBand>,
}

/// The part of a precinct in one sub-band.
#[derive(Clone, Debug)]
pub(in crate::codec::jpeg2000) struct PrecinctBand {
    /// Row by row.
    pub(in crate::codec::jpeg2000) blocks: Vec<Block>,
    /// Code-blocks in a row.
    pub(in crate::codec::jpeg2000) across: usize,
    /// First layer of each code-block.
    pub(in crate::codec::jpeg2000) inclusion: TagTree,
    /// Bit-planes of each code-block that are all zero.
    pub(in crate::codec::jpeg2000) zero_planes: TagTree,
}

impl PrecinctBand {
    /// The code-blocks of sub-band `band` in the precinct at column and row `cell`; sizes are base-2
    /// logarithms in sub-band coordinates.
    pub(super) fn new(band: &Rect, cell: [u32; 2], size: [u8; 2], block_size: [u8; 2]) -> Self {
        let edge = |axis: usize, offset: u32| {
            let start = u64::from(cell[axis] + offset) << size[axis];
            u32::try_from(start).unwrap_or(u32::MAX)
        };
        let precinct = Rect { x0: edge(0, 0), y0: edge(1, 0), x1: edge(0, 1), y1: edge(1, 1) };
        let area = precinct.intersection(band);
        let [columns, rows] = match area.is_empty() {
            true => [0..0, 0..0],
            false => [
                area.x0 >> block_size[0]..shift_up(area.x1, block_size[0].into()),
                area.y0 >> block_size[1]..shift_up(area.y1, block_size[1].into()),
            ],
        };
        let block = |column: u32, row: u32| {
            let start = |cell: u32, axis: usize| u64::from(cell) << block_size[axis];
            let edge = |cell, axis| u32::try_from(start(cell, axis)).unwrap_or(u32::MAX);
            let cell = Rect {
                x0: edge(column, 0),
                y0: edge(row, 1),
                x1: edge(column + 1, 0),
                y1: edge(row + 1, 1),
            };
            Block::new(cell.intersection(&area))
        };
        let (across, down) = (columns.len(), rows.len());
        let blocks = rows.flat_map(|row| columns.clone().map(move |column| block(column, row)));
        Self {
            blocks: blocks.collect(),
            across,
            inclusion: TagTree::new(across, down),
            zero_planes: TagTree::new(across, down),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_lie_on_a_common_grid_and_are_clipped() {
        let band = Rect { x0: 3, y0: 2, x1: 30, y1: 21 };
        let precinct = PrecinctBand::new(&band, [0, 1], [4, 4], [3, 2]);
        assert_eq!((precinct.across, precinct.blocks.len()), (2, 4));
        assert_eq!(precinct.blocks[0].area, Rect { x0: 3, y0: 16, x1: 8, y1: 20 });
        assert_eq!(precinct.blocks[3].area, Rect { x0: 8, y0: 20, x1: 16, y1: 21 });
    }
}
