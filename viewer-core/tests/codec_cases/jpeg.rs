//! JPEG frames written by libjpeg-turbo-rs's encoder, and lossless scans written here for what no
//! encoder at hand writes.

use libjpeg_turbo_rs::precision::{compress_12bit, compress_lossless_arbitrary};
use libjpeg_turbo_rs::{ColorSpace, Decoder, PixelFormat, Subsampling, compress};
use viewer_core::codec::{DecodeError, decode_frame, decode_stored};
use viewer_core::pixel::FramePixels;
use viewer_core::pixel::color::ColorModel;
use viewer_core::pixel::samples::StoredSamples;

use super::frames::{JPEG_BASELINE, JPEG_EXTENDED, JPEG_LOSSLESS, bytes, color, gray, pattern};

pub(super) const SIZE: [u32; 2] = [37, 21];

/// Smooth colour, 8 bits.
pub(super) fn ramp([columns, rows]: [u32; 2]) -> Vec<u8> {
    (0..rows)
        .flat_map(|y| (0..columns).flat_map(move |x| [x * 6, y * 11, (x + y) * 4]))
        .map(|v| v as u8)
        .collect()
}

pub(super) fn baseline(size: [u32; 2], subsampling: Subsampling) -> Vec<u8> {
    let [columns, rows] = size.map(|v| v as usize);
    compress(&ramp(size), columns, rows, PixelFormat::Rgb, 92, subsampling).expect("encodes")
}

/// Takes out the APP0 segment and puts `instead` in its place.
fn replace_jfif(jpeg: &[u8], instead: &[u8]) -> Vec<u8> {
    assert_eq!(jpeg[2..4], [0xFF, 0xE0]);
    let length = usize::from(jpeg[4]) << 8 | usize::from(jpeg[5]);
    [&jpeg[..2], instead, &jpeg[4 + length..]].concat()
}

fn adobe(transform: u8) -> Vec<u8> {
    [&[0xFF, 0xEE, 0, 14][..], b"Adobe", &[0, 100, 0, 0, 0, 0, transform]].concat()
}

#[test]
fn chroma_of_every_subsampling_is_that_of_libjpeg() {
    use Subsampling::{S24, S410, S411, S420, S422, S440, S441, S444};
    for subsampling in [S444, S422, S420, S440, S411, S441, S410, S24] {
        for size in [SIZE, [3, 2], [5, 40], [1, 1]] {
            let jpeg = baseline(size, subsampling);
            let mut library = Decoder::new(&jpeg).expect("a JPEG");
            library.set_output_colorspace(ColorSpace::YCbCr);
            let expected = library.decode_image().expect("decodes").data;
            let stored = decode_stored(JPEG_BASELINE, &jpeg, &color(size, 8, "YBR_FULL_422"));
            let stored = stored.expect("whole");
            assert_eq!(stored.samples, StoredSamples::U8(expected), "{subsampling:?} {size:?}");
            assert!(stored.lossy);
        }
    }
}

#[test]
fn colour_comes_out_as_it_went_in() {
    let jpeg = baseline(SIZE, Subsampling::S444);
    let frame = decode_frame(JPEG_BASELINE, &jpeg, &color(SIZE, 8, "YBR_FULL_422"), None);
    let frame = frame.expect("whole");
    let FramePixels::Rgba8(found) = frame.frame.pixels() else { panic!("colour") };
    let original = ramp(SIZE);
    for (found, original) in found.chunks(4).zip(original.chunks(3)) {
        assert_eq!(found[3], 255);
        for (found, original) in found.iter().zip(original) {
            assert!(found.abs_diff(*original) <= 6, "{found}, not about {original}");
        }
    }
}

#[test]
fn components_that_are_rgb_already_are_not_converted() {
    let full = baseline(SIZE, Subsampling::S444);
    let half = baseline(SIZE, Subsampling::S422);
    let model = |jpeg: &[u8], photometric: &str| {
        decode_stored(JPEG_BASELINE, jpeg, &color(SIZE, 8, photometric)).expect("whole").color
    };
    let (rgb, ybr) = (ColorModel::Rgb, ColorModel::YbrFull);
    // JFIF means YCbCr, whatever the photometric interpretation says.
    assert_eq!(model(&full, "RGB"), ybr);
    // APP14 knows.
    assert_eq!(model(&replace_jfif(&full, &adobe(0)), "YBR_FULL_422"), rgb);
    assert_eq!(model(&replace_jfif(&full, &adobe(1)), "RGB"), ybr);
    // Nothing in the codestream: the photometric interpretation, but RGB is never subsampled.
    assert_eq!(model(&replace_jfif(&full, &[]), "RGB"), rgb);
    assert_eq!(model(&replace_jfif(&full, &[]), "YBR_FULL"), ybr);
    assert_eq!(model(&replace_jfif(&half, &[]), "RGB"), ybr);
    // Components named R, G, B.
    let mut named = replace_jfif(&full, &[]);
    rename_components(&mut named, *b"RGB");
    assert_eq!(model(&named, "YBR_FULL"), rgb);
}

fn rename_components(jpeg: &mut [u8], names: [u8; 3]) {
    let frame = jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).expect("SOF0");
    let scan = jpeg.windows(2).position(|w| w == [0xFF, 0xDA]).expect("SOS");
    for (i, name) in names.into_iter().enumerate() {
        jpeg[frame + 10 + 3 * i] = name;
        jpeg[scan + 5 + 2 * i] = name;
    }
}

#[test]
fn twelve_bits_are_not_eight() {
    let [columns, rows] = SIZE.map(|v| v as usize);
    let values: Vec<i16> = (0..rows * columns).map(|i| (i % columns * 110) as i16).collect();
    let jpeg = compress_12bit(&values, columns, rows, 1, 100, Subsampling::S444).expect("encodes");
    let stored = decode_stored(JPEG_EXTENDED, &jpeg, &gray(SIZE, 12, false)).expect("whole");
    let StoredSamples::U16(found) = stored.samples else { panic!("16 bits allocated") };
    let worst = found.iter().zip(&values).map(|(f, v)| f.abs_diff(v.unsigned_abs())).max();
    assert!(worst.is_some_and(|worst| worst <= 3), "{worst:?}");
    let error = decode_stored(JPEG_EXTENDED, &jpeg, &gray(SIZE, 8, false)).expect_err("too deep");
    let (codec, precision, bits_stored, bits_allocated) = ("JPEG", 12, 8, 8);
    let expected = DecodeError::DepthMismatch { codec, precision, bits_stored, bits_allocated };
    assert_eq!(error, expected);
}

#[test]
fn lossless_of_every_depth_and_predictor_comes_back() {
    let [columns, rows] = SIZE.map(|v| v as usize);
    for precision in 2..=16u8 {
        for predictor in 1..=7 {
            for components in [1, 3] {
                let values = pattern(SIZE, components, u32::from(precision));
                let nc = components as usize;
                let jpeg = compress_lossless_arbitrary(
                    &values, columns, rows, nc, precision, predictor, 0,
                );
                let jpeg = jpeg.expect("encodes");
                let bits = u16::from(precision);
                let format = match components {
                    1 => gray(SIZE, bits, false),
                    _ => color(SIZE, bits, "RGB"),
                };
                let stored = decode_stored(JPEG_LOSSLESS, &jpeg, &format).expect("whole");
                let expected = match precision {
                    2..=8 => StoredSamples::U8(bytes(&values)),
                    _ => StoredSamples::U16(values),
                };
                assert_eq!(stored.samples, expected, "{precision} bits, predictor {predictor}");
                assert!(!stored.lossy);
            }
        }
    }
}

#[test]
fn a_point_transform_drops_low_bits_and_is_lossy() {
    let [columns, rows] = SIZE.map(|v| v as usize);
    let values = pattern(SIZE, 1, 12);
    for predictor in 1..=7 {
        let jpeg = compress_lossless_arbitrary(&values, columns, rows, 1, 12, predictor, 3);
        let stored = decode_stored(JPEG_LOSSLESS, &jpeg.expect("encodes"), &gray(SIZE, 12, false));
        let stored = stored.expect("whole");
        let expected = values.iter().map(|v| v >> 3 << 3).collect();
        assert_eq!(stored.samples, StoredSamples::U16(expected), "predictor {predictor}");
        assert!(stored.lossy);
    }
}

#[test]
fn signed_lossless_is_twos_complement_of_its_depth() {
    let values: Vec<u16> = vec![0xF800, 0x07FF, 0xFFFF, 0];
    let size = [4, 1];
    for precision in [12, 16] {
        let mask = (1u32 << precision) - 1;
        let coded: Vec<u16> = values.iter().map(|&v| (u32::from(v) & mask) as u16).collect();
        let jpeg = compress_lossless_arbitrary(&coded, 4, 1, 1, precision, 1, 0).expect("encodes");
        let stored = decode_stored(JPEG_LOSSLESS, &jpeg, &gray(size, 12, true)).expect("whole");
        assert_eq!(stored.samples, StoredSamples::I16(vec![-2048, 2047, -1, 0]));
    }
}

/// Lossless scans with restart intervals and one scan per component.
struct LosslessWriter {
    bytes: Vec<u8>,
    bits: u32,
    count: u32,
}

impl LosslessWriter {
    fn put(&mut self, value: u32, length: u32) {
        for bit in (0..length).rev() {
            self.bits = self.bits << 1 | (value >> bit & 1);
            self.count += 1;
            if self.count == 8 {
                self.bytes.push(self.bits as u8);
                if self.bits & 0xFF == 0xFF {
                    self.bytes.push(0);
                }
                (self.bits, self.count) = (0, 0);
            }
        }
    }

    fn difference(&mut self, difference: u16) {
        let value = i32::from(difference.cast_signed());
        let category = if value == -32768 { 16 } else { 32 - value.unsigned_abs().leading_zeros() };
        self.put(category, 5);
        if (1..16).contains(&category) {
            let low = if value < 0 { value - 1 } else { value };
            self.put(low.cast_unsigned() & ((1 << category) - 1), category);
        }
    }

    fn pad(&mut self) {
        while self.count != 0 {
            self.put(1, 1);
        }
    }
}

/// 16-bit lossless, selection value 4, a scan per component, a restart every second line.
pub(super) fn restarted_scans(
    values: &[u16],
    [columns, rows]: [u32; 2],
    components: u32,
) -> Vec<u8> {
    let [c, r] = [columns, rows].map(|v| v.to_be_bytes());
    let mut jpeg = vec![0xFF, 0xD8, 0xFF, 0xC3, 0, 8 + 3 * components as u8, 16];
    jpeg.extend([r[2], r[3], c[2], c[3], components as u8]);
    jpeg.extend((1..=components as u8).flat_map(|id| [id, 0x11, 0]));
    // 17 categories, all of five bits.
    jpeg.extend([0xFF, 0xC4, 0, 2 + 17 + 17, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    jpeg.extend(0..17);
    let interval = (columns * 2).to_be_bytes();
    jpeg.extend([0xFF, 0xDD, 0, 4, interval[2], interval[3]]);
    for component in 0..components {
        jpeg.extend([0xFF, 0xDA, 0, 8, 1, component as u8 + 1, 0, 4, 0, 0]);
        let at = |x: u32, y: u32| values[((y * columns + x) * components + component) as usize];
        let mut writer = LosslessWriter { bytes: Vec::new(), bits: 0, count: 0 };
        for y in 0..rows {
            if y > 0 && y % 2 == 0 {
                writer.pad();
                writer.bytes.extend([0xFF, 0xD0 + (y / 2 - 1) as u8 % 8]);
            }
            for x in 0..columns {
                let prediction = match (x, y % 2) {
                    (0, 0) => 0x8000,
                    (_, 0) => at(x - 1, y),
                    (0, _) => at(0, y - 1),
                    _ => at(x - 1, y).wrapping_add(at(x, y - 1)).wrapping_sub(at(x - 1, y - 1)),
                };
                writer.difference(at(x, y).wrapping_sub(prediction));
            }
        }
        writer.pad();
        jpeg.extend(writer.bytes);
    }
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

#[test]
fn restart_intervals_and_scans_of_one_component() {
    for (components, format) in [(1, gray(SIZE, 16, false)), (3, color(SIZE, 16, "RGB"))] {
        let values = pattern(SIZE, components, 16);
        let jpeg = restarted_scans(&values, SIZE, components);
        let stored = decode_stored(JPEG_LOSSLESS, &jpeg, &format).expect("whole");
        assert_eq!(stored.samples, StoredSamples::U16(values));
    }
}

#[test]
fn restarts_that_are_not_due_or_scans_that_are_missing_are_errors() {
    let values = pattern(SIZE, 3, 16);
    let jpeg = restarted_scans(&values, SIZE, 3);
    let format = color(SIZE, 16, "RGB");
    let second = jpeg.windows(2).position(|w| w == [0xFF, 0xD1]).expect("RST1");
    let mut swapped = jpeg.clone();
    swapped[second + 1] = 0xD4;
    let cause = "another marker than the restart that is due".to_owned();
    let error = decode_stored(JPEG_LOSSLESS, &swapped, &format);
    assert_eq!(error, Err(DecodeError::Corrupt { codec: "JPEG", cause }));
    let last = jpeg.windows(2).rposition(|w| w == [0xFF, 0xDA]).expect("third SOS");
    let two_scans = [&jpeg[..last], &[0xFF, 0xD9]].concat();
    let at = "scans of all components";
    let error = decode_stored(JPEG_LOSSLESS, &two_scans, &format);
    assert_eq!(error, Err(DecodeError::Truncated { codec: "JPEG", at }));
}

#[test]
fn every_cut_is_noticed() {
    let values = pattern(SIZE, 1, 16);
    let jpeg = restarted_scans(&values, SIZE, 1);
    for length in 3..jpeg.len() - 2 {
        let cut = decode_stored(JPEG_LOSSLESS, &jpeg[..length], &gray(SIZE, 16, false));
        assert!(cut.is_err(), "lossless cut at {length} of {}", jpeg.len());
    }
    let jpeg = baseline(SIZE, Subsampling::S420);
    for length in 3..jpeg.len() - 4 {
        let cut = decode_stored(JPEG_BASELINE, &jpeg[..length], &color(SIZE, 8, "YBR_FULL_422"));
        assert!(cut.is_err(), "baseline cut at {length} of {}", jpeg.len());
    }
}
