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
        match samples {
            StoredSamples::U8(values) => of_integers(values, padding),
            StoredSamples::I8(values) => of_integers(values, padding),
            StoredSamples::U16(values) => of_integers(values, padding),
            StoredSamples::I16(values) => of_integers(values, padding),
            StoredSamples::U32(values) => of_integers(values, padding),
            StoredSamples::I32(values) => of_integers(values, padding),
            StoredSamples::F32(values) => of_floats(values, padding),
            StoredSamples::F64(values) => of_floats(values, padding),
        }
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

/// Every frame that comes is asked: whole numbers are compared as they are, several at a time.
fn of_integers<T: Integer>(values: &[T], padding: Option<[f64; 2]>) -> Option<StoredRange> {
    let [first, last] = T::within(padding);
    let [low, high] = if padding.is_none() {
        ends(values.iter().copied())
    } else {
        let is_padding = |value: T| first <= value && value <= last;
        let or = |other: T| values.iter().map(move |&v| if is_padding(v) { other } else { v });
        [or(T::MOST).fold(T::MOST, T::min), or(T::LEAST).fold(T::LEAST, T::max)]
    };
    let full = (low <= high).then(|| [low, high].map(Into::into))?;
    let spread = values.iter().step_by(step(values.len())).copied();
    let counted = spread.filter(|value| *value < first || *value > last);
    let central = central(counted.map(Into::into).collect()).unwrap_or(full);
    Some(StoredRange { full, central })
}

/// The least and the most; the other way round where there are none.
fn ends<T: Integer>(values: impl Iterator<Item = T> + Clone) -> [T; 2] {
    [values.clone().fold(T::MOST, T::min), values.fold(T::LEAST, T::max)]
}

fn of_floats<T: Copy + Into<f64>>(values: &[T], padding: Option<[f64; 2]>) -> Option<StoredRange> {
    let counts = |value: &f64| {
        !value.is_nan() && padding.is_none_or(|[low, high]| *value < low || *value > high)
    };
    let numbers = || values.iter().map(|&value| value.into());
    let full = numbers().filter(counts).map(|value| [value; 2]).reduce(union)?;
    let spread = numbers().step_by(step(values.len())).filter(counts).collect();
    let central = central(spread).unwrap_or(full);
    Some(StoredRange { full, central })
}

fn step(values: usize) -> usize {
    (values / LOOKED_AT) | 1
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

/// Whole numbers of a kind.
trait Integer: Copy + Ord + Into<f64> {
    const LEAST: Self;
    const MOST: Self;

    /// The least and the most of them that are between two numbers; the other way round where none is.
    fn within(numbers: Option<[f64; 2]>) -> [Self; 2];
}

macro_rules! integer {
    ($($kind:ty)*) => { $(
        impl Integer for $kind {
            const LEAST: Self = Self::MIN;
            const MOST: Self = Self::MAX;

            fn within(numbers: Option<[f64; 2]>) -> [Self; 2] {
                let ends = numbers.map(|[low, high]| [low.ceil(), high.floor()]);
                match ends {
                    Some([low, high])
                        if low <= high && low <= Self::MAX.into() && high >= Self::MIN.into() =>
                    {
                        // The casts saturate, at ends that are beyond the last number.
                        [low as Self, high as Self]
                    }
                    _ => [Self::MAX, Self::MIN],
                }
            }
        }
    )* };
}

integer!(u8 i8 u16 i16 u32 i32);

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
    fn padding_may_lie_between_and_beyond_whole_numbers() {
        let bytes = StoredSamples::U8((0..=255).collect());
        let full = |padding| StoredRange::of(&bytes, padding).map(|range| range.full);
        assert_eq!(full(Some([-0.5, 9.5])), Some([10.0, 255.0]));
        assert_eq!(full(Some([254.5, 1e9])), Some([0.0, 254.0]));
        for outside in [[-9.0, -1.0], [256.0, 300.0], [3.2, 3.8], [9.0, 3.0], [f64::NAN, 3.0]] {
            assert_eq!(full(Some(outside)), Some([0.0, 255.0]), "{outside:?}");
        }
        assert_eq!(full(Some([-1e9, 1e9])), None);
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
