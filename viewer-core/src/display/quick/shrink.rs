//! Sums of rows of the image, eight pixels at a time: most of the time of a shrunk picture is spent here.

/// Pixels added together.
const BLOCK: usize = 8;

/// Adds `weight` times the stored values of a row to `sums`; NaN where a value is padding, which is from `low` to `high`.
pub(super) fn add_row<T: Stored>(samples: &[T], weight: f32, padding: [f32; 2], sums: &mut [f32]) {
    let (blocks, rest) = samples.as_chunks::<BLOCK>();
    let (places, last) = sums.as_chunks_mut::<BLOCK>();
    for (place, block) in places.iter_mut().zip(blocks) {
        *place = added(*place, *block, weight, padding);
    }
    let mut padded = [T::default(); BLOCK];
    padded.iter_mut().zip(rest).for_each(|(to, sample)| *to = *sample);
    let more = added([0.0; BLOCK], padded, weight, padding);
    last.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) use plain::Stored;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use plain::added;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) use simd::Stored;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use simd::added;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod plain {
    use super::BLOCK;

    /// A kind of stored values.
    pub(in super::super) trait Stored: Copy + Default + Into<f32> {}

    impl<T: Copy + Default + Into<f32>> Stored for T {}

    pub(in super::super) fn added<T: Stored>(
        sums: [f32; BLOCK],
        samples: [T; BLOCK],
        weight: f32,
        [low, high]: [f32; 2],
    ) -> [f32; BLOCK] {
        std::array::from_fn(|at| {
            let stored: f32 = samples[at].into();
            let is_padding = (low <= stored) & (stored <= high);
            sums[at] + if is_padding { f32::NAN } else { stored * weight }
        })
    }
}

/// A lane for each pixel, as in `mix.rs`.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd {
    use super::BLOCK;
    use core::arch::wasm32::*;

    /// A kind of stored values: eight of them as two times four floats.
    pub(in super::super) trait Stored: Copy + Default {
        fn lanes(samples: [Self; BLOCK]) -> [v128; 2];
    }

    fn eight_bytes(samples: [u8; BLOCK]) -> v128 {
        u64x2(u64::from_le_bytes(samples), 0)
    }

    fn eight_words<T: bytemuck::Pod>(samples: [T; BLOCK]) -> v128 {
        let [low, high] = bytemuck::cast::<_, [u64; 2]>(samples);
        u64x2(low, high)
    }

    fn unsigned(words: v128) -> [v128; 2] {
        [u32x4_extend_low_u16x8(words), u32x4_extend_high_u16x8(words)]
            .map(|lanes| f32x4_convert_u32x4(lanes))
    }

    fn signed(words: v128) -> [v128; 2] {
        [i32x4_extend_low_i16x8(words), i32x4_extend_high_i16x8(words)]
            .map(|lanes| f32x4_convert_i32x4(lanes))
    }

    impl Stored for u8 {
        fn lanes(samples: [Self; BLOCK]) -> [v128; 2] {
            unsigned(u16x8_extend_low_u8x16(eight_bytes(samples)))
        }
    }

    impl Stored for i8 {
        fn lanes(samples: [Self; BLOCK]) -> [v128; 2] {
            signed(i16x8_extend_low_i8x16(eight_bytes(samples.map(i8::cast_unsigned))))
        }
    }

    impl Stored for u16 {
        fn lanes(samples: [Self; BLOCK]) -> [v128; 2] {
            unsigned(eight_words(samples))
        }
    }

    impl Stored for i16 {
        fn lanes(samples: [Self; BLOCK]) -> [v128; 2] {
            signed(eight_words(samples))
        }
    }

    #[inline(always)]
    pub(in super::super) fn added<T: Stored>(
        sums: [f32; BLOCK],
        samples: [T; BLOCK],
        weight: f32,
        [low, high]: [f32; 2],
    ) -> [f32; BLOCK] {
        let [a, b, c, d] = bytemuck::cast::<_, [u64; 4]>(sums);
        let [first, second] = T::lanes(samples);
        let add = |sum: v128, stored: v128| {
            let is_padding =
                v128_and(f32x4_le(f32x4_splat(low), stored), f32x4_le(stored, f32x4_splat(high)));
            // All ones are NaN.
            f32x4_add(sum, v128_or(f32x4_mul(stored, f32x4_splat(weight)), is_padding))
        };
        let (first, second) = (add(u64x2(a, b), first), add(u64x2(c, d), second));
        bytemuck::cast([
            u64x2_extract_lane::<0>(first),
            u64x2_extract_lane::<1>(first),
            u64x2_extract_lane::<0>(second),
            u64x2_extract_lane::<1>(second),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_added_by_their_weights_and_padding_is_no_number() {
        let mut sums = [1.0; 11];
        let samples: Vec<i16> = (0..11).map(|n| 100 * n - 300).collect();
        add_row(&samples, 0.5, [f32::INFINITY, f32::NEG_INFINITY], &mut sums);
        let expected: Vec<f32> = (0..11).map(|n| 50.0 * n as f32 - 149.0).collect();
        assert_eq!(sums.as_slice(), expected);
        add_row(&samples, 0.0, [-100.0, 0.0], &mut sums);
        assert!(sums[2].is_nan() && sums[3].is_nan());
        assert_eq!([sums[1], sums[4], sums[10]], [-99.0, 51.0, 351.0]);
        add_row(&samples, 0.0, [600.0, 700.0], &mut sums);
        assert!(sums[9].is_nan() && sums[10].is_nan() && !sums[8].is_nan());
    }

    #[test]
    fn all_kinds_of_stored_values_are_what_they_are() {
        fn sums<T: Stored>(samples: [T; 9]) -> [f32; 9] {
            let mut sums = [0.0; 9];
            add_row(&samples, 1.0, [f32::INFINITY, f32::NEG_INFINITY], &mut sums);
            sums
        }
        let bytes = [0, 1, 127, 128, 255, 0, 0, 9, 200_u8];
        assert_eq!(sums(bytes), bytes.map(f32::from));
        let signed = [0, 1, 127, -128, -1, 0, 0, -9, -100_i8];
        assert_eq!(sums(signed), signed.map(f32::from));
        let words = [0, 1, 32_767, 32_768, 65_535, 0, 0, 9, 60_000_u16];
        assert_eq!(sums(words), words.map(f32::from));
        let signed = [0, 1, 32_767, -32_768, -1, 0, 0, -9, -30_000_i16];
        assert_eq!(sums(signed), signed.map(f32::from));
    }
}
