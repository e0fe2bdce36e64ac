//! Views that survive a new login.

use std::sync::Arc;

use viewer_core::command::{Command, Layout, Tool};
use viewer_core::session::{Session, Snapshot, SnapshotError};
use viewer_core::viewport::ViewReference;

use super::support::{mixed_exam, session};

#[test]
fn a_saved_view_comes_back_after_a_new_login() {
    let exam = mixed_exam(20);
    let mut session = Session::new(Arc::clone(&exam));
    session.apply_all([
        Command::SetLayout(Layout::SIDE_BY_SIDE),
        Command::ResizeCanvas { pane: 1, size_px: [300, 300] },
        Command::ShowSeries { pane: 1, series: 2 },
        Command::ScrollTo { pane: 1, position: 2 },
        Command::ZoomAt { pane: 1, factor: 2.0, at_px: [10.0, 20.0] },
        Command::PickVoi { pane: 0, number: 4 },
        Command::Activate { pane: 1 },
        Command::SelectTool(Tool::Zoom),
    ]);
    let json = serde_json::to_string(&session.snapshot()).expect("serialises");
    let saved: Snapshot = serde_json::from_str(&json).expect("reads");
    let mut again = Session::new(exam);
    assert_eq!(again.restore(&saved), Ok(true));
    assert_eq!(again.snapshot(), session.snapshot());
    assert_eq!((again.active_pane(), again.tool()), (1, Tool::Zoom));
}

#[test]
fn a_saved_view_holds_nothing_of_the_patient() {
    let mut session = session();
    session.apply(Command::ScrollTo { pane: 0, position: 3 });
    let json = serde_json::to_string(&session.snapshot()).expect("serialises");
    for secret in ["LEF", "lise", "1974", "FANTOME", "DEMO", "1.2.3", "2026", "Thorax", "Centre"] {
        assert!(!json.contains(secret), "{secret} in {json}");
    }
}

#[test]
fn a_saved_view_of_another_exam_is_not_applied() {
    let saved = session().snapshot();
    let mut other = Session::new(mixed_exam(21));
    let before = other.snapshot();
    assert_eq!(other.restore(&saved), Err(SnapshotError::OtherExam));
    assert_eq!(other.snapshot(), before);
    let json = serde_json::to_string(&saved).expect("serialises");
    let newer: Snapshot =
        serde_json::from_str(&json.replace("\"version\":1", "\"version\":2")).expect("reads");
    assert_eq!(session().restore(&newer), Err(SnapshotError::Version));
}

#[test]
fn a_saved_view_that_was_tampered_with_is_put_right() {
    let json = serde_json::to_string(&session().snapshot()).expect("serialises");
    let wrong = json
        .replacen("\"image\":0", "\"image\":4000000000", 1)
        .replacen("\"active\":0", "\"active\":88", 1)
        .replacen("\"quarter_turns\":0", "\"quarter_turns\":255", 1);
    let saved: Snapshot = serde_json::from_str(&wrong).expect("reads");
    let mut session = session();
    assert_eq!(session.restore(&saved), Ok(true));
    assert_eq!(session.active_pane(), 0);
    assert_eq!(session.reference(0), Some(ViewReference::default()), "an empty pane is filled");
    assert!(session.resolved(0).is_some());
}

#[test]
fn a_view_saved_when_there_were_four_panes_is_still_read() {
    let mut session = session();
    session.apply_all([
        Command::SetLayout(Layout::FOUR),
        Command::ScrollTo { pane: 0, position: 7 },
        Command::Activate { pane: 2 },
    ]);
    let mut json = serde_json::to_value(session.snapshot()).expect("serialises");
    json["panes"].as_array_mut().expect("panes").truncate(4);
    assert_eq!(json["layout"], "2x2");
    let saved: Snapshot = serde_json::from_value(json).expect("reads");
    let mut again = Session::new(mixed_exam(20));
    assert_eq!(again.restore(&saved), Ok(true));
    assert_eq!(again.snapshot(), session.snapshot());
}

#[test]
fn an_adopted_view_keeps_tool_and_history_and_is_part_of_its_gesture() {
    let mut session = session();
    session.apply(Command::SelectTool(Tool::Pan));
    let mut other = Session::new(mixed_exam(20));
    other.apply_all([
        Command::SetLayout(Layout::new(3, 4).expect("a layout")),
        Command::ScrollTo { pane: 0, position: 7 },
        Command::ToggleInvert { pane: 2 },
        Command::Activate { pane: 2 },
    ]);
    session.apply(Command::BeginGesture);
    assert_eq!(session.adopt(&other.snapshot()), Ok(()));
    session.apply(Command::EndGesture);
    assert_eq!((session.tool(), session.layout().panes()), (Tool::Pan, 12));
    assert_eq!((session.position(0), session.active_pane()), (Some(7), 2));
    assert_eq!(session.shown_frames().iter().map(|shown| shown.direction).max(), Some(1));
    session.apply(Command::Undo);
    assert_eq!((session.layout(), session.can_undo()), (Layout::ONE, false));
    let foreign = Session::new(mixed_exam(21)).snapshot();
    assert_eq!(session.adopt(&foreign), Err(SnapshotError::OtherExam));
}
