//! Coding parameters of a scan: preset or default thresholds and what follows from them
//! (T.87 A.2.1, C.2.4.1).

use core::hint::cold_path;

/// Preset parameters of an LSE segment; 0 stands for the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Preset {
    /// MAXVAL.
    pub(super) max_value: u16,
    /// T1, T2, T3.
    pub(super) thresholds: [u16; 3],
    /// RESET.
    pub(super) reset: u16,
}

/// All parameters of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parameters {
    /// MAXVAL: largest sample.
    pub(super) max_value: i32,
    /// NEAR: largest difference of a decoded sample from the original.
    pub(super) near: i32,
    /// T1 ≤ T2 ≤ T3.
    pub(super) thresholds: [i32; 3],
    /// RESET: when counters are halved.
    pub(super) reset: u32,
    /// RANGE of prediction errors.
    pub(super) range: i32,
    /// qbpp: bits of an error that is written as it is.
    pub(super) error_bits: u32,
    /// RANGE is all values of MAXVAL's bits and NEAR is 0: adding modulo RANGE is dropping high bits.
    pub(super) is_modulo: bool,
    /// Largest value that an error can be mapped to.
    pub(super) largest_mapped: u32,
    /// Zeros that announce an error written as it is: LIMIT - qbpp - 1.
    pub(super) escape: u32,
}

impl Parameters {
    /// Completes and checks them for samples of `precision` bits; `None` where they are not allowed.
    pub(super) fn new(precision: u32, near: u8, preset: Preset) -> Option<Self> {
        let largest = (1 << precision) - 1;
        let max_value = or_default(preset.max_value, largest);
        let near = i32::from(near);
        if max_value > largest || near > 255.min(max_value / 2) {
            return None;
        }
        let defaults = default_thresholds(max_value, near);
        let [t1, t2, t3] = [0, 1, 2].map(|i| or_default(preset.thresholds[i], defaults[i]));
        let reset = or_default(preset.reset, 64);
        let ordered = near < t1 && t1 <= t2 && t2 <= t3 && t3 <= max_value;
        if !ordered || !(3..=max_value.max(255)).contains(&reset) {
            return None;
        }
        let range = (max_value + 2 * near) / (2 * near + 1) + 1;
        let bits = bits_of(max_value).max(2);
        let (limit, error_bits) = (2 * (bits + bits.max(8)), bits_of(range - 1));
        Some(Self {
            max_value,
            near,
            thresholds: [t1, t2, t3],
            reset: reset.cast_unsigned(),
            range,
            is_modulo: near == 0 && range.cast_unsigned().is_power_of_two(),
            error_bits,
            largest_mapped: 2 * range.cast_unsigned(),
            escape: limit - error_bits - 1,
        })
    }
}

impl Parameters {
    /// A difference of samples modulo RANGE, from -RANGE / 2 on (T.87 A.4.5), where NEAR is 0.
    #[inline(always)]
    pub(super) fn wrapped(&self, difference: i32) -> i32 {
        match difference {
            low if low < -(self.range / 2) => low + self.range,
            high if high >= (self.range + 1) / 2 => high - self.range,
            within => within,
        }
    }

    /// Adds an error modulo RANGE (T.87 A.4.5).
    #[inline(always)]
    pub(super) fn reconstruct(&self, prediction: i32, error: i32) -> i32 {
        let Self { max_value, near, range, .. } = *self;
        let scale = 2 * near + 1;
        let sample = prediction + error * scale;
        if (0..=max_value).contains(&sample) {
            return sample;
        }
        cold_path();
        let wrapped = match sample {
            sample if sample < -near => sample + range * scale,
            sample if sample > max_value + near => sample - range * scale,
            sample => sample,
        };
        wrapped.max(0).min(max_value)
    }
}

fn or_default(value: u16, default: i32) -> i32 {
    if value == 0 { default } else { i32::from(value) }
}

/// Bits that values up to `largest` take: ⌈log2(largest + 1)⌉.
fn bits_of(largest: i32) -> u32 {
    i32::BITS - largest.leading_zeros()
}

/// T.87 C.2.4.1.1.
fn default_thresholds(max_value: i32, near: i32) -> [i32; 3] {
    const BASIC: [i32; 3] = [3, 7, 21];
    let step = [3 * near, 5 * near, 7 * near];
    let value = |i: usize| {
        let smallest = i as i32 + 2;
        if max_value >= 128 {
            let factor = (max_value.min(4095) + 128) / 256;
            factor * (BASIC[i] - smallest) + smallest + step[i]
        } else {
            let factor = 256 / (max_value + 1);
            smallest.max(BASIC[i] / factor + step[i])
        }
    };
    let clamp = |value: i32, low: i32| if value > max_value || value < low { low } else { value };
    let first = clamp(value(0), near + 1);
    let second = clamp(value(1), first);
    [first, second, clamp(value(2), second)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default(precision: u32, near: u8) -> Parameters {
        Parameters::new(precision, near, Preset::default()).expect("defaults are allowed")
    }

    #[test]
    fn defaults_are_those_of_the_standard() {
        // T.87 table C.3 for 8 bits; 12 bits and more share FACTOR 16.
        assert_eq!(default(8, 0).thresholds, [3, 7, 21]);
        assert_eq!(default(12, 0).thresholds, [18, 67, 276]);
        assert_eq!(default(16, 0).thresholds, [18, 67, 276]);
        assert_eq!(default(8, 2).thresholds, [9, 17, 35]);
        assert_eq!(default(2, 0).thresholds, [2, 3, 3]);
    }

    #[test]
    fn derived_values_are_those_of_the_standard() {
        let lossless = default(8, 0);
        assert_eq!((lossless.range, lossless.error_bits, lossless.escape), (256, 8, 23));
        let near = default(8, 3);
        assert_eq!((near.range, near.error_bits, near.escape), (38, 6, 25));
        let deep = default(16, 0);
        assert_eq!((deep.range, deep.error_bits, deep.escape), (65536, 16, 47));
        let shallow = default(2, 0);
        assert_eq!((shallow.range, shallow.error_bits, shallow.escape), (4, 2, 17));
    }

    #[test]
    fn contradictions_are_refused() {
        let preset = |max_value, thresholds, reset| {
            Parameters::new(8, 1, Preset { max_value, thresholds, reset })
        };
        assert!(preset(200, [4, 5, 6], 31).is_some());
        assert!(preset(256, [0; 3], 0).is_none());
        assert!(preset(0, [5, 4, 6], 0).is_none());
        assert!(preset(0, [1, 4, 6], 0).is_none());
        assert!(preset(100, [4, 5, 101], 0).is_none());
        assert!(preset(0, [0; 3], 2).is_none());
        assert!(preset(0, [0; 3], 256).is_none());
        assert!(Parameters::new(8, 128, Preset::default()).is_none());
    }
}
