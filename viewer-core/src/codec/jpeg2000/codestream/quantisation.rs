//! QCD and QCC: step sizes of the sub-bands (ISO/IEC 15444-1 A.6.4, A.6.5, E.1).

use super::{corrupt, truncated};
use crate::codec::DecodeError;
use crate::codec::reader::Reader;

/// Exponent ε and mantissa μ of a step size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codec::jpeg2000) struct Step {
    /// 0 to 31.
    pub(in crate::codec::jpeg2000) exponent: u8,
    /// 0 to 2047, as 2048ths.
    pub(in crate::codec::jpeg2000) mantissa: u16,
}

/// Step sizes of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codec::jpeg2000) struct Quantisation {
    /// 0 to 7.
    pub(in crate::codec::jpeg2000) guard_bits: u8,
    /// One step for the lowest sub-band, the others derived from it.
    derived: bool,
    /// From the lowest sub-band on: LL, HL, LH, HH, HL …
    steps: Vec<Step>,
}

impl Quantisation {
    /// Reads from Sqcd or Sqcc on.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let style = reader.u8().ok_or_else(truncated)?;
        let mut steps = Vec::new();
        match style & 0x1F {
            0 => steps
                .extend(reader.rest().iter().map(|byte| Step { exponent: byte >> 3, mantissa: 0 })),
            1 | 2 => steps.extend(reader.rest().as_chunks::<2>().0.iter().map(|bytes| {
                let word = u16::from_be_bytes(*bytes);
                Step { exponent: (word >> 11) as u8, mantissa: word & 0x7FF }
            })),
            _ => return Err(corrupt("quantisation style")),
        }
        if steps.is_empty() {
            return Err(truncated());
        }
        Ok(Self { guard_bits: style >> 5, derived: style & 0x1F == 1, steps })
    }

    /// Step of sub-band `band` (0: HL or LL, 1: LH, 2: HH) of a resolution level (equation E-5).
    pub(in crate::codec::jpeg2000) fn step(
        &self,
        resolution: usize,
        band: usize,
    ) -> Result<Step, DecodeError> {
        if self.derived {
            let Step { exponent, mantissa } = self.steps[0];
            let levels_above = (resolution.max(1) - 1) as u8;
            return Ok(Step { exponent: exponent.saturating_sub(levels_above), mantissa });
        }
        let index = if resolution == 0 { 0 } else { 3 * (resolution - 1) + 1 + band };
        self.steps.get(index).copied().ok_or_else(|| corrupt("no step size for a sub-band"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_steps_halve_with_each_resolution() {
        // Two guard bits, derived, ε = 13, μ = 5.
        let payload = [0b010_00001, 0b0110_1000, 5];
        let quantisation = Quantisation::read(&mut Reader::new(&payload)).expect("whole");
        assert_eq!(quantisation.guard_bits, 2);
        let exponents = [(0, 0), (1, 2), (2, 0), (3, 1)];
        let exponents = exponents.map(|(r, b)| quantisation.step(r, b).expect("any").exponent);
        assert_eq!(exponents, [13, 13, 12, 11]);
    }

    #[test]
    fn a_sub_band_without_a_step_is_an_error() {
        let payload = [0b001_00000, 8 << 3, 9 << 3, 10 << 3, 11 << 3];
        let quantisation = Quantisation::read(&mut Reader::new(&payload)).expect("whole");
        assert_eq!(quantisation.step(1, 2), Ok(Step { exponent: 11, mantissa: 0 }));
        assert!(quantisation.step(2, 0).is_err());
    }
}
