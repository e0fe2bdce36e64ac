//! Greys between two rows of levels, four pixels at a time: most of the time of a picture is spent here.

/// Pixels mixed together.
const BLOCK: usize = 4;

/// Writes the greys between two rows, black where there is none; whether there are such.
pub(super) fn mix([first, second]: [&[f32]; 2], part: f32, pixels: &mut [[u8; 4]]) -> bool {
    let (firsts, first_rest) = first.as_chunks::<BLOCK>();
    let (seconds, second_rest) = second.as_chunks::<BLOCK>();
    let (places, rest) = pixels.as_chunks_mut::<BLOCK>();
    let mut gaps = Gaps::none();
    for ((place, first), second) in places.iter_mut().zip(firsts).zip(seconds) {
        *place = greys(*first, *second, part, &mut gaps);
    }
    let padded = |rest: &[f32]| -> [f32; BLOCK] {
        std::array::from_fn(|at| rest.get(at).copied().unwrap_or_default())
    };
    let last = greys(padded(first_rest), padded(second_rest), part, &mut gaps);
    rest.iter_mut().zip(last).for_each(|(place, pixel)| *place = pixel);
    gaps.any()
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use plain::{Gaps, greys};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use simd::{Gaps, greys};

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod plain {
    use super::BLOCK;

    /// Whether a level was missing.
    pub(super) struct Gaps(bool);

    impl Gaps {
        pub(super) fn none() -> Self {
            Self(false)
        }

        pub(super) fn any(&self) -> bool {
            self.0
        }
    }

    pub(super) fn greys(
        first: [f32; BLOCK],
        second: [f32; BLOCK],
        part: f32,
        gaps: &mut Gaps,
    ) -> [[u8; 4]; BLOCK] {
        std::array::from_fn(|at| {
            let level = first[at] + (second[at] - first[at]) * part;
            gaps.0 |= level.is_nan();
            // The cast saturates, drops what is below a level, and makes 0 of NaN.
            let grey = (level as i32).clamp(0, 255).cast_unsigned();
            ((grey * 0x01_0101) | 0xff00_0000).to_le_bytes()
        })
    }
}

/// A lane for each pixel. The intrinsics are safe; the user interface is linked for size, and the compiler makes no vectors
/// by itself there.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd {
    use super::BLOCK;
    use core::arch::wasm32::*;

    /// All ones in lanes of which a level was missing.
    pub(super) struct Gaps(v128);

    impl Gaps {
        pub(super) fn none() -> Self {
            Self(u32x4_splat(0))
        }

        pub(super) fn any(&self) -> bool {
            v128_any_true(self.0)
        }
    }

    #[inline(always)]
    pub(super) fn greys(
        first: [f32; BLOCK],
        second: [f32; BLOCK],
        part: f32,
        gaps: &mut Gaps,
    ) -> [[u8; 4]; BLOCK] {
        // From two numbers, each of which is one load: from four floats it would be four.
        let lanes = |levels: [f32; BLOCK]| {
            let [low, high] = bytemuck::cast::<_, [u64; 2]>(levels);
            u64x2(low, high)
        };
        let (first, second) = (lanes(first), lanes(second));
        let step = f32x4_mul(f32x4_sub(second, first), f32x4_splat(part));
        let level = f32x4_add(first, step);
        gaps.0 = v128_or(gaps.0, f32x4_ne(level, level));
        // As the cast: saturates, drops what is below a level, and makes 0 of NaN.
        let whole = i32x4_trunc_sat_f32x4(level);
        let grey = i32x4_min(i32x4_max(whole, i32x4_splat(0)), i32x4_splat(255));
        // Red, green and blue from the lowest byte of each lane.
        let spread = u8x16(0, 0, 0, 1, 4, 4, 4, 5, 8, 8, 8, 9, 12, 12, 12, 13);
        let pixels = v128_or(u8x16_swizzle(grey, spread), u32x4_splat(0xff00_0000));
        [
            u32x4_extract_lane::<0>(pixels).to_le_bytes(),
            u32x4_extract_lane::<1>(pixels).to_le_bytes(),
            u32x4_extract_lane::<2>(pixels).to_le_bytes(),
            u32x4_extract_lane::<3>(pixels).to_le_bytes(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greys_are_between_the_rows_and_gaps_are_black_and_told() {
        let first = [-3.0, 0.5, 100.9, 255.0, 1e9, f32::NAN, 10.0];
        let second = [-3.0, 0.5, 102.9, 900.0, 1e9, 5.0, 20.0];
        let mut pixels = [[7; 4]; 7];
        assert!(mix([&first, &second], 0.5, &mut pixels));
        let grey = |level: u8| [level, level, level, 255];
        assert_eq!(pixels, [0, 0, 101, 255, 255, 0, 15].map(grey));
        assert!(!mix([&first[..5], &second[..5]], 0.0, &mut pixels[..5]));
        assert_eq!(pixels[..5], [0, 0, 100, 255, 255].map(grey));
    }
}
