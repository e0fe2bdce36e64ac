//! Files as they are met, and files made to hurt: what is read of them, and that nothing worse happens.

use std::io::{Cursor, Write};

use proptest::prelude::*;
use viewer_core::dicom::{
    IndexError, Indexed, Instance, ReadError, image_of, index, layout_of, read_frame, read_part10,
};
use viewer_core::exam::Content;

use crate::bytes::{
    BIG_ENDIAN, DEFLATED, DataSet, EXPLICIT, IMPLICIT, PIXEL_DATA, RLE, file_of, slice,
};

/// Samples 0 … 7 as explicit little endian has them.
const SAMPLES: [u8; 16] = [0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0];

fn indexed(bytes: &[u8]) -> Indexed {
    index(Cursor::new(bytes)).expect("readable")
}

fn defect(instance: &Instance) -> Option<&str> {
    match &instance.content {
        Content::Image(content) => content.image.defect.as_deref(),
        Content::Unsupported { name } => panic!("taken for {name}"),
    }
}

/// What everything about the file must be that does not depend on how it is written.
fn assert_is_slice(bytes: &[u8], expected_warnings: usize) {
    let Indexed { instance, layout, file } = indexed(bytes);
    assert_eq!(defect(&instance), None);
    assert_eq!(instance.patient.birth_name, "DUPONT");
    assert_eq!(instance.sop_instance_uid, "1.2.3.4");
    let content = image_of(&file);
    assert_eq!((content.format.columns, content.format.rows), (4, 2));
    assert_eq!(content.format.transfer_syntax_uid, EXPLICIT);
    assert_eq!(content.image.instance_number, Some(7));
    let layout = layout.expect("a layout");
    assert_eq!(read_frame(Cursor::new(bytes), &layout, 1).expect("a frame"), SAMPLES);
    assert_eq!(file.warnings.len(), expected_warnings, "{:?}", file.warnings);
}

#[test]
fn four_ways_to_write_the_same() {
    for syntax in [IMPLICIT, EXPLICIT, BIG_ENDIAN] {
        assert_is_slice(&slice().file(syntax), 0);
    }
    assert_is_slice(&deflated(&slice().encode(EXPLICIT)), 0);
}

fn deflated(data_set: &[u8]) -> Vec<u8> {
    let mut encoder =
        flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data_set).expect("in memory");
    file_of(DEFLATED, &encoder.finish().expect("in memory"))
}

#[test]
fn without_preamble_and_meta_information() {
    for syntax in [IMPLICIT, EXPLICIT, BIG_ENDIAN] {
        assert_is_slice(&slice().encode(syntax), 0);
    }
    let with_meta = slice().file(EXPLICIT);
    assert_is_slice(&with_meta[132..], 0);
}

#[test]
fn transfer_syntaxes_that_lie_about_the_encoding() {
    assert_is_slice(&file_of(IMPLICIT, &slice().encode(EXPLICIT)), 1);
    assert_is_slice(&file_of(BIG_ENDIAN, &slice().encode(EXPLICIT)), 1);
    assert_is_slice(&file_of(EXPLICIT, &slice().encode(IMPLICIT)), 1);
    assert_is_slice(&file_of(DEFLATED, &slice().encode(EXPLICIT)), 0);
    // Native pixel data of exactly the right length under the name of a compression.
    assert_is_slice(&file_of(RLE, &slice().encode(EXPLICIT)), 0);
}

#[test]
fn pixel_data_that_contradicts_the_syntax_is_refused() {
    let too_short = slice().words(PIXEL_DATA, "OW", &[0, 1, 2, 3]);
    let Indexed { instance, .. } = indexed(&too_short.file(RLE));
    assert_eq!(defect(&instance), Some("native pixel data under an encapsulated transfer syntax"));
    let encapsulated = slice().fragments(&[], &[&[1, 2]], true);
    let Indexed { instance, .. } = indexed(&encapsulated.file(EXPLICIT));
    assert_eq!(defect(&instance), Some("encapsulated pixel data under a native transfer syntax"));
    let Indexed { instance, .. } = indexed(&file_of("1.2.9.9", &slice().encode(EXPLICIT)));
    assert_eq!(defect(&instance), Some("native pixel data in an unknown transfer syntax"));
}

#[test]
fn a_wrong_width_is_a_defect_and_padding_is_not() {
    let Indexed { instance, .. } = indexed(&slice().us(0x0028_0011, 2).file(EXPLICIT));
    assert_eq!(defect(&instance), Some("the pixel data holds more than the frames announced"));
    let padded = slice().words(PIXEL_DATA, "OW", &[0, 1, 2, 3, 4, 5, 6, 7, 0]);
    assert_is_slice(&padded.file(EXPLICIT), 0);
}

#[test]
fn impossible_attributes_are_named() {
    let cases = [
        (slice().without(0x0028_0010), "rows or columns missing"),
        (slice().us(0x0028_0010, 0), "rows or columns missing"),
        (slice().us(0x0028_0010, 40_000), "more rows or columns than supported"),
        (slice().us(0x0028_0100, 13), "bits allocated not supported"),
        (slice().us(0x0028_0101, 0), "bits stored impossible"),
        (slice().us(0x0028_0101, 17), "bits stored impossible"),
        (slice().text(0x0028_0004, "CS", "FOO"), "photometric interpretation not supported"),
        (slice().without(0x0028_0004), "photometric interpretation missing"),
        (slice().us(0x0028_0002, 3), "samples per pixel contradict the photometric interpretation"),
        (slice().text(0x0028_0004, "CS", "PALETTE COLOR"), "palette missing or broken"),
        (slice().text(0x0028_0008, "IS", "-3"), "number of frames impossible"),
        (slice().text(0x0028_0008, "IS", "2147483647"), "number of frames impossible"),
        (slice().without(PIXEL_DATA), "no pixel data"),
    ];
    for (data_set, expected) in cases {
        let Indexed { instance, .. } = indexed(&data_set.file(EXPLICIT));
        assert_eq!(defect(&instance), Some(expected));
    }
}

#[test]
fn what_is_no_instance_is_refused() {
    let refused = |bytes: &[u8]| index(Cursor::new(bytes)).expect_err("no instance").to_string();
    for bytes in [&b""[..], b"DICM", &[0; 132], &[0x41; 4096], b"PK\x03\x04 a ZIP of something"] {
        assert_eq!(refused(bytes), "not a DICOM file");
    }
    assert_eq!(
        refused(&slice().text(0x0020_000D, "UI", "../etc").file(EXPLICIT)),
        "Study Instance UID missing or malformed"
    );
    let no_uid = index(Cursor::new(slice().without(0x0008_0018).file(EXPLICIT)));
    assert!(matches!(no_uid, Err(IndexError::Instance(_))));
}

/// (FFFE,E000) and its like, explicit little endian, undefined length.
fn opened(levels: usize) -> Vec<u8> {
    let sequence = [0x08, 0, 0x40, 0x11, b'S', b'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
    let item = [0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF];
    [&sequence[..], &item].concat().repeat(levels)
}

fn closed(levels: usize) -> Vec<u8> {
    let item = [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0];
    let sequence = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];
    [item, sequence].concat().repeat(levels)
}

#[test]
fn deep_nesting_costs_only_the_sequence() {
    let whole = slice().encode(EXPLICIT);
    // After Modality (0008,0060), whose value is 2 bytes long.
    let at =
        whole.windows(6).position(|w| w == [8, 0, 0x60, 0, b'C', b'S']).expect("modality") + 10;
    for levels in [1, 32, 33, 100, 20_000] {
        let nested = [&whole[..at], &opened(levels), &closed(levels), &whole[at..]].concat();
        assert_is_slice(&file_of(EXPLICIT, &nested), usize::from(levels > 32));
    }
    let unclosed = [&whole[..at], &opened(20_000), &whole[at..]].concat();
    let file =
        read_part10(Cursor::new(file_of(EXPLICIT, &unclosed))).expect("the start is readable");
    assert!(file.pixel_data.is_none());
}

#[test]
fn lengths_beyond_the_file_are_not_believed() {
    let mut bytes = slice().file(EXPLICIT);
    let at = bytes.len() - 16 - 4;
    bytes[at..at + 4].copy_from_slice(&0xFFFF_FFF0_u32.to_le_bytes());
    let Indexed { layout, .. } = indexed(&bytes);
    let layout = layout.expect("a layout");
    assert_eq!(read_frame(Cursor::new(&bytes), &layout, 1).expect("a frame"), SAMPLES);
}

#[test]
fn a_frame_that_is_cut_off_is_short_and_one_that_is_not_there_is_missing() {
    let two =
        slice().text(0x0028_0008, "IS", "2").words(PIXEL_DATA, "OW", &(0..16).collect::<Vec<_>>());
    let whole = two.file(EXPLICIT);
    let frame = |bytes: &[u8], number| {
        let layout = indexed(bytes).layout.expect("a layout");
        read_frame(Cursor::new(bytes), &layout, number).map_err(|error| error.to_string())
    };
    assert_eq!(frame(&whole, 2).map(|bytes| bytes.len()), Ok(16));
    let cut = &whole[..whole.len() - 10];
    assert_eq!(frame(cut, 1).map(|bytes| bytes.len()), Ok(16));
    assert_eq!(frame(cut, 2).map(|bytes| bytes.len()), Ok(6));
    let cut = &whole[..whole.len() - 16];
    assert_eq!(frame(cut, 2), Err("no frame 2".to_owned()));
    assert_eq!(frame(&whole, 0), Err("no frame 0".to_owned()));
    assert_eq!(frame(&whole, 3), Err("no frame 3".to_owned()));
}

#[test]
fn elements_of_unknown_vr_do_not_cost_the_rest() {
    for vr in ["ZZ", "UN"] {
        let odd = slice().bytes(0x0009_1001, vr, &[1, 2, 3, 4]);
        // ZZ is written with a short length here, as files that lie do; new VRs have long ones.
        let bytes = odd.file(EXPLICIT);
        if vr == "UN" {
            assert_is_slice(&bytes, 0);
        } else {
            assert!(read_part10(Cursor::new(bytes)).is_ok());
        }
    }
}

#[test]
fn a_sequence_written_as_unknown_is_still_read() {
    let item = DataSet::new().text(0x0040_0032, "UT", "1.2.250.1.213").encode(IMPLICIT);
    let mut value = vec![0xFE, 0xFF, 0, 0xE0];
    value.extend((item.len() as u32).to_le_bytes());
    value.extend(item);
    let bytes = slice().bytes(0x0008_0051, "UN", &value).file(EXPLICIT);
    assert_eq!(indexed(&bytes).instance.accession_issuer.as_deref(), Some("1.2.250.1.213"));
}

/// All that can be done with a file of unknown content.
fn use_everything(bytes: &[u8]) {
    let Ok(file) = read_part10(Cursor::new(bytes)) else { return };
    let content = image_of(&file);
    assert!(content.image.frames >= 1);
    if let Ok(layout) = layout_of(&file, Cursor::new(bytes)) {
        for number in 0..=layout.frame_count().min(5) {
            let frame = read_frame(Cursor::new(bytes), &layout, number);
            assert!(frame.map_or(0, |frame| frame.len()) <= bytes.len() * 1100);
        }
    }
}

#[test]
fn every_beginning_of_a_file_is_survived() {
    for bytes in [
        slice().file(EXPLICIT),
        slice().file(IMPLICIT),
        deflated(&slice().encode(EXPLICIT)),
        slice().fragments(&[0], &[&[1; 20], &[2; 30]], true).file(RLE),
    ] {
        for end in 0..bytes.len() {
            use_everything(&bytes[..end]);
        }
    }
}

proptest! {
    #[test]
    fn changed_bytes_are_survived(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        syntax in prop_oneof![Just(EXPLICIT), Just(IMPLICIT), Just(BIG_ENDIAN), Just(RLE)],
    ) {
        let data_set = if syntax == RLE {
            slice().fragments(&[0, 28], &[&[1; 20], &[2; 30]], true).text(0x0028_0008, "IS", "2")
        } else {
            slice()
        };
        let mut bytes = data_set.file(syntax);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        use_everything(&bytes);
    }

    #[test]
    fn random_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        use_everything(&bytes);
        use_everything(&file_of(EXPLICIT, &bytes));
        use_everything(&file_of(DEFLATED, &bytes));
    }
}

#[test]
fn errors_say_what_it_is() {
    let error = read_part10(Cursor::new(file_of(DEFLATED, &[0xFF; 100]))).expect_err("broken");
    assert!(matches!(error, ReadError::Inflate), "{error}");
}
