//! What hands and keys do to annotations, without a browser.

use negatoscope_text::Lang;
use negatoscope_tools::desk::{Desk, Key, Shown};
use negatoscope_tools::scene::{List, Scene};
use viewer_core::annotate::{Kind, Samples};
use viewer_core::exam::{
    DisplayAttributes, ExamSummary, Image, ImageFormat, ImagePlane, ModalityTransform, Patient,
    SampleKind, Series, Spacing, SpacingSource, Study,
};
use viewer_core::geometry::Affine2;
use viewer_core::pixel::PixelKind;

const MOUSE_PX: f64 = 8.0;

/// Two slices of 100 × 100 pixels of 0.5 mm.
fn exam(source: SpacingSource) -> ExamSummary {
    let format = ImageFormat {
        transfer_syntax_uid: String::new(),
        sop_class_uid: String::new(),
        rows: 100,
        columns: 100,
        samples_per_pixel: 1,
        photometric_interpretation: "MONOCHROME2".into(),
        bits_allocated: 16,
        bits_stored: 16,
        high_bit: 15,
        signed: true,
        planar: false,
        samples: SampleKind::Integer,
        padding: None,
        spacing: Some(Spacing { between_rows_mm: 0.5, between_columns_mm: 0.5, source }),
        aspect_ratio: None,
        lossy: None,
    };
    let display = DisplayAttributes {
        modality: ModalityTransform::Rescale { slope: 1.0, intercept: 0.0 },
        unit: "HU".into(),
        windows: Vec::new(),
        voi_luts: Vec::new(),
        inverse_presentation: false,
        presentation_lut: None,
        palette: None,
    };
    let image = |uid: &str, z: f64| Image {
        sop_instance_uid: uid.into(),
        frames: 1,
        displays: vec![0],
        planes: vec![ImagePlane {
            position_mm: [0.0, 0.0, z],
            row_direction: [1.0, 0.0, 0.0],
            column_direction: [0.0, 1.0, 0.0],
            thickness_mm: None,
        }],
        ..Image::default()
    };
    let series = Series {
        frame_of_reference_uid: Some("9".into()),
        formats: vec![format],
        displays: vec![display],
        images: vec![image("1.1", 0.0), image("1.2", 5.0)],
        ..Series::default()
    };
    ExamSummary {
        patient: Patient::default(),
        study: Study::default(),
        series: vec![series],
        joined: Vec::new(),
    }
}

/// A pane of 400 × 400 that shows the image four times as large.
fn shown(uid: &str) -> Shown {
    let canvas_from_image = Affine2 { xx: 4.0, yy: 4.0, ..Affine2::IDENTITY };
    Shown { sop_instance_uid: uid.into(), frame: 0, canvas_from_image, size_px: [400.0; 2] }
}

fn desk(kind: Kind) -> Desk {
    let mut desk = Desk::new(exam(SpacingSource::PixelSpacing), Lang::Fr);
    desk.show(0, shown("1.1"));
    desk.choose(Some(kind));
    desk.take_said();
    desk
}

fn click(desk: &mut Desk, at_px: [f64; 2]) {
    desk.moved(0, at_px);
    assert!(desk.down(0, at_px, MOUSE_PX));
    desk.up(0, at_px, MOUSE_PX);
}

fn drag(desk: &mut Desk, from_px: [f64; 2], to_px: [f64; 2]) {
    assert!(desk.down(0, from_px, MOUSE_PX));
    for step in 1..=4 {
        let at =
            |axis: usize| from_px[axis] + (to_px[axis] - from_px[axis]) * f64::from(step) / 4.0;
        desk.moved(0, [at(0), at(1)]);
    }
    desk.up(0, to_px, MOUSE_PX);
}

fn press(desk: &mut Desk, key: &str, focused: Option<u32>) -> bool {
    desk.key(Key { key, shift: false, control: false }, 0, focused)
}

fn lines(desk: &Desk) -> Vec<Vec<String>> {
    List::of(desk).entries.into_iter().map(|entry| entry.lines).collect()
}

#[test]
fn a_length_by_dragging_and_by_clicks() {
    let mut desk = desk(Kind::Length);
    // 240 px of the screen: 60 pixels: 30 mm.
    drag(&mut desk, [40.0, 40.0], [280.0, 40.0]);
    click(&mut desk, [40.0, 100.0]);
    assert_eq!(Scene::of(&desk, 0).shapes.len(), 2, "the one that is being drawn is seen");
    desk.moved(0, [100.0, 180.0]);
    assert_eq!(Scene::of(&desk, 0).shapes[1].lines, ["12,5 mm"]);
    click(&mut desk, [200.0, 100.0]);
    assert_eq!(lines(&desk), [["30,0 mm"], ["20,0 mm"]]);
    assert_eq!(desk.take_added(), Some(2));
    desk.say(2);
    assert_eq!(desk.take_said(), "Longueur 2 : 20,0 mm");
}

#[test]
fn by_keyboard_alone() {
    let mut desk = desk(Kind::Length);
    assert!(!press(&mut desk, "ArrowRight", None), "without a crosshair arrows are the page's");
    assert!(press(&mut desk, "Enter", None));
    assert_eq!(desk.cursor(0), Some([50.5, 50.5]));
    press(&mut desk, "Enter", None);
    for _ in 0..3 {
        assert!(desk.key(Key { key: "ArrowRight", shift: true, control: false }, 0, None));
    }
    press(&mut desk, "ArrowLeft", None);
    assert_eq!(Scene::of(&desk, 0).shapes[0].lines, ["14,5 mm"]);
    press(&mut desk, "Enter", None);
    assert_eq!(lines(&desk), [["14,5 mm"]]);
    // Taken hold of by its second point, moved, deleted, brought back.
    press(&mut desk, "Enter", Some(1));
    press(&mut desk, "Enter", Some(1));
    assert_eq!(desk.take_said(), "Point 2 sur 2, à déplacer avec les flèches");
    press(&mut desk, "ArrowRight", Some(1));
    assert_eq!(lines(&desk), [["15,0 mm"]]);
    press(&mut desk, "Delete", Some(1));
    assert_eq!(desk.take_said(), "Longueur 1 supprimée");
    assert!(desk.store().items().is_empty());
    assert!(desk.key(Key { key: "z", shift: false, control: true }, 0, None));
    assert!(desk.key(Key { key: "z", shift: false, control: true }, 0, None));
    assert_eq!(lines(&desk), [["14,5 mm"]], "the deletion and the step");
    assert!(desk.key(Key { key: "y", shift: false, control: true }, 0, None));
    assert_eq!(lines(&desk), [["15,0 mm"]]);
}

#[test]
fn arrows_follow_the_screen_when_the_image_is_turned() {
    let mut desk = desk(Kind::Length);
    let turned = Affine2 { xx: 0.0, xy: -4.0, x0: 400.0, yx: 4.0, yy: 0.0, y0: 0.0 };
    desk.show(0, Shown { canvas_from_image: turned, ..shown("1.1") });
    press(&mut desk, "Enter", None);
    let before = desk.cursor(0).expect("a crosshair");
    press(&mut desk, "ArrowRight", None);
    let after = desk.cursor(0).expect("a crosshair");
    assert_eq!([after[0] - before[0], after[1] - before[1]], [0.0, -1.0]);
    let [was, is] = [before, after].map(|at| turned.apply(at));
    assert_eq!([is[0] - was[0], is[1] - was[1]], [4.0, 0.0]);
}

#[test]
fn what_is_there_is_taken_hold_of() {
    let mut desk = desk(Kind::Length);
    drag(&mut desk, [40.0, 40.0], [280.0, 40.0]);
    drag(&mut desk, [281.0, 42.0], [321.0, 42.0]);
    assert_eq!(lines(&desk), [["35,0 mm"]], "its end was moved by ten pixels");
    drag(&mut desk, [160.0, 41.0], [160.0, 141.0]);
    assert_eq!(lines(&desk), [["35,0 mm"]]);
    let handles = &Scene::of(&desk, 0).shapes[0].handles;
    assert_eq!(handles, &[[40.0, 140.0], [320.0, 140.0]]);
    desk.step(true);
    desk.step(true);
    assert_eq!(lines(&desk), [["30,0 mm"]], "each gesture is one step");
}

#[test]
fn a_polygon_ends_where_it_began_and_a_probe_at_once() {
    let mut desk = desk(Kind::Polygon);
    for at in [[40.0, 40.0], [120.0, 40.0], [120.0, 80.0], [40.0, 80.0], [42.0, 41.0]] {
        click(&mut desk, at);
    }
    // 20 × 10 pixels of 0.25 mm²; the pixels are not here yet.
    assert_eq!(lines(&desk), [["aire 50,0 mm²", "…"]]);
    desk.choose(Some(Kind::Probe));
    click(&mut desk, [202.0, 300.0]);
    assert_eq!(desk.store().items().len(), 2);
    let wanted = desk.wanted();
    assert_eq!((wanted[0].rows, wanted[1].rows), ([10, 20], [75, 76]));
    let row: Vec<u8> = (0..100_i16).flat_map(|column| (column * 3 - 30).to_ne_bytes()).collect();
    let samples = Samples { kind: PixelKind::GrayI16, columns: 100, first_row: 75, bytes: &row };
    desk.sampled(2, &samples);
    assert_eq!(lines(&desk)[1], ["120,0 UH"]);
    assert_eq!(desk.wanted().len(), 1);
}

#[test]
fn two_lines_are_dragged_one_after_the_other_or_clicked() {
    let mut desk = desk(Kind::Cobb);
    drag(&mut desk, [40.0, 40.0], [120.0, 40.0]);
    drag(&mut desk, [40.0, 200.0], [120.0, 280.0]);
    for at in [[200.0, 40.0], [280.0, 40.0], [200.0, 200.0], [200.0, 280.0]] {
        click(&mut desk, at);
    }
    assert_eq!(lines(&desk), [["45,0°"], ["90,0°"]]);
}

#[test]
fn escape_leaves_what_is_begun_and_then_nothing() {
    let mut desk = desk(Kind::Angle);
    click(&mut desk, [40.0, 40.0]);
    click(&mut desk, [80.0, 40.0]);
    assert!(press(&mut desk, "Backspace", None), "the last point is taken back");
    assert!(press(&mut desk, "Escape", None));
    assert!(!press(&mut desk, "Escape", None), "the page's");
    assert_eq!(Scene::of(&desk, 0).shapes, []);
}

#[test]
fn seen_on_its_own_slice_and_what_is_begun_ends_with_the_slice() {
    let mut desk = desk(Kind::Length);
    drag(&mut desk, [40.0, 40.0], [280.0, 40.0]);
    click(&mut desk, [40.0, 100.0]);
    desk.show(0, shown("1.2"));
    assert_eq!(Scene::of(&desk, 0).shapes, []);
    desk.show(0, shown("1.1"));
    assert_eq!(Scene::of(&desk, 0).shapes.len(), 1);
    desk.hide(0);
    assert_eq!(Scene::of(&desk, 0).shapes, []);
}

#[test]
fn a_length_at_the_detector_says_so() {
    let mut desk = Desk::new(exam(SpacingSource::ImagerPixelSpacing), Lang::En);
    desk.show(0, shown("1.1"));
    desk.choose(Some(Kind::Length));
    drag(&mut desk, [40.0, 40.0], [280.0, 40.0]);
    let words = "at the detector, not in the patient";
    assert_eq!(lines(&desk), [["30.0 mm", words]]);
    assert_eq!(List::of(&desk).entries[0].provenance, words);
    // A line of known length changes the scale of this image, not of the other.
    desk.choose(Some(Kind::Calibration));
    drag(&mut desk, [40.0, 200.0], [80.0, 200.0]);
    desk.set_known_mm(2, Some(8.0));
    assert_eq!(lines(&desk)[0], ["48.0 mm", "calibrated by hand"]);
    desk.show(0, shown("1.2"));
    desk.choose(Some(Kind::Length));
    drag(&mut desk, [40.0, 40.0], [280.0, 40.0]);
    assert_eq!(lines(&desk)[2], ["30.0 mm", words]);
}

#[test]
fn what_was_kept_comes_back_on_the_same_image() {
    let mut desk = desk(Kind::Length);
    drag(&mut desk, [40.0, 40.0], [280.0, 40.0]);
    let kept = desk.saved();
    let mut again = Desk::new(exam(SpacingSource::PixelSpacing), Lang::Fr);
    again.restore(kept.clone());
    assert_eq!(lines(&again), lines(&desk));
    assert_eq!(List::of(&again).can_undo_redo, [false, false]);
    let mut other = exam(SpacingSource::PixelSpacing);
    other.series[0].images.remove(0);
    let mut elsewhere = Desk::new(other, Lang::Fr);
    elsewhere.restore(kept);
    assert!(elsewhere.store().items().is_empty());
}

/// The exam above, and one of the day before with images of its own.
fn two_exams() -> ExamSummary {
    let mut both = exam(SpacingSource::PixelSpacing);
    let mut other = exam(SpacingSource::PixelSpacing);
    other.study.study_instance_uid = "7".into();
    for (image, uid) in other.series[0].images.iter_mut().zip(["7.1", "7.2"]) {
        image.sop_instance_uid = uid.into();
    }
    assert!(both.join(other).is_ok(), "another study");
    both
}

#[test]
fn what_was_measured_on_another_exam_waits_for_it_and_is_reported_apart() {
    let mut desk = desk(Kind::Length);
    drag(&mut desk, [40.0, 40.0], [280.0, 40.0]);
    assert_eq!(desk.reported().len(), 1);
    assert!(desk.grow(two_exams()));
    assert_eq!(desk.store().items().len(), 1, "what was measured stays");
    // In the same plane of the same space, but of another exam.
    desk.show(0, shown("7.1"));
    assert_eq!(Scene::of(&desk, 0).shapes, []);
    drag(&mut desk, [40.0, 80.0], [240.0, 80.0]);
    let exams = desk.reported();
    assert_eq!(exams, two_exams().exams().collect::<Vec<_>>());
    let reports = exams.iter().map(|of| desk.report(*of, "20261126120000", &[7; 16]));
    let reports: Vec<Vec<u8>> = reports.map(|report| report.expect("values")).collect();
    let holds = |report: &[u8], uid: &str| String::from_utf8_lossy(report).contains(uid);
    let found = reports
        .iter()
        .map(|report| ["\u{4}\x001.1\0", "\u{4}\x007.1\0"].map(|uid| holds(report, uid)));
    assert_eq!(found.collect::<Vec<_>>(), [[true, false], [false, true]]);
    // After a reload the first exam is there alone for a while.
    let kept = desk.saved();
    let mut again = Desk::new(exam(SpacingSource::PixelSpacing), Lang::Fr);
    again.restore(kept.clone());
    assert_eq!(again.store().items().len(), 1);
    assert_eq!(again.saved(), kept, "nothing is lost meanwhile");
    assert!(again.grow(two_exams()));
    assert_eq!(lines(&again), lines(&desk));
    assert_eq!(again.saved(), kept);
    // What the reader opened of a medium of their own is not kept.
    let mut local = two_exams();
    local.joined[0].study.is_local = true;
    let mut passing = Desk::new(local, Lang::Fr);
    passing.restore(kept.clone());
    assert_eq!((passing.store().items().len(), passing.saved().len()), (2, 1));
    let mut other = two_exams();
    other.patient.birth_name = "AUTRE".into();
    assert!(!again.grow(other), "not the exams of the page");
}

#[test]
fn nothing_is_measured_while_another_tool_is_chosen() {
    let mut desk = desk(Kind::Length);
    desk.choose(None);
    assert!(!desk.down(0, [40.0, 40.0], MOUSE_PX));
    assert!(!press(&mut desk, "Enter", None));
    assert!(!desk.key(Key { key: "z", shift: false, control: true }, 0, None));
}

#[test]
fn every_kind_is_found_in_the_palette() {
    let palette = include_str!("../../help/help-commands.js");
    let words = include_str!("../../../assets/text/locales/help/help.yml");
    for kind in Kind::ALL {
        let key = kind.key();
        assert!(palette.contains(&format!("\"{key}\"")), "{key} in the list");
        assert!(words.contains(&format!("command.measure.{key}:\n")), "{key} in the catalogue");
    }
}
