//! Converted files are read again: by our own reader for the samples, by another one for every value.

use std::{fs, io::Cursor, path::PathBuf};

use dicom_object::{FileDicomObject, InMemDicomObject, from_reader};
use negatoscope_phantom::{Exam, Scale, generate};
use viewer_core::{dicom::read_part10, inspect::DicomImage, pixel::samples::StoredSamples};

use super::*;

const RLE: &str = "1.2.840.10008.1.2.5";

fn phantom() -> (tempfile::TempDir, Exam) {
    let folder = tempfile::tempdir().unwrap();
    let exam = generate(folder.path(), Scale::tiny()).unwrap();
    (folder, exam)
}

fn syntax_of(file: &[u8]) -> String {
    read_part10(Cursor::new(file)).unwrap().transfer_syntax_uid
}

/// The phantom's files in this syntax.
fn stored_as(exam: &Exam, syntax: &str) -> Vec<Vec<u8>> {
    let files = exam.series.iter().flat_map(|series| &series.files);
    let read = |path: &PathBuf| fs::read(path).unwrap();
    files.map(read).filter(|file| syntax_of(file) == syntax).collect()
}

fn samples(file: &[u8]) -> Vec<StoredSamples> {
    let mut image = DicomImage::open(Cursor::new(file)).unwrap();
    (1..=image.frame_count()).map(|number| image.stored(number).unwrap().samples).collect()
}

/// Read without its pixel data, by a reader that is not ours.
fn values(file: &[u8]) -> FileDicomObject<InMemDicomObject> {
    let mut object = from_reader(&file[128..]).unwrap();
    object.remove_element(dicom_dictionary_std::tags::PIXEL_DATA);
    object
}

fn assert_same_but(before: &[u8], after: &[u8], changed: &[u32]) {
    let (before, after) = (values(before), values(after));
    let tag = |tag: dicom_core::Tag| u32::from(tag.group()) << 16 | u32::from(tag.element());
    for element in before.iter().filter(|element| !changed.contains(&tag(element.header().tag))) {
        let at = element.header().tag;
        let same = after.element(at).unwrap_or_else(|_missing| panic!("{at} is gone"));
        assert_eq!(same.value(), element.value(), "{at}");
    }
    assert_eq!(before.iter().count(), after.iter().count());
}

#[test]
fn what_boxes_do_not_ask_for_is_sent_in_the_best_they_do() {
    let all = |_syntax: &str| true;
    let only = |wanted: &'static str| move |syntax: &str| syntax == wanted;
    let table = [
        (JPEG_2000_LOSSLESS, target(JPEG_2000_LOSSLESS, all), Some(JPEG_2000)),
        (
            JPEG_2000_LOSSLESS,
            target(JPEG_2000_LOSSLESS, only(EXPLICIT_LITTLE_ENDIAN)),
            Some(EXPLICIT_LITTLE_ENDIAN),
        ),
        (RLE, target(RLE, all), Some(EXPLICIT_LITTLE_ENDIAN)),
        (RLE, target(RLE, only(JPEG_2000)), None),
        (IMPLICIT_LITTLE_ENDIAN, target(IMPLICIT_LITTLE_ENDIAN, all), Some(EXPLICIT_LITTLE_ENDIAN)),
        (BIG_ENDIAN, target(BIG_ENDIAN, all), None),
        ("1.2.840.10008.1.2.1.99", target("1.2.840.10008.1.2.1.99", all), None),
        ("1.2.3", target("1.2.3", all), None),
    ];
    for (stored, found, expected) in table {
        assert_eq!(found, expected, "{stored}");
    }
}

#[test]
fn run_lengths_become_plain_samples_and_nothing_else_changes() {
    let (_folder, exam) = phantom();
    let files = stored_as(&exam, RLE);
    assert!(!files.is_empty());
    for file in files {
        let plain = convert(&file, RLE, EXPLICIT_LITTLE_ENDIAN).unwrap();
        assert_eq!(syntax_of(&plain), EXPLICIT_LITTLE_ENDIAN);
        assert_eq!(samples(&plain), samples(&file));
        assert_same_but(&file, &plain, &[]);
    }
}

#[test]
fn implicit_values_get_the_vr_of_the_dictionary_and_stay_as_they_are() {
    let (_folder, exam) = phantom();
    let files = stored_as(&exam, IMPLICIT_LITTLE_ENDIAN);
    assert!(!files.is_empty());
    for file in files {
        let explicit = convert(&file, IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN).unwrap();
        assert_eq!(syntax_of(&explicit), EXPLICIT_LITTLE_ENDIAN);
        assert_eq!(samples(&explicit), samples(&file));
        assert_same_but(&file, &explicit, &[]);
    }
}

#[test]
fn colour_of_a_lossy_syntax_is_called_what_it_is_when_plain() {
    let (_folder, exam) = phantom();
    let baseline = "1.2.840.10008.1.2.4.50";
    let files = stored_as(&exam, baseline);
    assert!(!files.is_empty());
    for file in files {
        let plain = convert(&file, baseline, EXPLICIT_LITTLE_ENDIAN).unwrap();
        assert_eq!(samples(&plain), samples(&file));
        let read = values(&plain);
        let text = |name: &str| read.element_by_name(name).unwrap().to_str().unwrap().into_owned();
        assert_eq!(text("PhotometricInterpretation"), "YBR_FULL");
        assert_eq!(text("LossyImageCompression"), "01");
        assert_eq!(
            read.element_by_name("PlanarConfiguration").unwrap().to_int::<u16>().unwrap(),
            0
        );
        assert_same_but(&file, &plain, &[0x0028_0004, 0x0028_0006]);
    }
}

#[test]
fn sequences_of_any_length_and_values_that_are_too_long_become_explicit() {
    // A sequence of undefined length with an item of undefined length, a private element, a group length, a long text.
    let long = vec![b'x'; 70_000];
    let mut data: Vec<u8> = Vec::new();
    let mut element = |tag: u32, value: &[u8], length: Option<u32>| {
        data.extend(((tag >> 16) as u16).to_le_bytes());
        data.extend((tag as u16).to_le_bytes());
        data.extend(length.unwrap_or(value.len() as u32).to_le_bytes());
        data.extend_from_slice(value);
    };
    element(0x0008_0000, &[1, 0, 0, 0], None);
    element(0x0008_1140, &[], Some(u32::MAX));
    element(0xFFFE_E000, &[], Some(u32::MAX));
    element(0x0008_1155, b"1.2\0", None);
    element(0xFFFE_E00D, &[], None);
    element(0xFFFE_E0DD, &[], None);
    element(0x0009_0010, b"MAKER ", None);
    element(0x0009_1001, b"ab", None);
    element(0x0010_4000, &long, None);
    let meta = "\0".repeat(128).into_bytes();
    let mut file = [&meta[..], b"DICM\x02\0\x10\0UI\x12\x001.2.840.10008.1.2\0"].concat();
    file.extend(data);
    let explicit = convert(&file, IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN).unwrap();
    let own = read_part10(Cursor::new(&explicit[..])).unwrap();
    let has = |needle: &[u8]| explicit.windows(needle.len()).any(|part| part == needle);
    assert!(has(
        b"\x08\0\x40\x11SQ\0\0\x14\0\0\0\xFE\xFF\0\xE0\x0C\0\0\0\x08\0\x55\x11UI\x04\x001.2\0"
    ));
    assert!(has(b"\x09\0\x10\0LO\x06\0MAKER ") && has(b"\x09\0\x01\x10UN\0\0\x02\0\0\0ab"));
    assert!(
        has(b"\x10\0\0\x40UN\0\0\x70\x11\x01\0xxx"),
        "a text of 70000 bytes has no length of two"
    );
    assert_eq!(own.transfer_syntax_uid, EXPLICIT_LITTLE_ENDIAN);
    assert_eq!(own.object.iter().count(), 4);
}

#[test]
fn lossless_jpeg_2000_is_the_same_bytes_under_the_wider_name() {
    let data = b"\x10\x00\x20\x00LO\x02\x00ab";
    let meta = "\0".repeat(128).into_bytes();
    let file = [&meta[..], b"DICM\x02\0\x10\0UI\x16\x001.2.840.10008.1.2.4.90", data].concat();
    let named = convert(&file, JPEG_2000_LOSSLESS, JPEG_2000).unwrap();
    assert!(named.ends_with(data));
    assert_eq!(syntax_of(&named), JPEG_2000);
}

proptest::proptest! {
    /// Bytes of an archive are not believed either.
    #[test]
    fn whatever_is_stored_is_answered(bytes in proptest::collection::vec(0_u8.., 0..300), which in 0_usize..3) {
        let meta = "\0".repeat(128).into_bytes();
        let file = [&meta[..], b"DICM\x02\0\x10\0UI\x12\x001.2.840.10008.1.2\0", &bytes].concat();
        for file in [&file, &bytes] {
            let stored = [IMPLICIT_LITTLE_ENDIAN, RLE, JPEG_2000_LOSSLESS][which];
            _ = convert(file, stored, target(stored, |_| true).unwrap());
        }
    }
}
