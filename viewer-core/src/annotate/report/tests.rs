#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod presentation;

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::{DefaultDicomObject, InMemDicomObject, OpenFileOptions};

use super::*;
use crate::annotate::tests::{IMAGE, exam, leaning};
use crate::annotate::{ImageFacts, Kind, SampleUnit, Statistics, values};
use crate::exam::ExamIndex;

fn entry(exam: &ExamSummary, kind: Kind, points: &[[f64; 2]], more: Vec<Value>) -> ReportEntry {
    let facts = ImageFacts::find(exam, IMAGE, 0).expect("the image");
    let annotation = Annotation::new(kind, &facts, points);
    let own = values(kind, &facts, points, None, None).into_iter();
    let own = own.filter(|value| *value != Value::Awaited);
    let values = own.chain(more).collect();
    ReportEntry {
        annotation,
        name: format!("{} 1", kind.key()),
        values,
        provenance: "patient".into(),
    }
}

fn named_exam() -> ExamSummary {
    let mut exam = exam(Some([0.5, 0.25]), Some(leaning()));
    exam.patient.birth_name = "LEFÈVRE^X".into();
    exam.patient.given_names = "Élise".into();
    exam.patient.patient_id = "42".into();
    exam.study.study_instance_uid = "1.2.9".into();
    exam.series[0].series_instance_uid = "1.2.8".into();
    exam.series[0].formats[0].sop_class_uid = "1.2.840.10008.5.1.4.1.1.2".into();
    exam
}

fn report(exam: &ExamSummary, entries: &[ReportEntry]) -> Option<Vec<u8>> {
    let date_time = ["20261126", "120000"];
    structured_report(&ReportSource {
        exam,
        of: ExamIndex::FIRST,
        entries,
        language: "fr",
        date_time,
        random: u128::MAX,
    })
}

/// The exam above, and one of somebody else with an image of its own.
fn two_exams() -> ExamSummary {
    let mut exam = named_exam();
    let mut other = named_exam();
    other.patient.birth_name = "MARTIN".into();
    other.patient.patient_id = "43".into();
    other.study.study_instance_uid = "1.2.10".into();
    other.series[0].series_instance_uid = "1.2.10.1".into();
    other.series[0].images[0].sop_instance_uid = OTHER_IMAGE.into();
    exam.join(other).expect("another study");
    exam
}

const OTHER_IMAGE: &str = "1.2.10.1.1";

#[test]
fn a_report_is_about_one_exam_of_one_patient() {
    let exam = two_exams();
    let mut entries = all(&exam);
    let mut other = entries[0].clone();
    other.annotation.sop_instance_uid = OTHER_IMAGE.into();
    entries.push(other);
    for (of, [name, study, image]) in exam
        .exams()
        .zip([["LEFÈVREX^Élise", "1.2.9", IMAGE], ["MARTIN^Élise", "1.2.10", OTHER_IMAGE]])
    {
        let date_time = ["20261126", "120000"];
        let source = ReportSource {
            exam: &exam,
            of,
            entries: &entries,
            language: "fr",
            date_time,
            random: 3,
        };
        let file = structured_report(&source).expect("something was measured");
        let object = read(&file);
        assert_eq!(text(&object, tags::PATIENT_NAME), name);
        assert_eq!(text(&object, tags::STUDY_INSTANCE_UID), study);
        let written = String::from_utf8_lossy(&file);
        for (uid, is_there) in [(IMAGE, image == IMAGE), (OTHER_IMAGE, image == OTHER_IMAGE)] {
            assert_eq!(written.contains(uid), is_there, "{uid} in the report of {study}");
        }
    }
}

fn all(exam: &ExamSummary) -> Vec<ReportEntry> {
    let statistics = Statistics {
        count: 4,
        mean: -12.25,
        deviation: 3.5,
        min: -20.0,
        max: 1e-12,
        histogram: [0; crate::annotate::HISTOGRAM_BINS],
    };
    let hu = || SampleUnit::OfFile("HU".into());
    vec![
        entry(exam, Kind::Length, &[[10.0, 10.0], [30.0, 10.0]], Vec::new()),
        entry(
            exam,
            Kind::Ellipse,
            &[[10.0, 10.0], [30.0, 20.0]],
            vec![Value::Statistics(statistics, hu())],
        ),
        entry(exam, Kind::Probe, &[[5.0, 6.0]], vec![Value::Sample(Some(40.0), hu())]),
        entry(exam, Kind::Angle, &[[10.0, 10.0], [30.0, 10.0], [30.0, 30.0]], Vec::new()),
        entry(exam, Kind::Text, &[[5.0, 6.0]], Vec::new()),
    ]
}

fn read(file: &[u8]) -> DefaultDicomObject {
    OpenFileOptions::new().from_reader(file).expect("a DICOM file")
}

fn items(object: &InMemDicomObject, tag: Tag) -> &[InMemDicomObject] {
    object.element(tag).ok().and_then(|element| element.items()).unwrap_or_default()
}

fn text(object: &InMemDicomObject, tag: Tag) -> String {
    let found = object.element(tag).expect("an element");
    found.to_str().expect("text").trim_end_matches([' ', '\0']).to_owned()
}

fn meaning(object: &InMemDicomObject) -> String {
    text(&items(object, tags::CONCEPT_NAME_CODE_SEQUENCE)[0], tags::CODE_MEANING)
}

#[test]
fn a_report_says_whose_it_is_and_what_was_measured() {
    let exam = named_exam();
    let file = report(&exam, &all(&exam)).expect("a report");
    let object = read(&file);
    assert_eq!(object.meta().media_storage_sop_class_uid(), "1.2.840.10008.5.1.4.1.1.88.33");
    assert_eq!(text(&object, tags::PATIENT_NAME), "LEFÈVREX^Élise");
    assert_eq!(text(&object, tags::STUDY_INSTANCE_UID), "1.2.9");
    let uid = text(&object, tags::SOP_INSTANCE_UID);
    assert!(uid.len() <= 64 && uid.starts_with("2.25."), "{uid}");
    assert_ne!(uid, text(&object, tags::SERIES_INSTANCE_UID));
    let content = items(&object, tags::CONTENT_SEQUENCE);
    let groups = items(content.last().expect("measurements"), tags::CONTENT_SEQUENCE);
    // The text measures nothing.
    assert_eq!(groups.len(), 4);
    let numbers: Vec<_> = groups
        .iter()
        .flat_map(|group| items(group, tags::CONTENT_SEQUENCE))
        .filter(|item| text(item, tags::VALUE_TYPE) == "NUM")
        .map(|number| {
            let value = &items(number, tags::MEASURED_VALUE_SEQUENCE)[0];
            let unit = &items(value, tags::MEASUREMENT_UNITS_CODE_SEQUENCE)[0];
            format!(
                "{} {} {}",
                meaning(number),
                text(value, tags::NUMERIC_VALUE),
                text(unit, tags::CODE_VALUE)
            )
        })
        .collect();
    let hu = "Attenuation Coefficient";
    let expected = [
        "Length 5.000000 mm".to_owned(),
        "Area 19.634954 mm2".to_owned(),
        format!("{hu} -12.250000 [hnsf'U]"),
        format!("{hu} 3.500000 [hnsf'U]"),
        format!("{hu} -20.000000 [hnsf'U]"),
        format!("{hu} 0.000000 [hnsf'U]"),
        format!("{hu} 40.000000 [hnsf'U]"),
        "Angle 90.000000 deg".to_owned(),
    ];
    assert_eq!(numbers, expected);
}

#[test]
fn a_region_is_drawn_on_its_image_and_a_length_is_inferred_from_its_path() {
    let exam = named_exam();
    let file = report(&exam, &all(&exam)).expect("a report");
    let object = read(&file);
    let content = items(&object, tags::CONTENT_SEQUENCE);
    let groups = items(&content[4], tags::CONTENT_SEQUENCE);
    let region = items(&groups[1], tags::CONTENT_SEQUENCE)
        .iter()
        .find(|item| text(item, tags::VALUE_TYPE) == "SCOORD")
        .expect("a region");
    assert_eq!(text(region, tags::GRAPHIC_TYPE), "ELLIPSE");
    let points = region.element(tags::GRAPHIC_DATA).expect("points");
    let points = points.to_multi_float32().expect("floats");
    let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-3);
    assert!(near(&points, &[10.0, 15.0, 30.0, 15.0, 20.0, 10.0, 20.0, 20.0]), "{points:?}");
    let image = &items(region, tags::CONTENT_SEQUENCE)[0];
    assert_eq!(
        text(&items(image, tags::REFERENCED_SOP_SEQUENCE)[0], tags::REFERENCED_SOP_INSTANCE_UID),
        IMAGE
    );
    let length = &items(&groups[0], tags::CONTENT_SEQUENCE)[2];
    let path = &items(length, tags::CONTENT_SEQUENCE)[0];
    assert_eq!(
        (text(path, tags::RELATIONSHIP_TYPE), text(path, tags::GRAPHIC_TYPE)),
        ("INFERRED FROM".into(), "POLYLINE".into())
    );
    let evidence = &items(&object, tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE)[0];
    let series = &items(evidence, tags::REFERENCED_SERIES_SEQUENCE)[0];
    assert_eq!(text(series, tags::SERIES_INSTANCE_UID), "1.2.8");
    assert_eq!(items(series, tags::REFERENCED_SOP_SEQUENCE).len(), 1, "each image once");
}

/// Whether the elements of a data set ascend and fill it, those of its sequences as well.
fn ascend(mut bytes: &[u8]) -> bool {
    let mut last = (0, 0);
    while let [g0, g1, e0, e1, v0, v1, rest @ ..] = bytes {
        let tag = (u16::from_le_bytes([*g0, *g1]), u16::from_le_bytes([*e0, *e1]));
        let is_long = matches!(&[*v0, *v1], b"SQ" | b"OB" | b"UT");
        let (length, rest) = match rest {
            [_, _, a, b, c, d, rest @ ..] if is_long => {
                (u32::from_le_bytes([*a, *b, *c, *d]), rest)
            }
            [a, b, rest @ ..] => (u32::from(u16::from_le_bytes([*a, *b])), rest),
            _ => return false,
        };
        let Some((value, rest)) = rest.split_at_checked(length as usize) else { return false };
        if tag <= last || length % 2 == 1 || (&[*v0, *v1] == b"SQ" && !items_ascend(value)) {
            return false;
        }
        (last, bytes) = (tag, rest);
    }
    bytes.is_empty()
}

fn items_ascend(mut bytes: &[u8]) -> bool {
    while let [0xFE, 0xFF, 0x00, 0xE0, a, b, c, d, rest @ ..] = bytes {
        let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        let Some((item, rest)) = rest.split_at_checked(length) else { return false };
        if !ascend(item) {
            return false;
        }
        bytes = rest;
    }
    bytes.is_empty()
}

#[test]
fn elements_ascend_at_every_depth() {
    let exam = named_exam();
    let file = report(&exam, &all(&exam)).expect("a report");
    let start =
        132 + 12 + u32::from_le_bytes([file[140], file[141], file[142], file[143]]) as usize;
    assert_eq!(file[start..start + 4], [8, 0, 5, 0], "the group length is right");
    assert!(ascend(&file[start..]));
    assert!(!ascend(&file[start..file.len() - 2]), "cut");
}

#[test]
fn nothing_measured_makes_no_report() {
    let exam = named_exam();
    assert_eq!(report(&exam, &[]), None);
    assert_eq!(report(&exam, &all(&exam)[4..]), None);
}
