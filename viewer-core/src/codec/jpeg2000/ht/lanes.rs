//! Four numbers at once, one for each sample of a quad: by SIMD in WebAssembly, else as an array, with the
//! same results.

use core::ops::{Add, BitAnd, BitOr, BitXor, Shl};

/// Most bits of each lane that [`Four::cut`] gives.
pub(super) const BITS_OF_A_CUT: u32 = 25;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) use self::portable::Four;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) use self::simd::Four;

#[cfg(any(test, not(all(target_arch = "wasm32", target_feature = "simd128"))))]
mod portable {
    use super::{Add, BitAnd, BitOr, BitXor, Shl};
    use core::array;

    /// Four numbers.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(in super::super) struct Four([u32; 4]);

    impl Four {
        #[inline(always)]
        pub(in super::super) fn splat(value: u32) -> Self {
            Self([value; 4])
        }

        #[inline(always)]
        pub(in super::super) fn new(values: [u32; 4]) -> Self {
            Self(values)
        }

        #[inline(always)]
        pub(in super::super) fn array(self) -> [u32; 4] {
            self.0
        }

        /// From bit `starts` on, a byte for each lane, at most 127.
        #[inline(always)]
        pub(in super::super) fn cut(bytes: [u8; 16], starts: u32) -> Self {
            let bits = u128::from_le_bytes(bytes);
            Self(starts.to_le_bytes().map(|start| (bits >> (start & 127)) as u32))
        }

        #[inline(always)]
        fn zip(self, other: Self, operation: impl Fn(u32, u32) -> u32) -> Self {
            Self(array::from_fn(|n| operation(self.0[n], other.0[n])))
        }
    }

    impl Add for Four {
        type Output = Self;
        #[inline(always)]
        fn add(self, other: Self) -> Self {
            self.zip(other, u32::wrapping_add)
        }
    }

    impl BitAnd for Four {
        type Output = Self;
        #[inline(always)]
        fn bitand(self, other: Self) -> Self {
            self.zip(other, |a, b| a & b)
        }
    }

    impl BitOr for Four {
        type Output = Self;
        #[inline(always)]
        fn bitor(self, other: Self) -> Self {
            self.zip(other, |a, b| a | b)
        }
    }

    impl BitXor for Four {
        type Output = Self;
        #[inline(always)]
        fn bitxor(self, other: Self) -> Self {
            self.zip(other, |a, b| a ^ b)
        }
    }

    impl Shl<u32> for Four {
        type Output = Self;
        #[inline(always)]
        fn shl(self, bits: u32) -> Self {
            Self(self.0.map(|value| value << (bits & 31)))
        }
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd {
    use super::{Add, BitAnd, BitOr, BitXor, Shl};
    use core::arch::wasm32::*;

    /// Four numbers.
    #[derive(Clone, Copy, Debug)]
    pub(in super::super) struct Four(v128);

    impl Four {
        #[inline(always)]
        pub(in super::super) fn splat(value: u32) -> Self {
            Self(u32x4_splat(value))
        }

        #[inline(always)]
        pub(in super::super) fn new([a, b, c, d]: [u32; 4]) -> Self {
            Self(u32x4(a, b, c, d))
        }

        #[inline(always)]
        pub(in super::super) fn array(self) -> [u32; 4] {
            [
                u32x4_extract_lane::<0>(self.0),
                u32x4_extract_lane::<1>(self.0),
                u32x4_extract_lane::<2>(self.0),
                u32x4_extract_lane::<3>(self.0),
            ]
        }

        /// From bit `starts` on, a byte for each lane, at most 96; [`super::BITS_OF_A_CUT`] of them count.
        ///
        /// Lanes cannot be shifted by different counts, but multiplied by different powers of two: each
        /// is moved up to the same place, and all are moved down together.
        #[inline(always)]
        pub(in super::super) fn cut(bytes: [u8; 16], starts: u32) -> Self {
            const UP: v128 = u8x16(128, 64, 32, 16, 8, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0);
            const OUTSIDE: v128 = u32x4(0xFFFF_FF00, 0xFFFF_FF00, 0xFFFF_FF00, 0xFFFF_FF00);
            const BYTES: v128 = u32x4(0x0302_0100, 0x0302_0100, 0x0302_0100, 0x0302_0100);
            let (low, high) = u128_halves(bytes);
            let starts = u32x4_splat(starts);
            let starts =
                i8x16_shuffle::<0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3>(starts, starts);
            let places = i8x16_add(u8x16_shr(starts, 3), BYTES);
            let words = u8x16_swizzle(u64x2(low, high), places);
            let bits = v128_or(v128_and(starts, u8x16_splat(7)), OUTSIDE);
            Self(u32x4_shr(i32x4_mul(words, u8x16_swizzle(UP, bits)), 7))
        }
    }

    /// Lowest first.
    #[inline(always)]
    fn u128_halves(bytes: [u8; 16]) -> (u64, u64) {
        let both = u128::from_le_bytes(bytes);
        (both as u64, (both >> 64) as u64)
    }

    impl Add for Four {
        type Output = Self;
        #[inline(always)]
        fn add(self, other: Self) -> Self {
            Self(i32x4_add(self.0, other.0))
        }
    }

    impl BitAnd for Four {
        type Output = Self;
        #[inline(always)]
        fn bitand(self, other: Self) -> Self {
            Self(v128_and(self.0, other.0))
        }
    }

    impl BitOr for Four {
        type Output = Self;
        #[inline(always)]
        fn bitor(self, other: Self) -> Self {
            Self(v128_or(self.0, other.0))
        }
    }

    impl BitXor for Four {
        type Output = Self;
        #[inline(always)]
        fn bitxor(self, other: Self) -> Self {
            Self(v128_xor(self.0, other.0))
        }
    }

    impl Shl<u32> for Four {
        type Output = Self;
        #[inline(always)]
        fn shl(self, bits: u32) -> Self {
            Self(u32x4_shl(self.0, bits))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the machine has gives what arrays give.
    #[test]
    fn cuts_begin_at_any_bit() {
        let bytes: [u8; 16] = core::array::from_fn(|n| (n * 167 + 29) as u8);
        let counting = Four::splat((1 << BITS_OF_A_CUT) - 1);
        for start in 0..=96u32 {
            let starts = [start, 96 - start, start / 2, 7].map(|start| start as u8);
            let starts = u32::from_le_bytes(starts);
            let expected = portable::Four::cut(bytes, starts).array().map(|v| v & 0x01FF_FFFF);
            assert_eq!((Four::cut(bytes, starts) & counting).array(), expected, "{starts:#x}");
        }
    }
}
