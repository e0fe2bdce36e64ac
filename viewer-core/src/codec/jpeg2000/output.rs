//! Samples of the tiles → stored samples: component transform (ISO/IEC 15444-1 annex G), level
//! shift, clamping, and the container of Bits Allocated.

use super::CODEC;
use super::codestream::Component;
use super::coefficients::{BlockDecoders, Row, Samples};
use super::corrupt;
use super::rect::Rect;
use crate::codec::{DecodeError, FrameSpec};
use crate::pixel::samples::{Container, StoredSamples};

/// The frame while tiles fill it.
pub(super) struct Output {
    samples: StoredSamples,
    /// Of the (perhaps reduced) image.
    area: Rect,
    range: Range,
    components: usize,
    /// One row of three components, transformed, shifted and clamped.
    colors: [Vec<i32>; 3],
}

/// What a sample may be and how it is stored.
#[derive(Clone, Copy)]
struct Range {
    /// Level shift, for unsigned components only.
    shift: i32,
    low: i32,
    high: i32,
    /// Bits above the precision, where samples that the codestream calls unsigned and the header
    /// signed become two's complement.
    sign_bits: u32,
}

impl Output {
    /// `area` is that of the image after reduction.
    pub(super) fn new(
        area: Rect,
        component: Component,
        spec: &FrameSpec,
    ) -> Result<Self, DecodeError> {
        let components = spec.layout.samples_per_pixel as usize;
        let count = area.width() as usize * area.height() as usize * components;
        let signed = spec.layout.signed;
        let samples = match (spec.layout.container, signed) {
            (Container::Bit, _) | (Container::Byte, false) => StoredSamples::U8(vec![0; count]),
            (Container::Byte, true) => StoredSamples::I8(vec![0; count]),
            (Container::Word, false) => StoredSamples::U16(vec![0; count]),
            (Container::Word, true) => StoredSamples::I16(vec![0; count]),
            _ => return Err(DecodeError::feature(CODEC, "32-bit containers")),
        };
        let half = 1i32 << (component.precision - 1);
        let sign_bits = if signed { 32 - component.precision } else { 0 };
        let range = match component.signed {
            true => Range { shift: 0, low: -half, high: half - 1, sign_bits },
            false => Range { shift: half, low: 0, high: 2 * half - 1, sign_bits },
        };
        Ok(Self { samples, area, range, components, colors: Default::default() })
    }

    /// Puts a tile in its place as its rows are decoded.
    pub(super) fn place(
        &mut self,
        components: &mut [Samples<'_>],
        decoders: &mut BlockDecoders,
        component_transform: bool,
    ) -> Result<(), DecodeError> {
        let tile = components.first().map(Samples::area).ok_or_else(|| corrupt("no component"))?;
        for y in 0..tile.height() {
            let row = u64::from(tile.y0 - self.area.y0 + y);
            let start = row * u64::from(self.area.width()) + u64::from(tile.x0 - self.area.x0);
            let start = start as usize * self.components;
            let end = start + tile.width() as usize * self.components;
            match components {
                [gray] => self.store_gray(gray.next_row(decoders)?, start..end),
                [a, b, c] => {
                    let rows =
                        [a.next_row(decoders)?, b.next_row(decoders)?, c.next_row(decoders)?];
                    self.store_colors(rows, component_transform, start..end)?;
                }
                _ => return Err(corrupt("neither one component nor three")),
            }
        }
        Ok(())
    }

    /// Shifts, clamps and stores the row of the only component.
    fn store_gray(&mut self, row: Row<'_>, place: core::ops::Range<usize>) {
        let range = self.range;
        macro_rules! store_as {
            ($out:expr, $type:ty) => {
                match row {
                    Row::Integer(row) => store(&mut $out[place], row, |&v| range.fit(v) as $type),
                    Row::Real(row) => store(&mut $out[place], row, |&v| range.fit_real(v) as $type),
                }
            };
        }
        match &mut self.samples {
            StoredSamples::U8(out) => store_as!(out, u8),
            StoredSamples::I8(out) => store_as!(out, i8),
            StoredSamples::U16(out) => store_as!(out, u16),
            StoredSamples::I16(out) => store_as!(out, i16),
            _ => {}
        }
    }

    /// Transforms the rows of three components, shifts, clamps and stores them interleaved.
    fn store_colors(
        &mut self,
        rows: [Row<'_>; 3],
        component_transform: bool,
        place: core::ops::Range<usize>,
    ) -> Result<(), DecodeError> {
        use Row::{Integer, Real};
        let range = self.range;
        match rows {
            [Integer(y), Integer(u), Integer(v)] if component_transform => {
                reversible_row([y, u, v], &mut self.colors, range);
            }
            [Real(y), Real(cb), Real(cr)] if component_transform => {
                irreversible_row([y, cb, cr], &mut self.colors, range);
            }
            _ if component_transform => {
                return Err(corrupt("a component transform over different wavelets"));
            }
            rows => {
                for (row, color) in rows.into_iter().zip(&mut self.colors) {
                    match row {
                        Integer(row) => fill(color, row.iter().map(|&v| range.fit(v))),
                        Real(row) => fill(color, row.iter().map(|&v| range.fit_real(v))),
                    }
                }
            }
        }
        match &mut self.samples {
            StoredSamples::U8(out) => interleave(&self.colors, &mut out[place], |v| v as u8),
            StoredSamples::I8(out) => interleave(&self.colors, &mut out[place], |v| v as i8),
            StoredSamples::U16(out) => interleave(&self.colors, &mut out[place], |v| v as u16),
            StoredSamples::I16(out) => interleave(&self.colors, &mut out[place], |v| v as i16),
            _ => {}
        }
        Ok(())
    }

    /// The frame.
    pub(super) fn into_samples(self) -> StoredSamples {
        self.samples
    }
}

impl Range {
    #[inline(always)]
    fn fit(self, value: i32) -> i32 {
        let fitted = value.wrapping_add(self.shift).clamp(self.low, self.high);
        (fitted << self.sign_bits) >> self.sign_bits
    }

    #[inline(always)]
    fn fit_real(self, value: f32) -> i32 {
        self.fit(round(value))
    }
}

/// Nearest integer, ties to even, of numbers up to 2^22; larger ones are cut to that. (At 2^23 the
/// spacing of `f32` is 1: adding 1.5 × 2^23 rounds. `f32::round_ties_even` is a call on some
/// machines.)
#[inline(always)]
fn round(value: f32) -> i32 {
    const MAGIC: f32 = 12_582_912.0;
    const LIMIT: f32 = 4_194_303.0;
    let rounded = value.clamp(-LIMIT, LIMIT) + MAGIC;
    (rounded.to_bits() as i32).wrapping_sub(MAGIC.to_bits() as i32)
}

/// RCT (G.2.2).
fn reversible_row([y, u, v]: [&[i32]; 3], [r, g, b]: &mut [Vec<i32>; 3], range: Range) {
    let green = |((&y, &u), &v): ((&i32, &i32), &i32)| y.wrapping_sub(u.wrapping_add(v) >> 2);
    let greens = || y.iter().zip(u).zip(v).map(green);
    fill(r, greens().zip(v).map(|(green, &v)| range.fit(green.wrapping_add(v))));
    fill(b, greens().zip(u).map(|(green, &u)| range.fit(green.wrapping_add(u))));
    fill(g, greens().map(|green| range.fit(green)));
}

/// ICT (G.3.2).
fn irreversible_row([y, cb, cr]: [&[f32]; 3], [r, g, b]: &mut [Vec<i32>; 3], range: Range) {
    fill(r, y.iter().zip(cr).map(|(&y, &cr)| range.fit_real(y + 1.402 * cr)));
    let greens = y.iter().zip(cb).zip(cr);
    fill(g, greens.map(|((&y, &cb), &cr)| range.fit_real(y - 0.344_136 * cb - 0.714_136 * cr)));
    fill(b, y.iter().zip(cb).map(|(&y, &cb)| range.fit_real(y + 1.772 * cb)));
}

fn fill(row: &mut Vec<i32>, values: impl Iterator<Item = i32>) {
    row.clear();
    row.extend(values);
}

/// Stores a row of one component.
fn store<S, T>(out: &mut [T], row: &[S], convert: impl Fn(&S) -> T) {
    out.iter_mut().zip(row).for_each(|(out, value)| *out = convert(value));
}

fn interleave<T>([r, g, b]: &[Vec<i32>; 3], out: &mut [T], convert: impl Fn(i32) -> T) {
    let pixels = r.iter().zip(g).zip(b);
    for (out, ((&r, &g), &b)) in out.as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
        *out = [convert(r), convert(g), convert(b)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_to_the_nearest_and_never_wraps() {
        let cases = [(0.4, 0), (0.5, 0), (1.5, 2), (-0.6, -1), (65_535.49, 65_535)];
        for (value, rounded) in cases {
            assert_eq!(round(value), rounded, "{value}");
        }
        assert_eq!(round(1e30), 4_194_303);
        assert_eq!(round(f32::NEG_INFINITY), -4_194_303);
    }
}
