//! Every option of JPEG 2000 and HTJ2K that an encoder could be made to write, see the README beside
//! the vectors.

use std::fs;
use std::path::Path;

use viewer_core::codec::{
    ArrivingFrame, DecodeError, decode_prefix, decode_reduced, decode_stored,
};
use viewer_core::exam::ImageFormat;
use viewer_core::pixel::samples::StoredSamples;

use super::frames::{HTJ2K, JPEG_2000, JPEG_2000_PART_2, color, gray, sparse_pattern};

pub(super) const SIZE: [u32; 2] = [37, 29];

pub(super) fn vector(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codec_vectors/jpeg2000");
    fs::read(folder.join(name)).expect("a vector of the repository")
}

fn words(name: &str) -> Vec<i32> {
    let bytes = vector(name);
    bytes.as_chunks::<2>().0.iter().map(|&b| i32::from(u16::from_le_bytes(b))).collect()
}

/// Components, bits and sign by the start of a name: `rgb8_…`, `ht_gray12_…`, `gray6s…`.
pub(super) fn format_of(name: &str, size: [u32; 2]) -> ImageFormat {
    let name = name.trim_start_matches("ht_");
    let is_color = name.starts_with("rgb");
    let rest = name.trim_start_matches("gray").trim_start_matches("rgb");
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let bits = digits.parse().expect("bits in the name");
    let signed = rest[digits.len()..].starts_with("s.");
    if is_color { color(size, bits, "RGB") } else { gray(size, bits, signed) }
}

fn values(samples: &StoredSamples) -> Vec<i32> {
    (0..samples.len()).filter_map(|i| samples.value(i)).map(|v| v as i32).collect()
}

fn decoded(name: &str, size: [u32; 2]) -> Vec<i32> {
    let stored = decode_stored(JPEG_2000, &vector(name), &format_of(name, size));
    values(&stored.unwrap_or_else(|error| panic!("{name}: {error}")).samples)
}

fn expected(name: &str, size: [u32; 2]) -> Vec<i32> {
    let format = format_of(name, size);
    let half = if format.signed { 1 << (format.bits_stored - 1) } else { 0 };
    let pattern = sparse_pattern(size, format.samples_per_pixel.into(), format.bits_stored.into());
    pattern.into_iter().map(|value| i32::from(value) - half).collect()
}

fn comes_back(name: &str) {
    assert_eq!(decoded(name, SIZE), expected(name, SIZE), "{name}");
}

#[test]
fn every_depth_and_sign() {
    for bits in 1..=16 {
        comes_back(&format!("gray{bits}u.j2k"));
        if bits % 3 == 0 {
            comes_back(&format!("gray{bits}s.j2k"));
        }
    }
}

#[test]
fn every_progression_with_layers_precincts_tiles_and_tile_parts() {
    for order in ["lrcp", "rlcp", "rpcl", "pcrl", "cprl"] {
        comes_back(&format!("rgb8_{order}.j2k"));
        comes_back(&format!("rgb8_{order}_tiles.j2k"));
        comes_back(&format!("ht_rgb8_{order}.j2c"));
    }
    comes_back("rgb8_poc.j2k");
    comes_back("ht_rgb8_tiles.j2c");
}

#[test]
fn every_place_of_packet_headers_and_parameters() {
    for name in ["rgb8_ppm.j2k", "rgb8_ppt.j2k", "rgb8_coc_qcc.j2k", "rgb8_tile_cod_qcd.j2k"] {
        comes_back(name);
    }
}

#[test]
fn every_code_block_style_and_shape() {
    for style in
        ["bypass", "reset", "termall", "causal", "predictable", "segsym", "bypass_termall", "all"]
    {
        comes_back(&format!("gray12_style_{style}.j2k"));
    }
    for name in [
        "gray12_blocks_4x256.j2k",
        "gray12_blocks_1024x4.j2k",
        "ht_gray12_blocks_4x1024.j2c",
        "ht_gray12_blocks_1024x4.j2c",
    ] {
        comes_back(name);
    }
    for (name, size) in
        [("gray12_1x1.j2k", [1, 1]), ("gray12_37x1.j2k", [37, 1]), ("gray12_2x29.j2k", [2, 29])]
    {
        assert_eq!(decoded(name, size), expected(name, size), "{name}");
    }
}

#[test]
fn colour_transforms_and_regions_of_interest() {
    for name in ["rgb16_rct.j2k", "rgb8_roi.j2k", "ht_rgb8.j2c", "ht_rgb12_plain.j2c"] {
        comes_back(name);
    }
}

#[test]
fn every_depth_of_high_throughput() {
    for bits in [8, 10, 12, 16] {
        comes_back(&format!("ht_gray{bits}.j2c"));
    }
}

/// Passes that no encoder at hand writes; bit for bit what the two other decoders make of them.
#[test]
fn refinement_passes_of_high_throughput() {
    for name in [
        "ht_gray11_refined",
        "ht_gray11_propagated",
        "ht_gray11_refined_causal",
        "ht_gray10_placeholders",
    ] {
        let expected = words(&format!("{name}.u16le"));
        assert_eq!(decoded(&format!("{name}.j2c"), SIZE), expected, "{name}");
    }
}

#[test]
fn lossy_samples_are_within_one_of_the_other_decoders() {
    for name in [
        "gray12_irreversible.j2k",
        "gray12_cut.j2k",
        "rgb8_ict.j2k",
        "ht_gray12_irreversible.j2c",
        "ht_rgb8_ict.j2c",
    ] {
        let (stem, _) = name.split_once('.').expect("an extension");
        let (found, expected) = (decoded(name, SIZE), words(&format!("{stem}.u16le")));
        assert_eq!(found.len(), expected.len(), "{name}");
        for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let difference = found.abs_diff(*expected);
            assert!(difference <= 1, "{name}, sample {index}: {found}, not {expected}");
            assert!(name != "gray12_cut.j2k" || difference == 0, "5/3 is exact, cut or not");
        }
    }
}

#[test]
fn lossy_is_what_the_wavelet_says() {
    for (name, lossy) in [
        ("gray12_irreversible.j2k", true),
        ("ht_rgb8_ict.j2c", true),
        ("rgb8_poc.j2k", false),
        ("ht_gray8.j2c", false),
    ] {
        let stored = decode_stored(HTJ2K, &vector(name), &format_of(name, SIZE)).expect("whole");
        assert_eq!(stored.lossy, lossy, "{name}");
    }
}

/// Both kinds of code-blocks under all labels: the codestream says what it is.
#[test]
fn labels_of_the_wavelet_family_do_not_matter() {
    for label in [JPEG_2000, JPEG_2000_PART_2, HTJ2K] {
        for name in ["ht_rgb8.j2c", "rgb8_rpcl.j2k"] {
            let stored = decode_stored(label, &vector(name), &format_of(name, SIZE));
            let found = values(&stored.expect("whole").samples);
            assert_eq!(found, expected(name, SIZE), "{name}");
        }
    }
}

/// The image starts at (3, 2) of its grid: (37 + 3 + 1) / 2 - 2 = 18 columns and so on.
#[test]
fn lower_resolutions_are_those_of_another_decoder() {
    let name = "rgb8_rpcl_tiles.j2k";
    let format = format_of(name, SIZE);
    for (levels, size) in [(1, [18, 15]), (2, [9, 7])] {
        let reduced = decode_reduced(JPEG_2000, &vector(name), &format, levels).expect("whole");
        assert_eq!([reduced.frame.columns, reduced.frame.rows], size);
        assert_eq!(reduced.discarded_levels, levels);
        let expected = words(&format!("rgb8_rpcl_tiles_r{levels}.u16le"));
        assert_eq!(values(&reduced.frame.samples), expected, "{levels} levels");
    }
    let error = decode_reduced(JPEG_2000, &vector(name), &format, 3).expect_err("two levels");
    assert!(matches!(error, DecodeError::UnsupportedFeature { .. }), "{error}");
}

/// A prefix gives the highest resolution that is whole in it, exactly as the whole frame would; the
/// ordinary decoder refuses it.
#[test]
fn a_prefix_gives_a_whole_lower_resolution_or_an_error() {
    for name in ["ht_rgb8_rpcl.j2c", "rgb8_rlcp.j2k", "rgb8_rpcl.j2k"] {
        let (whole, format) = (vector(name), format_of(name, SIZE));
        let mut levels_seen = Vec::new();
        for length in (0..whole.len() - 2).step_by(7) {
            let prefix = &whole[..length];
            assert!(decode_stored(JPEG_2000, prefix, &format).is_err(), "{name} cut at {length}");
            let Ok(found) = decode_prefix(JPEG_2000, prefix, &format) else { continue };
            let levels = found.discarded_levels;
            let expected = decode_reduced(JPEG_2000, &whole, &format, levels).expect("whole");
            assert_eq!(found, expected, "{name} cut at {length}");
            levels_seen.push(levels);
        }
        assert!(levels_seen.is_sorted_by(|a, b| a >= b), "{name}: more data, fewer levels");
        assert!(levels_seen.contains(&1) && levels_seen.contains(&2), "{name}: {levels_seen:?}");
        let complete = decode_prefix(JPEG_2000, &whole, &format).expect("whole");
        assert_eq!(complete.discarded_levels, 0);
    }
}

fn every_vector() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codec_vectors/jpeg2000");
    let entries = fs::read_dir(folder).expect("the vectors");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string());
    let names = names.map(|name| name.expect("UTF-8"));
    names.filter(|name| name.ends_with(".j2k") || name.ends_with(".j2c")).collect()
}

/// Whatever the pieces it comes in, and most of its blocks are decoded before the last of them.
#[test]
fn a_frame_that_is_decoded_while_it_comes_is_the_same() {
    let (mut ahead, mut names) = (0, 0);
    for name in every_vector() {
        let (whole, format) = (vector(&name), format_of(&name, SIZE));
        let Ok(expected) = decode_stored(JPEG_2000, &whole, &format) else { continue };
        for piece in [7, 101, whole.len() / 2 + 1, whole.len()] {
            let mut frame = ArrivingFrame::new(JPEG_2000, &format).expect("of this family");
            let mut before = 0;
            for length in (0..whole.len()).step_by(piece) {
                frame.look(&whole[..length]);
                assert!(frame.blocks() >= before, "{name}: no block is forgotten");
                before = frame.blocks();
            }
            frame.look(&whole[..whole.len() - 3]);
            if piece == 7 {
                (ahead, names) = (ahead + usize::from(frame.blocks() > 0), names + 1);
            }
            assert_eq!(frame.finish(&whole).as_ref(), Ok(&expected), "{name} by {piece}");
        }
    }
    assert!(names > 50 && ahead > names / 2, "{ahead} of {names} had blocks ahead");
    assert!(ArrivingFrame::new("1.2.840.10008.1.2.4.80", &gray(SIZE, 8, false)).is_none());
}

/// What has come is not believed when the rest says otherwise.
#[test]
fn a_frame_that_turns_out_to_be_another_is_decoded_anew() {
    let names = ["rgb8_lrcp.j2k", "rgb8_rlcp.j2k", "rgb8_tile_cod_qcd.j2k", "rgb8_roi.j2k"];
    for (first, second) in names.iter().flat_map(|one| names.map(|other| (*one, other))) {
        let (first, second) = (vector(first), vector(second));
        let format = format_of("rgb8", SIZE);
        let mut frame = ArrivingFrame::new(JPEG_2000, &format).expect("of this family");
        frame.look(&first);
        assert!(frame.blocks() > 0);
        frame.look(&second[..second.len() / 2]);
        let expected = decode_stored(JPEG_2000, &second, &format);
        if first != second && frame.finish(&second) != expected {
            panic!("blocks of another codestream were taken");
        }
    }
}

#[test]
fn a_segmentation_symbol_that_is_not_there_is_noticed() {
    let name = "gray12_style_segsym.j2k";
    let mut damaged = vector(name);
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x55;
    let error = decode_stored(JPEG_2000, &damaged, &format_of(name, SIZE)).expect_err("damaged");
    assert!(matches!(error, DecodeError::Corrupt { .. }), "{error}");
}

/// Where a marker segment starts.
fn find(codestream: &[u8], marker: u8) -> usize {
    codestream.windows(2).position(|pair| pair == [0xFF, marker]).expect("a segment")
}

#[test]
fn more_bit_planes_than_a_number_holds_are_refused() {
    let mut deep = vector("gray16u.j2k");
    let exponents = find(&deep, 0x5C) + 5;
    // Exponents of 31 and seven guard bits: 37 bit-planes, hardly any of them zero.
    deep[exponents - 1] = 7 << 5;
    deep[exponents..exponents + 4].fill(31 << 3);
    let error = decode_stored(JPEG_2000, &deep, &format_of("gray16u", SIZE)).expect_err("too deep");
    let DecodeError::TooLarge { what, .. } = error else { panic!("{error}") };
    assert_eq!(what, "number of bit-planes");
}

#[test]
fn extensions_of_part_2_are_named() {
    let whole = vector("rgb8_lrcp.j2k");
    let at = find(&whole, 0x52);
    for (marker, feature) in [(0x74, "a multi-component transform"), (0x79, "arbitrary")] {
        let mut extended = whole[..at].to_vec();
        extended.extend([0xFF, marker, 0, 4, 0, 0]);
        extended.extend(&whole[at..]);
        let result = decode_stored(JPEG_2000_PART_2, &extended, &format_of("rgb8", SIZE));
        let Err(DecodeError::UnsupportedFeature { feature: found, .. }) = result else {
            panic!("{result:?}")
        };
        assert!(found.starts_with(feature) && found.ends_with("(Part 2)"), "{found}");
    }
}

#[test]
fn subsampled_components_are_refused() {
    let mut subsampled = vector("rgb8_lrcp.j2k");
    // XRsiz of the second component.
    subsampled[2 + 2 + 38 + 3 + 1] = 2;
    let error = decode_stored(JPEG_2000, &subsampled, &format_of("rgb8", SIZE));
    let (codec, feature) = ("JPEG 2000", "subsampled components".to_owned());
    assert_eq!(error, Err(DecodeError::UnsupportedFeature { codec, feature }));
}
