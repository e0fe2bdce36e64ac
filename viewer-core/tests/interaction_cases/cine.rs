//! Cine loops: time in, frames out.

use viewer_core::command::{CineDirection, CineWrap, Command};
use viewer_core::fetch::FrameKey;
use viewer_core::session::Session;

use super::support::{exam, series, session};

fn all_ready(_: FrameKey) -> bool {
    true
}

fn loop_session() -> Session {
    let mut session = session();
    session.apply(Command::ShowSeries { pane: 0, series: 1 });
    session.apply(Command::PlayCine { pane: 0, playing: true });
    session
}

fn positions(session: &mut Session, times_ms: &[f64]) -> Vec<u32> {
    let at = |&now_ms: &f64| {
        session.tick(now_ms, all_ready);
        session.position(0).expect("shown")
    };
    times_ms.iter().map(at).collect()
}

#[test]
fn a_loop_runs_at_the_rate_of_the_file_and_wraps() {
    let mut session = loop_session();
    assert_eq!(session.cine_rate(0), Some(25.0));
    let times = [0.0, 39.0, 40.0, 79.0, 80.0, 120.0, 160.0, 200.0];
    assert_eq!(positions(&mut session, &times), [0, 0, 1, 1, 2, 3, 4, 0]);
}

#[test]
fn a_late_picture_skips_frames_and_keeps_the_time() {
    let mut session = loop_session();
    assert_eq!(positions(&mut session, &[0.0, 125.0, 160.0]), [0, 3, 4]);
}

#[test]
fn a_frame_that_is_not_ready_is_waited_for() {
    let mut session = loop_session();
    session.tick(0.0, all_ready);
    for now_ms in [40.0, 80.0, 120.0] {
        assert!(!session.tick(now_ms, |key| key.frame != 1));
    }
    assert!(session.tick(130.0, all_ready));
    assert_eq!(session.position(0), Some(1));
}

#[test]
fn a_loop_can_swing_run_backwards_or_once() {
    let course = |direction, wrap| {
        let mut session = loop_session();
        session.apply(Command::SetCineCourse { pane: 0, direction, wrap });
        let times: Vec<f64> = (0..10).map(|n| f64::from(n) * 40.0).collect();
        (positions(&mut session, &times), session.is_playing())
    };
    let swing = course(CineDirection::Forward, CineWrap::Swing);
    assert_eq!(swing, (vec![0, 1, 2, 3, 4, 3, 2, 1, 0, 1], true));
    let backward = course(CineDirection::Backward, CineWrap::Loop);
    assert_eq!(backward, (vec![0, 4, 3, 2, 1, 0, 4, 3, 2, 1], true));
    let once = course(CineDirection::Forward, CineWrap::Once);
    assert_eq!(once, (vec![0, 1, 2, 3, 4, 4, 4, 4, 4, 4], false));
}

#[test]
fn single_images_run_through_the_series_and_one_image_does_not_run() {
    let mut session = session();
    session.apply(Command::ToggleCine { pane: 0 });
    session.apply(Command::SetCineRate { pane: 0, frames_per_second: Some(20.0) });
    assert_eq!(positions(&mut session, &[0.0, 50.0, 100.0]), [0, 1, 2]);
    let mut alone = Session::new(exam(vec![series("CR", &[1])]));
    alone.apply(Command::ToggleCine { pane: 0 });
    assert!(!alone.is_playing());
}

#[test]
fn nonsense_rates_are_brought_into_range() {
    let mut session = loop_session();
    for (wanted, expected) in [(f64::NAN, 25.0), (0.0, 0.5), (1e9, 120.0)] {
        session.apply(Command::SetCineRate { pane: 0, frames_per_second: Some(wanted) });
        assert_eq!(session.cine_rate(0), Some(expected));
    }
}
