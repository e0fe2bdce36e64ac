//! The connection space → sRGB (IEC 61966-2-1).

use std::sync::LazyLock;

use super::curve::interpolated;

/// The white of the connection space, XYZ of D50.
pub(super) const WHITE: [f32; 3] = [0.9642, 1.0, 0.8249];

/// XYZ relative to D50 → linear sRGB: its primaries, its white D65 adapted by Bradford's matrix.
const LINEAR_FROM_XYZ: [[f32; 3]; 3] = [
    [3.133_856, -1.616_866_7, -0.490_614_6],
    [-0.978_768_4, 1.916_141_5, 0.033_454],
    [0.071_945_3, -0.228_991_4, 1.405_242_7],
];

/// Intervals of the table of sRGB's curve. The curve is straight where it is steepest, so that the table
/// is right to a tenth of a level of 16 bits.
const INTERVALS: usize = 16_384;

/// A screen with sRGB, on which a black of the connection space is black.
pub(super) struct Screen {
    scale: [f32; 3],
    offset: [f32; 3],
}

/// The curve of sRGB at equal steps.
static CURVE: LazyLock<Vec<f32>> = LazyLock::new(|| {
    (0..=INTERVALS).map(|index| encoded(index as f32 / INTERVALS as f32)).collect()
});

impl Screen {
    /// Black point compensation: `black` becomes 0, white stays.
    pub(super) fn with_black_from(black: [f32; 3]) -> Self {
        let scale = [0, 1, 2].map(|axis| WHITE[axis] / (WHITE[axis] - black[axis]));
        let offset = [0, 1, 2].map(|axis| -black[axis] * scale[axis]);
        Self { scale, offset }
    }

    /// Red, green and blue, 0 to 1.
    pub(super) fn rgb(&self, xyz: [f32; 3]) -> [f32; 3] {
        let [x, y, z] = [0, 1, 2].map(|axis| xyz[axis] * self.scale[axis] + self.offset[axis]);
        LINEAR_FROM_XYZ.map(|[a, b, c]| interpolated(&CURVE, a * x + b * y + c * z))
    }
}

/// The curve of sRGB.
fn encoded(linear: f32) -> f32 {
    if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 }
}

/// CIELAB relative to D50 → XYZ.
pub(super) fn lab_to_xyz([lightness, a, b]: [f32; 3]) -> [f32; 3] {
    let y = (lightness + 16.0) / 116.0;
    let linear = |f: f32| {
        if f > 24.0 / 116.0 { f * f * f } else { (f - 16.0 / 116.0) * (108.0 / 841.0) }
    };
    let [x, y, z] = [y + a / 500.0, y, y - b / 200.0].map(linear);
    [x * WHITE[0], y * WHITE[1], z * WHITE[2]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_is_white_and_the_black_of_the_profile_black() {
        let black = [0.003_36, 0.003_473_1, 0.002_87];
        let screen = Screen::with_black_from(black);
        for value in screen.rgb(WHITE) {
            assert!((value - 1.0).abs() < 2e-4, "{value}");
        }
        assert!(screen.rgb(black).iter().all(|&value| value < 1e-4));
        assert!(Screen::with_black_from([0.0; 3]).rgb(black).iter().all(|&value| value > 0.03));
    }

    #[test]
    fn the_table_follows_the_curve() {
        for index in 0..=100_000 {
            let linear = index as f32 / 100_000.0;
            let error = (interpolated(&CURVE, linear) - encoded(linear)).abs();
            assert!(error * 65535.0 < 0.25, "{error} at {linear}");
        }
    }

    #[test]
    fn lab_of_white_and_of_dark_grey() {
        assert_eq!(lab_to_xyz([100.0, 0.0, 0.0]), WHITE);
        let [_, y, _] = lab_to_xyz([4.0, 0.0, 0.0]);
        assert!((y - 4.0 * 27.0 / 24389.0).abs() < 1e-6);
    }
}
