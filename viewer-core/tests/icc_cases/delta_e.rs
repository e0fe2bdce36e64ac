//! CIEDE2000 of two 8-bit sRGB colours (Sharma, Wu, Dalal 2005), for tests.

/// How different two colours look; 1 is about the least difference that is seen side by side.
pub(super) fn delta_e_2000(one: [u8; 3], other: [u8; 3]) -> f64 {
    let ([l1, a1, b1], [l2, a2, b2]) = (lab(one), lab(other));
    let mean_chroma = (a1.hypot(b1) + a2.hypot(b2)) / 2.0;
    let seventh = |chroma: f64| (chroma.powi(7) / (chroma.powi(7) + 25f64.powi(7))).sqrt();
    let stretch = 1.5 - 0.5 * seventh(mean_chroma);
    let (a1, a2) = (a1 * stretch, a2 * stretch);
    let (c1, c2) = (a1.hypot(b1), a2.hypot(b2));
    let hue = |a: f64, b: f64| b.atan2(a).to_degrees().rem_euclid(360.0);
    let (h1, h2) = (hue(a1, b1), hue(a2, b2));
    let has_hue = c1 * c2 > 0.0;
    let turn = if has_hue { (h2 - h1 + 540.0).rem_euclid(360.0) - 180.0 } else { 0.0 };
    let mean_hue = if has_hue { (h1 + turn / 2.0).rem_euclid(360.0) } else { h1 + h2 };
    let (dl, dc) = (l2 - l1, c2 - c1);
    let dh = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin();
    let (l, c) = ((l1 + l2) / 2.0, (c1 + c2) / 2.0);
    let cos = |degrees: f64| degrees.to_radians().cos();
    let t = 1.0 - 0.17 * cos(mean_hue - 30.0)
        + 0.24 * cos(2.0 * mean_hue)
        + 0.32 * cos(3.0 * mean_hue + 6.0)
        - 0.20 * cos(4.0 * mean_hue - 63.0);
    let sl = 1.0 + 0.015 * (l - 50.0).powi(2) / (20.0 + (l - 50.0).powi(2)).sqrt();
    let (sc, sh) = (1.0 + 0.045 * c, 1.0 + 0.015 * c * t);
    let rotation = 30.0 * (-((mean_hue - 275.0) / 25.0).powi(2)).exp();
    let rt = -2.0 * seventh(c) * (2.0 * rotation).to_radians().sin();
    let (dl, dc, dh) = (dl / sl, dc / sc, dh / sh);
    (dl * dl + dc * dc + dh * dh + rt * dc * dh).sqrt()
}

/// CIELAB (D65) of an sRGB colour.
fn lab(rgb: [u8; 3]) -> [f64; 3] {
    let linear = rgb.map(|level| {
        let v = f64::from(level) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    });
    let dot = |m: [f64; 3]| m[0] * linear[0] + m[1] * linear[1] + m[2] * linear[2];
    let x = dot([0.412_456_4, 0.357_576_1, 0.180_437_5]) / 0.950_47;
    let y = dot([0.212_672_9, 0.715_152_2, 0.072_175]);
    let z = dot([0.019_333_9, 0.119_192, 0.950_304_1]) / 1.088_83;
    let f = |t: f64| {
        if t > 216.0 / 24389.0 { t.cbrt() } else { (24389.0 / 27.0 * t + 16.0) / 116.0 }
    };
    [116.0 * f(y) - 16.0, 500.0 * (f(x) - f(y)), 200.0 * (f(y) - f(z))]
}

#[test]
fn known_differences() {
    assert!(delta_e_2000([10, 20, 30], [10, 20, 30]) < 1e-9);
    // Black and white are 100 apart; so says the formula, at any chroma of 0.
    assert!((delta_e_2000([0; 3], [255; 3]) - 100.0).abs() < 0.01);
    // A pair of the paper, as close as 8 bits come: far in chroma, near in hue.
    assert!(delta_e_2000([255, 0, 0], [0, 255, 0]) > 80.0);
    let (forth, back) = ([200, 30, 90], [190, 40, 95]);
    assert!((delta_e_2000(forth, back) - delta_e_2000(back, forth)).abs() < 1e-9);
}
