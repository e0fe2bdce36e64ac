//! Panes that move together: which slice, which size, which grey scale each other pane gets.

use std::sync::Arc;

use proptest::prelude::*;
use viewer_core::command::{Command, Layout};
use viewer_core::compare::{Linked, Links, Way, point_at, show_point, way};
use viewer_core::display::ColourMap;
use viewer_core::exam::{ExamSummary, ImagePlane, Series, SpacingSource};
use viewer_core::session::Session;
use viewer_core::viewport::{UserWindow, ViewReference, VoiChoice, WindowPreset, Zoom};

use super::support::{exam, series};

pub(super) const AXIAL: [[f64; 3]; 2] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
pub(super) const CORONAL: [[f64; 3]; 2] = [[1.0, 0.0, 0.0], [0.0, 0.0, -1.0]];
pub(super) const SAGITTAL: [[f64; 3]; 2] = [[0.0, 1.0, 0.0], [0.0, 0.0, -1.0]];

pub(super) fn plane(
    [row_direction, column_direction]: [[f64; 3]; 2],
    position_mm: [f64; 3],
) -> ImagePlane {
    ImagePlane { position_mm, row_direction, column_direction, thickness_mm: Some(1.0) }
}

/// Slices of 512 × 512 pixels of `pixel_mm`, one for each plane, in the space `uid`.
pub(super) fn slices(modality: &str, uid: &str, pixel_mm: f64, planes: Vec<ImagePlane>) -> Series {
    let mut made = series(modality, &vec![1; planes.len()]);
    made.frame_of_reference_uid = Some(uid.into());
    if let Some(spacing) = &mut made.formats[0].spacing {
        spacing.between_rows_mm = pixel_mm;
        spacing.between_columns_mm = pixel_mm;
    }
    for (image, plane) in made.images.iter_mut().zip(planes) {
        image.planes = vec![plane];
    }
    made
}

/// An axial stack of `count` slices from `first_mm`, `step_mm` apart.
fn axial(uid: &str, pixel_mm: f64, first_mm: f64, step_mm: f64, count: u32) -> Series {
    let at = |n: u32| plane(AXIAL, [-128.0, -128.0, first_mm + step_mm * f64::from(n)]);
    slices("CT", uid, pixel_mm, (0..count).map(at).collect())
}

/// Two panes, 600 × 600 and 300 × 300, with everything linked.
fn linked(exam: Arc<ExamSummary>) -> (Session, Linked) {
    let mut session = Session::new(exam);
    session.apply_all([
        Command::SetLayout(Layout::SIDE_BY_SIDE),
        Command::ResizeCanvas { pane: 0, size_px: [600, 600] },
        Command::ResizeCanvas { pane: 1, size_px: [300, 300] },
    ]);
    let mut linked = Linked::default();
    linked.set_links(Links::ALL, &session);
    (session, linked)
}

fn apply(session: &mut Session, linked: &mut Linked, command: Command) {
    session.apply(command);
    linked.follow(session);
}

fn scroll(session: &mut Session, linked: &mut Linked, pane: usize, position: u32) {
    apply(session, linked, Command::ScrollTo { pane, position });
}

#[test]
fn in_one_space_the_nearest_slice_follows() {
    // Every 1 mm from 0, and every 2.5 mm from −20 downwards.
    let both = vec![axial("1.9", 0.5, 0.0, 1.0, 60), axial("1.9", 0.5, 60.0, -2.5, 40)];
    let (mut session, mut linked) = linked(exam(both));
    assert_eq!(way(&session, 0, 1), Some(Way::Position));
    // 13 mm: the slices of the other are at 15 and 12.5 mm.
    scroll(&mut session, &mut linked, 0, 13);
    assert_eq!(session.position(1), Some(19));
    assert_eq!(linked.gap_mm(&session, 0, 1), Some(0.5));
    scroll(&mut session, &mut linked, 1, 0);
    assert_eq!(session.position(0), Some(59), "60 mm is past the end: the last slice");
    assert_eq!(linked.gap_mm(&session, 1, 0), Some(1.0));
}

#[test]
fn nearly_parallel_slices_meet_in_the_middle_of_the_image() {
    // Tilted by 6° about the row: 128 mm into the image they are 13.4 mm higher than at the first pixel.
    let angle = 6_f64.to_radians();
    let tilted = [[1.0, 0.0, 0.0], [0.0, angle.cos(), angle.sin()]];
    let rise_mm = 128.0 * angle.tan();
    let at = |n: u32| plane(tilted, [-128.0, -128.0, f64::from(n) - rise_mm]);
    let leaning = slices("CT", "1.9", 0.5, (0..60).map(at).collect());
    let (mut session, mut linked) = linked(exam(vec![axial("1.9", 0.5, 0.0, 1.0, 60), leaning]));
    assert_eq!(way(&session, 0, 1), Some(Way::Position));
    for position in [0, 30, 59] {
        scroll(&mut session, &mut linked, 0, position);
        assert_eq!(session.position(1), Some(position));
    }
}

#[test]
fn elsewhere_the_difference_of_ranks_is_kept_even_past_an_end() {
    let both = vec![axial("1.9", 0.5, 0.0, 1.0, 50), axial("1.8", 0.5, 0.0, 1.0, 20)];
    let mut session = Session::new(exam(both));
    session.apply(Command::SetLayout(Layout::SIDE_BY_SIDE));
    session.apply(Command::ScrollTo { pane: 0, position: 10 });
    let mut linked = Linked::default();
    linked.set_links(Links::ALL, &session);
    assert_eq!(way(&session, 0, 1), Some(Way::Rank));
    for (position, expected) in [(15, 5), (45, 19), (12, 2), (3, 0), (29, 19)] {
        scroll(&mut session, &mut linked, 0, position);
        assert_eq!(session.position(1), Some(expected), "leader at {position}");
    }
    scroll(&mut session, &mut linked, 1, 1);
    assert_eq!(session.position(0), Some(11), "whichever is moved leads");
    assert_eq!(linked.gap_mm(&session, 0, 1), None);
}

#[test]
fn perpendicular_slices_and_slices_without_place_go_by_rank() {
    let coronal = |n: u32| plane(CORONAL, [-128.0, f64::from(n), 128.0]);
    let both = vec![
        axial("1.9", 0.5, 0.0, 1.0, 30),
        slices("CT", "1.9", 0.5, (0..30).map(coronal).collect()),
        series("CT", &[1; 30]),
    ];
    let (mut session, mut linked) = linked(exam(both));
    assert_eq!(way(&session, 0, 1), Some(Way::Rank));
    scroll(&mut session, &mut linked, 0, 7);
    assert_eq!(session.position(1), Some(7));
    apply(&mut session, &mut linked, Command::ShowSeries { pane: 1, series: 2 });
    assert_eq!(way(&session, 0, 1), Some(Way::Rank));
    scroll(&mut session, &mut linked, 0, 9);
    assert_eq!(session.position(1), Some(2), "counted from where the other series came");
}

#[test]
fn a_time_point_stays_while_its_place_follows() {
    // Ten slices, three time points each: place by place, then time point by time point.
    let at = |mm: u32| plane(AXIAL, [0.0, 0.0, f64::from(mm)]);
    let by_place = slices("MR", "1.9", 0.5, (0..30).map(|n| at(n / 3)).collect());
    let by_time = slices("MR", "1.9", 0.5, (0..30).map(|n| at(n % 10)).collect());
    let (mut session, mut linked) = linked(exam(vec![by_place, by_time]));
    apply(&mut session, &mut linked, Command::ScrollTo { pane: 1, position: 20 });
    linked.set_links(Links::ALL, &session);
    scroll(&mut session, &mut linked, 0, 3 * 4);
    assert_eq!(session.position(1), Some(24), "the third time point at 4 mm");
    let mut other = Linked::default();
    session.apply(Command::ScrollTo { pane: 0, position: 3 * 4 + 1 });
    other.set_links(Links::ALL, &session);
    scroll(&mut session, &mut other, 1, 27);
    assert_eq!(session.position(0), Some(3 * 7 + 1), "the second one at 7 mm");
}

#[test]
fn nothing_moves_before_the_reader_does_and_undo_leads_nobody() {
    let both = vec![axial("1.9", 0.5, 0.0, 1.0, 60), axial("1.9", 0.5, 0.0, 1.0, 60)];
    let (mut session, mut linked) = linked(exam(both));
    let before = session.snapshot();
    linked.follow(&mut session);
    assert_eq!(session.snapshot(), before);
    session.apply(Command::BeginGesture);
    apply(&mut session, &mut linked, Command::Pan { pane: 0, delta_px: [60.0, 30.0] });
    session.apply(Command::EndGesture);
    let moved = session.snapshot();
    assert_ne!(session.view(1).map(|view| view.presentation), Some(Default::default()));
    apply(&mut session, &mut linked, Command::Undo);
    assert_eq!(session.snapshot(), before, "one step takes both back");
    apply(&mut session, &mut linked, Command::Redo);
    assert_eq!(session.snapshot(), moved);
}

#[test]
fn zoom_is_one_of_millimetres_and_the_middle_one_of_the_patient() {
    let both = vec![axial("1.9", 0.5, 0.0, 1.0, 9), axial("1.9", 0.75, 0.0, 1.0, 9)];
    let (mut session, mut linked) = linked(exam(both));
    let zoom = Command::ZoomAt { pane: 0, factor: 2.0, at_px: [420.0, 240.0] };
    apply(&mut session, &mut linked, zoom);
    let mm = |pane| session.resolved(pane).expect("a view").spacing.expect("mm").mm_per_canvas_px;
    assert!((mm(0) - mm(1)).abs() < 1e-9, "{} and {}", mm(0), mm(1));
    let middle = |pane: usize, size: f64| {
        let at = session.resolved(pane).expect("a view").image_from_canvas.apply([size / 2.0; 2]);
        let series = session.series(pane).expect("a series");
        point_at(series, [0, 0], at).expect("a point").at_mm
    };
    let (a, b) = (middle(0, 600.0), middle(1, 300.0));
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9), "{a:?} and {b:?}");
    apply(&mut session, &mut linked, Command::SetZoom { pane: 1, zoom: Zoom::Fit });
    assert_eq!(session.view(0).expect("pane").presentation.zoom, Zoom::Fit);
}

#[test]
fn without_comparable_millimetres_zoom_goes_by_the_whole_image() {
    let mut at_detector = series("CR", &[1]);
    if let Some(spacing) = &mut at_detector.formats[0].spacing {
        spacing.source = SpacingSource::ImagerPixelSpacing;
    }
    let mut unknown = series("CR", &[1]);
    unknown.formats[0].spacing = None;
    for other in [at_detector, unknown] {
        let (mut session, mut linked) = linked(exam(vec![series("CT", &[1]), other]));
        let zoom = Command::ZoomAt { pane: 0, factor: 3.0, at_px: [300.0, 300.0] };
        apply(&mut session, &mut linked, zoom);
        let from_fit = session.resolved(1).expect("a view").zoom_from_fit;
        assert!((from_fit - 3.0).abs() < 1e-9, "{from_fit}");
        // A tenth of the image in a pane of half the size.
        let before = session.view(1).expect("pane").presentation.center;
        apply(&mut session, &mut linked, Command::Pan { pane: 0, delta_px: [180.0, 0.0] });
        let after = session.view(1).expect("pane").presentation.center;
        assert!((before[0] - after[0] - 0.1).abs() < 1e-9, "{before:?} to {after:?}");
    }
}

#[test]
fn turns_and_flips_are_each_panes_own() {
    let both = vec![axial("1.9", 0.5, 0.0, 1.0, 9), axial("1.9", 0.5, 0.0, 1.0, 9)];
    let (mut session, mut linked) = linked(exam(both));
    apply(&mut session, &mut linked, Command::Turn { pane: 0, quarter_turns: 1 });
    assert_eq!(session.view(1).expect("pane").presentation.quarter_turns, 0);
    // An image moved to the right goes to the right in both, also where one is turned.
    apply(&mut session, &mut linked, Command::Pan { pane: 0, delta_px: [0.0, 10.0] });
    assert!(session.view(1).expect("pane").presentation.center[1] == 0.5);
    assert!(session.view(1).expect("pane").presentation.center[0] != 0.5);
}

#[test]
fn grey_scale_follows_only_where_values_mean_the_same() {
    let (mut session, mut linked) =
        linked(exam(vec![series("CT", &[1]), series("CT", &[1]), series("MR", &[1])]));
    let voi = |session: &Session| session.view(1).expect("pane").data.voi;
    let choose = |voi| Command::SetVoi { pane: 0, voi };
    apply(&mut session, &mut linked, choose(VoiChoice::Preset(WindowPreset::Lung)));
    assert_eq!(voi(&session), VoiChoice::Preset(WindowPreset::Lung));
    apply(&mut session, &mut linked, choose(VoiChoice::FileWindow(0)));
    assert!(matches!(voi(&session), VoiChoice::User(UserWindow { center, .. }) if center == 40.0));
    apply(&mut session, &mut linked, choose(VoiChoice::VoiLut(0)));
    assert!(matches!(voi(&session), VoiChoice::User(_)), "a curve of another file is none here");
    let colours = Command::SetColours { pane: 0, colours: ColourMap::ALL[1] };
    apply(&mut session, &mut linked, colours);
    assert_eq!(session.view(1).expect("pane").data.colours, ColourMap::Grey);
    apply(&mut session, &mut linked, Command::ShowSeries { pane: 1, series: 2 });
    apply(&mut session, &mut linked, choose(VoiChoice::Preset(WindowPreset::Bone)));
    apply(&mut session, &mut linked, Command::ToggleInvert { pane: 0 });
    let mr = session.view(1).expect("pane").data;
    assert_eq!((mr.voi, mr.invert), (VoiChoice::Default, false));
}

#[test]
fn links_can_be_chosen_one_by_one() {
    let both = vec![axial("1.9", 0.5, 0.0, 1.0, 9), axial("1.9", 0.5, 0.0, 1.0, 9)];
    for chosen in 0..8 {
        let links =
            Links { scroll: chosen & 1 != 0, window: chosen & 2 != 0, zoom: chosen & 4 != 0 };
        let (mut session, mut linked) = linked(exam(both.clone()));
        linked.set_links(links, &session);
        scroll(&mut session, &mut linked, 0, 4);
        apply(&mut session, &mut linked, Command::ToggleInvert { pane: 0 });
        apply(&mut session, &mut linked, Command::SetZoom { pane: 0, zoom: Zoom::OneToOne });
        let view = session.view(1).expect("pane");
        assert_eq!(session.position(1) == Some(4), links.scroll);
        assert_eq!(view.data.invert, links.window);
        assert_eq!(view.presentation.zoom != Zoom::Fit, links.zoom);
    }
}

#[test]
fn a_point_brings_the_nearest_slices_of_its_space() {
    let coronal = |n: u32| plane(CORONAL, [-128.0, f64::from(n) * 3.0 - 60.0, 128.0]);
    let all = vec![
        axial("1.9", 0.5, 0.0, 1.0, 60),
        slices("CT", "1.9", 0.5, (0..40).map(coronal).collect()),
        axial("1.7", 0.5, 0.0, 1.0, 60),
    ];
    let mut session = Session::new(exam(all));
    session.apply(Command::SetLayout(Layout::FOUR));
    let series = session.series(0).expect("a series").clone();
    // Row 256 is 0 mm to the back: the coronal slice at 0 mm, which is the 20th.
    let point = point_at(&series, [33, 0], [100.5, 256.5]).expect("a point");
    assert_eq!(point.at_mm, [-78.0, 0.0, 33.0]);
    show_point(&mut session, 0, &point);
    let positions: Vec<_> = (0..4).map(|pane| session.position(pane)).collect();
    assert_eq!(positions, [Some(0), Some(20), Some(0), None]);
    let coronal = session.series(1).expect("a series");
    let (at, distance_mm) = point.on(coronal, [20, 0]).expect("in this space");
    assert_eq!((at, distance_mm), ([100.5, 190.5], 0.0));
    assert_eq!(point.on(session.series(2).expect("a series"), [0, 0]), None);
}

proptest! {
    #[test]
    fn whatever_leads_the_follower_is_at_the_nearest_slice(
        first_mm in -50.0..50.0_f64, step_mm in prop_oneof![0.3..7.0_f64, -7.0..-0.3_f64],
        count in 2..80_u32, moves in prop::collection::vec((0..2_usize, 0..80_u32), 1..20),
    ) {
        let both = vec![axial("1.9", 0.5, 0.0, 1.0, 60), axial("1.9", 0.5, first_mm, step_mm, count)];
        let exam = exam(both);
        let (mut session, mut linked) = linked(Arc::clone(&exam));
        let z = |series: usize, position: u32| exam.series[series].images[position as usize].planes[0].position_mm[2];
        for (leader, position) in moves {
            let before = session.position(leader);
            scroll(&mut session, &mut linked, leader, position);
            let follower = 1 - leader;
            let at = z(leader, session.position(leader).expect("shown"));
            let far = |position: u32| (z(follower, position) - at).abs();
            let least = (0..session.stack_length(follower)).map(far).fold(f64::INFINITY, f64::min);
            if session.position(leader) != before {
                prop_assert!((far(session.position(follower).expect("shown")) - least).abs() < 0.011);
            }
        }
    }

    #[test]
    fn no_order_of_commands_leaves_the_exam(
        moves in prop::collection::vec((0..2_usize, -90..90_i32, 0.05..20.0_f64, -1e4..1e4_f64), 1..30),
    ) {
        let both = vec![axial("1.9", 0.5, 0.0, 1.0, 60), axial("1.8", 2.0, 0.0, 1.0, 7)];
        let (mut session, mut linked) = linked(exam(both));
        for (pane, frames, factor, delta) in moves {
            apply(&mut session, &mut linked, Command::ScrollBy { pane, frames });
            apply(&mut session, &mut linked, Command::ZoomAt { pane, factor, at_px: [delta, -delta] });
            apply(&mut session, &mut linked, Command::Pan { pane, delta_px: [delta, delta] });
            for pane in 0..2 {
                let view = session.view(pane).expect("pane");
                prop_assert!(session.position(pane).is_some());
                prop_assert_eq!(view.presentation.sanitised(), view.presentation);
            }
        }
        let ViewReference { series, .. } = session.reference(1).expect("shown");
        prop_assert_eq!(series, 1);
    }
}
