//! The block decoder of Part 1: bit-planes of a code-block by context and arithmetic coding
//! (ISO/IEC 15444-1 annexes C and D).

mod contexts;
mod mq;
mod passes;
mod raw;
mod state;

use self::contexts::significance_table;
use self::mq::{Mq, UNIFORM};
use self::passes::Passes;
use self::raw::RawBits;
use self::state::Coefficients;
use super::codestream::BlockStyle;
use super::corrupt;
use super::tile::{BandKind, Block};
use crate::codec::DecodeError;

/// What each clean-up pass ends with, if so agreed (D.5).
const SEGMENTATION_SYMBOL: u32 = 0b1010;

/// Decodes one code-block after another.
pub(super) struct EbcotDecoder {
    coefficients: Coefficients,
}

/// A kind of pass, in their order within a bit-plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    Significance,
    Refinement,
    Cleanup,
}

impl EbcotDecoder {
    pub(super) fn new() -> Self {
        Self { coefficients: Coefficients::new() }
    }

    /// Decodes a block whose magnitudes have `planes` bit-planes, at most 30, zero ones left out.
    pub(super) fn decode(
        &mut self,
        block: &Block,
        data: &[u8],
        planes: u32,
        kind: BandKind,
        style: BlockStyle,
    ) -> Result<(), DecodeError> {
        self.coefficients.clear(block.area.width() as usize, block.area.height() as usize);
        // The first bit-plane has a clean-up pass only.
        if block.passes() > 3 * planes.saturating_sub(1) + 1 || planes == 0 {
            return Err(corrupt("more coding passes than bit-planes"));
        }
        let segments: Vec<_> = block.segments.iter().map(|segment| segment.bytes(data)).collect();
        let mut mq = Mq::new();
        let mut passes = Passes {
            coefficients: &mut self.coefficients,
            table: significance_table(kind),
            vertically_causal: style.vertically_causal(),
        };
        let (mut plane, mut pass) = (planes, Pass::Cleanup);
        for (segment, bytes) in block.segments.iter().zip(&segments) {
            let is_raw = style.bypass() && plane + 4 <= planes && pass != Pass::Cleanup;
            let mut bits = RawBits::new(bytes);
            let mut margin = mq.start(bytes);
            for _ in 0..segment.passes {
                match pass {
                    Pass::Significance if is_raw => passes.raw_significance(&mut bits, plane),
                    Pass::Significance => margin = passes.significance(&mut mq, margin, plane),
                    Pass::Refinement if is_raw => passes.raw_refinement(&mut bits, plane),
                    Pass::Refinement => margin = passes.refinement(&mut mq, margin, plane),
                    Pass::Cleanup => {
                        margin = passes.cleanup(&mut mq, margin, plane);
                        if style.segmentation_symbols() {
                            let bit = |code, _| code << 1 | mq.decode(&mut margin, UNIFORM);
                            if (0..4).fold(0, bit) != SEGMENTATION_SYMBOL {
                                return Err(corrupt(
                                    "a code-block without its segmentation symbol",
                                ));
                            }
                        }
                    }
                }
                if style.reset() {
                    mq.reset_contexts();
                }
                (pass, plane) = match pass {
                    Pass::Significance => (Pass::Refinement, plane),
                    Pass::Refinement => (Pass::Cleanup, plane),
                    Pass::Cleanup => (Pass::Significance, plane - 1),
                };
            }
        }
        Ok(())
    }

    /// One row of the block last decoded: what `dequantise` makes of signed coefficients in halves.
    pub(super) fn copy_row<S>(&self, y: usize, row: &mut [S], dequantise: impl Fn(i32) -> S) {
        self.coefficients.copy_row(y, row, dequantise);
    }
}
