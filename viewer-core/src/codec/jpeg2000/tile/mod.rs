//! A tile taken apart into resolutions, sub-bands, precincts and code-blocks (ISO/IEC 15444-1 B.3
//! to B.7).

mod block;
mod precinct;

pub(super) use self::block::Block;
pub(super) use self::precinct::{Precinct, PrecinctBand};

use super::codestream::{Component, ComponentParameters, Step};
use super::rect::{Rect, shift_up};
use super::{CODEC, corrupt};
use crate::codec::DecodeError;

/// One component of a tile.
#[derive(Debug)]
pub(super) struct TileComponent {
    /// How it is coded.
    pub(super) parameters: ComponentParameters,
    /// From the lowest resolution up; the last one is the whole tile-component.
    pub(super) resolutions: Vec<Resolution>,
}

/// One resolution level.
#[derive(Debug)]
pub(super) struct Resolution {
    /// Its samples, in its own coordinates.
    pub(super) area: Rect,
    /// LL, or HL, LH, HH.
    pub(super) bands: Vec<Band>,
    /// Row by row.
    pub(super) precincts: Vec<Precinct>,
    grid: PrecinctGrid,
}

/// One sub-band.
#[derive(Clone, Copy, Debug)]
pub(super) struct Band {
    /// What its filters were.
    pub(super) kind: BandKind,
    /// Its coefficients, in its own coordinates.
    pub(super) area: Rect,
    /// Step size.
    pub(super) step: Step,
    /// Bit-planes of its magnitudes: M_b of equation E-2, a region of interest's shift left out.
    pub(super) planes: u32,
}

/// Horizontal and vertical filter of a sub-band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BandKind {
    /// Low-pass both ways.
    Ll,
    /// Horizontally high-pass.
    Hl,
    /// Vertically high-pass.
    Lh,
    /// High-pass both ways.
    Hh,
}

impl BandKind {
    /// 1 where the filter is high-pass: horizontally, vertically.
    pub(super) fn high_pass(self) -> [u32; 2] {
        match self {
            Self::Ll => [0, 0],
            Self::Hl => [1, 0],
            Self::Lh => [0, 1],
            Self::Hh => [1, 1],
        }
    }
}

/// How a resolution level is cut into precincts.
#[derive(Clone, Copy, Debug)]
struct PrecinctGrid {
    /// Base-2 logarithms of width and height.
    size: [u8; 2],
    /// Column and row of the first precinct.
    first: [u32; 2],
    /// Precincts across and down.
    count: [u32; 2],
}

impl TileComponent {
    /// The component over `tile` (on the reference grid), with at most `limit` precincts.
    pub(super) fn new(
        tile: &Rect,
        component: &Component,
        parameters: ComponentParameters,
        limit: u64,
    ) -> Result<Self, DecodeError> {
        let [dx, dy] = component.separation.map(u32::from);
        let area = tile.map(|x| x.div_ceil(dx), |y| y.div_ceil(dy));
        let levels = u32::from(parameters.coding.levels);
        let mut resolutions = Vec::with_capacity(levels as usize + 1);
        let mut actual = 0;
        for level in 0..=levels {
            let grid = PrecinctGrid::new(
                &area.halved(levels - level),
                parameters.coding.precinct_size(level as usize),
            );
            actual += u64::from(grid.count[0]) * u64::from(grid.count[1]);
            if actual > limit {
                let what = "number of precincts";
                return Err(DecodeError::TooLarge { codec: CODEC, what, actual, limit });
            }
            resolutions.push(Resolution::new(&area, level, grid, &parameters)?);
        }
        Ok(Self { parameters, resolutions })
    }
}

impl PrecinctGrid {
    fn new(area: &Rect, size: [u8; 2]) -> Self {
        let first = [area.x0 >> size[0], area.y0 >> size[1]];
        let last = [shift_up(area.x1, size[0].into()), shift_up(area.y1, size[1].into())];
        let count = match area.is_empty() {
            true => [0, 0],
            false => [last[0] - first[0], last[1] - first[1]],
        };
        Self { size, first, count }
    }

    /// Column and row of a precinct by its index.
    fn cell(&self, index: usize) -> [u32; 2] {
        let index = index as u32;
        [self.first[0] + index % self.count[0], self.first[1] + index / self.count[0]]
    }
}

impl Resolution {
    fn new(
        component: &Rect,
        level: u32,
        grid: PrecinctGrid,
        parameters: &ComponentParameters,
    ) -> Result<Self, DecodeError> {
        let levels = u32::from(parameters.coding.levels);
        let kinds: &[BandKind] = match level {
            0 => &[BandKind::Ll],
            _ => &[BandKind::Hl, BandKind::Lh, BandKind::Hh],
        };
        let decomposition = if level == 0 { levels } else { levels - level + 1 };
        let band = |(index, &kind): (usize, &BandKind)| {
            let step = parameters.quantisation.step(level as usize, index)?;
            let guard_bits = u32::from(parameters.quantisation.guard_bits);
            let planes = (guard_bits + u32::from(step.exponent))
                .checked_sub(1)
                .ok_or_else(|| corrupt("a sub-band without bit-planes"))?;
            Ok(Band { kind, area: band_area(component, decomposition, kind), step, planes })
        };
        Ok(Self {
            area: component.halved(levels - level),
            bands: kinds.iter().enumerate().map(band).collect::<Result<_, DecodeError>>()?,
            precincts: vec![Precinct::default(); grid.count[0] as usize * grid.count[1] as usize],
            grid,
        })
    }

    /// Where a precinct starts on the reference grid, as progressions by position see it (B.12.1.3):
    /// `[y, x]`, no less than the tile's own start.
    pub(super) fn precinct_position(
        &self,
        index: usize,
        halvings: u32,
        separation: [u8; 2],
        tile: &Rect,
    ) -> [u64; 2] {
        let cell = self.grid.cell(index);
        let start = |axis: usize| {
            u64::from(cell[axis])
                .checked_shl(u32::from(self.grid.size[axis]) + halvings)
                .map_or(u64::MAX, |start| start.saturating_mul(separation[axis].into()))
        };
        [start(1).max(tile.y0.into()), start(0).max(tile.x0.into())]
    }

    /// The code-blocks of a precinct, made when the first packet speaks of them.
    pub(super) fn open_precinct(&mut self, index: usize, block_size: [u8; 2], is_lowest: bool) {
        if self.precincts[index].bands.is_empty() {
            let cell = self.grid.cell(index);
            let halved = u8::from(!is_lowest);
            let size = self.grid.size.map(|size| size.saturating_sub(halved));
            let block_size = [block_size[0].min(size[0]), block_size[1].min(size[1])];
            let bands = self.bands.iter();
            self.precincts[index].bands =
                bands.map(|band| PrecinctBand::new(&band.area, cell, size, block_size)).collect();
        }
    }
}

/// Area of a sub-band after `decomposition` levels (equation B-15).
fn band_area(component: &Rect, decomposition: u32, kind: BandKind) -> Rect {
    if decomposition == 0 {
        return *component;
    }
    let edge = |edge: u32, high: u32| {
        let offset = u64::from(high) << (decomposition - 1);
        let span = u64::from(edge).saturating_sub(offset);
        ((span + (1u64 << decomposition) - 1) >> decomposition) as u32
    };
    let [high_x, high_y] = kind.high_pass();
    component.map(|x| edge(x, high_x), |y| edge(y, high_y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sub_bands_share_the_samples_of_their_level() {
        let component = Rect { x0: 5, y0: 3, x1: 18, y1: 10 };
        for level in 1..4 {
            let whole = component.halved(level - 1);
            let kinds = [BandKind::Ll, BandKind::Hl, BandKind::Lh, BandKind::Hh];
            let [ll, hl, lh, hh] = kinds.map(|kind| band_area(&component, level, kind));
            assert_eq!(ll, component.halved(level));
            assert_eq!(ll.width() + hl.width(), whole.width());
            assert_eq!(ll.height() + lh.height(), whole.height());
            assert_eq!((hh.width(), hh.height()), (hl.width(), lh.height()));
        }
    }
}
