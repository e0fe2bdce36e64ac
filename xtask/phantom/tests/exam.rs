//! The phantom as others see it: read back with dicom-object, frame numbers against geometry.
#![expect(clippy::expect_used, reason = "a test stops where its input is not as made")]

use std::path::Path;

use dicom_dictionary_std::tags;
use dicom_object::{DefaultDicomObject, Tag, open_file};
use negatoscope_phantom::{
    Exam, Scale, SeriesFiles, SeriesKind, burnt_index, corrupt_copy, generate, generate_documents,
    generate_other, generate_pair, truncated_copy,
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

fn tiny() -> (TempDir, Exam) {
    let dir = tempfile::tempdir().expect("temporary folder");
    let exam = generate(dir.path(), Scale::tiny()).expect("generated");
    (dir, exam)
}

fn text(object: &DefaultDicomObject, tag: Tag) -> String {
    object.element(tag).expect("present").to_str().expect("text").trim().to_owned()
}

fn numbers(object: &DefaultDicomObject, tag: Tag) -> Vec<f64> {
    object.element(tag).expect("present").to_multi_float64().expect("numbers")
}

fn series(exam: &Exam, kind: SeriesKind) -> &SeriesFiles {
    exam.series(kind).expect("series")
}

fn hash_of_files(exam: &Exam) -> String {
    let mut hash = Sha256::new();
    for file in exam.series.iter().flat_map(|series| &series.files) {
        hash.update(std::fs::read(file).expect("read"));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Distance along the normal, from Image Position and Orientation (Patient).
fn along_normal(object: &DefaultDicomObject) -> f64 {
    let position = numbers(object, tags::IMAGE_POSITION_PATIENT);
    let o = numbers(object, tags::IMAGE_ORIENTATION_PATIENT);
    let normal = [o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3]];
    position.iter().zip(normal).map(|(p, n)| p * n).sum()
}

#[test]
fn the_same_exam_is_written_every_time() {
    let (_first, one) = tiny();
    let (_second, two) = tiny();
    assert_eq!(hash_of_files(&one), hash_of_files(&two));
}

#[test]
fn every_series_has_its_files_and_syntax() {
    let (_dir, exam) = tiny();
    let expected = [
        (SeriesKind::Ct, 7, "1.2.840.10008.1.2.1"),
        (SeriesKind::SharpCt, 4, "1.2.840.10008.1.2.1"),
        (SeriesKind::Mr, 5, "1.2.840.10008.1.2.5"),
        (SeriesKind::Cr, 1, "1.2.840.10008.1.2"),
        (SeriesKind::Us, 1, "1.2.840.10008.1.2.4.50"),
        (SeriesKind::MultiFrame, 1, "1.2.840.10008.1.2.1"),
    ];
    for (kind, files, syntax) in expected {
        let series = series(&exam, kind);
        assert_eq!(series.files.len(), files, "{kind:?}");
        for (file, uid) in series.files.iter().zip(&series.sop_instance_uids) {
            let object = open_file(file).expect("readable");
            assert_eq!(object.meta().transfer_syntax(), syntax);
            assert_eq!(&text(&object, tags::SOP_INSTANCE_UID), uid);
            assert_eq!(text(&object, tags::SERIES_INSTANCE_UID), series.series_instance_uid);
            assert_eq!(text(&object, tags::STUDY_INSTANCE_UID), exam.study_instance_uid);
            assert_eq!(text(&object, tags::PATIENT_NAME), "LEFÈVRE^Élise");
            assert_eq!(text(&object, tags::SERIES_DESCRIPTION), series.description);
        }
    }
}

#[test]
fn the_mr_is_written_in_latin_1() {
    let (_dir, exam) = tiny();
    let bytes = std::fs::read(&series(&exam, SeriesKind::Mr).files[0]).expect("read");
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"LEF\xc8VRE^\xc9lise"));
    assert!(!holds("LEFÈVRE".as_bytes()));
}

#[test]
fn burnt_numbers_follow_geometry_and_nothing_else() {
    let (_dir, exam) = tiny();
    for kind in [SeriesKind::Ct, SeriesKind::SharpCt] {
        let mut slices: Vec<(f64, u16, String, u32)> = series(&exam, kind)
            .files
            .iter()
            .map(|file| {
                let object = open_file(file).expect("readable");
                let number = burnt_index(&stored(&object), 64).expect("burnt in");
                let instance = text(&object, tags::INSTANCE_NUMBER).parse().expect("number");
                (along_normal(&object), number, file.display().to_string(), instance)
            })
            .collect();
        slices.sort_by(|a, b| a.0.total_cmp(&b.0));
        let by_position: Vec<u16> = slices.iter().map(|slice| slice.1).collect();
        assert_eq!(by_position, (1..=slices.len() as u16).collect::<Vec<_>>(), "{kind:?}");
        assert!(!slices.is_sorted_by_key(|slice| slice.2.clone()), "names give no order");
        assert!(!slices.is_sorted_by_key(|slice| slice.3), "instance numbers give no order");
        let place = |number| slices.iter().position(|slice| slice.3 == number);
        assert!(place(1) < place(slices.len() as u32), "but they give the direction");
    }
}

/// Native samples as stored: signed where the file says so.
fn stored(object: &DefaultDicomObject) -> Vec<f64> {
    let signed = text(object, tags::PIXEL_REPRESENTATION) == "1";
    let bytes = object.element(tags::PIXEL_DATA).expect("pixels").to_bytes().expect("bytes");
    let words = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    words.map(|word| if signed { f64::from(word as i16) } else { f64::from(word) }).collect()
}

#[test]
fn the_first_ct_is_signed_padded_and_in_hounsfield_units() {
    let (_dir, exam) = tiny();
    let object = open_file(&series(&exam, SeriesKind::Ct).files[1]).expect("readable");
    let samples = stored(&object);
    assert_eq!(samples[64 * 64 - 1], -2000.0, "corner is padding");
    assert_eq!(numbers(&object, tags::RESCALE_INTERCEPT), [-1024.0]);
    assert_eq!(numbers(&object, tags::WINDOW_CENTER), [40.0, -600.0]);
    // The slice at 64 mm: the right lung, 80 mm to the right of the middle.
    let lung = samples[30 * 64 + 19] - 1024.0;
    assert!((-1000.0..-700.0).contains(&lung), "{lung}");
}

#[test]
fn the_mr_holds_negative_values_in_rle() {
    let (_dir, exam) = tiny();
    for (position, file) in series(&exam, SeriesKind::Mr).files.iter().enumerate() {
        let object = open_file(file).expect("readable");
        let samples = unpack(&fragments(&object)[0], 64 * 64);
        assert_eq!(burnt_index(&samples, 64), Some(position as u16 + 1));
        assert!(samples.iter().any(|&value| value < -300), "slow tissue is negative");
        assert!(samples.iter().any(|&value| value > 900), "fat is bright");
    }
}

fn fragments(object: &DefaultDicomObject) -> Vec<Vec<u8>> {
    let element = object.element(tags::PIXEL_DATA).expect("pixels");
    element.value().fragments().expect("encapsulated").to_vec()
}

/// RLE as PS3.5 Annex G describes it, for two segments.
fn unpack(frame: &[u8], pixels: usize) -> Vec<i16> {
    let word = |at: usize| u32::from_le_bytes(frame[at..at + 4].try_into().expect("4")) as usize;
    assert_eq!(word(0), 2);
    let planes = [&frame[word(4)..word(8)], &frame[word(8)..]].map(|mut segment| {
        let mut bytes = Vec::new();
        while bytes.len() < pixels {
            let control = usize::from(segment[0]);
            if control < 128 {
                bytes.extend_from_slice(&segment[1..control + 2]);
                segment = &segment[control + 2..];
            } else {
                bytes.extend(std::iter::repeat_n(segment[1], 257 - control));
                segment = &segment[2..];
            }
        }
        assert_eq!(bytes.len(), pixels);
        bytes
    });
    let pairs = planes[0].iter().zip(&planes[1]);
    pairs.map(|(&high, &low)| i16::from_be_bytes([high, low])).collect()
}

#[test]
fn the_radiograph_is_monochrome1_in_12_bits() {
    let (_dir, exam) = tiny();
    let object = open_file(&series(&exam, SeriesKind::Cr).files[0]).expect("readable");
    assert_eq!(text(&object, tags::PHOTOMETRIC_INTERPRETATION), "MONOCHROME1");
    assert_eq!(text(&object, tags::BITS_STORED), "12");
    assert!(object.element_opt(tags::PIXEL_SPACING).expect("readable").is_none());
    let samples = stored(&object);
    assert_eq!(burnt_index(&samples, 128), Some(1));
    assert!(samples.iter().all(|value| (0.0..=4095.0).contains(value)));
    // Air beside the head lets the light through; the spine behind the heart does not.
    let [air, spine] = [samples[20 * 128 + 120], samples[110 * 128 + 64]];
    assert!(air > 4000.0 && spine < 1500.0, "{air} {spine}");
}

#[test]
fn the_loop_has_one_jpeg_a_frame_and_its_timing() {
    let (_dir, exam) = tiny();
    let us = series(&exam, SeriesKind::Us);
    assert_eq!(us.frames, 4);
    let object = open_file(&us.files[0]).expect("readable");
    assert_eq!(text(&object, tags::NUMBER_OF_FRAMES), "4");
    assert_eq!(numbers(&object, tags::FRAME_TIME), [40.0]);
    let frames = fragments(&object);
    assert_eq!(frames.len(), 4);
    for (frame, jpeg) in frames.iter().enumerate() {
        assert_eq!(jpeg[..2], [0xff, 0xd8]);
        let image = libjpeg_turbo_rs::decompress(jpeg).expect("decodes");
        assert_eq!((image.width, image.height), (128, 96));
        let red: Vec<u8> = image.data.chunks_exact(3).map(|rgb| rgb[0]).collect();
        assert_eq!(burnt_index(&red, 128), Some(frame as u16 + 1));
    }
}

#[test]
fn the_other_patient_shares_nothing_that_names_an_object() {
    let (_dir, exam) = tiny();
    let dir = tempfile::tempdir().expect("temporary folder");
    let other = generate_other(dir.path(), Scale::tiny()).expect("generated");
    assert_ne!(other.study_instance_uid, exam.study_instance_uid);
    assert_ne!(other.accession_number, exam.accession_number);
    assert_ne!(other.birth_date, exam.birth_date);
    let uids = |exam: &Exam| -> Vec<String> {
        let instances = exam.series.iter().flat_map(|s| s.sop_instance_uids.clone());
        instances.chain(exam.series.iter().map(|s| s.series_instance_uid.clone())).collect()
    };
    assert!(uids(&other).iter().all(|uid| !uids(&exam).contains(uid)));
}

#[test]
fn a_pair_is_of_one_patient_and_one_number() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let [now, before] = [dir.path().join("now"), dir.path().join("before")];
    let [now, before] = generate_pair([&now, &before], Scale::tiny()).expect("generated");
    assert_eq!(now.patient_id, before.patient_id);
    assert_eq!(now.accession_number, before.accession_number);
    assert_ne!(now.study_instance_uid, before.study_instance_uid);
    assert!(now.study_date > before.study_date);
    let count = |exam: &Exam| series(exam, SeriesKind::SharpCt).files.len();
    assert_eq!([count(&now), count(&before)], [4, 2]);
    let has_keys = |exam: &Exam| exam.series.iter().any(|one| one.kind == SeriesKind::KeyImages);
    assert_eq!([has_keys(&now), has_keys(&before)], [true, false]);
}

#[test]
fn damaged_copies_are_damaged_behind_the_header() {
    let (dir, exam) = tiny();
    let good = &series(&exam, SeriesKind::Ct).files[0];
    let [short, wrong] = ["short", "wrong"].map(|name| dir.path().join(name));
    truncated_copy(good, &short).expect("copied");
    corrupt_copy(good, &wrong).expect("copied");
    let read = |path: &Path| std::fs::read(path).expect("read");
    let [good, short, wrong] = [read(good), read(&short), read(&wrong)];
    assert_eq!(short, good[..good.len() * 2 / 3]);
    assert_eq!(wrong.len(), good.len());
    assert_eq!(wrong[..1024], good[..1024]);
    assert_ne!(wrong, good);
}

#[test]
fn impossible_scales_are_refused() {
    let dir = tempfile::tempdir().expect("temporary folder");
    for ct_side_px in [0, 63, 70_000] {
        let scale = Scale { ct_side_px, ..Scale::tiny() };
        assert!(generate(dir.path(), scale).is_err(), "{ct_side_px}");
    }
}

#[test]
fn documents_are_about_slices_of_their_own_exam() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let exam = generate_documents(dir.path(), Scale::tiny()).expect("generated");
    let slices = &series(&exam, SeriesKind::Ct).sop_instance_uids;
    let kinds = [
        (SeriesKind::KeyImages, 3),
        (SeriesKind::Report, 1),
        (SeriesKind::Presentation, 1),
        (SeriesKind::Curves, 2),
        (SeriesKind::ColourPresentation, 0),
    ];
    for (kind, count) in kinds {
        let bytes = std::fs::read(&series(&exam, kind).files[0]).expect("read");
        let is_named = |uid: &&String| bytes.windows(uid.len()).any(|part| part == uid.as_bytes());
        assert_eq!(slices.iter().filter(is_named).count(), count, "{kind:?}");
    }
    let pdf = open_file(&series(&exam, SeriesKind::Pdf).files[0]).expect("a file");
    assert_eq!(text(&pdf, tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT), "application/pdf");
}
