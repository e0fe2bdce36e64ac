//! YBR → RGBA for samples of 8 bits, in integers and four pixels at a time.
//!
//! What [`Coefficients`] give for each of the 2²⁴ colours, rounded; where that lies in the middle of two
//! levels within 0.0002, either of them. Conversions of floats to bytes took more than half of the time of a
//! JPEG frame in a browser.

use super::Coefficients;

/// Bits behind the point. Sums stay below 2³¹.
const POINT: u32 = 20;
/// Pixels converted together.
const BLOCK: usize = 4;

/// [`Coefficients`] as integers, each for red, green and blue; offsets of the inputs and rounding are in
/// one constant for each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scaled {
    y: i32,
    cb: [i32; 3],
    cr: [i32; 3],
    constant: [i32; 3],
}

impl Scaled {
    pub(super) fn new(c: &Coefficients) -> Self {
        let scaled = |v: f32| (f64::from(v) * f64::from(1 << POINT)).round() as i32;
        let y = scaled(c.y);
        let cb = [0.0, c.g_cb, c.b_cb].map(scaled);
        let cr = [c.r_cr, c.g_cr, 0.0].map(scaled);
        let start = (1 << (POINT - 1)) - (f64::from(c.y_offset) * f64::from(y)) as i32;
        let constant = std::array::from_fn(|color| start - 128 * (cb[color] + cr[color]));
        Self { y, cb, cr, constant }
    }
}

/// One R G B A for each Y Cb Cr.
pub(super) fn to_rgba(ybr: &[[u8; 3]], scaled: &Scaled) -> Vec<u8> {
    let mut rgba = vec![[0; 4]; ybr.len()];
    let (blocks, rest) = ybr.as_chunks::<BLOCK>();
    let (places, last) = rgba.as_chunks_mut::<BLOCK>();
    for (place, block) in places.iter_mut().zip(blocks) {
        *place = converted(block, scaled);
    }
    let mut padded = [[0; 3]; BLOCK];
    padded[..rest.len()].copy_from_slice(rest);
    last.copy_from_slice(&converted(&padded, scaled)[..rest.len()]);
    rgba.into_flattened()
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
fn converted(ybr: &[[u8; 3]; BLOCK], scaled: &Scaled) -> [[u8; 4]; BLOCK] {
    ybr.map(|pixel| {
        let [y, cb, cr] = pixel.map(i32::from);
        let level = |color: usize| {
            let chroma = scaled.cb[color] * cb + scaled.cr[color] * cr;
            ((scaled.y * y + chroma + scaled.constant[color]) >> POINT).clamp(0, 255) as u8
        };
        [level(0), level(1), level(2), 255]
    })
}

/// A lane for each pixel. The intrinsics are safe; the compiler does not find these by itself.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn converted(ybr: &[[u8; 3]; BLOCK], scaled: &Scaled) -> [[u8; 4]; BLOCK] {
    use core::arch::wasm32::*;
    let word = |n: usize| u32::from_le_bytes(ybr.as_flattened().as_chunks().0[n]);
    let bytes = u32x4(word(0), word(1), word(2), 0);
    // Places from 16 on are of the second vector, which is nought.
    let zero = u32x4_splat(0);
    let y =
        i8x16_shuffle::<0, 16, 16, 16, 3, 16, 16, 16, 6, 16, 16, 16, 9, 16, 16, 16>(bytes, zero);
    let cb =
        i8x16_shuffle::<1, 16, 16, 16, 4, 16, 16, 16, 7, 16, 16, 16, 10, 16, 16, 16>(bytes, zero);
    let cr =
        i8x16_shuffle::<2, 16, 16, 16, 5, 16, 16, 16, 8, 16, 16, 16, 11, 16, 16, 16>(bytes, zero);
    let times = |component, factor| i32x4_mul(component, i32x4_splat(factor));
    let luma = times(y, scaled.y);
    let level = |color: usize| {
        let chroma = i32x4_add(times(cb, scaled.cb[color]), times(cr, scaled.cr[color]));
        let sum = i32x4_add(i32x4_add(luma, chroma), i32x4_splat(scaled.constant[color]));
        i32x4_shr(sum, POINT)
    };
    // Both steps saturate: below 0 is 0, above 255 is 255.
    let red_green = i16x8_narrow_i32x4(level(0), level(1));
    let blue_alpha = i16x8_narrow_i32x4(level(2), i32x4_splat(255));
    let planes = u8x16_narrow_i16x8(red_green, blue_alpha);
    let pixels =
        i8x16_shuffle::<0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15>(planes, planes);
    [
        u32x4_extract_lane::<0>(pixels).to_le_bytes(),
        u32x4_extract_lane::<1>(pixels).to_le_bytes(),
        u32x4_extract_lane::<2>(pixels).to_le_bytes(),
        u32x4_extract_lane::<3>(pixels).to_le_bytes(),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::{FULL, PARTIAL};
    use super::*;

    fn exact(c: &Coefficients, [y, cb, cr]: [u8; 3]) -> [f64; 3] {
        let [r_cr, g_cb, g_cr, b_cb] = [c.r_cr, c.g_cb, c.g_cr, c.b_cb].map(f64::from);
        let y = f64::from(c.y) * (f64::from(y) - f64::from(c.y_offset));
        let (cb, cr) = (f64::from(cb) - 128.0, f64::from(cr) - 128.0);
        [y + r_cr * cr, y + g_cb * cb + g_cr * cr, y + b_cb * cb]
    }

    fn is_rounded(level: u8, exact: f64) -> bool {
        (f64::from(level) - exact.clamp(0.0, 255.0)).abs() <= 0.5002
    }

    /// All of them: 2 × 2²⁴ colours.
    #[test]
    fn every_colour_is_as_the_formula_says() {
        for coefficients in [FULL, PARTIAL] {
            let scaled = Scaled::new(&coefficients);
            for y in 0..=255u8 {
                let plane = (0..=255).flat_map(|cb| (0..=255).map(move |cr| [y, cb, cr]));
                let plane: Vec<[u8; 3]> = plane.collect();
                let converted = to_rgba(&plane, &scaled);
                for (&ybr, &[r, g, b, alpha]) in plane.iter().zip(converted.as_chunks().0) {
                    let exact = exact(&coefficients, ybr);
                    let is_right = [r, g, b].into_iter().zip(exact).all(|(v, e)| is_rounded(v, e));
                    assert!(is_right && alpha == 255, "{ybr:?}: {r} {g} {b}, not {exact:?}");
                }
            }
        }
    }

    #[test]
    fn any_number_of_pixels_is_converted() {
        let scaled = Scaled::new(&FULL);
        for count in [0, 1, 3, 4, 5, 33] {
            let pixels: Vec<[u8; 3]> = (0..count).map(|v| [v, 128, 128]).collect();
            let grey: Vec<u8> = (0..count).flat_map(|v| [v, v, v, 255]).collect();
            assert_eq!(to_rgba(&pixels, &scaled), grey);
        }
    }
}
