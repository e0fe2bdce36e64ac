//! Code-blocks → coefficients of a tile-component → its samples before the component transform
//! (ISO/IEC 15444-1 annexes D, E, F, H).

use super::CODEC;
use super::ahead::Known;
use super::codestream::Wavelet;
use super::corrupt;
use super::ebcot::EbcotDecoder;
use super::ht::HtDecoder;
use super::rect::Rect;
use super::strips::Strip;
use super::tile::{Band, Block, TileComponent};
use super::wavelet::{
    Bands, IRREVERSIBLE_GAIN, Irreversible, Kernel, Reversible, SubBand, Synthesis,
};
use crate::codec::DecodeError;

/// Most bit-planes of a code-block's magnitudes: with the half below them and the sign they fill a
/// 32-bit number. Samples of 16 bits need 20 or so; only a region of interest needs more.
const MAX_PLANES: u32 = 29;

/// Samples of a tile-component, as they are decoded.
pub(super) enum Samples<'a> {
    /// After the reversible transform.
    Integer(Rows<'a, Reversible>),
    /// After the irreversible one.
    Real(Rows<'a, Irreversible>),
}

/// One row of them.
#[derive(Clone, Copy)]
pub(super) enum Row<'r> {
    Integer(&'r [i32]),
    Real(&'r [f32]),
}

/// Samples of a tile-component, row by row.
pub(super) struct Rows<'a, K: Kernel> {
    area: Rect,
    component: &'a TileComponent,
    data: &'a [u8],
    /// By resolution level and sub-band in it.
    strips: Vec<Vec<Strip<'a, K>>>,
    synthesis: Synthesis<K>,
}

impl<'a> Samples<'a> {
    /// Those of a component up to `resolution`; `data` is that of the tile, `precision` the depth of
    /// its samples.
    pub(super) fn new(
        component: &'a TileComponent,
        resolution: usize,
        data: &'a [u8],
        precision: u32,
        known: Known<'a>,
    ) -> Self {
        match component.parameters.coding.wavelet {
            Wavelet::Reversible => {
                Self::Integer(Rows::new(component, resolution, data, known, |_, _| 1.0))
            }
            Wavelet::Irreversible => {
                Self::Real(Rows::new(component, resolution, data, known, |band, decomposition| {
                    0.5 * step_size(band, precision) * gain(band, decomposition)
                }))
            }
        }
    }

    /// Where they lie, in the coordinates of their resolution.
    pub(super) fn area(&self) -> Rect {
        match self {
            Self::Integer(rows) => rows.area,
            Self::Real(rows) => rows.area,
        }
    }

    /// The next row, from the first on.
    pub(super) fn next_row(
        &mut self,
        decoders: &mut BlockDecoders,
    ) -> Result<Row<'_>, DecodeError> {
        Ok(match self {
            Self::Integer(rows) => Row::Integer(rows.next_row(decoders)?),
            Self::Real(rows) => Row::Real(rows.next_row(decoders)?),
        })
    }
}

impl<'a, K: Kernel> Rows<'a, K> {
    /// `factor` says what halves of coefficients are multiplied by, for a sub-band of a decomposition
    /// level.
    fn new(
        component: &'a TileComponent,
        resolution: usize,
        data: &'a [u8],
        known: Known<'a>,
        factor: impl Fn(&Band, u32) -> f32,
    ) -> Self {
        let levels = &component.resolutions[..=resolution];
        let areas: Vec<Rect> = levels.iter().map(|level| level.area).collect();
        let strips = levels.iter().enumerate().map(|(number, level)| {
            let decomposition = (resolution - number) as u32 + u32::from(number > 0);
            let strip = |(index, band): (usize, &Band)| {
                let known = known.of_band(number, index);
                Strip::new(component, level, index, known, factor(band, decomposition))
            };
            level.bands.iter().enumerate().map(strip).collect()
        });
        let strips = strips.collect();
        let synthesis = Synthesis::new(&areas);
        Self { area: areas[resolution], component, data, strips, synthesis }
    }

    fn next_row(&mut self, decoders: &mut BlockDecoders) -> Result<&[K::Sample], DecodeError> {
        let Self { component, data, strips, synthesis, .. } = self;
        synthesis.next_row(&mut Decoded { component, data, strips, decoders })
    }
}

/// What the wavelet is given.
struct Decoded<'d, 'a, K: Kernel> {
    component: &'a TileComponent,
    data: &'a [u8],
    strips: &'d mut [Vec<Strip<'a, K>>],
    decoders: &'d mut BlockDecoders,
}

impl<K: Kernel> Bands<K::Sample> for Decoded<'_, '_, K> {
    fn row(&mut self, band: SubBand, row: usize) -> Result<&[K::Sample], DecodeError> {
        let strip = &mut self.strips[band.resolution][band.index];
        strip.row(row, self.component, self.data, self.decoders)
    }
}

/// The two block decoders, whose memory is used again for each block.
pub(super) struct BlockDecoders {
    ebcot: EbcotDecoder,
    ht: HtDecoder,
    /// What the block decoded last needs.
    is_ht: bool,
    roi_shift: u32,
}

impl BlockDecoders {
    pub(super) fn new() -> Self {
        Self { ebcot: EbcotDecoder::new(), ht: HtDecoder::new(), is_ht: false, roi_shift: 0 }
    }

    /// Decodes one block.
    #[inline(never)]
    pub(super) fn decode(
        &mut self,
        component: &TileComponent,
        band: &Band,
        block: &Block,
        data: &[u8],
    ) -> Result<(), DecodeError> {
        let style = component.parameters.coding.block_style;
        (self.is_ht, self.roi_shift) =
            (style.high_throughput(), component.parameters.roi_shift.into());
        let all_planes = band.planes + self.roi_shift;
        let coded = all_planes
            .checked_sub(block.zero_planes)
            .ok_or_else(|| corrupt("more zero bit-planes than bit-planes"))?;
        let actual = if self.is_ht { all_planes } else { coded };
        if actual > MAX_PLANES {
            let (what, actual, limit) = ("number of bit-planes", actual.into(), MAX_PLANES.into());
            return Err(DecodeError::TooLarge { codec: CODEC, what, actual, limit });
        }
        match self.is_ht {
            true => self.ht.decode(block, data, all_planes, style),
            false => self.ebcot.decode(block, data, coded, band.kind, style),
        }
    }

    /// One row of it: what `dequantise` makes of signed coefficients in halves.
    #[inline(always)]
    pub(super) fn copy_row<S>(&self, y: usize, row: &mut [S], dequantise: impl Fn(i32) -> S) {
        let shift = self.roi_shift;
        let own_size = |half| if shift > 0 { without_maxshift(half, shift) } else { half };
        let dequantise = |half| dequantise(own_size(half));
        match self.is_ht {
            true => self.ht.copy_row(y, row, dequantise),
            false => self.ebcot.copy_row(y, row, dequantise),
        }
    }
}
/// Step size of a sub-band (equation E-3).
fn step_size(band: &Band, precision: u32) -> f32 {
    let [high_x, high_y] = band.kind.high_pass();
    let range = (precision + high_x + high_y) as i32;
    let mantissa = 1.0 + f32::from(band.step.mantissa) / 2048.0;
    mantissa * 2f32.powi(range - i32::from(band.step.exponent))
}

/// What the scaling of all wavelet levels together comes to for a sub-band.
fn gain(band: &Band, decomposition: u32) -> f32 {
    let [high_x, high_y] = band.kind.high_pass();
    // Not `powi`, whose last bits differ between machines.
    let square = IRREVERSIBLE_GAIN * IRREVERSIBLE_GAIN;
    match decomposition.checked_sub(high_x + high_y) {
        Some(times) => (0..times).fold(1.0, |gain, _| gain * square),
        None => 1.0 / square,
    }
}

/// A coefficient of a region of interest is back at its own size (H.1).
fn without_maxshift(half: i32, shift: u32) -> i32 {
    let magnitude = half.unsigned_abs();
    let moved =
        if shift < 31 && magnitude >> (shift + 1) != 0 { magnitude >> shift } else { magnitude };
    if half < 0 { -(moved as i32) } else { moved as i32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maxshift_moves_only_what_is_above_it() {
        assert_eq!(without_maxshift(-((5 << 8) * 2), 8), -10);
        assert_eq!(without_maxshift(200 * 2, 8), 400);
        assert_eq!(without_maxshift(-3, 31), -3);
    }
}
