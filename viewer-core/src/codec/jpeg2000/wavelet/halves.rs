//! Horizontal synthesis: one row of samples from its low-pass and its high-pass half.

use super::Kernel;

/// The low-pass and the high-pass half of a row, each with one more element at both ends.
pub(super) struct Halves<S> {
    low: Vec<S>,
    high: Vec<S>,
    odd: bool,
}

impl<S: Copy + Default> Halves<S> {
    pub(super) fn new(columns: usize, low_columns: usize, odd: bool) -> Self {
        let half = |count: usize| vec![S::default(); count + 2];
        Self { low: half(low_columns), high: half(columns - low_columns), odd }
    }

    pub(super) fn set_low(&mut self, row: &[S]) {
        let end = self.low.len() - 1;
        self.low[1..end].copy_from_slice(row);
    }

    pub(super) fn set_high(&mut self, row: &[S]) {
        let end = self.high.len() - 1;
        self.high[1..end].copy_from_slice(row);
    }

    /// Makes a row of samples of the two halves, which are lost.
    pub(super) fn synthesise<K: Kernel<Sample = S>>(&mut self, row: &mut [S]) {
        if let [only] = row {
            let half = if self.odd { &self.high } else { &self.low };
            *only = K::lone(half[1], self.odd);
            return;
        }
        for step in 0..K::STEPS {
            // A low-pass coefficient comes before the high-pass one of the same number, or after it.
            let is_high = step % 2 == 1;
            let shift = usize::from(is_high != self.odd);
            let (targets, others) = match is_high {
                true => (&mut self.high, &mut self.low),
                false => (&mut self.low, &mut self.high),
            };
            mirror(others);
            let count = targets.len() - 2;
            let (before, after) = (&others[shift..], &others[shift + 1..]);
            K::lift(step, &mut targets[1..=count], &before[..count], &after[..count]);
        }
        let (low, high) = (&self.low[1..self.low.len() - 1], &self.high[1..self.high.len() - 1]);
        if self.odd { interleave(high, low, row) } else { interleave(low, high, row) }
    }
}

/// Repeats the ends: what mirroring at the edge of a row comes to for every second sample.
fn mirror<S: Copy>(half: &mut [S]) {
    if let [before, first, .., last, after] = half {
        (*before, *after) = (*first, *last);
    } else if let [before, only, after] = half {
        (*before, *after) = (*only, *only);
    }
}

fn interleave<S: Copy>(even: &[S], odd: &[S], row: &mut [S]) {
    let (pairs, last) = row.as_chunks_mut::<2>();
    for ((pair, &even), &odd) in pairs.iter_mut().zip(even).zip(odd) {
        *pair = [even, odd];
    }
    if let ([last], Some(&even)) = (last, even.last()) {
        *last = even;
    }
}
