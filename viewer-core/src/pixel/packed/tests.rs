use proptest::prelude::*;

use super::*;

fn back(packed: &[u8], columns: usize, samples: usize) -> Option<Vec<u16>> {
    let mut unpacked = vec![0xABCD; samples];
    unpack(packed, columns, &mut unpacked)?;
    Some(unpacked)
}

/// A picture that is smooth, with noise of so many bits.
fn noisy(columns: usize, rows: usize, bits: u32, offset: u16) -> Vec<u16> {
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as u16 & ((1_u32 << bits) - 1) as u16
    };
    let place = |at: usize| ((at % columns) * 9 + at / columns) as u16;
    (0..columns * rows).map(|at| place(at).wrapping_add(offset).wrapping_add(noise())).collect()
}

#[test]
fn what_is_packed_comes_back_in_every_width() {
    for bits in 0..=10 {
        // 0xFC00 are negative numbers, and some are on both sides of 0.
        for offset in [0, 0xFC00] {
            let samples = noisy(130, 40, bits, offset);
            let packed = pack(&samples, 130).unwrap();
            assert!(packed.len() * 4 <= samples.len() * 2 * 3, "{bits} bits: {}", packed.len());
            assert_eq!(back(&packed, 130, samples.len()).unwrap(), samples, "{bits} bits");
        }
    }
}

#[test]
fn smooth_rows_are_written_as_differences_to_the_row_above() {
    // Steep along the rows, the same down the image.
    let samples: Vec<u16> = (0..256 * 64).map(|at| (at % 256) as u16 * 100).collect();
    let packed = pack(&samples, 256).unwrap();
    let first_row = 2 * (HEAD + 14 * 16);
    assert_eq!(packed.len(), 4 + first_row + 63 * 2 * HEAD);
    assert_eq!(back(&packed, 256, samples.len()).unwrap(), samples);
}

#[test]
fn the_bytes_of_a_block_are_those_that_are_documented() {
    let mut samples = [7; BLOCK + 1];
    samples[9] = 8;
    samples[BLOCK] = 0x1234;
    let mut expected = b"NGP1\x07\x00\x01".to_vec();
    // The tenth sample is the second one of the second stream.
    expected.extend([0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x34, 0x12]);
    assert_eq!(pack(&samples, 1).unwrap(), expected);
    assert_eq!(back(&expected, 1, BLOCK + 1).unwrap(), samples);
}

#[test]
fn what_would_not_be_smaller_by_a_quarter_is_not_packed() {
    assert_eq!(pack(&noisy(256, 64, 12, 0), 256).map(|packed| packed.len()), None);
    assert_eq!(pack(&[1; BLOCK - 1], 10), None);
    assert_eq!(pack(&[], 0), None);
}

#[test]
fn what_is_not_whole_is_refused() {
    let samples = noisy(130, 40, 5, 0);
    let packed = pack(&samples, 130).unwrap();
    let count = samples.len();
    let longer = [&packed[..], &[0]].concat();
    for wrong in [&packed[..packed.len() - 1], &packed[1..], &longer, &[], b"NGP1"] {
        assert_eq!(back(wrong, 130, count), None);
    }
    assert_eq!(back(&packed, 130, count - 1), None);
    // No row above the first one, none in a narrow image, and no width beyond 16.
    let [mut down, mut wide] = [packed.clone(), packed.clone()];
    down[6] |= DOWN;
    assert_eq!(back(&down, 130, count), None);
    assert_eq!(back(&packed, 127, count), None);
    for width in [17, 31, 64, 255] {
        wide[6] = width;
        assert_eq!(back(&[wide.clone(), vec![0; 4096]].concat(), 130, count), None, "{width}");
    }
}

proptest! {
    #[test]
    fn samples_come_back(
        samples in prop::collection::vec(prop_oneof![0_u16..300, any::<u16>()], 0..1500),
        columns in 0_usize..300,
        spread in 0_u32..16,
    ) {
        let samples: Vec<u16> = samples.into_iter().map(|sample| sample >> spread).collect();
        if let Some(packed) = pack(&samples, columns) {
            prop_assert_eq!(back(&packed, columns, samples.len()), Some(samples));
        }
    }

    #[test]
    fn anything_is_read_without_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..1200),
        columns in 0_usize..300,
        samples in 0_usize..600,
        has_signature in any::<bool>(),
    ) {
        if has_signature {
            bytes.splice(0..0, SIGNATURE);
        }
        let _ = back(&bytes, columns, samples);
    }
}
