//! Chroma planes → full size, the way libjpeg does it by default (`jdsample.c`): a triangle filter
//! for factors of 2, replication for all others.

/// A component plane as it was coded: `columns × rows` samples that count, in lines of `stride`.
pub(super) struct Plane<'a> {
    pub(super) samples: &'a [u8],
    pub(super) stride: usize,
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Plane<'_> {
    fn line(&self, row: usize) -> &[u8] {
        let start = row.min(self.rows.saturating_sub(1)) * self.stride;
        self.samples.get(start..start + self.columns).unwrap_or_default()
    }
}

/// Gives every line of the full-size plane to `put(row, line)`.
///
/// `factor` is how many times wider and higher the full plane is; `None` if the plane is too small.
pub(super) fn upsample(
    plane: &Plane<'_>,
    [across, down]: [usize; 2],
    [columns, rows]: [usize; 2],
    mut put: impl FnMut(usize, &[u8]),
) -> Option<()> {
    let enough = plane.columns * across >= columns && plane.rows * down >= rows;
    let held = plane.rows.checked_sub(1)? * plane.stride + plane.columns;
    if !enough || held > plane.samples.len() || across == 0 || down == 0 {
        return None;
    }
    let mut line = vec![0; plane.columns * across];
    for row in 0..rows {
        fill_line(plane, [across, down], row, &mut line);
        put(row, line.get(..columns)?);
    }
    Some(())
}

fn fill_line(plane: &Plane<'_>, factors: [usize; 2], row: usize, line: &mut [u8]) {
    let [across, down] = factors;
    let near = plane.line(row / down);
    // The line on the other side of the full-size line: above for the first, below for the second.
    let far = || match row % 2 {
        0 => plane.line((row / 2).saturating_sub(1)),
        _ => plane.line(row / 2 + 1),
    };
    let wide = plane.columns > 2;
    match factors {
        [1, 1] => line.copy_from_slice(near),
        [2, 1] if wide => triangle(near.iter().map(|&v| i32::from(v)), line, [1, 2], 2),
        [2, 2] if wide => {
            let sums = near.iter().zip(far()).map(|(&n, &f)| 3 * i32::from(n) + i32::from(f));
            triangle(sums, line, [8, 7], 4);
        }
        [1, 2] => {
            let bias = if row.is_multiple_of(2) { 1 } else { 2 };
            for ((out, &n), &f) in line.iter_mut().zip(near).zip(far()) {
                *out = ((3 * u16::from(n) + u16::from(f) + bias) >> 2) as u8;
            }
        }
        _ => line.chunks_mut(across).zip(near).for_each(|(out, &v)| out.fill(v)),
    }
}

/// Two samples for each of `values`, three quarters of it and one of its neighbour on that side;
/// `bias` rounds the left and the right one, `shift` divides.
fn triangle(values: impl Iterator<Item = i32>, line: &mut [u8], bias: [i32; 2], shift: i32) {
    let mut values = values.peekable();
    let mut left = None;
    for pair in line.as_chunks_mut::<2>().0 {
        let Some(this) = values.next() else { return };
        let right = values.peek().copied().unwrap_or(this);
        *pair = [
            ((3 * this + left.unwrap_or(this) + bias[0]) >> shift) as u8,
            ((3 * this + right + bias[1]) >> shift) as u8,
        ];
        left = Some(this);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(samples: &[u8], size: [usize; 2], factors: [usize; 2], out: [usize; 2]) -> Vec<u8> {
        let plane = Plane { samples, stride: size[0], columns: size[0], rows: size[1] };
        let mut result = vec![0; out[0] * out[1]];
        let put = |row: usize, line: &[u8]| {
            result[row * out[0]..][..out[0]].copy_from_slice(line);
        };
        upsample(&plane, factors, out, put).expect("the plane is large enough");
        result
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
    fn a_plane_that_is_too_small_is_refused() {
        let plane = Plane { samples: &[1, 2, 3], stride: 2, columns: 2, rows: 2 };
        assert_eq!(upsample(&plane, [1, 1], [2, 2], |_, _| {}), None);
        let plane = Plane { samples: &[1, 2, 3, 4], stride: 2, columns: 2, rows: 2 };
        assert_eq!(upsample(&plane, [1, 1], [3, 2], |_, _| {}), None);
    }
}
