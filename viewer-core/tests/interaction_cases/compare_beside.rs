//! Two windows: what the one tells of its active pane, and how that of the other follows.

use std::sync::Arc;

use viewer_core::command::Command;
use viewer_core::compare::{Beside, Links, Told};
use viewer_core::exam::{ExamSummary, Series};
use viewer_core::session::Session;
use viewer_core::viewport::{UserWindow, VoiChoice, Zoom};

use super::compare_linked::{AXIAL, CORONAL, plane, slices};
use super::support::exam;

/// A window with one pane.
struct Window {
    session: Session,
    beside: Beside,
}

impl Window {
    fn new(exam: Arc<ExamSummary>, side_px: u32) -> Self {
        let mut session = Session::new(exam);
        session.apply(Command::ResizeCanvas { pane: 0, size_px: [side_px; 2] });
        let mut beside = Beside::default();
        beside.link(&session);
        Self { session, beside }
    }

    /// The reader does something here; the other window is told as the page tells it, as text.
    fn does(&mut self, command: Command, other: &mut Self) -> Option<String> {
        self.session.apply(command);
        let text = serde_json::to_string(&self.beside.tell(&self.session)?).expect("JSON");
        let told: Told = serde_json::from_str(&text).expect("what was written");
        other.beside.hear(&mut other.session, &told, Links::ALL);
        assert_eq!(other.beside.tell(&other.session), None, "no echo");
        Some(text)
    }

    fn position(&self) -> u32 {
        self.session.position(0).expect("an image")
    }
}

fn stack(modality: &str, uid: &str, step_mm: f64, count: u32) -> Series {
    let at = |n: u32| plane(AXIAL, [-128.0, -128.0, step_mm * f64::from(n)]);
    slices(modality, uid, 0.5, (0..count).map(at).collect())
}

fn scroll(position: u32) -> Command {
    Command::ScrollTo { pane: 0, position }
}

#[test]
fn the_other_window_goes_to_the_same_place_of_the_patient() {
    let mut one = Window::new(exam(vec![stack("CT", "1.9", 1.0, 200)]), 600);
    let mut other = Window::new(exam(vec![stack("CT", "1.9", 5.0, 40)]), 300);
    one.does(scroll(100), &mut other);
    assert_eq!(other.position(), 20);
    other.does(scroll(10), &mut one);
    assert_eq!(one.position(), 50);
}

#[test]
fn another_space_is_followed_by_rank_from_where_it_was() {
    let mut one = Window::new(exam(vec![stack("CT", "1.9", 1.0, 200)]), 600);
    let mut other = Window::new(exam(vec![stack("CT", "2.7", 1.0, 40)]), 300);
    other.session.apply(scroll(7));
    other.beside.link(&other.session);
    one.does(scroll(10), &mut other);
    assert_eq!(other.position(), 17);
    one.does(scroll(150), &mut other);
    assert_eq!(other.position(), 39, "the end of the shorter stack");
    one.does(scroll(10), &mut other);
    assert_eq!(other.position(), 17, "and back, the difference is kept");
    // Slices that cross have no place in common either.
    let coronal = (0..40).map(|n| plane(CORONAL, [-128.0, f64::from(n), 99.0])).collect();
    let mut crossing = Window::new(exam(vec![slices("CT", "1.9", 0.5, coronal)]), 300);
    one.does(scroll(13), &mut crossing);
    assert_eq!(crossing.position(), 3);
}

#[test]
fn size_in_millimetres_and_the_same_point_are_taken_over() {
    let mut one = Window::new(exam(vec![stack("CT", "1.9", 1.0, 9)]), 600);
    let mut other = Window::new(exam(vec![stack("CT", "1.9", 1.0, 9)]), 300);
    let zoom = Command::ZoomAt { pane: 0, factor: 3.0, at_px: [200.0, 450.0] };
    one.does(zoom, &mut other);
    let [a, b] = [&one, &other].map(|window| window.session.resolved(0).expect("a view"));
    let mm = |view: &viewer_core::viewport::ResolvedView| {
        view.spacing.expect("a scale").mm_per_canvas_px
    };
    assert!((mm(&a) - mm(&b)).abs() < 1e-9);
    let middle = |view: &viewer_core::viewport::ResolvedView| {
        view.image_from_canvas.apply(view.canvas_size_px.map(|side| f64::from(side) / 2.0))
    };
    let (at, there) = (middle(&a), middle(&b));
    assert!((at[0] - there[0]).abs() < 1e-6 && (at[1] - there[1]).abs() < 1e-6);
    one.does(Command::SetZoom { pane: 0, zoom: Zoom::Fit }, &mut other);
    assert_eq!(other.session.view(0).map(|view| view.presentation.zoom), Some(Zoom::Fit));
}

#[test]
fn grey_scale_goes_to_values_of_the_same_kind_only() {
    let mut one = Window::new(exam(vec![stack("CT", "1.9", 1.0, 9)]), 600);
    let mut other = Window::new(exam(vec![stack("CT", "2.7", 1.0, 9)]), 300);
    let mut magnet = Window::new(exam(vec![stack("MR", "1.9", 1.0, 9)]), 300);
    let window =
        UserWindow { center: 40.0, width: 350.0, function: viewer_core::exam::VoiFunction::Linear };
    let set = Command::SetVoi { pane: 0, voi: VoiChoice::User(window) };
    one.does(set, &mut other);
    assert_eq!(other.session.window(0), Some(window));
    one.beside.link(&one.session);
    one.does(Command::ToggleInvert { pane: 0 }, &mut magnet);
    assert_eq!(magnet.session.view(0).map(|view| view.data.invert), Some(false));
}

#[test]
fn nothing_that_names_the_patient_or_the_exam_is_told() {
    let mut summary = Arc::unwrap_or_clone(exam(vec![stack("CT", "1.9", 1.0, 9)]));
    summary.patient.birth_name = "DUPONT".into();
    summary.study.study_instance_uid = "1.2.3.4.5".into();
    summary.series[0].series_instance_uid = "1.2.3.4.6".into();
    summary.series[0].description = "Thorax".into();
    let mut one = Window::new(Arc::new(summary.clone()), 600);
    let mut other = Window::new(Arc::new(summary), 300);
    let told = [
        one.does(scroll(3), &mut other),
        one.does(Command::ZoomAt { pane: 0, factor: 2.0, at_px: [9.0, 9.0] }, &mut other),
        one.does(Command::ToggleInvert { pane: 0 }, &mut other),
    ];
    for text in told {
        let text = text.expect("something changed");
        for personal in ["DUPONT", "1.2.3.4", "Thorax"] {
            assert!(!text.contains(personal), "{text}");
        }
    }
}

#[test]
fn another_series_or_pane_is_each_windows_own() {
    let both = exam(vec![stack("CT", "1.9", 1.0, 9), stack("CT", "1.9", 1.0, 9)]);
    let mut one = Window::new(Arc::clone(&both), 600);
    let mut other = Window::new(both, 300);
    assert_eq!(one.does(Command::ShowSeries { pane: 0, series: 1 }, &mut other), None);
    assert_eq!(other.session.reference(0).map(|at| at.series), Some(0));
    assert!(one.does(scroll(4), &mut other).is_some());
    assert_eq!(other.position(), 4);
}
