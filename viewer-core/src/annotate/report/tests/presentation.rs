//! Annotations that leave as a presentation state.

use super::*;
use crate::dicom::presentation_state as read_state;
use crate::exam::{LeftOut, LookupTable, PresentationState, ShapeKind};
use crate::viewport::{UserWindow, ViewPresentation, ViewReference, ViewState, VoiChoice, looks};

/// Who writes what about an exam, beside the entries.
fn about(exam: &ExamSummary) -> ReportSource<'_> {
    ReportSource {
        exam,
        of: ExamIndex::FIRST,
        entries: &[],
        language: "fr",
        date_time: ["20261126", "120000"],
        random: 7,
    }
}

fn view() -> ViewState {
    let window =
        UserWindow { center: 40.5, width: 400.0, function: crate::exam::VoiFunction::LinearExact };
    let mut view = ViewState { reference: Some(ViewReference::default()), ..ViewState::default() };
    view.data.voi = VoiChoice::User(window);
    view.data.invert = true;
    view.presentation = ViewPresentation { quarter_turns: 3, mirrored: true, ..view.presentation };
    view
}

fn written(exam: &ExamSummary, kinds: &[(Kind, &[[f64; 2]])], series: u32) -> Option<Vec<u8>> {
    let entries: Vec<PresentationEntry> = kinds
        .iter()
        .map(|(kind, points)| PresentationEntry {
            annotation: entry(exam, *kind, points, Vec::new()).annotation,
            lines: vec!["12,5 mm".into(), "À voir".into()],
        })
        .collect();
    presentation_state(&PresentationSource {
        about: about(exam),
        entries: &entries,
        series,
        view: &view(),
    })
}

const LENGTH: (Kind, &[[f64; 2]]) = (Kind::Length, &[[10.0, 10.0], [30.0, 10.0]]);

fn read_back(file: &[u8]) -> PresentationState {
    read_state(&read(file)).expect("a presentation")
}

#[test]
fn what_was_drawn_comes_back_on_its_image_with_window_and_turns() {
    let exam = named_exam();
    let kinds: [(Kind, &[[f64; 2]]); 5] = [
        LENGTH,
        (Kind::Ellipse, &[[10.0, 10.0], [30.0, 20.0]]),
        (Kind::Probe, &[[5.0, 6.0]]),
        (Kind::Arrow, &[[5.0, 6.0], [15.0, 6.0]]),
        (Kind::Cobb, &[[1.0, 1.0], [9.0, 1.0], [1.0, 20.0], [9.0, 21.0]]),
    ];
    let file = written(&exam, &kinds, 0).expect("a presentation");
    let object = read(&file);
    assert_eq!(text(&object, tags::MODALITY), "PR");
    assert_eq!(text(&object, tags::PATIENT_NAME), "LEFÈVREX^Élise");
    let state = read_back(&file);
    assert_eq!(state.left_out, Vec::<LeftOut>::new());
    assert_eq!((state.images.len(), state.images[0].sop_instance_uid.as_str()), (1, IMAGE));
    assert_eq!((state.quarter_turns, state.is_mirrored), (3, true), "as the pane had it");
    // What it makes of the values is what the pane made of them.
    let looks = looks(&state, &exam);
    assert_eq!((looks.len(), looks[0].what.left_out.as_slice()), (1, &[][..]));
    let data = view().data;
    assert_eq!(looks[0].what.window.map(VoiChoice::User), Some(data.voi));
    assert_eq!(looks[0].what.invert, data.invert);
    let kinds: Vec<Vec<ShapeKind>> = state
        .drawings
        .iter()
        .map(|one| one.what.shapes.iter().map(|shape| shape.kind).collect())
        .collect();
    let line = ShapeKind::Polyline;
    let expected = [
        vec![line],
        vec![ShapeKind::Ellipse],
        vec![ShapeKind::Point],
        vec![line, line],
        vec![line, line, line],
    ];
    assert_eq!(kinds, expected);
    let near = |[x, y]: [f64; 2], [u, v]: [f64; 2]| (x - u).hypot(y - v) < 1e-3;
    let points = &state.drawings[0].what.shapes[0].points;
    assert!(near(points[0], [10.0, 10.0]) && near(points[1], [30.0, 10.0]), "{points:?}");
    let words = &state.drawings[0].what.texts[0];
    assert_eq!(words.text, "12,5 mm\r\nÀ voir");
    assert!(near(words.anchor.expect("an anchor"), [30.0, 10.0]), "{words:?}");
    let format = &exam.series[0].formats[0];
    let whole = [0.0, 0.0, f64::from(format.columns), f64::from(format.rows)];
    assert_eq!(state.areas[0].what.edges, whole);
}

#[test]
fn a_curve_of_the_pane_comes_back_as_one() {
    let mut exam = named_exam();
    let entries: Vec<u16> = (0..=255).map(|grey| grey * 257).collect();
    let curve = LookupTable { first_mapped: -1000, bits: 16, entries, explanation: "K".into() };
    exam.series[0].displays[0].voi_luts = vec![curve.clone()];
    let mut look = view();
    look.data.voi = VoiChoice::VoiLut(0);
    let annotation = entry(&exam, LENGTH.0, LENGTH.1, Vec::new()).annotation;
    let entries = [PresentationEntry { annotation, lines: Vec::new() }];
    let source =
        PresentationSource { about: about(&exam), entries: &entries, series: 0, view: &look };
    let state = read_back(&presentation_state(&source).expect("a presentation"));
    let found = looks(&state, &exam);
    let table = found[0].what.table.as_ref().expect("a table");
    assert_eq!(found[0].what.left_out, []);
    assert_eq!((table.first_mapped, &table.entries), (-1000, &curve.entries));
}

#[test]
fn what_was_drawn_on_another_exam_is_written_under_its_own_patient() {
    let exam = two_exams();
    let mut annotation = entry(&exam, LENGTH.0, LENGTH.1, Vec::new()).annotation;
    annotation.sop_instance_uid = OTHER_IMAGE.into();
    let entries = [PresentationEntry { annotation, lines: Vec::new() }];
    let source =
        PresentationSource { about: about(&exam), entries: &entries, series: 1, view: &view() };
    let object = read(&presentation_state(&source).expect("a grey image"));
    assert_eq!(text(&object, tags::PATIENT_NAME), "MARTIN^Élise");
    assert_eq!(text(&object, tags::STUDY_INSTANCE_UID), "1.2.10");
}

#[test]
fn only_grey_images_of_the_series_are_written() {
    let exam = named_exam();
    assert_eq!(written(&exam, &[], 0), None);
    assert_eq!(written(&exam, &[LENGTH], 1), None, "another series");
    let mut colour = named_exam();
    colour.series[0].formats[0].photometric_interpretation = "RGB".into();
    colour.series[0].formats[0].samples_per_pixel = 3;
    assert_eq!(written(&colour, &[LENGTH], 0), None);
}

#[test]
fn elements_of_a_presentation_ascend_at_every_depth() {
    let file = written(&named_exam(), &[LENGTH], 0).expect("a presentation");
    let start =
        132 + 12 + u32::from_le_bytes([file[140], file[141], file[142], file[143]]) as usize;
    assert!(ascend(&file[start..]));
}
