//! The three coding passes of a bit-plane (ISO/IEC 15444-1 D.3), and their raw forms (D.6).

use super::contexts::{SIGNS, SignificanceTable};
use super::mq::{Margin, Mq, RUN, UNIFORM};
use super::raw::RawBits;
use super::state::{
    ALL_SIGNIFICANT, ALL_VISITED, ANY_SIGNIFICANT, Coefficients, REFINED, SIGNIFICANT, VISITED,
};

/// First context of refinements.
const REFINEMENT: usize = 14;

/// What the passes of one code-block share.
pub(super) struct Passes<'a> {
    /// What is known so far.
    pub(super) coefficients: &'a mut Coefficients,
    /// Contexts of significance in this sub-band.
    pub(super) table: &'static SignificanceTable,
    /// Contexts do not look at the next stripe.
    pub(super) vertically_causal: bool,
}

/// Where significance and signs come from.
trait SignificanceSource {
    fn significance(&mut self, context: u8) -> u32;
    /// `neighbours` is an index into [`SIGNS`].
    fn sign(&mut self, neighbours: usize) -> u32;
}

struct Coded<'a, 'b> {
    mq: &'a mut Mq<'b>,
    margin: &'a mut Margin,
}

impl SignificanceSource for Coded<'_, '_> {
    #[inline(always)]
    fn significance(&mut self, context: u8) -> u32 {
        self.mq.decode(self.margin, context.into())
    }

    #[inline(always)]
    fn sign(&mut self, neighbours: usize) -> u32 {
        let entry = SIGNS[neighbours & 0xFF];
        self.mq.decode(self.margin, usize::from(entry & 0x1F)) ^ u32::from(entry >> 7)
    }
}

impl SignificanceSource for RawBits<'_> {
    fn significance(&mut self, _context: u8) -> u32 {
        self.bit()
    }

    fn sign(&mut self, _neighbours: usize) -> u32 {
        self.bit()
    }
}

impl Passes<'_> {
    /// Significance propagation (D.3.1); `plane` is 1 for the lowest. Passes are functions of their own
    /// even when compiled: registers then are for what their loops work with.
    #[inline(never)]
    pub(super) fn significance(&mut self, mq: &mut Mq<'_>, margin: Margin, plane: u32) -> Margin {
        let mut margin = margin;
        self.significance_from(&mut Coded { mq, margin: &mut margin }, plane);
        margin
    }

    /// Significance propagation from raw bits.
    #[inline(never)]
    pub(super) fn raw_significance(&mut self, bits: &mut RawBits<'_>, plane: u32) {
        self.significance_from(bits, plane);
    }

    #[inline(always)]
    fn significance_from(&mut self, source: &mut impl SignificanceSource, plane: u32) {
        for stripe in 0..self.coefficients.stripes() {
            let first = self.coefficients.column(stripe, 0);
            for column in first..first + self.coefficients.width {
                let mut word = self.coefficients.word(column);
                if word & ANY_SIGNIFICANT == 0 {
                    continue;
                }
                self.visit::<0>(source, column, &mut word, plane);
                self.visit::<1>(source, column, &mut word, plane);
                self.visit::<2>(source, column, &mut word, plane);
                self.visit::<3>(source, column, &mut word, plane);
                self.coefficients.set_word(column, word);
            }
        }
    }

    /// One coefficient, insignificant so far and with a significant neighbour. Rows are known to the
    /// compiler, so that masks and shifts are constants; here and below.
    #[inline(always)]
    fn visit<const ROW: u32>(
        &mut self,
        source: &mut impl SignificanceSource,
        column: usize,
        word: &mut u32,
        plane: u32,
    ) {
        let is_open = *word & (SIGNIFICANT << (3 * ROW) | VISITED << ROW) == 0;
        let neighbours = (*word >> (3 * ROW)) & 0x1FF;
        if is_open && neighbours != 0 {
            let context = self.table[neighbours as usize];
            if source.significance(context) != 0 {
                self.reveal(source, column, word, ROW, plane);
            }
            *word |= VISITED << ROW;
        }
    }

    /// Reads the sign of a coefficient that has become significant.
    #[inline(always)]
    fn reveal(
        &mut self,
        source: &mut impl SignificanceSource,
        column: usize,
        word: &mut u32,
        row: u32,
        plane: u32,
    ) {
        let neighbours = self.coefficients.sign_neighbours(column, *word, row);
        let sign = source.sign(neighbours);
        *self.coefficients.magnitude(column, row as usize) = 3 << (plane - 1);
        let causal = self.vertically_causal;
        self.coefficients.make_significant(column, word, row, sign, causal);
    }

    /// Magnitude refinement (D.3.3).
    #[inline(never)]
    pub(super) fn refinement(&mut self, mq: &mut Mq<'_>, margin: Margin, plane: u32) -> Margin {
        let mut margin = margin;
        self.refine(plane, |context| mq.decode(&mut margin, context));
        margin
    }

    /// Magnitude refinement from raw bits.
    #[inline(never)]
    pub(super) fn raw_refinement(&mut self, bits: &mut RawBits<'_>, plane: u32) {
        self.refine(plane, |_| bits.bit());
    }

    #[inline(always)]
    fn refine(&mut self, plane: u32, mut bit: impl FnMut(usize) -> u32) {
        for stripe in 0..self.coefficients.stripes() {
            let first = self.coefficients.column(stripe, 0);
            for column in first..first + self.coefficients.width {
                let mut word = self.coefficients.word(column);
                if word & ALL_SIGNIFICANT == 0 {
                    continue;
                }
                self.refine_one::<0>(column, &mut word, plane, &mut bit);
                self.refine_one::<1>(column, &mut word, plane, &mut bit);
                self.refine_one::<2>(column, &mut word, plane, &mut bit);
                self.refine_one::<3>(column, &mut word, plane, &mut bit);
                self.coefficients.set_word(column, word);
            }
        }
    }

    /// One coefficient that was significant before this bit-plane.
    #[inline(always)]
    fn refine_one<const ROW: u32>(
        &mut self,
        column: usize,
        word: &mut u32,
        plane: u32,
        bit: &mut impl FnMut(usize) -> u32,
    ) {
        let significant = SIGNIFICANT << (3 * ROW);
        if *word & (significant | VISITED << ROW) != significant {
            return;
        }
        let has_neighbour = (*word >> (3 * ROW)) & 0x1EF != 0;
        let context = match *word & REFINED << ROW {
            0 => REFINEMENT + usize::from(has_neighbour),
            _ => REFINEMENT + 2,
        };
        // All ones for a 1: half a plane is added, or taken off.
        let half = 1u32 << (plane - 1);
        let up = bit(context).wrapping_neg();
        let magnitude = self.coefficients.magnitude(column, ROW as usize);
        *magnitude = magnitude.wrapping_add((half ^ !up).wrapping_sub(!up));
        *word |= REFINED << ROW;
    }

    /// Clean-up (D.3.4): all that the other passes left; ends the bit-plane.
    #[inline(never)]
    pub(super) fn cleanup(&mut self, mq: &mut Mq<'_>, margin: Margin, plane: u32) -> Margin {
        let mut margin = margin;
        for stripe in 0..self.coefficients.stripes() {
            let missing = self.coefficients.missing_rows(stripe);
            let first = self.coefficients.column(stripe, 0);
            for column in first..first + self.coefficients.width {
                let mut word = self.coefficients.word(column);
                let mut source = Coded { mq: &mut *mq, margin: &mut margin };
                if word & (ANY_SIGNIFICANT | ALL_VISITED) == 0 {
                    if source.mq.decode(source.margin, RUN) == 0 {
                        continue;
                    }
                    let high = source.mq.decode(source.margin, UNIFORM);
                    let run = high << 1 | source.mq.decode(source.margin, UNIFORM);
                    self.reveal(&mut source, column, &mut word, run, plane);
                    // Those above stay insignificant.
                    word |= ALL_VISITED & !(ALL_VISITED << run);
                }
                self.clean_up::<0>(&mut source, column, &mut word, plane);
                self.clean_up::<1>(&mut source, column, &mut word, plane);
                self.clean_up::<2>(&mut source, column, &mut word, plane);
                self.clean_up::<3>(&mut source, column, &mut word, plane);
                self.coefficients.set_word(column, word & !ALL_VISITED | missing);
            }
        }
        margin
    }

    #[inline(always)]
    fn clean_up<const ROW: u32>(
        &mut self,
        source: &mut Coded<'_, '_>,
        column: usize,
        word: &mut u32,
        plane: u32,
    ) {
        if *word & (SIGNIFICANT << (3 * ROW) | VISITED << ROW) != 0 {
            return;
        }
        let context = self.table[((*word >> (3 * ROW)) & 0x1FF) as usize];
        if source.significance(context) != 0 {
            self.reveal(source, column, word, ROW, plane);
        }
    }
}
