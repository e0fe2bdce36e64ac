//! Step 2, values between pixel centres: where a canvas pixel is sampled and what lies there.

use super::{EDGE_TOLERANCE, Interpolation};
use crate::base::between;
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

/// The pixel of an image of `size` that a point lies in; the casts saturate, which clamps at the lower
/// edge.
pub(super) fn pixel_under(at: [f64; 2], size: [u32; 2]) -> [u32; 2] {
    [0, 1].map(|i| ((at[i] + EDGE_TOLERANCE).floor() as u32).min(size[i].saturating_sub(1)))
}

/// The two pixels that a sample lies between in one direction, and how far it is from the first to the second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tap {
    pub(super) first: usize,
    pub(super) second: usize,
    pub(super) part: f64,
}

/// Of an image coordinate in a direction with `side` pixels.
pub(super) fn tap(at: f64, side: u32) -> Tap {
    let ([first, _], [part, _]) = first_and_part([at, 0.0], [side, 1]);
    let [first, second] = [first, first + 1].map(|index| within(index, side) as usize);
    Tap { first, second, part }
}

/// A channel of an image: `size` (columns, rows), never empty, and the value at (column, row), NaN
/// where there is none.
pub(super) struct Channel<F> {
    pub(super) size: [u32; 2],
    pub(super) value_at: F,
}

impl<F: Fn(u32, u32) -> f64> Channel<F> {
    /// The value at an image point; points beyond the edge take the edge's value. NaN where the pixel
    /// the point lies in has no value; other pixels without one count as having that pixel's.
    pub(super) fn sample(&self, at: [f64; 2], interpolation: Interpolation) -> f64 {
        let [column, row] = pixel_under(at, self.size);
        let own = (self.value_at)(column, row);
        if own.is_nan() || interpolation == Interpolation::Nearest {
            return own;
        }
        let (first, part) = first_and_part(at, self.size);
        let value = |i: i64, j: i64| {
            let [column, row] = [first[0] + i, first[1] + j];
            let value = (self.value_at)(within(column, self.size[0]), within(row, self.size[1]));
            if value.is_nan() { own } else { value }
        };
        let near = [value(0, 0), value(1, 0), value(0, 1), value(1, 1)];
        if interpolation == Interpolation::Linear {
            let [upper, lower] = [lerp(near[0], near[1], part[0]), lerp(near[2], near[3], part[0])];
            return lerp(upper, lower, part[1]);
        }
        let across = catmull_rom(part[0]);
        let rows = (-1_i64..).zip(catmull_rom(part[1]));
        let sum: f64 = rows
            .flat_map(|(j, down)| {
                (-1_i64..).zip(across).map(move |(i, across)| (i, j, across * down))
            })
            .map(|(i, j, weight)| weight * value(i, j))
            .sum();
        let [low, high] = [f64::min, f64::max].map(|pick| near.into_iter().fold(near[0], pick));
        between(sum, low, high)
    }
}

/// The pixel whose centre is the last one before a point in both directions, and how far it is from
/// there to the next.
fn first_and_part(at: [f64; 2], size: [u32; 2]) -> ([i64; 2], [f64; 2]) {
    // Farther out nothing changes any more.
    let from_centre = [0, 1].map(|i| between(at[i] - 0.5, -3.0, f64::from(size[i]) + 3.0));
    (from_centre.map(|v| v.floor() as i64), from_centre.map(|v| v - v.floor()))
}

fn within(index: i64, side: u32) -> u32 {
    index.clamp(0, i64::from(side.saturating_sub(1))) as u32
}

/// Weights of the four pixels around a point that lies `t` of the way from the second to the third.
fn catmull_rom(t: f64) -> [f64; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        (2.0 * t2 - t3 - t) / 2.0,
        (3.0 * t3 - 5.0 * t2 + 2.0) / 2.0,
        (4.0 * t2 - 3.0 * t3 + t) / 2.0,
        (t3 - t2) / 2.0,
    ]
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

    /// Half-way the weights are −1, 9, 9, −1 sixteenths.
    #[test]
    fn cubic_table() {
        let row = [0.0, 10.0, 20.0, 80.0, 80.0, 80.0];
        let channel =
            Channel { size: [6, 1], value_at: |column: u32, _: u32| row[column as usize] };
        let table = [
            (1.5, 10.0),
            (2.0, (-row[0] + 9.0 * row[1] + 9.0 * row[2] - row[3]) / 16.0),
            (3.0, (-row[1] + 9.0 * row[2] + 9.0 * row[3] - row[4]) / 16.0),
            // Catmull-Rom would go to 83.75: no halo.
            (4.0, 80.0),
            (-1.0, 0.0),
            (9.0, 80.0),
        ];
        for (x, expected) in table {
            let found = channel.sample([x, 0.5], Interpolation::Cubic);
            assert!((found - expected).abs() < 1e-12, "{x}: {found}");
        }
    }

    /// 10 20
    /// 30 none
    fn with_a_hole() -> Channel<impl Fn(u32, u32) -> f64> {
        let value_at =
            |column: u32, row: u32| [[10.0, 20.0], [30.0, f64::NAN]][row as usize][column as usize];
        Channel { size: [2, 2], value_at }
    }

    #[test]
    fn pixels_without_a_value_do_not_bleed() {
        for interpolation in [Interpolation::Linear, Interpolation::Nearest, Interpolation::Cubic] {
            assert!(with_a_hole().sample([1.1, 1.1], interpolation).is_nan());
            assert_eq!(with_a_hole().sample([0.5, 0.5], interpolation), 10.0);
        }
        // In the pixel of 20, on its lower edge: half-way between 20 and itself, a quarter from 10.
        let found = with_a_hole().sample([1.25, 0.99], Interpolation::Linear);
        assert!((found - lerp(lerp(10.0, 20.0, 0.75), lerp(30.0, 20.0, 0.75), 0.49)).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn samples_stay_within_the_values(x in -10.0_f64..10.0, y in -10.0_f64..10.0) {
            for interpolation in [Interpolation::Linear, Interpolation::Nearest, Interpolation::Cubic] {
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

        #[test]
        fn pixel_centres_are_exact(column in 0_u32..8, row in 0_u32..6) {
            let value_at = |column: u32, row: u32| f64::from((column * 7919 + row * 104_729) % 65_536);
            let noise = Channel { size: [8, 6], value_at };
            let centre = [f64::from(column) + 0.5, f64::from(row) + 0.5];
            for interpolation in [Interpolation::Linear, Interpolation::Nearest, Interpolation::Cubic] {
                prop_assert_eq!(noise.sample(centre, interpolation), value_at(column, row));
            }
        }
    }
}
