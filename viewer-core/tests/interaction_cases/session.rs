//! The session: commands in, state out.

use proptest::prelude::*;
use viewer_core::command::{Command, Layout};
use viewer_core::display::{ColourMap, Interpolation};
use viewer_core::exam::{ImageFormat, LookupTable, VoiFunction};
use viewer_core::fetch::ShownFrame;
use viewer_core::session::Session;
use viewer_core::viewport::{
    FlipAxis, UserWindow, ViewReference, VoiChoice, VoiSource, WindowPreset, Zoom,
};

use super::support::{exam, key, series, session};

fn series_in(session: &Session, pane: usize) -> Option<u32> {
    session.reference(pane).map(|reference| reference.series)
}

#[test]
fn it_opens_with_the_first_series_that_has_images() {
    let session = Session::new(exam(vec![series("SR", &[]), series("CT", &[1, 1])]));
    assert_eq!(session.reference(0), Some(ViewReference { series: 1, image: 0, frame: 0 }));
    assert_eq!((session.layout(), session.visible_panes()), (Layout::ONE, vec![0]));
}

#[test]
fn keys_step_through_the_series_that_have_images_and_stop_at_both_ends() {
    let all =
        vec![series("CT", &[1]), series("SR", &[]), series("MR", &[1, 1]), series("US", &[1])];
    let mut session = Session::new(exam(all));
    let mut step = |by: i32| {
        session.apply(Command::StepSeries { pane: 0, by });
        series_in(&session, 0)
    };
    assert_eq!([step(1), step(1), step(1)], [Some(2), Some(3), Some(3)]);
    assert_eq!([step(-1), step(-1), step(-1)], [Some(2), Some(0), Some(0)]);
    assert_eq!([step(2), step(i32::MIN), step(i32::MAX)], [Some(3), Some(3), Some(3)]);
}

#[test]
fn an_exam_without_images_is_no_trouble() {
    let mut session = Session::new(exam(Vec::new()));
    session.apply(Command::ScrollBy { pane: 0, frames: 1 });
    session.apply(Command::Pan { pane: 0, delta_px: [1.0, 1.0] });
    assert_eq!(session.reference(0), None);
    assert_eq!(session.shown_frames(), []);
    assert!(session.frame_display(0).is_none());
}

#[test]
fn scrolling_stops_at_both_ends() {
    let mut session = session();
    session.apply(Command::ScrollBy { pane: 0, frames: 5 });
    assert_eq!(session.position(0), Some(5));
    session.apply(Command::ScrollBy { pane: 0, frames: 500 });
    assert_eq!(session.position(0), Some(19));
    session.apply(Command::ScrollBy { pane: 0, frames: i32::MIN });
    assert_eq!(session.position(0), Some(0));
    session.apply(Command::ScrollTo { pane: 0, position: u32::MAX });
    assert_eq!(session.position(0), Some(19));
    assert_eq!(session.stack_length(0), 20);
}

#[test]
fn shown_frames_come_active_first_with_their_direction() {
    let mut session = session();
    session.apply(Command::SetLayout(Layout::SIDE_BY_SIDE));
    session.apply(Command::ScrollBy { pane: 0, frames: 5 });
    session.apply(Command::ScrollBy { pane: 0, frames: -1 });
    session.apply(Command::Activate { pane: 1 });
    let expected = [
        ShownFrame { key: key(1, 0, 0), direction: 0 },
        ShownFrame { key: key(0, 4, 0), direction: -1 },
    ];
    assert_eq!(session.shown_frames(), expected);
    session.apply(Command::ToggleMaximise { pane: 1 });
    assert_eq!(session.shown_frames(), expected[..1]);
}

#[test]
fn layouts_fill_empty_panes_with_what_is_not_shown_yet() {
    let mut session = session();
    session.apply(Command::SetLayout(Layout::FOUR));
    let shown: Vec<_> = (0..4).map(|pane| series_in(&session, pane)).collect();
    assert_eq!(shown, [Some(0), Some(1), Some(2), None]);
    session.apply(Command::Activate { pane: 2 });
    session.apply(Command::SetLayout(Layout::ONE));
    assert_eq!((session.active_pane(), series_in(&session, 0)), (0, Some(0)));
}

#[test]
fn maximising_shows_one_pane_and_leave_brings_the_others_back() {
    let mut session = session();
    session.apply(Command::ToggleMaximise { pane: 0 });
    assert!(!session.is_maximised(), "there is only one pane");
    session.apply(Command::SetLayout(Layout::FOUR));
    session.apply(Command::ToggleMaximise { pane: 2 });
    assert_eq!((session.visible_panes(), session.active_pane()), (vec![2], 2));
    session.apply(Command::ToggleMaximise { pane: 0 });
    assert_eq!(session.visible_panes(), [2], "a hidden pane cannot be chosen");
    session.apply(Command::Leave);
    assert_eq!(session.visible_panes(), [0, 1, 2, 3]);
}

#[test]
fn commands_to_panes_that_do_not_exist_change_nothing() {
    let mut session = session();
    let before = session.snapshot();
    for pane in [12, 99, usize::MAX] {
        session.apply_all([
            Command::Activate { pane },
            Command::ToggleMaximise { pane },
            Command::ResizeCanvas { pane, size_px: [1, 1] },
            Command::ShowSeries { pane, series: 1 },
            Command::Show { pane, reference: ViewReference::default() },
            Command::ScrollBy { pane, frames: 1 },
            Command::ScrollTo { pane, position: 1 },
            Command::Turn { pane, quarter_turns: 1 },
            Command::ToggleInvert { pane },
            Command::ToggleOverlays { pane },
            Command::ToggleShutter { pane },
            Command::PickVoi { pane, number: 1 },
            Command::ToggleCine { pane },
        ]);
    }
    session.apply(Command::ShowSeries { pane: 0, series: 77 });
    let missing = ViewReference { series: 0, image: 77, frame: 0 };
    session.apply(Command::Show { pane: 0, reference: missing });
    assert_eq!(session.snapshot(), before);
    assert!(!session.can_undo());
}

#[test]
fn another_series_begins_anew_and_another_image_does_not() {
    let mut session = session();
    session.apply(Command::ToggleInvert { pane: 0 });
    session.apply(Command::Turn { pane: 0, quarter_turns: 1 });
    let same_series = ViewReference { series: 0, image: 9, frame: 0 };
    session.apply(Command::Show { pane: 0, reference: same_series });
    let view = session.view(0).expect("pane");
    assert!(view.data.invert && view.presentation.quarter_turns == 1);
    session.apply(Command::Show {
        pane: 0,
        reference: ViewReference { series: 2, image: 1, frame: 0 },
    });
    let view = session.view(0).expect("pane");
    assert!(!view.data.invert && view.presentation.quarter_turns == 0);
    assert_eq!(session.position(0), Some(1));
}

#[test]
fn digits_pick_presets_and_zero_the_file() {
    let mut session = session();
    session.apply(Command::PickVoi { pane: 0, number: 2 });
    let choice = |session: &Session| session.view(0).expect("pane").data.voi;
    assert_eq!(choice(&session), VoiChoice::Preset(WindowPreset::Lung));
    let drawn = session.frame_display(0).expect("shown").expect("consistent");
    assert_eq!(drawn.voi_source, VoiSource::Preset(WindowPreset::Lung));
    session.apply(Command::PickVoi { pane: 0, number: 9 });
    assert_eq!(choice(&session), VoiChoice::Preset(WindowPreset::Lung), "there is no ninth");
    session.apply(Command::PickVoi { pane: 0, number: 0 });
    assert_eq!(choice(&session), VoiChoice::Default);
    session.apply(Command::ShowSeries { pane: 0, series: 2 });
    session.apply(Command::PickVoi { pane: 0, number: 1 });
    assert_eq!(choice(&session), VoiChoice::FileWindow(0), "a radiograph has no presets");
}

#[test]
fn the_window_to_start_from_is_the_one_in_use() {
    let linear = |center, width| UserWindow { center, width, function: VoiFunction::Linear };
    let mut session = session();
    assert_eq!(session.window(0), Some(linear(40.0, 400.0)));
    session.apply(Command::PickVoi { pane: 0, number: 3 });
    assert_eq!(session.window(0), Some(linear(400.0, 2000.0)));

    let mut with_table = series("DX", &[1]);
    with_table.displays[0].windows.clear();
    with_table.displays[0].voi_luts = vec![LookupTable {
        first_mapped: 100,
        bits: 8,
        entries: vec![0; 50],
        explanation: String::new(),
    }];
    let colour = series("US", &[1]);
    let rgb = ImageFormat { photometric_interpretation: "RGB".into(), ..colour.formats[0].clone() };
    let colour = viewer_core::exam::Series { formats: vec![rgb], ..colour };
    let mut session = Session::new(exam(vec![with_table, colour]));
    assert_eq!(session.window(0), Some(linear(125.0, 50.0)));
    session.apply(Command::ShowSeries { pane: 0, series: 1 });
    assert_eq!(session.window(0), None);
}

#[test]
fn a_series_without_windows_shares_one_range() {
    let mut plain = series("MR", &[1, 1]);
    plain.displays[0].windows.clear();
    let mut session = Session::new(exam(vec![plain]));
    session.note_stored_range(0, [100.0, 300.0].into());
    session.note_stored_range(0, [50.0, 200.0].into());
    session.note_stored_range(0, [f64::NAN, 1.0].into());
    assert_eq!(session.stored_range(0), Some([50.0, 300.0].into()));
    let window = session.window(0).expect("grey");
    assert_eq!((window.center, window.width), (175.0 - 1024.0, 250.0));
}

#[test]
fn colours_and_interpolation_are_steps_of_undo_and_saved() {
    let mut session = session();
    let looks = |session: &Session| {
        let data = session.view(0).expect("a pane").data;
        (data.colours, data.interpolation)
    };
    session.apply(Command::SetColours { pane: 0, colours: ColourMap::HotIron });
    session.apply(Command::SetInterpolation { pane: 0, interpolation: Interpolation::Cubic });
    assert_eq!(looks(&session), (ColourMap::HotIron, Interpolation::Cubic));
    let saved = serde_json::to_string(&session.snapshot()).expect("JSON");
    session.apply(Command::Undo);
    assert_eq!(looks(&session), (ColourMap::HotIron, Interpolation::Linear));
    session.apply(Command::Undo);
    assert_eq!(looks(&session), (ColourMap::Grey, Interpolation::Linear));
    session.apply(Command::Redo);
    assert_eq!(looks(&session), (ColourMap::HotIron, Interpolation::Linear));
    let saved = serde_json::from_str(&saved).expect("as written");
    session.restore(&saved).expect("of this exam");
    assert_eq!(looks(&session), (ColourMap::HotIron, Interpolation::Cubic));
    session.apply(Command::Reset { pane: 0 });
    assert_eq!(looks(&session), (ColourMap::Grey, Interpolation::Linear));
}

#[test]
fn a_gesture_is_one_step_of_undo() {
    let mut session = session();
    let start = session.snapshot();
    session.apply(Command::BeginGesture);
    for step in 1..30 {
        let voi = VoiChoice::User(UserWindow {
            center: f64::from(step),
            width: 100.0,
            function: VoiFunction::Linear,
        });
        session.apply(Command::SetVoi { pane: 0, voi });
    }
    session.apply(Command::EndGesture);
    let end = session.snapshot();
    session.apply(Command::Undo);
    assert_eq!(session.snapshot(), start);
    assert!(!session.can_undo() && session.can_redo());
    session.apply(Command::Redo);
    assert_eq!(session.snapshot(), end);
}

#[test]
fn a_cancelled_gesture_leaves_no_trace() {
    let mut session = session();
    let start = session.snapshot();
    session.apply(Command::BeginGesture);
    session.apply(Command::ScrollBy { pane: 0, frames: 7 });
    session.apply(Command::ZoomAt { pane: 0, factor: 3.0, at_px: [10.0, 10.0] });
    session.apply(Command::CancelGesture);
    assert_eq!(session.snapshot(), start);
    assert!(!session.can_undo());
}

#[test]
fn turns_of_the_wheel_are_one_step_and_scrolling_is_none() {
    let mut session = session();
    let zoom = Command::ZoomAt { pane: 0, factor: 1.2, at_px: [400.0, 300.0] };
    session.apply_all([zoom, zoom, zoom]);
    session.apply(Command::ScrollBy { pane: 0, frames: 3 });
    session.apply(Command::Undo);
    assert_eq!(session.view(0).expect("pane").presentation.zoom, Zoom::Fit);
    assert_eq!(session.position(0), Some(3), "undo does not scroll");
    assert!(!session.can_undo());
}

#[test]
fn undo_of_a_series_brings_back_its_place() {
    let mut session = session();
    session.apply(Command::ScrollTo { pane: 0, position: 12 });
    session.apply(Command::ShowSeries { pane: 0, series: 1 });
    session.apply(Command::PlayCine { pane: 0, playing: true });
    session.apply(Command::Undo);
    assert_eq!((series_in(&session, 0), session.position(0)), (Some(0), Some(12)));
    assert!(!session.is_playing(), "the loop that ran is not on the screen any more");
}

#[test]
fn a_new_change_forgets_what_was_undone() {
    let mut session = session();
    session.apply(Command::ToggleInvert { pane: 0 });
    session.apply(Command::Undo);
    session.apply(Command::Turn { pane: 0, quarter_turns: 1 });
    assert!(!session.can_redo());
}

#[test]
fn overlays_and_shutter_come_off_one_by_one_and_back() {
    let mut session = session();
    let seen = |session: &Session| {
        let data = session.view(0).expect("pane").data;
        [!data.overlays_hidden, !data.shutter_open]
    };
    assert_eq!(seen(&session), [true, true]);
    session.apply(Command::ToggleOverlays { pane: 0 });
    assert_eq!(seen(&session), [false, true]);
    session.apply(Command::ToggleShutter { pane: 0 });
    assert_eq!(seen(&session), [false, false]);
    session.apply(Command::Undo);
    assert_eq!(seen(&session), [false, true]);
    session.apply(Command::ToggleOverlays { pane: 0 });
    assert_eq!(seen(&session), [true, true]);
}

#[test]
fn reset_keeps_the_place() {
    let mut session = session();
    session.apply_all([
        Command::ScrollTo { pane: 0, position: 5 },
        Command::Flip { pane: 0, axis: FlipAxis::Vertical },
        Command::ToggleInvert { pane: 0 },
        Command::ToggleOverlays { pane: 0 },
        Command::ToggleShutter { pane: 0 },
        Command::SetZoom { pane: 0, zoom: Zoom::OneToOne },
        Command::Reset { pane: 0 },
    ]);
    let view = session.view(0).expect("pane");
    assert_eq!((view.presentation, view.data), (Default::default(), Default::default()));
    assert_eq!(session.position(0), Some(5));
}

fn any_command() -> impl Strategy<Value = Command> {
    let pane = 0..14_usize;
    prop_oneof![
        (1..4_u8, 1..5_u8).prop_map(|(rows, columns)| Command::SetLayout(
            Layout::new(rows, columns).expect("a layout")
        )),
        pane.clone().prop_map(|pane| Command::Activate { pane }),
        pane.clone().prop_map(|pane| Command::ToggleMaximise { pane }),
        (pane.clone(), 0..4_u32).prop_map(|(pane, series)| Command::ShowSeries { pane, series }),
        (pane.clone(), -30..30_i32).prop_map(|(pane, frames)| Command::ScrollBy { pane, frames }),
        (pane.clone(), -5..5_i32)
            .prop_map(|(pane, quarter_turns)| Command::Turn { pane, quarter_turns }),
        (pane.clone(), -1e3..1e3_f64)
            .prop_map(|(pane, d)| Command::Pan { pane, delta_px: [d, -d] }),
        (pane.clone(), 0.1..10.0_f64).prop_map(|(pane, factor)| Command::ZoomAt {
            pane,
            factor,
            at_px: [3.0, 5.0]
        }),
        (pane.clone(), 0..12_u8).prop_map(|(pane, number)| Command::PickVoi { pane, number }),
        pane.clone().prop_map(|pane| Command::ToggleInvert { pane }),
        pane.clone().prop_map(|pane| Command::ToggleOverlays { pane }),
        pane.prop_map(|pane| Command::ToggleShutter { pane }),
        Just(Command::BeginGesture),
        Just(Command::EndGesture),
        Just(Command::CancelGesture),
        Just(Command::Leave),
        Just(Command::Undo),
        Just(Command::Redo),
    ]
}

proptest! {
    #[test]
    fn whatever_is_done_the_state_makes_sense(
        commands in proptest::collection::vec(any_command(), 0..80),
    ) {
        let mut session = session();
        for command in commands {
            session.apply(command);
            prop_assert!(session.visible_panes().contains(&session.active_pane()));
            for pane in session.visible_panes() {
                if session.reference(pane).is_some() {
                    prop_assert!(session.position(pane).expect("in its stack") < session.stack_length(pane));
                    prop_assert!(session.frame_display(pane).expect("shown").is_ok());
                }
            }
        }
    }

    #[test]
    fn undoing_everything_comes_back_to_the_start(
        commands in proptest::collection::vec(any_command(), 0..40),
    ) {
        let mut session = session();
        let looks = |session: &Session| (0..4).map(|pane| {
            let view = session.view(pane).expect("pane");
            (view.presentation, view.data, view.reference.map(|r| r.series))
        }).collect::<Vec<_>>();
        let start = (looks(&session), session.layout(), session.is_maximised());
        session.apply_all(commands);
        session.apply(Command::EndGesture);
        while session.can_undo() {
            session.apply(Command::Undo);
        }
        prop_assert_eq!((looks(&session), session.layout(), session.is_maximised()), start);
    }
}
