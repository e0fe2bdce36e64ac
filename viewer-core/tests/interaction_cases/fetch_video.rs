//! Frames of videos: never fetched, decoded one at a time by the worker that reads their stream.

use viewer_core::fetch::{
    Action, Event, FetchFailure, FrameFailure, FrameKey, FrameStatus, Limits, RequestId, Scheduler,
    ShownFrame,
};

use super::support::{exam, key, series};

const FRAME_BYTES: u64 = 512 * 512 * 4;
const LIMITS: Limits = Limits {
    fetches: 4,
    decodes: 2,
    decoded_bytes: 100 * FRAME_BYTES,
    encoded_bytes: 0,
    saves_data: false,
};

/// A CT of six images, then a video of five frames.
fn scheduler() -> Scheduler {
    let mut video = series("ES", &[5]);
    video.formats[0].transfer_syntax_uid = "1.2.840.10008.1.2.4.102".into();
    Scheduler::new(&exam(vec![series("CT", &[1; 6]), video]), LIMITS)
}

fn show(scheduler: &mut Scheduler, key: FrameKey) -> Vec<Action> {
    scheduler.handle(Event::Shown(vec![ShownFrame { key, direction: 1 }]), 0.0)
}

fn decodes(actions: &[Action]) -> Vec<(RequestId, FrameKey)> {
    let started = actions.iter().filter_map(|action| match action {
        Action::StartDecode { id, key, .. } => Some((*id, *key)),
        _ => None,
    });
    started.collect()
}

fn fetches(actions: &[Action]) -> Vec<(RequestId, FrameKey)> {
    let started = actions.iter().filter_map(|action| match action {
        Action::StartFetch { id, key, .. } => Some((*id, *key)),
        _ => None,
    });
    started.collect()
}

#[test]
fn a_frame_goes_to_the_worker_without_being_fetched_one_after_the_other() {
    let mut scheduler = scheduler();
    let mut actions = show(&mut scheduler, key(1, 0, 2));
    assert!(fetches(&actions).iter().all(|(_, key)| key.series == 0));
    let mut order = Vec::new();
    while let [(id, key)] = decodes(&actions)[..] {
        order.push(key.frame);
        actions = scheduler.handle(Event::Decoded { id, bytes: FRAME_BYTES }, 0.0);
        assert_eq!(scheduler.status(key), Some(FrameStatus::Ready));
    }
    assert_eq!(order, [2, 3, 4, 1, 0], "the one shown, then outward");
}

#[test]
fn a_video_in_the_background_waits_for_what_is_needed_more() {
    let mut scheduler = scheduler();
    let mut actions = show(&mut scheduler, key(0, 0, 0));
    assert_eq!(decodes(&actions), []);
    let mut outstanding = fetches(&actions);
    let mut requested = outstanding.len();
    while let Some((id, _)) = outstanding.pop() {
        actions = scheduler.handle(Event::FetchDone { id, bytes: 1000 }, 0.0);
        let videos = decodes(&actions).into_iter().filter(|(_, key)| key.series == 1).count();
        let new = fetches(&actions);
        requested += new.len();
        outstanding.extend(new);
        assert!(videos == 0 || requested == 6, "{requested} requested");
    }
    assert_eq!(requested, 6);
    assert_eq!(scheduler.status(key(1, 0, 0)), Some(FrameStatus::Loading));
}

#[test]
fn images_are_decoded_while_a_video_is() {
    let mut scheduler = scheduler();
    let both = [key(1, 0, 0), key(0, 0, 0)];
    let shown = both.map(|key| ShownFrame { key, direction: 1 }).to_vec();
    let actions = scheduler.handle(Event::Shown(shown), 0.0);
    assert_eq!(decodes(&actions).len(), 1);
    let mut decoded = 0;
    let mut outstanding = fetches(&actions);
    while let Some((id, _)) = outstanding.pop() {
        let actions = scheduler.handle(Event::FetchDone { id, bytes: 1000 }, 0.0);
        decoded += decodes(&actions).len();
        outstanding.extend(fetches(&actions));
    }
    assert_eq!(decoded, LIMITS.decodes);
}

#[test]
fn nothing_is_played_without_a_network_or_a_session() {
    let mut offline = scheduler();
    assert_eq!(offline.handle(Event::Offline, 0.0), []);
    assert_eq!(show(&mut offline, key(1, 0, 0)), []);
    assert_eq!(decodes(&offline.handle(Event::Online, 0.0)).len(), 1);

    let mut scheduler = scheduler();
    let (id, first) = decodes(&show(&mut scheduler, key(1, 0, 0)))[0];
    // What the page reports where the worker was refused for want of a session.
    let silent = |actions: &[Action]| decodes(actions).is_empty();
    assert!(silent(&scheduler.handle(Event::SessionExpired, 0.0)));
    let failure = FrameFailure::Unreachable;
    assert!(silent(&scheduler.handle(Event::DecodeFailed { id, failure }, 0.0)));
    assert!(silent(&scheduler.handle(Event::Retry(first), 0.0)));
    let again = decodes(&scheduler.handle(Event::SessionRenewed, 0.0));
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].1, first);
}

#[test]
fn a_lost_picture_is_decoded_again_and_a_lost_request_is_not_its_fault() {
    let mut scheduler = scheduler();
    let (id, shown) = decodes(&show(&mut scheduler, key(1, 0, 0)))[0];
    scheduler.handle(Event::Decoded { id, bytes: FRAME_BYTES }, 0.0).clear();
    let again = decodes(&scheduler.handle(Event::DecodedLost, 0.0));
    assert_eq!(again.first().map(|(_, key)| *key), Some(shown));
    let missing = FetchFailure::Refused { status: 404 };
    let actions = scheduler.handle(Event::FetchFailed { id, failure: missing }, 0.0);
    assert_eq!(scheduler.status(shown), Some(FrameStatus::Loading), "{actions:?}");
}
