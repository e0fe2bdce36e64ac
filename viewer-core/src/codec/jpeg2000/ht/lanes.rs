//! Four numbers at once, one for each sample of a quad: by SIMD in WebAssembly, else as an array, with the
//! same results.

use core::ops::{Add, BitAnd, BitOr, BitXor, Mul, Shl};

/// Most bits of each lane that [`Cutter::cut`] gives.
pub(super) const BITS_OF_A_CUT: u32 = 25;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) use self::portable::{Cutter, Four};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) use self::simd::{Cutter, Four};

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod portable {
    use super::{Add, BitAnd, BitOr, BitXor, Mul, Shl};
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

        /// The first and third together, and the second and fourth: the former of both lower.
        #[inline(always)]
        pub(in super::super) fn columns(self) -> [u64; 2] {
            let [a, b, c, d] = self.0.map(u64::from);
            [a | c << 32, b | d << 32]
        }

        #[inline(always)]
        fn zip(self, other: Self, operation: impl Fn(u32, u32) -> u32) -> Self {
            Self(array::from_fn(|n| operation(self.0[n], other.0[n])))
        }
    }

    /// Cuts out bits.
    pub(in super::super) struct Cutter;

    impl Cutter {
        pub(in super::super) fn new() -> Self {
            Self
        }

        /// From bit `starts` on, a byte for each lane, at most 96; [`super::BITS_OF_A_CUT`] of them count.
        #[inline(always)]
        pub(in super::super) fn cut(&self, bytes: [u8; 16], starts: u32) -> Four {
            let bits = u128::from_le_bytes(bytes);
            Four(starts.to_le_bytes().map(|start| (bits >> (start & 127)) as u32))
        }
    }

    impl Add for Four {
        type Output = Self;
        #[inline(always)]
        fn add(self, other: Self) -> Self {
            self.zip(other, u32::wrapping_add)
        }
    }

    impl Mul for Four {
        type Output = Self;
        #[inline(always)]
        fn mul(self, other: Self) -> Self {
            self.zip(other, u32::wrapping_mul)
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
    use super::{Add, BitAnd, BitOr, BitXor, Mul, Shl};
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

        /// The first and third together, and the second and fourth: the former of both lower.
        #[inline(always)]
        pub(in super::super) fn columns(self) -> [u64; 2] {
            let columns = u32x4_shuffle::<0, 2, 1, 3>(self.0, self.0);
            [u64x2_extract_lane::<0>(columns), u64x2_extract_lane::<1>(columns)]
        }
    }

    /// Cuts out bits: what it needs for that. Constants, but V8 makes those anew at each use, of three
    /// instructions each; so they are hidden from the compiler.
    pub(in super::super) struct Cutter {
        /// Byte `n` to the four bytes of lane `n`.
        spread: v128,
        /// Places of the bytes of a number.
        bytes: v128,
        /// Powers of two, from the highest of a byte down.
        up: v128,
        lowest_byte: v128,
    }

    impl Cutter {
        pub(in super::super) fn new() -> Self {
            let cutter = Self {
                spread: u8x16(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3),
                bytes: u32x4_splat(0x0302_0100),
                up: u8x16(128, 64, 32, 16, 8, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0),
                lowest_byte: u32x4_splat(0xFF),
            };
            core::hint::black_box(cutter)
        }

        /// From bit `starts` on, a byte for each lane, at most 96; [`super::BITS_OF_A_CUT`] of them count.
        ///
        /// Lanes cannot be shifted by different counts, but multiplied by different powers of two: each
        /// is moved up to the same place, and all are moved down together.
        #[inline(always)]
        pub(in super::super) fn cut(&self, bytes: [u8; 16], starts: u32) -> Four {
            let both = u128::from_le_bytes(bytes);
            let bytes = u64x2(both as u64, (both >> 64) as u64);
            let spread = |starts: u32| u8x16_swizzle(u32x4_splat(starts), self.spread);
            let places = u8x16_add(spread(starts >> 3 & 0x1F1F_1F1F), self.bytes);
            let up = u8x16_swizzle(self.up, spread(starts & 0x0707_0707));
            let words = u8x16_swizzle(bytes, places);
            Four(u32x4_shr(u32x4_mul(words, v128_and(up, self.lowest_byte)), 7))
        }
    }

    impl Add for Four {
        type Output = Self;
        #[inline(always)]
        fn add(self, other: Self) -> Self {
            Self(u32x4_add(self.0, other.0))
        }
    }

    impl Mul for Four {
        type Output = Self;
        #[inline(always)]
        fn mul(self, other: Self) -> Self {
            Self(u32x4_mul(self.0, other.0))
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

    /// Bit by bit, whatever the machine has.
    #[test]
    fn cuts_begin_at_any_bit() {
        let bytes: [u8; 16] = core::array::from_fn(|n| (n * 167 + 29) as u8);
        let bit = |n: u32| u32::from(bytes[n as usize / 8] >> (n % 8) & 1);
        let cut = |start: u32| (0..BITS_OF_A_CUT).map(|n| bit(start + n) << n).sum::<u32>();
        let (cutter, counting) = (Cutter::new(), Four::splat((1 << BITS_OF_A_CUT) - 1));
        for start in 0..=96u32 {
            let starts = [start, 96 - start, start / 2, 7];
            let found = cutter.cut(bytes, u32::from_le_bytes(starts.map(|start| start as u8)));
            assert_eq!((found & counting).array(), starts.map(cut), "{starts:?}");
        }
    }

    #[test]
    fn columns_are_the_first_and_third_and_the_others() {
        let [left, right] = Four::new([1, 2, 3, 4]).columns();
        assert_eq!((left, right), (3 << 32 | 1, 4 << 32 | 2));
    }
}
