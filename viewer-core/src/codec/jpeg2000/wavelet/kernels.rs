//! Lifting steps of the two wavelets (ISO/IEC 15444-1 F.3.8).

/// A wavelet as lifting steps: even ones change low-pass coefficients, odd ones high-pass ones.
pub(in crate::codec::jpeg2000) trait Kernel {
    /// What it works on.
    type Sample: Copy + Default;
    /// Number of steps.
    const STEPS: usize;
    /// A coefficient of `half` halves; `factor` includes that it is halved.
    fn coefficient(half: i32, factor: f32) -> Self::Sample;
    /// Changes `targets` by their neighbours; all three have the same length.
    fn lift(
        step: usize,
        targets: &mut [Self::Sample],
        before: &[Self::Sample],
        after: &[Self::Sample],
    );
    /// The only coefficient of a line, at an even or odd place.
    fn lone(coefficient: Self::Sample, odd: bool) -> Self::Sample;
}

/// 5/3 on integers (F.3.8.2). Wraps where a damaged codestream has coefficients no image has.
pub(in crate::codec::jpeg2000) struct Reversible;

impl Kernel for Reversible {
    type Sample = i32;
    const STEPS: usize = 2;

    /// Without the factor; the fraction that a cut block has is dropped (E.1.2).
    #[inline(always)]
    fn coefficient(half: i32, _factor: f32) -> i32 {
        half / 2
    }

    #[inline(always)]
    fn lift(step: usize, targets: &mut [i32], before: &[i32], after: &[i32]) {
        let neighbours = before.iter().zip(after).map(|(&a, &b)| a.wrapping_add(b));
        let targets = targets.iter_mut().zip(neighbours);
        if step == 0 {
            targets.for_each(|(t, sum)| *t = t.wrapping_sub(sum.wrapping_add(2) >> 2));
        } else {
            targets.for_each(|(t, sum)| *t = t.wrapping_add(sum >> 1));
        }
    }

    fn lone(coefficient: i32, odd: bool) -> i32 {
        if odd { coefficient >> 1 } else { coefficient }
    }
}

/// 9/7 on floating-point numbers (F.3.8.1). Its scaling is left to the dequantisation, see
/// [`IRREVERSIBLE_GAIN`].
pub(in crate::codec::jpeg2000) struct Irreversible;

/// K: low-pass coefficients are to be multiplied by it, high-pass ones divided, once horizontally
/// and once vertically in each level.
pub(in crate::codec::jpeg2000) const IRREVERSIBLE_GAIN: f32 = 1.230_174_1;

/// -delta, -gamma, -beta, -alpha.
const FACTORS: [f32; 4] = [-0.443_506_85, -0.882_911_1, 0.052_980_12, 1.586_134_3];

impl Kernel for Irreversible {
    type Sample = f32;
    const STEPS: usize = 4;

    #[inline(always)]
    fn coefficient(half: i32, factor: f32) -> f32 {
        half as f32 * factor
    }

    #[inline(always)]
    fn lift(step: usize, targets: &mut [f32], before: &[f32], after: &[f32]) {
        let factor = FACTORS[step & 3];
        for ((target, &a), &b) in targets.iter_mut().zip(before).zip(after) {
            *target += factor * (a + b);
        }
    }

    /// A lone coefficient is not scaled, or only halved: takes the scaling back.
    fn lone(coefficient: f32, odd: bool) -> f32 {
        if odd {
            coefficient * (IRREVERSIBLE_GAIN * 0.5)
        } else {
            coefficient * (1.0 / IRREVERSIBLE_GAIN)
        }
    }
}
