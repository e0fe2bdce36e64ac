//! Adaptive contexts: what has been learnt about prediction errors (T.87 A.3, A.6, A.7.2).

use core::hint::cold_path;

/// A context of regular mode, 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Context {
    /// A: sum of magnitudes.
    magnitudes: u32,
    /// N: occurrences.
    count: u32,
    /// B: bias.
    bias: i32,
    /// C: correction of the prediction, -128 to 127.
    correction: i16,
    /// Golomb parameter k, which follows from A and N: ready before the context is met again.
    k: u16,
}

impl Context {
    /// A context that has seen nothing.
    pub(super) fn new(range: i32) -> Self {
        let (magnitudes, count) = (initial_magnitude(range), 1);
        let k = golomb_parameter(count, magnitudes) as u16;
        Self { magnitudes, count, bias: 0, correction: 0, k }
    }

    /// Golomb parameter k.
    #[inline(always)]
    pub(super) fn golomb_parameter(&self) -> u32 {
        u32::from(self.k)
    }

    /// C: correction of the prediction, -128 to 127.
    #[inline(always)]
    pub(super) fn correction(&self) -> i32 {
        i32::from(self.correction)
    }

    /// The error that `mapped` stands for (A.5.2).
    #[inline(always)]
    pub(super) fn error(&self, mapped: u32, near: i32) -> i32 {
        // 0, -1, 1, -2, 2 …
        let error = (mapped >> 1).cast_signed() ^ -(mapped & 1).cast_signed();
        // Swapped: -1, 0, -2, 1, -3 …
        let is_swapped = self.k == 0 && near == 0 && 2 * self.bias <= -self.count.cast_signed();
        if is_swapped { !error } else { error }
    }

    /// What an error is mapped to (A.5.2): the inverse of [`Self::error`], for NEAR 0.
    #[inline(always)]
    pub(super) fn mapped(&self, error: i32) -> u32 {
        let is_swapped = self.k == 0 && 2 * self.bias <= -self.count.cast_signed();
        let error = if is_swapped { !error } else { error };
        // 0, -1, 1, -2, 2 …
        (error << 1 ^ error >> 31).cast_unsigned()
    }

    /// Learns from an error (A.6); `scale` is `2 · NEAR + 1`. Nobody can predict the bias: it chooses
    /// between values, not between branches.
    #[inline(always)]
    pub(super) fn update(&mut self, error: i32, scale: i32, reset: u32) {
        // Fewer than 65535 errors of at most 65536 and half of as many: no overflow.
        let mut magnitudes = self.magnitudes + error.unsigned_abs();
        let mut bias = self.bias + error * scale;
        let mut count = self.count;
        if count == reset {
            cold_path();
            (magnitudes, bias, count) = (magnitudes >> 1, bias >> 1, count >> 1);
        }
        count += 1;
        let step = count.cast_signed();
        // All ones where the bias is too low or too high.
        let (low, high) = ((bias + step - 1) >> 31, -bias >> 31);
        self.bias = (bias + (step & low) - (step & high)).max(1 - step).min(0);
        let mut correction = i32::from(self.correction) + low - high;
        if !(-128..=127).contains(&correction) {
            cold_path();
            correction -= low - high;
        }
        self.correction = correction as i16;
        self.k = golomb_parameter(count, magnitudes) as u16;
        (self.magnitudes, self.count) = (magnitudes, count);
    }
}

/// A context of run interruption samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RunContext {
    /// RItype: whether the samples left and above are alike.
    pub(super) alike: bool,
    magnitudes: u32,
    count: u32,
    /// Nn: negative errors.
    negatives: u32,
}

impl RunContext {
    /// A context that has seen nothing.
    pub(super) fn new(alike: bool, range: i32) -> Self {
        Self { alike, magnitudes: initial_magnitude(range), count: 1, negatives: 0 }
    }

    /// Golomb parameter k.
    pub(super) fn golomb_parameter(&self) -> u32 {
        let extra = if self.alike { self.count >> 1 } else { 0 };
        golomb_parameter(self.count, self.magnitudes.saturating_add(extra))
    }

    /// The error that `mapped` stands for (A.7.2.2), `k` the parameter it was read with.
    pub(super) fn error(&self, mapped: u32, k: u32) -> i32 {
        let twice = mapped + u32::from(self.alike);
        let odd = twice & 1 == 1;
        let magnitude = twice.div_ceil(2).cast_signed();
        let odd_is_negative = k != 0 || 2 * self.negatives >= self.count;
        if odd_is_negative == odd { -magnitude } else { magnitude }
    }

    /// What an error is mapped to (A.7.2.2), `k` the parameter it is written with.
    pub(super) fn mapped(&self, error: i32, k: u32) -> u32 {
        let odd_is_negative = k != 0 || 2 * self.negatives >= self.count;
        let is_odd = error != 0 && (error < 0) == odd_is_negative;
        2 * error.unsigned_abs() - u32::from(self.alike) - u32::from(is_odd)
    }

    /// Learns from an error and the value it was mapped to.
    pub(super) fn update(&mut self, error: i32, mapped: u32, reset: u32) {
        self.negatives += u32::from(error < 0);
        let magnitude = (mapped + 1 - u32::from(self.alike)) >> 1;
        self.magnitudes = self.magnitudes.saturating_add(magnitude);
        if self.count == reset {
            self.magnitudes >>= 1;
            self.count >>= 1;
            self.negatives >>= 1;
        }
        self.count += 1;
    }
}

fn initial_magnitude(range: i32) -> u32 {
    ((range + 32) / 64).max(2).cast_unsigned()
}

/// Smallest k with `count · 2^k ≥ magnitudes` (A.5.1); `count` is not 0.
#[inline(always)]
fn golomb_parameter(count: u32, magnitudes: u32) -> u32 {
    // As many bits, and one more where that is not enough; none where `count` has more.
    let k = count.leading_zeros() - (magnitudes | count).leading_zeros();
    k + u32::from(count << k < magnitudes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golomb_parameter_is_the_smallest_that_holds() {
        let slowly = |count: u64, magnitudes: u64| (0..).find(|&k| count << k >= magnitudes);
        for count in 1..=300 {
            for magnitudes in (0..2000).chain([65_535, 65_536, 4_000_000, u32::MAX]) {
                let expected = slowly(count.into(), magnitudes.into());
                assert_eq!(Some(golomb_parameter(count, magnitudes)), expected);
            }
        }
    }

    #[test]
    fn errors_alternate_and_are_swapped_where_the_bias_is_low() {
        let errors = |context: Context, near| [0, 1, 2, 3, 4].map(|m| context.error(m, near));
        let biased = Context { magnitudes: 5, count: 8, bias: -4, correction: 0, k: 0 };
        let (alternating, swapped) = ([0, -1, 1, -2, 2], [-1, 0, -2, 1, -3]);
        assert_eq!(errors(biased, 0), swapped);
        assert_eq!(errors(biased, 1), alternating);
        assert_eq!(errors(Context { bias: -3, ..biased }, 0), alternating);
        assert_eq!(errors(Context { k: 1, ..biased }, 0), alternating);
    }

    #[test]
    fn mapping_is_the_inverse_of_reading() {
        for (bias, k, negatives) in [(-4, 0, 0), (-3, 0, 4), (-4, 1, 3), (0, 2, 8)] {
            let context = Context { magnitudes: 5, count: 8, bias, correction: 0, k };
            let run = |alike| RunContext { alike, magnitudes: 5, count: 8, negatives };
            for error in -9..=9 {
                assert_eq!(context.error(context.mapped(error), 0), error);
                // Where the neighbours are alike a run is interrupted by another value only.
                for run in [run(false), run(true)].iter().filter(|run| !run.alike || error != 0) {
                    assert_eq!(run.error(run.mapped(error, k.into()), k.into()), error);
                }
            }
        }
    }

    #[test]
    fn bias_moves_the_correction_by_one() {
        let mut context = Context::new(256);
        context.update(-9, 1, 64);
        assert_eq!((context.bias, context.correction, context.count), (-1, -1, 2));
        context.update(1, 1, 64);
        assert_eq!((context.bias, context.correction), (0, -1));
        context.update(100, 1, 64);
        assert_eq!((context.bias, context.correction), (0, 0));
        context.update(-1, 1, 64);
        assert_eq!((context.bias, context.correction), (-1, 0));
    }
}
