//! SIZ: image, tiles and components on the reference grid (ISO/IEC 15444-1 A.5.1, B.2, B.3).

use super::{CODEC, corrupt, truncated};
use crate::codec::DecodeError;
use crate::codec::jpeg2000::rect::Rect;
use crate::codec::reader::Reader;

/// More tiles than Isot can number.
const MAX_TILES: u64 = 65_535;
/// Most components that SIZ may have.
const MAX_COMPONENTS: u16 = 16_384;
/// Deepest component that Part 1 knows.
const MAX_PRECISION: u32 = 38;

/// Image and tile size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codec::jpeg2000) struct Siz {
    /// Image area on the reference grid.
    pub(in crate::codec::jpeg2000) image: Rect,
    /// Upper left corner of the first tile.
    tile_origin: [u32; 2],
    /// Width and height of a tile.
    tile_size: [u32; 2],
    /// Components, at least one.
    pub(in crate::codec::jpeg2000) components: Vec<Component>,
}

/// One component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codec::jpeg2000) struct Component {
    /// Bits per sample, 1 to 38.
    pub(in crate::codec::jpeg2000) precision: u32,
    /// Two's complement samples: no level shift.
    pub(in crate::codec::jpeg2000) signed: bool,
    /// Distance between its samples on the reference grid: XRsiz, YRsiz.
    pub(in crate::codec::jpeg2000) separation: [u8; 2],
}

impl Siz {
    pub(super) fn read(payload: &[u8]) -> Result<Self, DecodeError> {
        let siz = Self::parse(payload).ok_or_else(truncated)?;
        siz.check()?;
        Ok(siz)
    }

    fn parse(payload: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(payload);
        // Rsiz: profiles promise less than Part 1 allows, and the bit of Part 2 alone says nothing;
        // the segments of an extension do.
        let _capabilities = reader.u16()?;
        let [x1, y1, x0, y0] = [reader.u32()?, reader.u32()?, reader.u32()?, reader.u32()?];
        let tile_size = [reader.u32()?, reader.u32()?];
        let tile_origin = [reader.u32()?, reader.u32()?];
        let count = reader.u16()?.min(MAX_COMPONENTS);
        let components = (0..count).map(|_| Component::parse(&mut reader));
        let components = components.collect::<Option<Vec<_>>>()?;
        Some(Self { image: Rect { x0, y0, x1, y1 }, tile_origin, tile_size, components })
    }

    fn check(&self) -> Result<(), DecodeError> {
        let Self { image, tile_origin, tile_size, components } = self;
        if components.is_empty() {
            return Err(corrupt("no component"));
        }
        if components.iter().any(|c| c.separation.contains(&0) || c.precision > MAX_PRECISION) {
            return Err(corrupt("component separation or depth"));
        }
        let starts_inside = |axis: usize, image_start: u32| {
            let end = u64::from(tile_origin[axis]) + u64::from(tile_size[axis]);
            tile_origin[axis] <= image_start && u64::from(image_start) < end
        };
        if image.is_empty() || !starts_inside(0, image.x0) || !starts_inside(1, image.y0) {
            return Err(corrupt("image or tile area"));
        }
        let [across, down] = self.tiles_across_and_down();
        let actual = u64::from(across) * u64::from(down);
        if actual > MAX_TILES {
            let (what, limit) = ("number of tiles", MAX_TILES);
            return Err(DecodeError::TooLarge { codec: CODEC, what, actual, limit });
        }
        Ok(())
    }

    fn tiles_across_and_down(&self) -> [u32; 2] {
        let count = |end: u32, axis: usize| {
            (end - self.tile_origin[axis]).div_ceil(self.tile_size[axis].max(1))
        };
        [count(self.image.x1, 0), count(self.image.y1, 1)]
    }

    /// Number of tiles, 1 to 65535.
    pub(in crate::codec::jpeg2000) fn tile_count(&self) -> usize {
        let [across, down] = self.tiles_across_and_down();
        across as usize * down as usize
    }

    /// Area of a tile on the reference grid (B.3).
    pub(in crate::codec::jpeg2000) fn tile_area(&self, index: usize) -> Rect {
        let [across, _] = self.tiles_across_and_down();
        let cell = [index as u32 % across, index as u32 / across];
        let edge = |axis: usize, offset: u32| {
            let size = u64::from(self.tile_size[axis]);
            let at = u64::from(self.tile_origin[axis]) + u64::from(cell[axis] + offset) * size;
            u32::try_from(at).unwrap_or(u32::MAX)
        };
        Rect {
            x0: edge(0, 0).max(self.image.x0),
            y0: edge(1, 0).max(self.image.y0),
            x1: edge(0, 1).min(self.image.x1),
            y1: edge(1, 1).min(self.image.y1),
        }
    }

    /// The depth and sign that all components share.
    pub(in crate::codec::jpeg2000) fn common_component(&self) -> Result<Component, DecodeError> {
        let first = *self.components.first().ok_or_else(|| corrupt("no component"))?;
        if self.components.iter().any(|component| component.separation != [1, 1]) {
            return Err(DecodeError::feature(CODEC, "subsampled components"));
        }
        if self.components.iter().any(|&component| component != first) {
            return Err(DecodeError::feature(CODEC, "components of different depth or sign"));
        }
        Ok(first)
    }
}

impl Component {
    fn parse(reader: &mut Reader<'_>) -> Option<Self> {
        let depth = reader.u8()?;
        Some(Self {
            precision: u32::from(depth & 0x7F) + 1,
            signed: depth & 0x80 != 0,
            separation: [reader.u8()?, reader.u8()?],
        })
    }
}
