//! Chroma planes → full size, the way libjpeg does it by default (`jdsample.c`): a triangle filter
//! for factors of 2, replication for all others.

/// A sample of 8 or of up to 16 bits.
pub(super) trait Sample: Copy + Default + Into<i32> {
    /// A value that fits.
    fn from_value(value: i32) -> Self;
}

impl Sample for u8 {
    fn from_value(value: i32) -> Self {
        value as Self
    }
}

impl Sample for u16 {
    fn from_value(value: i32) -> Self {
        value as Self
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
        Some(Self { plane, factors, columns, line: vec![T::default(); plane.columns * across] })
    }

    /// A line of the full plane.
    pub(super) fn line(&mut self, row: usize) -> &[T] {
        let line = if self.factors == [1, 1] {
            self.plane.line(row)
        } else {
            fill_line(self.plane, self.factors, row, &mut self.line);
            &self.line
        };
        line.get(..self.columns).unwrap_or_default()
    }
}

fn fill_line<T: Sample>(plane: &Plane<T>, factors: [usize; 2], row: usize, line: &mut [T]) {
    let [across, down] = factors;
    let near = plane.line(row / down);
    // The line on the other side of the full-size line: above for the first, below for the second.
    let far = || match row % 2 {
        0 => plane.line((row / 2).saturating_sub(1)),
        _ => plane.line(row / 2 + 1),
    };
    let wide = plane.columns > 2;
    match factors {
        [2, 1] if wide => triangle(near.iter().map(|&v| v.into()), line, [1, 2], 2),
        [2, 2] if wide => {
            let sums = near.iter().zip(far()).map(|(&n, &f)| 3 * n.into() + f.into());
            triangle(sums, line, [8, 7], 4);
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

/// Two samples for each of `values`, three quarters of it and one of its neighbour on that side;
/// `bias` rounds the left and the right one, `shift` divides.
fn triangle<T: Sample>(
    values: impl Iterator<Item = i32>,
    line: &mut [T],
    bias: [i32; 2],
    shift: i32,
) {
    let mut values = values.peekable();
    let mut left = None;
    for pair in line.as_chunks_mut::<2>().0 {
        let Some(this) = values.next() else { return };
        let right = values.peek().copied().unwrap_or(this);
        *pair = [
            T::from_value((3 * this + left.unwrap_or(this) + bias[0]) >> shift),
            T::from_value((3 * this + right + bias[1]) >> shift),
        ];
        left = Some(this);
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
