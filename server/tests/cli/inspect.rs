//! `negatoscope inspect`

use dicom_core::{DataElement, PrimitiveValue, VR, value::DataSetSequence};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use negatoscope_phantom::{Exam, Scale, generate};
use serde_json::Value;

use crate::files::{NATIVE, cut, encapsulated, grey, item, report, string, write};
use crate::{negatoscope, said, text};

fn json(file: &str) -> Value {
    serde_json::from_slice(&negatoscope(&["inspect", file, "--json"]).stdout).unwrap()
}

#[test]
fn nothing_of_it_tells_whose_image_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let exam = generate(folder.path(), Scale::tiny()).unwrap();
    for series in &exam.series {
        let file = series.files[0].to_str().unwrap();
        for output in [said(&["inspect", file]), said(&["inspect", file, "--json"])] {
            assert!(output.contains("Storage") && output.contains("fine"), "{output}");
            for secret in identity(&exam).into_iter().chain(&series.sop_instance_uids) {
                assert!(!output.contains(secret.as_str()), "{secret} in {output}");
            }
            assert!(!output.contains(&series.series_instance_uid), "{output}");
            assert!(!output.contains(&series.description), "{output}");
        }
    }
}

fn identity(exam: &Exam) -> [&String; 9] {
    [
        &exam.study_instance_uid,
        &exam.accession_number,
        &exam.birth_name,
        &exam.given_name,
        &exam.birth_date,
        &exam.patient_id,
        &exam.institution,
        &exam.study_date,
        &exam.study_description,
    ]
}

#[test]
fn calibration_comes_with_its_provenance() {
    let folder = tempfile::tempdir().unwrap();
    let mut object = grey(1);
    string(&mut object, tags::IMAGER_PIXEL_SPACING, VR::DS, "0.25\\0.5");
    let file = write(folder.path(), "detector.dcm", object, NATIVE);
    let told = said(&["inspect", &file]);
    let line =
        "0.25 mm between rows, 0.5 mm between columns, by Imager Pixel Spacing (at the detector)";
    assert!(told.contains(line), "{told}");
    assert_eq!(json(&file)["image"]["format"]["spacing"]["source"], "imager_pixel_spacing");
    let mut object = grey(1);
    string(&mut object, tags::IMAGER_PIXEL_SPACING, VR::DS, "0.25\\0.5");
    string(&mut object, tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, VR::DS, "1.25");
    let told = said(&["inspect", &write(folder.path(), "magnified.dcm", object, NATIVE)]);
    let line = "0.2 mm between rows, 0.4 mm between columns, \
                by Imager Pixel Spacing and Estimated Radiographic Magnification Factor";
    assert!(told.contains(line), "{told}");
    let file = write(folder.path(), "none.dcm", grey(1), NATIVE);
    assert!(said(&["inspect", &file]).contains("lengths are in pixels"));
}

#[test]
fn gaps_between_frames_and_what_uptake_lacks_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut object = grey(3);
    string(&mut object, tags::SOP_CLASS_UID, VR::UI, uids::ENHANCED_PET_IMAGE_STORAGE);
    string(&mut object, tags::UNITS, VR::CS, "BQML");
    item(&mut object, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, axial());
    let frames: Vec<_> = ["0", "2", "6"].into_iter().map(at_height).collect();
    let frames = DataElement::new(
        tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
        VR::SQ,
        DataSetSequence::from(frames),
    );
    object.put(frames);
    let file = write(folder.path(), "gap.dcm", object, NATIVE);
    let told = said(&["inspect", &file]);
    assert!(told.contains("Slices              3 places, 2 mm apart, 1 missing\n"), "{told}");
    let lacking = "Uptake              not computed: not corrected for attenuation\n";
    assert!(told.contains(lacking), "{told}");
    assert_eq!(json(&file)["image"]["slices"]["missing"], 1);
}

fn axial() -> InMemDicomObject {
    let mut orientation = InMemDicomObject::new_empty();
    string(&mut orientation, tags::IMAGE_ORIENTATION_PATIENT, VR::DS, "1\\0\\0\\0\\1\\0");
    let mut groups = InMemDicomObject::new_empty();
    item(&mut groups, tags::PLANE_ORIENTATION_SEQUENCE, orientation);
    groups
}

fn at_height(z_mm: &str) -> InMemDicomObject {
    let mut position = InMemDicomObject::new_empty();
    string(&mut position, tags::IMAGE_POSITION_PATIENT, VR::DS, &format!("0\\0\\{z_mm}"));
    let mut groups = InMemDicomObject::new_empty();
    item(&mut groups, tags::PLANE_POSITION_SEQUENCE, position);
    groups
}

#[test]
fn frames_and_offset_tables_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let object = encapsulated(vec![vec![1; 6], vec![2; 6], vec![3; 6]]);
    let file = write(folder.path(), "rle.dcm", object, uids::RLE_LOSSLESS);
    let found = &json(&file)["image"]["encapsulation"];
    let expected = serde_json::json!({
        "fragments": 3, "basic_offsets": 0, "extended_offsets": 0, "closed": true,
        "frames_by": "one_frame"
    });
    assert_eq!(*found, expected);
    let native = json(&write(folder.path(), "native.dcm", grey(2), NATIVE));
    assert_eq!(native["image"]["encapsulation"], Value::Null);
    assert_eq!(native["image"]["frames_found"], 2);
}

#[test]
fn attributes_that_are_not_honoured_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut object = grey(1);
    string(&mut object, tags::BURNED_IN_ANNOTATION, VR::CS, "YES");
    string(&mut object, tags::WINDOW_CENTER, VR::DS, "40");
    // Present and empty: nothing to honour.
    object.put(DataElement::new(tags::WINDOW_WIDTH, VR::DS, PrimitiveValue::Empty));
    let file = write(folder.path(), "burnt.dcm", object, NATIVE);
    let found = json(&file);
    let honoured = |tag: &str| {
        let attributes = found["attributes"].as_array().unwrap();
        attributes.iter().find(|row| row["tag"] == tag).map(|row| row["honoured"].clone())
    };
    assert_eq!(honoured("0028,0301"), Some("no".into()));
    assert_eq!(honoured("0028,1050"), Some("yes".into()));
    assert_eq!(honoured("0028,1051"), None);
    assert!(said(&["inspect", &file]).contains("Not honoured        Burned In Annotation"));
}

#[test]
fn the_exit_status_tells_fine_unsupported_and_malformed_apart() {
    let folder = tempfile::tempdir().unwrap();
    let good = write(folder.path(), "good.dcm", grey(2), NATIVE);
    let video = encapsulated(vec![vec![0, 0, 1, 0xB3]]);
    let video = write(folder.path(), "video.dcm", video, uids::MPEG2MPML);
    let shown = encapsulated(vec![vec![0, 0, 0, 1, 0x67, 100]]);
    let shown = write(folder.path(), "shown.dcm", shown, uids::MPEG4HP41);
    let report = write(folder.path(), "report.dcm", report(), NATIVE);
    for (file, status, verdict) in [
        (&good, 0, "fine"),
        (&video, 3, "unsupported: frame 1: unsupported transfer syntax: MPEG2"),
        (&shown, 0, "fine as far as the browser decodes the video"),
        (&report, 3, "unsupported: no image: Basic Text SR Storage"),
        (&cut(&good, 13), 4, "malformed: 1 of 2 frames are there"),
    ] {
        let output = negatoscope(&["inspect", file]);
        let told = text(&output.stdout);
        assert_eq!(output.status.code(), Some(status), "{told}");
        assert!(told.contains(&format!("Verdict             {verdict}")), "{told}");
    }
}

#[test]
fn what_becomes_of_a_video_is_said() {
    let folder = tempfile::tempdir().unwrap();
    for (uid, expected) in [
        (uids::MPEG4HP41, "a video: the viewer shows its frames where the browser decodes it"),
        (uids::MPEG2MPML, "a video that no browser decodes"),
    ] {
        let object = encapsulated(vec![vec![0, 0, 0, 1, 0x67, 100]]);
        let found = json(&write(folder.path(), "video.dcm", object, uid));
        let syntax = &found["transfer_syntax"];
        assert_eq!((&syntax["decoded"], &syntax["video"]), (&false.into(), &expected.into()));
    }
    let still = json(&write(folder.path(), "still.dcm", grey(1), NATIVE));
    assert_eq!(still["transfer_syntax"]["video"], Value::Null);
}

/// One label of JPEG covers processes with and without a decoder: the frame header tells.
#[test]
fn a_process_without_a_decoder_is_known_before_a_frame_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for (marker, status, process) in [
        (0xC3, 0, "fine"),
        (
            0xCB,
            3,
            "unsupported: frame 1: JPEG: the lossless process with arithmetic coding (SOF11)",
        ),
        (0xC7, 3, "unsupported: frame 1: JPEG: the hierarchical lossless process (SOF7)"),
    ] {
        let frame = [0xFF, marker, 0, 11, 12, 0, 2, 0, 3, 1, 1, 0x11, 0];
        let scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 0, 0];
        let jpeg = [&[0xFF, 0xD8][..], &frame, &scan, &[0xFF, 0xD9]].concat();
        let file = write(folder.path(), "jpeg.dcm", encapsulated(vec![jpeg]), uids::JPEG_LOSSLESS);
        let output = negatoscope(&["inspect", &file]);
        let told = text(&output.stdout);
        assert_eq!(output.status.code(), Some(status), "{told}");
        assert!(told.contains(&format!("Verdict             {process}")), "{told}");
        assert_eq!(told.contains("not decoded"), status != 0, "{told}");
    }
}
