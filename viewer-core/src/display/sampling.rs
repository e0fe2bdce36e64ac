//! Step 2, values between pixel centres: where a canvas pixel is sampled and what lies there.

use super::{EDGE_TOLERANCE, Interpolation};
use crate::geometry::Affine2;

/// Most samples per side of a canvas pixel.
pub const MAX_SAMPLES_PER_SIDE: u32 = 4;

/// Samples per side of each canvas pixel, 1 … 4: `ceil(s − 1/64)` with `s` the image pixels that one
/// canvas pixel spans (the longer of the two columns of the map).
#[must_use]
pub fn samples_per_side(image_from_canvas: &Affine2) -> u32 {
    let map = image_from_canvas;
    let span = map.xx.hypot(map.yx).max(map.xy.hypot(map.yy));
    let wanted = (span - 1.0 / 64.0).ceil();
    // The cast saturates: NaN and anything below 1 become 0, then 1.
    (wanted as u32).clamp(1, MAX_SAMPLES_PER_SIDE)
}

/// Whether an image point counts as inside an image of `size` (columns, rows).
#[must_use]
pub fn is_inside([x, y]: [f64; 2], [columns, rows]: [u32; 2]) -> bool {
    let within =
        |at: f64, side: u32| -EDGE_TOLERANCE <= at && at < f64::from(side) + EDGE_TOLERANCE;
    columns > 0 && rows > 0 && within(x, columns) && within(y, rows)
}

/// A channel of an image: `size` (columns, rows), never empty, and the value at (column, row).
pub(super) struct Channel<F> {
    pub(super) size: [u32; 2],
    pub(super) value_at: F,
}

impl<F: Fn(u32, u32) -> f64> Channel<F> {
    /// The value at an image point; points beyond the edge take the edge's value.
    pub(super) fn sample(&self, [x, y]: [f64; 2], interpolation: Interpolation) -> f64 {
        let [columns, rows] = self.size;
        match interpolation {
            Interpolation::Nearest => (self.value_at)(nearest(x, columns), nearest(y, rows)),
            Interpolation::Linear => {
                let (left, right, across) = neighbours(x, columns);
                let (top, bottom, down) = neighbours(y, rows);
                let upper = lerp((self.value_at)(left, top), (self.value_at)(right, top), across);
                let lower =
                    lerp((self.value_at)(left, bottom), (self.value_at)(right, bottom), across);
                lerp(upper, lower, down)
            }
        }
    }

    /// The mean over the `per_side²` sample points of the canvas pixel whose top left corner is given.
    pub(super) fn mean(
        &self,
        corner: [u32; 2],
        per_side: u32,
        image_from_canvas: &Affine2,
        interpolation: Interpolation,
    ) -> f64 {
        let [x, y] = corner.map(f64::from);
        let part = |i: u32| (f64::from(i) + 0.5) / f64::from(per_side);
        let mut sum = 0.0;
        for j in 0..per_side {
            for i in 0..per_side {
                let at = image_from_canvas.apply([x + part(i), y + part(j)]);
                sum += self.sample(at, interpolation);
            }
        }
        sum / f64::from(per_side * per_side)
    }
}

/// Index of the pixel that `at` lies in; the casts saturate, which clamps at the lower edge.
fn nearest(at: f64, side: u32) -> u32 {
    ((at + EDGE_TOLERANCE).floor() as u32).min(side.saturating_sub(1))
}

/// The two pixels whose centres enclose `at`, and how far it is from the first to the second.
fn neighbours(at: f64, side: u32) -> (u32, u32, f64) {
    let last = side.saturating_sub(1);
    let from_first_centre = (at - 0.5).clamp(0.0, f64::from(last));
    let first = from_first_centre.floor();
    let index = first as u32;
    (index, (index + 1).min(last), from_first_centre - first)
}

fn lerp(from: f64, to: f64, part: f64) -> f64 {
    from + (to - from) * part
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scale(factor: f64) -> Affine2 {
        Affine2 { xx: factor, yy: factor, ..Affine2::IDENTITY }
    }

    #[test]
    fn samples_follow_the_scale() {
        let table =
            [(0.1, 1), (1.0, 1), (1.0156, 1), (1.016, 2), (2.0, 2), (2.1, 3), (4.0, 4), (99.0, 4)];
        for (factor, expected) in table {
            assert_eq!(samples_per_side(&scale(factor)), expected, "scale {factor}");
        }
        assert_eq!(samples_per_side(&scale(f64::NAN)), 1);
        assert_eq!(samples_per_side(&scale(f64::INFINITY)), 4);
    }

    #[test]
    fn the_longer_side_decides() {
        let wide = Affine2 { xx: 0.5, yx: 0.0, xy: 0.0, yy: 2.5, ..Affine2::IDENTITY };
        assert_eq!(samples_per_side(&wide), 3);
        let turned = Affine2 { xx: 0.0, xy: -3.0, yx: 3.0, yy: 0.0, ..Affine2::IDENTITY };
        assert_eq!(samples_per_side(&turned), 3);
    }

    #[test]
    fn edges_belong_to_the_image() {
        let size = [4, 2];
        for inside in [[0.0, 0.0], [4.0, 2.0], [-0.001, 1.0], [4.001, 1.0]] {
            assert!(is_inside(inside, size), "{inside:?}");
        }
        for outside in [[-0.01, 0.0], [4.01, 1.0], [1.0, 2.01], [f64::NAN, 1.0]] {
            assert!(!is_inside(outside, size), "{outside:?}");
        }
        assert!(!is_inside([0.0, 0.0], [0, 2]));
    }

    /// 10 20
    /// 30 50
    fn square() -> Channel<impl Fn(u32, u32) -> f64> {
        let value_at =
            |column: u32, row: u32| [[10.0, 20.0], [30.0, 50.0]][row as usize][column as usize];
        Channel { size: [2, 2], value_at }
    }

    #[test]
    fn bilinear_table() {
        let table = [
            ([0.5, 0.5], 10.0),
            ([1.5, 0.5], 20.0),
            ([1.0, 0.5], 15.0),
            ([0.5, 1.0], 20.0),
            ([1.0, 1.0], 27.5),
            ([1.25, 0.75], 17.5 + (45.0 - 17.5) * 0.25),
            ([-3.0, -3.0], 10.0),
            ([9.0, 9.0], 50.0),
        ];
        for (at, expected) in table {
            assert_eq!(square().sample(at, Interpolation::Linear), expected, "{at:?}");
        }
    }

    #[test]
    fn nearest_table() {
        let table = [
            ([0.0, 0.0], 10.0),
            ([0.99, 0.0], 10.0),
            ([1.0, 0.0], 20.0),
            // Within the tolerance of a boundary the pixel to the right of it is taken.
            ([1.0 - 1.0 / 1024.0, 0.0], 20.0),
            ([0.0, 1.0], 30.0),
            ([2.0, 2.0], 50.0),
            ([-1.0, -1.0], 10.0),
        ];
        for (at, expected) in table {
            assert_eq!(square().sample(at, Interpolation::Nearest), expected, "{at:?}");
        }
    }

    #[test]
    fn a_canvas_pixel_over_the_whole_image_is_its_mean() {
        let found = square().mean([0, 0], 2, &scale(2.0), Interpolation::Linear);
        assert_eq!(found, 27.5);
    }

    proptest! {
        #[test]
        fn samples_stay_within_the_values(x in -10.0_f64..10.0, y in -10.0_f64..10.0) {
            for interpolation in [Interpolation::Linear, Interpolation::Nearest] {
                prop_assert!((10.0..=50.0).contains(&square().sample([x, y], interpolation)));
            }
        }

        #[test]
        fn a_linear_ramp_is_reproduced(x in 0.5_f64..7.5, y in 0.5_f64..5.5) {
            let value_at = |column: u32, row: u32| 3.0 * f64::from(column) - 2.0 * f64::from(row);
            let ramp = Channel { size: [8, 6], value_at };
            let expected = 3.0 * (x - 0.5) - 2.0 * (y - 0.5);
            prop_assert!((ramp.sample([x, y], Interpolation::Linear) - expected).abs() < 1e-9);
        }
    }
}
