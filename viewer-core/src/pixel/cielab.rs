//! CIELab as DICOM stores it (PS3.3 C.10.7.1.1) → sRGB, for the few colours that files state so.

/// White of the profile connection space, D50.
const WHITE_D50: [f64; 3] = [0.964_22, 1.0, 0.825_21];

/// XYZ relative to D50 → linear sRGB, with the Bradford adaptation to D65 in it.
const LINEAR_SRGB_FROM_XYZ_D50: [[f64; 3]; 3] = [
    [3.133_856_1, -1.616_866_7, -0.490_614_6],
    [-0.978_768_4, 1.916_141_5, 0.033_454_0],
    [0.071_945_3, -0.228_991_4, 1.405_242_7],
];

/// L\*, a\*, b\* as 16-bit numbers (0 … 65535 for 0 … 100 and −128 … 127) → sRGB; what is out of its gamut is
/// clipped.
#[must_use]
pub fn to_srgb([l, a, b]: [u16; 3]) -> [u8; 3] {
    let lightness = f64::from(l) / 65_535.0 * 100.0;
    let [a, b] = [a, b].map(|v| f64::from(v) / 65_535.0 * 255.0 - 128.0);
    let fy = (lightness + 16.0) / 116.0;
    let relative = [fy + a / 500.0, fy, fy - b / 200.0].map(from_cube_root);
    let xyz: [f64; 3] = std::array::from_fn(|i| relative[i] * WHITE_D50[i]);
    LINEAR_SRGB_FROM_XYZ_D50.map(|row| {
        let linear = row[0] * xyz[0] + row[1] * xyz[1] + row[2] * xyz[2];
        // The cast saturates.
        (encoded(linear) * 255.0 + 0.5).floor() as u8
    })
}

/// CIE 15: the inverse of the cube root with its straight part near black.
fn from_cube_root(f: f64) -> f64 {
    const DELTA: f64 = 6.0 / 29.0;
    if f > DELTA { f * f * f } else { 3.0 * DELTA * DELTA * (f - 4.0 / 29.0) }
}

/// IEC 61966-2-1.
fn encoded(linear: f64) -> f64 {
    if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(l: f64, a: f64, b: f64) -> [u16; 3] {
        [l / 100.0, (a + 128.0) / 255.0, (b + 128.0) / 255.0]
            .map(|part| (part * 65_535.0).round() as u16)
    }

    /// L*a*b* (D50) of the corners of sRGB, as published for the profile sRGB IEC61966-2.1.
    #[test]
    fn known_colours() {
        for (lab, rgb) in [
            (stored(0.0, 0.0, 0.0), [0, 0, 0]),
            (stored(100.0, 0.0, 0.0), [255, 255, 255]),
            (stored(53.585, 0.0, 0.0), [128, 128, 128]),
            (stored(54.29, 80.81, 69.89), [255, 0, 0]),
            (stored(87.82, -79.29, 80.99), [0, 255, 0]),
            (stored(29.57, 68.30, -112.03), [0, 0, 255]),
        ] {
            let found = to_srgb(lab);
            let is_near = found.iter().zip(rgb).all(|(a, b): (&u8, u8)| a.abs_diff(b) <= 1);
            assert!(is_near, "{found:?}, not {rgb:?}");
        }
    }
}
