//! Adaptive contexts: what has been learnt about prediction errors (T.87 A.3, A.6, A.7.2).

/// A context of regular mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Context {
    /// A: sum of magnitudes.
    magnitudes: u32,
    /// N: occurrences.
    count: u32,
    /// B: bias.
    bias: i32,
    /// C: correction of the prediction, -128 to 127.
    pub(super) correction: i32,
}

impl Context {
    /// A context that has seen nothing.
    pub(super) fn new(range: i32) -> Self {
        Self { magnitudes: initial_magnitude(range), count: 1, bias: 0, correction: 0 }
    }

    /// Golomb parameter k.
    pub(super) fn golomb_parameter(&self) -> u32 {
        golomb_parameter(self.count, self.magnitudes)
    }

    /// Whether errors are mapped with signs swapped (A.5.2; only for k = 0 and NEAR = 0).
    pub(super) fn is_biased_down(&self) -> bool {
        2 * self.bias <= -self.count.cast_signed()
    }

    /// Learns from an error (A.6); `scale` is `2 · NEAR + 1`.
    pub(super) fn update(&mut self, error: i32, scale: i32, reset: u32) {
        self.bias += error * scale;
        self.magnitudes = self.magnitudes.saturating_add(error.unsigned_abs());
        if self.count == reset {
            self.magnitudes >>= 1;
            self.bias >>= 1;
            self.count >>= 1;
        }
        self.count += 1;
        let count = self.count.cast_signed();
        if self.bias <= -count {
            self.bias = (self.bias + count).max(1 - count);
            self.correction = (self.correction - 1).max(-128);
        } else if self.bias > 0 {
            self.bias = (self.bias - count).min(0);
            self.correction = (self.correction + 1).min(127);
        }
    }
}

/// A context of run interruption samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RunContext {
    /// RItype: whether the samples left and above are alike.
    alike: bool,
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

/// Smallest k with `count · 2^k ≥ magnitudes` (A.5.1).
fn golomb_parameter(count: u32, magnitudes: u32) -> u32 {
    let mut k = 0;
    while (u64::from(count) << k) < u64::from(magnitudes) {
        k += 1;
    }
    k
}
