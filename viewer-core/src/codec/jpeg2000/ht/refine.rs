//! The two refinement passes of HT code-blocks (ISO/IEC 15444-15 7.4, 7.5), one bit-plane below the
//! clean-up pass.

use super::HtDecoder;
use super::bits::{BackwardBits, ForwardBits};

/// Rows of a stripe.
const STRIPE: usize = 4;

impl HtDecoder {
    /// Both passes over `segment`: the first is read forward, the second backward. `plane` is that
    /// of the clean-up pass, at least 1.
    pub(super) fn refine(
        &mut self,
        segment: &[u8],
        plane: u32,
        has_magnitudes: bool,
        vertically_causal: bool,
    ) {
        self.mark_significant();
        if has_magnitudes {
            self.refine_magnitudes(BackwardBits::of_refinements(segment), plane);
        }
        self.propagate(ForwardBits::new(segment), plane, vertically_causal);
    }

    /// Which samples the clean-up pass made significant, with a border of insignificant ones.
    fn mark_significant(&mut self) {
        let pitch = self.width + 2;
        self.significant.clear();
        self.significant.resize(pitch * (self.height + 2), false);
        for y in 0..self.height {
            for x in 0..self.width {
                let sample = self.sample(x, y);
                self.significant[(y + 1) * pitch + x + 1] = sample != 0;
            }
        }
    }

    /// Magnitude refinement: one more bit of each significant sample.
    fn refine_magnitudes(&mut self, mut bits: BackwardBits<'_>, plane: u32) {
        let half = 1 << (plane - 1);
        for (x, y) in stripe_order(self.width, self.height) {
            let sample = self.sample(x, y);
            if sample != 0 {
                bits.fill();
                let is_one = bits.window() as u32 & 1;
                bits.skip(1);
                // The middle of the larger interval gives way to that of the smaller.
                self.set_sample(x, y, sample ^ ((1 - is_one) << plane | half));
            }
        }
    }

    /// Significance propagation: groups of four columns, first significance, then signs.
    fn propagate(&mut self, mut bits: ForwardBits<'_>, plane: u32, vertically_causal: bool) {
        let mut fresh = Vec::with_capacity(STRIPE * STRIPE);
        for top in (0..self.height).step_by(STRIPE) {
            let bottom = (top + STRIPE).min(self.height);
            for left in (0..self.width).step_by(STRIPE) {
                for x in left..(left + STRIPE).min(self.width) {
                    for y in top..bottom {
                        let looks_below = !(vertically_causal && y + 1 == top + STRIPE);
                        if self.is_due(x, y, looks_below) && bits.bit() == 1 {
                            self.significant[(y + 1) * (self.width + 2) + x + 1] = true;
                            fresh.push((x, y));
                        }
                    }
                }
                for (x, y) in fresh.drain(..) {
                    self.set_sample(x, y, bits.bit() << 31 | 3 << (plane - 1));
                }
            }
        }
    }

    /// Whether a sample is insignificant among significant neighbours.
    fn is_due(&self, x: usize, y: usize, looks_below: bool) -> bool {
        let pitch = self.width + 2;
        let row = |y: usize| &self.significant[y * pitch + x..y * pitch + x + 3];
        let (above, own) = (row(y), row(y + 1));
        let any = |row: &[bool]| row[0] || row[1] || row[2];
        !own[1] && (any(above) || own[0] || own[2] || (looks_below && any(row(y + 2))))
    }
}

/// Columns of four within stripes of four rows.
fn stripe_order(width: usize, height: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..height).step_by(STRIPE).flat_map(move |top| {
        let rows = top..(top + STRIPE).min(height);
        (0..width).flat_map(move |x| rows.clone().map(move |y| (x, y)))
    })
}
