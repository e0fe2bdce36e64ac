//! Native frames that the server packs for the page come back to the last bit, or are not packed.

use proptest::prelude::*;
use viewer_core::codec::{PACKED_UID, decode_frame, decode_stored, encode_packed};
use viewer_core::exam::ImageFormat;

use super::frames::{EXPLICIT_BIG, EXPLICIT_LITTLE, JPEG_LS, color, gray};

fn cells(values: &[i32]) -> Vec<u8> {
    values.iter().flat_map(|value| (*value as u16).to_le_bytes()).collect()
}

/// Greys between two values, from left to right, with some noise.
fn greys([columns, rows]: [u32; 2], [least, most]: [i32; 2]) -> Vec<i32> {
    let steps = most - least + 1;
    let of = |at: u32| (at % columns * 3 + at.wrapping_mul(40503) % 7).cast_signed() % steps;
    (0..columns * rows).map(|at| least + of(at)).collect()
}

#[test]
fn frames_come_back_as_native_ones_and_are_smaller() {
    let size = [160, 30];
    for (least_and_most, bits, signed) in [
        ([0, 500], 12, false),
        ([-250, 250], 12, true),
        ([-2048, -1800], 16, true),
        ([65_000, 65_400], 16, false),
    ] {
        let format = gray(size, bits, signed);
        let native = cells(&greys(size, least_and_most));
        let packed = encode_packed(EXPLICIT_LITTLE, &native, &format).expect("smaller");
        assert!(packed.len() * 4 <= native.len() * 3, "{} of {}", packed.len(), native.len());
        let expected = decode_frame(EXPLICIT_LITTLE, &native, &format, None);
        assert_eq!(decode_frame(PACKED_UID, &packed, &format, None), expected);
    }
}

#[test]
fn what_would_not_come_back_is_not_packed() {
    let size = [160, 30];
    let native = cells(&greys(size, [0, 500]));
    let packed = |syntax, cells: &[u8], format| encode_packed(syntax, cells, &format);
    assert!(packed(EXPLICIT_LITTLE, &native, gray(size, 12, false)).is_some());
    for syntax in [EXPLICIT_BIG, JPEG_LS, PACKED_UID, "1.2"] {
        assert_eq!(packed(syntax, &native, gray(size, 12, false)), None, "{syntax}");
    }
    assert_eq!(packed(EXPLICIT_LITTLE, &native[2..], gray(size, 12, false)), None, "cut off");
    // An overlay in the unused bits, or a sign that is not in all of them.
    let mut overlaid = native.clone();
    overlaid[301] |= 0x80;
    for signed in [false, true] {
        assert_eq!(packed(EXPLICIT_LITTLE, &overlaid, gray(size, 12, signed)), None);
    }
    let shifted = ImageFormat { high_bit: 15, ..gray(size, 12, false) };
    assert_eq!(packed(EXPLICIT_LITTLE, &native, shifted), None, "samples in the upper bits");
    let bytes = gray([320, 30], 8, false);
    assert_eq!(packed(EXPLICIT_LITTLE, &native, bytes), None, "eight bits");
    let colours = color([320, 10], 8, "RGB");
    assert_eq!(packed(EXPLICIT_LITTLE, &native, colours), None, "colours");
    let palette = "PALETTE COLOR".to_owned();
    let indices = ImageFormat { photometric_interpretation: palette, ..gray(size, 16, false) };
    assert_eq!(packed(EXPLICIT_LITTLE, &native, indices), None, "indices of colours");
}

#[test]
fn broken_frames_and_values_beyond_bits_stored_are_refused() {
    let size = [160, 30];
    let format = gray(size, 12, false);
    let packed = encode_packed(EXPLICIT_LITTLE, &cells(&greys(size, [0, 500])), &format);
    let packed = packed.expect("smaller");
    for (bytes, format) in [
        (&packed[..], gray(size, 9, false)),
        (&packed[..], gray(size, 10, true)),
        (&packed[..], gray(size, 8, false)),
        (&packed[..], gray([160, 31], 12, false)),
        (&packed[..], color([160, 10], 8, "RGB")),
        (&packed[..packed.len() - 1], format),
    ] {
        let shape = [format.columns, format.rows, format.bits_stored.into()];
        // Up to 500 take nine bits, which a signed sample of ten has as well.
        let is_right = format.bits_stored == 9 || format.bits_stored == 10;
        assert_eq!(decode_stored(PACKED_UID, bytes, &format).is_ok(), is_right, "{shape:?}");
    }
    assert!(decode_stored(PACKED_UID, &packed, &gray(size, 9, true)).is_err(), "no room for signs");
}

proptest! {
    #[test]
    fn every_native_frame_comes_back(
        columns in 1_u32..300,
        rows in 1_u32..30,
        bits in 2_u16..=16,
        signed in any::<bool>(),
        values in prop::collection::vec(any::<u16>(), 1..50),
    ) {
        let format = gray([columns, rows], bits, signed);
        let unused = u32::from(16 - bits);
        let value = |at: usize| match (values[at % values.len()] << unused, signed) {
            (value, true) => i32::from(value.cast_signed() >> unused),
            (value, false) => i32::from(value >> unused),
        };
        let native = cells(&(0..(columns * rows) as usize).map(value).collect::<Vec<_>>());
        if let Some(packed) = encode_packed(EXPLICIT_LITTLE, &native, &format) {
            let expected = decode_stored(EXPLICIT_LITTLE, &native, &format);
            prop_assert_eq!(decode_stored(PACKED_UID, &packed, &format), expected);
        }
    }
}
