//! Eight samples at a time.

/// Samples together.
pub(super) const LANES: usize = 8;
/// So many of them are a block.
pub(super) const VECTORS: usize = super::BLOCK / LANES;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) use plain::Lanes;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) use simd::Lanes;

/// What compilers make vectors of.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod plain {
    use super::{LANES, VECTORS};

    #[derive(Clone, Copy)]
    pub(in super::super) struct Lanes([u16; LANES]);

    impl Lanes {
        #[inline(always)]
        pub(in super::super) fn of(samples: [u16; LANES]) -> Self {
            Self(samples)
        }

        pub(in super::super) fn samples(self) -> [u16; LANES] {
            self.0
        }

        pub(in super::super) fn splat(value: u16) -> Self {
            Self([value; LANES])
        }

        /// By 0 to 15 bits.
        pub(in super::super) fn left(self, bits: u32) -> Self {
            Self(self.0.map(|value| value << bits))
        }

        /// By 0 to 15 bits.
        pub(in super::super) fn right(self, bits: u32) -> Self {
            Self(self.0.map(|value| value >> bits))
        }

        pub(in super::super) fn or(self, other: Self) -> Self {
            self.with(other, |one, other| one | other)
        }

        pub(in super::super) fn and(self, other: Self) -> Self {
            self.with(other, |one, other| one & other)
        }

        /// The sum modulo 2^16.
        pub(in super::super) fn plus(self, other: Self) -> Self {
            self.with(other, u16::wrapping_add)
        }

        /// The difference modulo 2^16.
        pub(in super::super) fn minus(self, other: Self) -> Self {
            self.with(other, u16::wrapping_sub)
        }

        /// The least and the greatest of all as signed numbers. One loop over them, for of arrays that lie beside each other
        /// the compiler makes vectors across them, which it gathers sample by sample.
        pub(in super::super) fn extremes(values: &[Self; VECTORS]) -> (i16, i16) {
            let values = values.map(|lanes| lanes.0);
            let values = values.as_flattened().iter().map(|value| value.cast_signed());
            values.fold((i16::MAX, i16::MIN), |(least, most), value| {
                (least.min(value), most.max(value))
            })
        }

        #[inline(always)]
        fn with(self, other: Self, operation: impl Fn(u16, u16) -> u16) -> Self {
            Self(std::array::from_fn(|at| operation(self.0[at], other.0[at])))
        }
    }
}

/// The intrinsics are safe; the user interface is compiled for size, and the compiler makes no vectors by itself there.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd {
    use super::{LANES, VECTORS};
    use core::arch::wasm32::*;

    #[derive(Clone, Copy)]
    pub(in super::super) struct Lanes(v128);

    impl Lanes {
        #[inline(always)]
        pub(in super::super) fn of(samples: [u16; LANES]) -> Self {
            // From two numbers, each of which is one load: from eight samples it would be eight.
            let [low, high] = bytemuck::cast(samples);
            Self(u64x2(low, high))
        }

        #[inline(always)]
        pub(in super::super) fn samples(self) -> [u16; LANES] {
            bytemuck::cast([u64x2_extract_lane::<0>(self.0), u64x2_extract_lane::<1>(self.0)])
        }

        #[inline(always)]
        pub(in super::super) fn splat(value: u16) -> Self {
            Self(u16x8_splat(value))
        }

        /// By 0 to 15 bits.
        #[inline(always)]
        pub(in super::super) fn left(self, bits: u32) -> Self {
            Self(u16x8_shl(self.0, bits))
        }

        /// By 0 to 15 bits.
        #[inline(always)]
        pub(in super::super) fn right(self, bits: u32) -> Self {
            Self(u16x8_shr(self.0, bits))
        }

        #[inline(always)]
        pub(in super::super) fn or(self, other: Self) -> Self {
            Self(v128_or(self.0, other.0))
        }

        #[inline(always)]
        pub(in super::super) fn and(self, other: Self) -> Self {
            Self(v128_and(self.0, other.0))
        }

        /// The sum modulo 2^16.
        #[inline(always)]
        pub(in super::super) fn plus(self, other: Self) -> Self {
            Self(u16x8_add(self.0, other.0))
        }

        /// The difference modulo 2^16.
        #[inline(always)]
        pub(in super::super) fn minus(self, other: Self) -> Self {
            Self(u16x8_sub(self.0, other.0))
        }

        /// The least and the greatest of all as signed numbers.
        #[inline(always)]
        pub(in super::super) fn extremes(values: &[Self; VECTORS]) -> (i16, i16) {
            let [first, ..] = *values;
            let (least, most) = values.iter().fold((first.0, first.0), |(least, most), value| {
                (i16x8_min(least, value.0), i16x8_max(most, value.0))
            });
            let [least, most] =
                [least, most].map(|lanes| Self(lanes).samples().map(u16::cast_signed));
            (least.into_iter().fold(i16::MAX, i16::min), most.into_iter().fold(i16::MIN, i16::max))
        }
    }
}
