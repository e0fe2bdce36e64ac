//! RLE frames packed here, all depths and numbers of samples.

use viewer_core::codec::{DecodeError, decode_stored};
use viewer_core::exam::ImageFormat;
use viewer_core::pixel::samples::StoredSamples;

use super::frames::{RLE, color, gray, pattern};

/// PackBits: runs of three and more, literals of what lies between.
fn pack(plane: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut rest = plane;
    while let Some(&first) = rest.first() {
        let run = rest.iter().take(128).take_while(|&&b| b == first).count();
        if run > 2 {
            packed.extend([(257 - run) as u8, first]);
            rest = &rest[run..];
            continue;
        }
        let starts_run = |i: &usize| rest.len() >= i + 3 && rest[*i..i + 3] == [rest[*i]; 3];
        let literal = (1..rest.len().min(128)).find(starts_run).unwrap_or(rest.len().min(128));
        packed.push((literal - 1) as u8);
        packed.extend(&rest[..literal]);
        rest = &rest[literal..];
    }
    if packed.len() % 2 == 1 {
        packed.push(0);
    }
    packed
}

fn frame(segments: &[Vec<u8>]) -> Vec<u8> {
    let mut header = [0u32; 16];
    header[0] = segments.len() as u32;
    let mut offset = 64;
    for (slot, segment) in header[1..].iter_mut().zip(segments) {
        *slot = offset;
        offset += segment.len() as u32;
    }
    let header = header.iter().flat_map(|v| v.to_le_bytes());
    header.chain(segments.concat()).collect()
}

/// One packed plane per byte of each sample, most significant first.
pub(super) fn encode(cells: &[u8], bytes_per_sample: usize, samples: usize) -> Vec<u8> {
    let stride = bytes_per_sample * samples;
    let order = (0..samples)
        .flat_map(|s| (0..bytes_per_sample).rev().map(move |b| s * bytes_per_sample + b));
    let plane =
        |offset| -> Vec<u8> { cells.iter().skip(offset).step_by(stride).copied().collect() };
    frame(&order.map(|offset| pack(&plane(offset))).collect::<Vec<_>>())
}

#[test]
fn every_depth_and_number_of_samples_comes_back() {
    let size = [13, 7];
    for (samples, base) in [(1, gray(size, 8, false)), (3, color(size, 8, "RGB"))] {
        let count = 13 * 7 * samples;
        for allocated in [8u16, 16, 32] {
            let format = ImageFormat {
                bits_allocated: allocated,
                bits_stored: allocated,
                high_bit: allocated - 1,
                // Planar Configuration does not matter to RLE.
                planar: samples == 3 && allocated == 16,
                ..base.clone()
            };
            let values: Vec<u32> =
                (0..count as u32).map(|i| i.wrapping_mul(0x9E37_79B9) & !0xFF | i).collect();
            let cells: Vec<u8> = values
                .iter()
                .flat_map(|v| v.to_le_bytes()[..usize::from(allocated / 8)].to_vec())
                .collect();
            let encoded = encode(&cells, usize::from(allocated / 8), samples);
            let stored = decode_stored(RLE, &encoded, &format).expect("whole");
            assert_eq!(stored.samples.to_le_bytes(), cells, "{allocated} bits, {samples} samples");
            assert_eq!(stored.samples.len(), count);
        }
    }
}

#[test]
fn signed_words_and_long_runs() {
    let mut values = vec![-2048i16; 300];
    values.extend([2047, -1, 0, 1]);
    values.extend(vec![5; 129]);
    let cells: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let format = gray([values.len() as u32, 1], 12, true);
    let stored = decode_stored(RLE, &encode(&cells, 2, 1), &format).expect("whole");
    assert_eq!(stored.samples, StoredSamples::I16(values));
}

#[test]
fn one_bit_frames_are_packed_planes() {
    let format = ImageFormat { bits_allocated: 1, ..gray([10, 2], 1, false) };
    let packed = [0b1000_0101, 0b0100_1110, 0b0000_1001];
    let stored = decode_stored(RLE, &frame(&[pack(&packed)]), &format).expect("whole");
    let bits = (0..20).map(|i: usize| packed[i / 8] >> (i % 8) & 1).collect();
    assert_eq!(stored.samples, StoredSamples::U8(bits));
}

#[test]
fn broken_frames_are_errors() {
    let format = gray([4, 1], 8, false);
    let error = |encoded: &[u8]| decode_stored(RLE, encoded, &format).expect_err("broken");
    let corrupt = |cause: &str| DecodeError::Corrupt { codec: "RLE", cause: cause.to_owned() };
    let truncated = DecodeError::Truncated { codec: "RLE", at: "segment" };
    let too_long = corrupt("a segment decodes to more than its plane");
    assert_eq!(error(&frame(&[vec![3, 1, 2, 3]])), truncated);
    assert_eq!(error(&frame(&[vec![2, 1, 2, 3]])), truncated);
    assert_eq!(error(&frame(&[vec![252, 9]])), too_long);
    assert_eq!(error(&frame(&[vec![3, 1, 2, 3, 4, 0, 7]])), too_long);
    assert_eq!(error(&frame(&[vec![128; 9]])), truncated);
    let two = error(&frame(&[vec![253, 9], vec![253, 9]]));
    assert_eq!(two, corrupt("2 segments where 1 bytes make a pixel"));
    let mut outside = frame(&[vec![253, 9]]);
    outside[4] = 3;
    assert_eq!(error(&outside), corrupt("segment offsets point outside the frame"));
    assert_eq!(error(&[1, 0, 0]), DecodeError::Truncated { codec: "RLE", at: "segment header" });
    let jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0, 2];
    assert!(matches!(error(&jpeg), DecodeError::Mislabelled { .. }));
}

#[test]
fn what_the_tests_pack_is_what_they_mean() {
    assert_eq!(pack(&[7, 7, 7, 1, 2]), [254, 7, 1, 1, 2, 0]);
    assert_eq!(
        encode(&pattern([1, 1], 1, 8).iter().map(|&v| v as u8).collect::<Vec<_>>(), 1, 1).len(),
        66
    );
}
