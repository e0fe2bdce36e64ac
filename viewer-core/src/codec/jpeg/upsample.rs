//! Chroma planes → full size, the way libjpeg does it by default (`jdsample.c`): a triangle filter
//! for factors of 2, replication for all others.

/// A sample of 8 or of up to 12 bits, so that sixteen of them make no more than 16 bits.
pub(super) trait Sample: Copy + Default + Into<u16> {
    /// A value that fits.
    fn from_value(value: u16) -> Self;
}

impl Sample for u8 {
    fn from_value(value: u16) -> Self {
        value as Self
    }
}

impl Sample for u16 {
    fn from_value(value: u16) -> Self {
        value
    }
}

/// A component plane as it was coded: `columns × rows` samples that count, in lines of `stride`.
pub(super) struct Plane<T> {
    pub(super) samples: Vec<T>,
    pub(super) stride: usize,
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl<T> Plane<T> {
    fn line(&self, row: usize) -> &[T] {
        let start = row.min(self.rows.saturating_sub(1)) * self.stride;
        self.samples.get(start..start + self.columns).unwrap_or_default()
    }
}

/// Lines of the full-size plane.
pub(super) struct Upsampled<'p, T> {
    plane: &'p Plane<T>,
    /// How many times wider and higher the full plane is.
    factors: [usize; 2],
    /// Columns of the full plane.
    columns: usize,
    line: Vec<T>,
    /// A line of the plane as the triangle filter wants it, see [`triangle`].
    weighted: Vec<u16>,
}

impl<'p, T: Sample> Upsampled<'p, T> {
    /// Lines of `columns × rows` samples; `None` if the plane is too small for that.
    pub(super) fn new(
        plane: &'p Plane<T>,
        factors: [usize; 2],
        [columns, rows]: [usize; 2],
    ) -> Option<Self> {
        let [across, down] = factors;
        let enough = plane.columns * across >= columns && plane.rows * down >= rows;
        let held = plane.rows.checked_sub(1)? * plane.stride + plane.columns;
        if !enough || held > plane.samples.len() || across == 0 || down == 0 {
            return None;
        }
        let line = vec![T::default(); plane.columns * across];
        Some(Self { plane, factors, columns, line, weighted: vec![0; plane.columns + 2] })
    }

    /// A line of the full plane.
    pub(super) fn line(&mut self, row: usize) -> &[T] {
        let line = if self.factors == [1, 1] {
            self.plane.line(row)
        } else {
            fill_line(self.plane, self.factors, row, &mut self.line, &mut self.weighted);
            &self.line
        };
        line.get(..self.columns).unwrap_or_default()
    }
}

fn fill_line<T: Sample>(
    plane: &Plane<T>,
    factors: [usize; 2],
    row: usize,
    line: &mut [T],
    weighted: &mut [u16],
) {
    let [across, down] = factors;
    let near = plane.line(row / down);
    // The line on the other side of the full-size line: above for the first, below for the second.
    let far = || match row % 2 {
        0 => plane.line((row / 2).saturating_sub(1)),
        _ => plane.line(row / 2 + 1),
    };
    let wide = plane.columns > 2;
    match factors {
        [2, 1] if wide => {
            weigh(weighted, near.iter().map(|&v| v.into()));
            triangle::<T, 2>(weighted, line, [1, 2]);
        }
        [2, 2] if wide => {
            weigh(weighted, near.iter().zip(far()).map(|(&n, &f)| 3 * n.into() + f.into()));
            triangle::<T, 4>(weighted, line, [8, 7]);
        }
        [1, 2] => {
            let bias = if row.is_multiple_of(2) { 1 } else { 2 };
            for ((out, &n), &f) in line.iter_mut().zip(near).zip(far()) {
                *out = T::from_value((3 * n.into() + f.into() + bias) >> 2);
            }
        }
        _ => line.chunks_mut(across).zip(near).for_each(|(out, &v)| out.fill(v)),
    }
}

/// Puts `values` between copies of the first and the last one.
fn weigh(weighted: &mut [u16], values: impl Iterator<Item = u16>) {
    let [_, inner @ .., _] = weighted else { return };
    inner.iter_mut().zip(values).for_each(|(place, value)| *place = value);
    let (Some(&first), Some(&last)) = (inner.first(), inner.last()) else { return };
    if let [before, .., after] = weighted {
        (*before, *after) = (first, last);
    }
}

/// Two samples for each of the inner `values`, three quarters of it and one of its neighbour on that side;
/// `bias` rounds the left and the right one, `SHIFT` divides.
fn triangle<T: Sample, const SHIFT: u32>(values: &[u16], line: &mut [T], bias: [u16; 2]) {
    let pairs = line.as_chunks_mut::<2>().0.iter_mut();
    for (pair, &[left, this, right]) in pairs.zip(values.array_windows::<3>()) {
        *pair = [
            T::from_value((3 * this + left + bias[0]) >> SHIFT),
            T::from_value((3 * this + right + bias[1]) >> SHIFT),
        ];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(samples: &[u8], size: [usize; 2], factors: [usize; 2], out: [usize; 2]) -> Vec<u8> {
        let plane =
            Plane { samples: samples.to_vec(), stride: size[0], columns: size[0], rows: size[1] };
        let mut lines = Upsampled::new(&plane, factors, out).expect("the plane is large enough");
        (0..out[1]).flat_map(|row| lines.line(row).to_vec()).collect()
    }

    #[test]
    fn halves_are_interpolated_with_alternating_bias() {
        let line = full(&[10, 21, 40], [3, 1], [2, 1], [6, 1]);
        assert_eq!(line, [10, 13, 18, 26, 35, 40]);
        let column = full(&[10, 21, 40], [1, 3], [1, 2], [1, 5]);
        assert_eq!(column, [10, 13, 18, 26, 35]);
    }

    #[test]
    fn both_ways_round_once() {
        let square = full(&[0, 8, 16, 32, 64, 128], [3, 2], [2, 2], [6, 4]);
        // First line: the plane's own; second: 3/4 of it and 1/4 of the next one.
        assert_eq!(square[..6], [0, 2, 6, 10, 14, 16]);
        assert_eq!(square[6..12], [8, 11, 19, 27, 39, 44]);
    }

    #[test]
    fn narrow_planes_and_other_factors_replicate() {
        assert_eq!(full(&[1, 9], [2, 1], [2, 1], [3, 1]), [1, 1, 9]);
        assert_eq!(full(&[1, 9], [2, 1], [4, 1], [7, 1]), [1, 1, 1, 1, 9, 9, 9]);
        assert_eq!(full(&[1, 9], [1, 2], [2, 4], [2, 5]), [1, 1, 1, 1, 1, 1, 1, 1, 9, 9]);
    }

    #[test]
    fn deep_samples_do_not_wrap() {
        let samples = vec![4095, 4095, 0];
        let plane = Plane::<u16> { samples, stride: 3, columns: 3, rows: 1 };
        let mut lines = Upsampled::new(&plane, [2, 2], [6, 2]).expect("large enough");
        assert_eq!(lines.line(1), [4095, 4095, 4095, 3071, 1024, 0]);
    }

    #[test]
    fn a_plane_that_is_too_small_is_refused() {
        let plane = Plane { samples: vec![1u8, 2, 3], stride: 2, columns: 2, rows: 2 };
        assert!(Upsampled::new(&plane, [1, 1], [2, 2]).is_none());
        let plane = Plane { samples: vec![1u8, 2, 3, 4], stride: 2, columns: 2, rows: 2 };
        assert!(Upsampled::new(&plane, [1, 1], [3, 2]).is_none());
    }
}
