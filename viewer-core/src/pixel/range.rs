//! Ranges of the stored values of a frame: what automatic windows are made of.

use serde::{Deserialize, Serialize};

use super::samples::StoredSamples;

/// Smallest and largest stored value of one frame or several; padding and NaN are left out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredRange {
    /// Of all values.
    pub full: [f64; 2],
    /// Of the values that an automatic window is for: see [`Self::of`].
    pub central: [f64; 2],
}

/// How many values, evenly spread over the frame, the central range is found from.
const LOOKED_AT: usize = 8192;
/// Share of the values beyond either end of the central range.
const TAIL: f64 = 0.005;
/// Masks and label maps have no more different values than this: none of them is a tail.
const FEW_VALUES: usize = 16;

impl StoredRange {
    /// The ranges of a frame whose values in `padding` (inclusive) do not count; `None` where no
    /// value does.
    ///
    /// The central range goes from the 0.5th to the 99.5th percentile of every n-th value (n odd, about
    /// 8192 values): a metal implant or a burnt-in mark does not darken the rest. It is the full
    /// range where there are no more than 16 different values, or where it would be empty.
    #[must_use]
    pub fn of(samples: &StoredSamples, padding: Option<[f64; 2]>) -> Option<Self> {
        let counts = |value: &f64| {
            !value.is_nan() && padding.is_none_or(|[low, high]| *value < low || *value > high)
        };
        let full = match padding {
            None => samples.range(),
            Some(_) => {
                let values = (0..samples.len()).filter_map(|index| samples.value(index));
                values.filter(counts).map(|value| [value; 2]).reduce(union)
            }
        }?;
        let step = (samples.len() / LOOKED_AT) | 1;
        let spread = (0..samples.len()).step_by(step).filter_map(|index| samples.value(index));
        let central = central(spread.filter(counts).collect()).unwrap_or(full);
        Some(Self { full, central })
    }

    /// The ranges of both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self { full: union(self.full, other.full), central: union(self.central, other.central) }
    }
}

/// Where nothing more is known.
impl From<[f64; 2]> for StoredRange {
    fn from(full: [f64; 2]) -> Self {
        Self { full, central: full }
    }
}

fn union(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0].min(b[0]), a[1].max(b[1])]
}

fn central(mut values: Vec<f64>) -> Option<[f64; 2]> {
    let tail = (values.len() as f64 * TAIL) as usize;
    let last = values.len().checked_sub(1 + tail)?;
    // Two of them in their places, not all: a third of the time of sorting.
    let ends = [tail, last].map(|n| *values.select_nth_unstable_by(n, f64::total_cmp).1);
    (has_many_values(&values) && ends[0] < ends[1]).then_some(ends)
}

/// Whether there are more different values than a mask has.
fn has_many_values(values: &[f64]) -> bool {
    let mut found = Vec::with_capacity(FEW_VALUES + 1);
    values.iter().any(|value| {
        if !found.contains(value) {
            found.push(*value);
        }
        found.len() > FEW_VALUES
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0 … 999, each ten times, one outlier on either side, and a lot of padding.
    fn slice() -> StoredSamples {
        let picture = (0..10_000).map(|i| i % 1000);
        let padding = std::iter::repeat_n(-2000, 5000);
        StoredSamples::I16(picture.chain([-900, 30_000]).chain(padding).collect())
    }

    #[test]
    fn tails_and_padding_are_left_out() {
        let found = StoredRange::of(&slice(), Some([-2000.0, -1990.0])).expect("values");
        assert_eq!(found.full, [-900.0, 30_000.0]);
        let [low, high] = found.central;
        assert!((4.0..=6.0).contains(&low) && (993.0..=995.0).contains(&high), "{found:?}");
        let with_padding = StoredRange::of(&slice(), None).expect("values");
        assert_eq!(with_padding.full, [-2000.0, 30_000.0]);
        assert_eq!(with_padding.central[0], -2000.0);
    }

    #[test]
    fn few_values_are_all_meant() {
        let mut mask = vec![0; 9999];
        mask.push(7);
        let found = StoredRange::of(&StoredSamples::U16(mask), None);
        assert_eq!(found, Some([0.0, 7.0].into()));
    }

    #[test]
    fn a_frame_of_padding_and_nan_has_no_range() {
        let blank = StoredSamples::F32(vec![f32::NAN, -1.0, f32::NAN]);
        assert_eq!(StoredRange::of(&blank, Some([-1.0, -1.0])), None);
        assert_eq!(StoredRange::of(&StoredSamples::U8(Vec::new()), None), None);
    }

    #[test]
    fn large_frames_are_looked_at_here_and_there() {
        let ramp = StoredSamples::U32((0..1_000_000).collect());
        let [low, high] = StoredRange::of(&ramp, None).expect("values").central;
        assert!((low - 5000.0).abs() < 300.0 && (high - 995_000.0).abs() < 300.0, "{low} {high}");
    }

    #[test]
    fn unions_cover_both() {
        let one = StoredRange { full: [0.0, 10.0], central: [1.0, 9.0] };
        let other = StoredRange { full: [-5.0, 7.0], central: [-4.0, 6.0] };
        let both = StoredRange { full: [-5.0, 10.0], central: [-4.0, 9.0] };
        assert_eq!(one.union(other), both);
    }
}
