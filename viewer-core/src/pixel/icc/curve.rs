//! One-dimensional curves of a profile (ICC.1 10.6 curveType, 10.18 parametricCurveType).

use super::IccError;
use super::profile::{Bytes, four_characters};

/// A curve over 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Curve {
    Identity,
    /// Values at equal steps, straight between them.
    Table(Vec<f32>),
    /// `(a·x + b)^g + e` from `d` on, `c·x + f` below.
    Power {
        g: f32,
        a: f32,
        b: f32,
        c: f32,
        d: f32,
        e: f32,
        f: f32,
    },
}

impl Curve {
    pub(super) fn gamma(g: f32) -> Self {
        Self::Power { g, a: 1.0, b: 0.0, c: 0.0, d: f32::NEG_INFINITY, e: 0.0, f: 0.0 }
    }

    /// Reads a curve and says how many bytes it has, without padding.
    pub(super) fn read(bytes: Bytes<'_>) -> Result<(Self, usize), IccError> {
        match &four_characters(bytes.u32(0)?) {
            b"curv" => Self::read_table(bytes),
            b"para" => Self::read_power(bytes),
            _ => Err(IccError::Broken("a curve of unknown type")),
        }
    }

    fn read_table(bytes: Bytes<'_>) -> Result<(Self, usize), IccError> {
        let count = bytes.u32(8)? as usize;
        let curve = match count {
            0 => Self::Identity,
            1 => Self::gamma(f32::from(bytes.u16(12)?) / 256.0),
            _ => Self::Table(bytes.fractions(12, count, 2)?),
        };
        Ok((curve, 12 + count * 2))
    }

    fn read_power(bytes: Bytes<'_>) -> Result<(Self, usize), IccError> {
        let number = |index: usize| bytes.fixed(12 + index * 4);
        let kind = bytes.u16(8)?;
        let g = number(0)?;
        if kind == 0 {
            return Ok((Self::gamma(g), 16));
        }
        let (a, b) = (number(1)?, number(2)?);
        let start = if a == 0.0 { 0.0 } else { -b / a };
        let (count, [c, d, e, f]) = match kind {
            1 => (3, [0.0, start, 0.0, 0.0]),
            2 => (4, [0.0, start, number(3)?, number(3)?]),
            3 => (5, [number(3)?, number(4)?, 0.0, 0.0]),
            4 => (7, [number(3)?, number(4)?, number(5)?, number(6)?]),
            _ => return Err(IccError::Broken("a parametric curve of unknown kind")),
        };
        Ok((Self::Power { g, a, b, c, d, e, f }, 12 + count * 4))
    }

    pub(super) fn value(&self, x: f32) -> f32 {
        match self {
            Self::Identity => x,
            Self::Table(values) => interpolated(values, x),
            &Self::Power { g, a, b, c, d, e, f } => {
                if x >= d {
                    (a * x + b).max(0.0).powf(g) + e
                } else {
                    c * x + f
                }
            }
        }
    }
}

/// The value at `x` of 0 to 1 between the first and the last of `values`.
pub(super) fn interpolated(values: &[f32], x: f32) -> f32 {
    let last = values.len().saturating_sub(1);
    let position = x.clamp(0.0, 1.0) * last as f32;
    let index = (position as usize).min(last.saturating_sub(1));
    let part = position - index as f32;
    match values.get(index..) {
        Some([low, high, ..]) => low + (high - low) * part,
        Some([only]) => *only,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parametric(kind: u16, numbers: &[f32]) -> Vec<u8> {
        let mut bytes = b"para\0\0\0\0".to_vec();
        bytes.extend(kind.to_be_bytes());
        bytes.extend([0, 0]);
        for number in numbers {
            bytes.extend(((number * 65536.0).round() as i32).to_be_bytes());
        }
        bytes
    }

    fn curve(bytes: &[u8]) -> Curve {
        let (curve, length) = Curve::read(Bytes(bytes)).expect("a curve");
        assert_eq!(length, bytes.len());
        curve
    }

    #[test]
    fn every_kind_of_function() {
        let near = |curve: &Curve, x: f32, expected: f32| {
            let found = curve.value(x);
            assert!((found - expected).abs() < 1e-4, "{curve:?} at {x}: {found}, not {expected}");
        };
        near(&curve(&parametric(0, &[2.0])), 0.5, 0.25);
        let cut = curve(&parametric(1, &[2.0, 2.0, -0.5]));
        near(&cut, 0.2, 0.0);
        near(&cut, 0.5, 0.25);
        let raised = curve(&parametric(2, &[2.0, 2.0, -0.5, 0.125]));
        near(&raised, 0.2, 0.125);
        near(&raised, 0.5, 0.375);
        let srgb = curve(&parametric(3, &[2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045]));
        near(&srgb, 0.02, 0.02 / 12.92);
        near(&srgb, 0.5, 0.214_041);
        let all = curve(&parametric(4, &[2.0, 1.0, 0.0, 0.5, 0.25, 0.1, 0.2]));
        near(&all, 0.2, 0.3);
        near(&all, 0.5, 0.35);
        assert!(Curve::read(Bytes(&parametric(5, &[1.0; 7]))).is_err());
        assert!(Curve::read(Bytes(&parametric(4, &[1.0; 6]))).is_err());
    }

    #[test]
    fn tables_are_straight_between_their_values() {
        let table = [b"curv\0\0\0\0\0\0\0\x03".as_slice(), &[0, 0, 0x80, 0, 0xFF, 0xFF]].concat();
        let table = curve(&table);
        for (x, expected) in [(-1.0, 0.0), (0.25, 0.25), (0.5, 0.5), (2.0, 1.0)] {
            assert!((table.value(x) - expected).abs() < 1e-4);
        }
        assert!(table.value(f32::NAN).is_nan());
        let gamma = [b"curv\0\0\0\0\0\0\0\x01".as_slice(), &[2, 0]].concat();
        assert_eq!(curve(&gamma).value(0.5), 0.25);
        assert_eq!(curve(b"curv\0\0\0\0\0\0\0\0"), Curve::Identity);
        assert!(Curve::read(Bytes(b"curv\0\0\0\0\xFF\xFF\xFF\xFF")).is_err());
    }
}
