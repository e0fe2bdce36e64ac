//! Code-blocks → coefficients of a tile-component → its samples before the component transform
//! (ISO/IEC 15444-1 annexes D, E, F, H).

use super::CODEC;
use super::codestream::Wavelet;
use super::corrupt;
use super::ebcot::EbcotDecoder;
use super::ht::HtDecoder;
use super::rect::Rect;
use super::tile::{Band, Block, TileComponent};
use super::wavelet::{IRREVERSIBLE_GAIN, Irreversible, Plane, Reversible};
use crate::codec::DecodeError;

/// Most bit-planes of a code-block's magnitudes: with the half below them and the sign they fill a
/// 32-bit number. Samples of 16 bits need 20 or so; only a region of interest needs more.
const MAX_PLANES: u32 = 29;

/// Samples of a tile-component.
pub(super) enum Samples {
    /// After the reversible transform.
    Integer(Plane<i32>),
    /// After the irreversible one.
    Real(Plane<f32>),
}

/// The two block decoders, whose memory is used again for each block.
pub(super) struct BlockDecoders {
    ebcot: EbcotDecoder,
    ht: HtDecoder,
}

impl BlockDecoders {
    pub(super) fn new() -> Self {
        Self { ebcot: EbcotDecoder::new(), ht: HtDecoder::new() }
    }

    /// Decodes a component up to `resolution`; `data` is that of the tile, `precision` the depth of
    /// its samples.
    pub(super) fn decode(
        &mut self,
        component: &TileComponent,
        resolution: usize,
        data: &[u8],
        precision: u32,
    ) -> Result<Samples, DecodeError> {
        let areas: Vec<Rect> =
            component.resolutions[..=resolution].iter().map(|level| level.area).collect();
        let area = areas[resolution];
        Ok(match component.parameters.coding.wavelet {
            Wavelet::Reversible => {
                let mut plane = Plane::new(area);
                // The fraction that a cut block has is dropped (E.1.2).
                self.fill(component, resolution, data, &mut plane, |_, _| |half: i32| half / 2)?;
                plane.synthesise::<Reversible>(&areas);
                Samples::Integer(plane)
            }
            Wavelet::Irreversible => {
                let mut plane = Plane::new(area);
                self.fill(component, resolution, data, &mut plane, |band, decomposition| {
                    let factor = 0.5 * step_size(band, precision) * gain(band, decomposition);
                    move |half: i32| half as f32 * factor
                })?;
                plane.synthesise::<Irreversible>(&areas);
                Samples::Real(plane)
            }
        })
    }

    /// Decodes all code-blocks into the places where [`Plane::synthesise`] wants them.
    /// `dequantiser` makes a function of halves for a sub-band of a decomposition level.
    fn fill<S: Copy + Default, F: Fn(i32) -> S>(
        &mut self,
        component: &TileComponent,
        resolution: usize,
        data: &[u8],
        plane: &mut Plane<S>,
        dequantiser: impl Fn(&Band, u32) -> F,
    ) -> Result<(), DecodeError> {
        for (level, coded) in component.resolutions[..=resolution].iter().enumerate() {
            let decomposition = (resolution - level) as u32 + u32::from(level > 0);
            for (index, band) in coded.bands.iter().enumerate() {
                let below = level.checked_sub(1).map(|below| &component.resolutions[below].area);
                let place = Place::new(plane.area, band, decomposition, below);
                let dequantise = dequantiser(band, decomposition);
                let parts = coded.precincts.iter().filter_map(|precinct| precinct.bands.get(index));
                let blocks = parts.flat_map(|part| &part.blocks);
                for block in blocks.filter(|block| !block.segments.is_empty()) {
                    let is_ht = self.decode_block(component, band, block, data)?;
                    let shift = component.parameters.roi_shift.into();
                    let own_size =
                        |half| if shift > 0 { without_maxshift(half, shift) } else { half };
                    let dequantise = |half| dequantise(own_size(half));
                    for y in 0..block.area.height() as usize {
                        let row = place.row(plane, block, y);
                        match is_ht {
                            true => self.ht.copy_row(y, row, dequantise),
                            false => self.ebcot.copy_row(y, row, dequantise),
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Decodes one block, true with the HT decoder.
    fn decode_block(
        &mut self,
        component: &TileComponent,
        band: &Band,
        block: &Block,
        data: &[u8],
    ) -> Result<bool, DecodeError> {
        let style = component.parameters.coding.block_style;
        let all_planes = band.planes + u32::from(component.parameters.roi_shift);
        let coded = all_planes
            .checked_sub(block.zero_planes)
            .ok_or_else(|| corrupt("more zero bit-planes than bit-planes"))?;
        let is_ht = style.high_throughput();
        let actual = if is_ht { all_planes } else { coded };
        if actual > MAX_PLANES {
            let (what, actual, limit) = ("number of bit-planes", actual.into(), MAX_PLANES.into());
            return Err(DecodeError::TooLarge { codec: CODEC, what, actual, limit });
        }
        if is_ht {
            self.ht.decode(block, data, all_planes, style)?;
        } else {
            self.ebcot.decode(block, data, coded, band.kind, style)?;
        }
        Ok(is_ht)
    }
}

/// Where the coefficients of a sub-band go in a plane.
struct Place {
    /// Coordinates of the plane's first sample.
    top: u64,
    /// Row `n` of the sub-band is row `n << row_shift`, plus `row_offset`.
    row_shift: u32,
    row_offset: u64,
    /// First column of the sub-band, and its first coefficient's coordinate.
    left: usize,
    first: u32,
}

impl Place {
    fn new(plane: Rect, band: &Band, decomposition: u32, below: Option<&Rect>) -> Self {
        let [high_x, high_y] = band.kind.high_pass();
        let low_columns = below.map_or(0, |below| below.width() as usize);
        Self {
            top: plane.y0.into(),
            row_shift: decomposition,
            row_offset: if high_y == 1 { 1 << (decomposition - 1) } else { 0 },
            left: if high_x == 1 { low_columns } else { 0 },
            first: band.area.x0,
        }
    }

    fn row<'p, S: Copy + Default>(
        &self,
        plane: &'p mut Plane<S>,
        block: &Block,
        y: usize,
    ) -> &'p mut [S] {
        let row = (u64::from(block.area.y0) + y as u64) << self.row_shift;
        let row = (row + self.row_offset - self.top) as usize;
        let start = row * plane.width() + self.left + (block.area.x0 - self.first) as usize;
        &mut plane.samples[start..start + block.area.width() as usize]
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
