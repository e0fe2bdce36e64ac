//! The scheduler: order, cancelling, failures, budgets.

use viewer_core::fetch::{
    Action, Connection, Event, FetchFailure, FetchKind, FrameFailure, FrameKey, FrameStatus,
    Limits, Progress, ShownFrame,
};

use super::fetch_page::{BODY_BYTES, FRAME_BYTES, Page};
use super::support::{exam, key, mixed_exam, series};

fn limits(frames: u64) -> Limits {
    Limits {
        fetches: 4,
        decodes: 2,
        decoded_bytes: frames * FRAME_BYTES,
        encoded_bytes: 0,
        saves_data: false,
    }
}

fn page(images: usize, limits: Limits) -> Page {
    Page::new(&mixed_exam(images), limits)
}

fn started(actions: &[Action]) -> Vec<(FrameKey, FetchKind)> {
    let started = actions.iter().filter_map(|action| match action {
        Action::StartFetch { key, kind, .. } => Some((*key, *kind)),
        _ => None,
    });
    started.collect()
}

fn aborted(actions: &[Action]) -> Vec<FrameKey> {
    let aborted = actions.iter().filter_map(|action| match action {
        Action::AbortFetch { key, .. } => Some(*key),
        _ => None,
    });
    aborted.collect()
}

/// Every request in the order it is made, when all succeed at once.
fn whole_order(page: &mut Page, first: &[Action]) -> Vec<FrameKey> {
    let mut order: Vec<FrameKey> = started(first).into_iter().map(|(key, _)| key).collect();
    let mut known: std::collections::BTreeSet<_> = order.iter().copied().collect();
    for _ in 0..1000 {
        page.fetch_done(0);
        page.decode_done(0);
        let news: Vec<FrameKey> = page.fetching.values().map(|(key, _)| *key).collect();
        order.extend(news.into_iter().filter(|key| known.insert(*key)));
    }
    order
}

#[test]
fn nothing_starts_before_something_is_shown() {
    let mut page = page(10, limits(100));
    assert_eq!(page.report(Event::Tick), []);
}

#[test]
fn order_is_shown_then_ahead_then_behind_then_other_series() {
    let mut page = page(7, limits(100));
    let first = page.show(key(0, 3, 0), 1);
    let kinds = started(&first);
    assert_eq!(kinds[0], (key(0, 3, 0), FetchKind::Interaction));
    assert!(kinds[1..].iter().all(|(_, kind)| *kind == FetchKind::Prefetch));
    let order = whole_order(&mut page, &first);
    let of_series_0: Vec<u32> =
        order.iter().filter(|key| key.series == 0).map(|key| key.image).collect();
    assert_eq!(of_series_0, [3, 4, 5, 2, 6, 1, 0]);
    assert_eq!(order[7..12], [0, 1, 2, 3, 4].map(|frame| key(1, 0, frame)));
    assert_eq!(order[12..], [0, 1, 2].map(|image| key(2, image, 0)));
}

#[test]
fn order_follows_the_direction_of_scrolling() {
    let mut page = page(7, limits(100));
    let first = page.show(key(0, 3, 0), -1);
    let order = whole_order(&mut page, &first);
    let images: Vec<u32> = order[..7].iter().map(|key| key.image).collect();
    assert_eq!(images, [3, 2, 1, 4, 0, 5, 6]);
}

#[test]
fn panes_take_turns_and_thumbnails_come_after_the_next_neighbours() {
    let mut page = page(9, Limits { fetches: 20, ..limits(100) });
    page.report(Event::Thumbnails(vec![key(1, 0, 2), key(2, 1, 0)]));
    page.shown = vec![key(0, 4, 0), key(2, 0, 0)];
    let shown = page.shown.iter().map(|&key| ShownFrame { key, direction: 1 }).collect();
    let first = page.report(Event::Shown(shown));
    let screen = [key(0, 4, 0), key(2, 0, 0)].map(|key| (key, FetchKind::Interaction));
    assert_eq!(started(&first), screen, "nothing beside the screen");
    let order = whole_order(&mut page, &first);
    let neighbours = [(0, 5), (0, 6), (0, 3), (2, 1), (2, 2), (0, 7), (0, 8), (0, 2)];
    assert_eq!(order[2..10], neighbours.map(|(series, image)| key(series, image, 0)));
    assert_eq!(order[10..13], [key(1, 0, 2), key(0, 1, 0), key(0, 0, 0)]);
}

#[test]
fn thumbnails_are_told_from_prefetching() {
    let mut page = page(1, limits(100));
    page.report(Event::Thumbnails(vec![key(1, 0, 2)]));
    page.show(key(0, 0, 0), 1);
    page.fetch_done(0);
    let kinds: Vec<_> = page.fetching.values().copied().collect();
    assert_eq!(kinds[0], (key(1, 0, 2), FetchKind::Thumbnail));
    assert!(kinds[1..].iter().all(|(_, kind)| *kind == FetchKind::Prefetch));
}

#[test]
fn one_request_stays_free_for_the_screen() {
    let mut page = page(100, Limits { fetches: 2, ..limits(1000) });
    page.show(key(0, 0, 0), 1);
    page.fetch_done(0);
    assert_eq!(page.fetching.len(), 1);
    let actions = page.show(key(0, 1, 0), 1);
    assert_eq!(started(&actions), [], "it is on its way");
    let actions = page.show(key(0, 2, 0), 1);
    assert_eq!(started(&actions), [(key(0, 2, 0), FetchKind::Interaction)]);
    assert_eq!(aborted(&actions), []);
}

#[test]
fn nothing_else_is_decoded_before_the_first_picture_is_drawn() {
    let mut page = page(10, limits(1000));
    page.show(key(0, 0, 0), 1);
    for _ in 0..3 {
        page.fetch_done(0);
    }
    let decoding = |page: &Page| page.decoding.values().copied().collect::<Vec<_>>();
    let (id, shown) = page.decoding.pop_first().expect("the screen first");
    page.decoded.insert(shown, FRAME_BYTES);
    page.decoding.clear();
    page.report(Event::Decoded { id, bytes: FRAME_BYTES });
    let others = decoding(&page);
    page.report(Event::Drawn);
    assert!(others.is_empty() && !decoding(&page).is_empty(), "{others:?}");
}

#[test]
fn a_page_that_never_draws_is_not_waited_for_long() {
    let mut page = page(10, limits(1000));
    page.show(key(0, 0, 0), 1);
    page.fetch_done(0);
    let (id, shown) = page.decoding.pop_first().expect("the screen first");
    page.decoded.insert(shown, FRAME_BYTES);
    page.report(Event::Decoded { id, bytes: FRAME_BYTES });
    page.fetch_done(0);
    assert!(page.decoding.is_empty());
    page.now_ms = page.scheduler.next_wake_ms().expect("waits");
    page.report(Event::Tick);
    assert_eq!(page.decoding.len(), 1);
}

#[test]
fn with_save_data_only_neighbours_are_fetched() {
    let encoded_bytes = 30 * BODY_BYTES;
    let mut page = page(100, Limits { saves_data: true, encoded_bytes, ..limits(1000) });
    page.show(key(0, 50, 0), 1);
    page.settle();
    let held: Vec<u32> = page.decoded.keys().map(|key| key.image).collect();
    assert_eq!(held, [48, 49, 50, 51, 52, 53, 54]);
}

#[test]
fn a_jump_aborts_what_is_far_away_and_nothing_that_is_near() {
    let mut page = page(300, limits(1000));
    page.show(key(0, 0, 0), 1);
    let near = page.show(key(0, 1, 0), 1);
    assert_eq!(aborted(&near), []);
    let far = page.show(key(0, 200, 0), 1);
    assert_eq!(aborted(&far), [key(0, 0, 0), key(0, 1, 0)]);
    assert!(page.fetching.values().all(|(key, _)| key.image >= 199));
}

#[test]
fn late_answers_to_aborted_requests_change_nothing() {
    let mut page = page(300, limits(1000));
    let first = page.show(key(0, 0, 0), 1);
    let Some(Action::StartFetch { id, .. }) = first.first().cloned() else { panic!("started") };
    page.show(key(0, 200, 0), 1);
    assert_eq!(page.report(Event::FetchDone { id, bytes: 1 }), []);
    assert_eq!(page.scheduler.status(key(0, 0, 0)), Some(FrameStatus::Missing));
}

#[test]
fn everything_is_loaded_in_the_end() {
    let mut page = page(40, limits(1000));
    page.show(key(0, 20, 0), 1);
    page.settle();
    let all = Progress { total: 48, ready: 48, fetched: 48, failed: 0 };
    assert_eq!(page.scheduler.progress(), all);
    assert!(all.complete());
    assert_eq!(page.scheduler.series_progress(1).ready, 5);
    assert!(page.scheduler.series_statuses(2).all(|status| status == FrameStatus::Ready));
    assert!(page.encoded.is_empty(), "no body is kept with a budget of 0");
}

#[test]
fn a_small_budget_holds_what_is_near_and_does_not_thrash() {
    let mut page = page(100, limits(10));
    page.show(key(0, 50, 0), 1);
    page.settle();
    let held: Vec<u32> = page.decoded.keys().map(|key| key.image).collect();
    assert_eq!(held, [47, 48, 49, 50, 51, 52, 53, 54, 55, 56]);
    assert_eq!(page.report(Event::Tick), [], "nothing more is fetched");
    page.show(key(0, 51, 0), 1);
    page.settle();
    let held: Vec<u32> = page.decoded.keys().map(|key| key.image).collect();
    assert_eq!(held, [48, 49, 50, 51, 52, 53, 54, 55, 56, 57]);
}

#[test]
fn bodies_fill_their_own_budget_and_are_decoded_without_fetching_again() {
    let encoded_bytes = 30 * BODY_BYTES;
    let mut page = page(100, Limits { encoded_bytes, ..limits(10) });
    page.show(key(0, 50, 0), 1);
    page.settle();
    assert!(page.encoded.len() > 20, "{} bodies", page.encoded.len());
    let next = *page.encoded.iter().find(|key| !page.decoded.contains_key(key)).expect("one");
    let actions = page.show(next, 1);
    let decodes_at_once = actions
        .iter()
        .any(|action| matches!(action, Action::StartDecode { key, kind: FetchKind::Interaction, .. } if *key == next));
    assert!(decodes_at_once);
    assert!(!started(&actions).iter().any(|(key, _)| *key == next));
}

#[test]
fn bodies_of_an_exam_get_the_memory_they_take_if_a_quarter_is_left_for_frames() {
    let few = Limits { encoded_bytes: 30 * BODY_BYTES, ..limits(10) };
    let mut page = page(100, few);
    page.show(key(0, 50, 0), 1);
    page.settle();
    let frames = page.scheduler.progress().total;
    assert_eq!(page.encoded.len(), frames as usize, "every body is kept");
    assert_eq!(page.scheduler.limits().encoded_bytes, u64::from(frames) * BODY_BYTES * 9 / 8);
    assert_eq!(page.decoded.len(), 9, "frames give way to them");
    page.show(key(0, 0, 0), 1);
    let actions = page.report(Event::Tick);
    assert_eq!(started(&actions), [], "nothing is fetched again");

    // Where all bodies do not fit, the division stays.
    let little = Limits { decoded_bytes: 40 * BODY_BYTES, encoded_bytes: 40 * BODY_BYTES, ..few };
    let mut page = self::page(100, little);
    page.show(key(0, 50, 0), 1);
    page.settle();
    assert_eq!(page.scheduler.limits().encoded_bytes, 40 * BODY_BYTES);
}

#[test]
fn a_frame_larger_than_the_budget_is_shown_all_the_same() {
    let mut page = page(3, limits(0));
    page.show(key(0, 1, 0), 1);
    page.settle();
    assert_eq!(page.decoded.keys().copied().collect::<Vec<_>>(), [key(0, 1, 0)]);
}

#[test]
fn a_lost_connection_is_tried_again_with_growing_waits() {
    let mut page = page(50, limits(1000));
    page.show(key(0, 0, 0), 1);
    let lost = |id| Event::FetchFailed { id, failure: FetchFailure::Connection };
    while !page.fetching.is_empty() {
        page.fetch_answers(0, lost);
    }
    let mut waits = Vec::new();
    let mut probed = Vec::new();
    for _ in 0..4 {
        let wake_ms = page.scheduler.next_wake_ms().expect("waits");
        waits.push(wake_ms - page.now_ms);
        page.now_ms = wake_ms - 1.0;
        assert_eq!(page.report(Event::Tick), []);
        page.now_ms = wake_ms;
        let probe = page.report(Event::Tick);
        probed.extend(started(&probe).into_iter().map(|(key, _)| key.image));
        page.fetch_answers(0, lost);
    }
    assert_eq!(waits, [500.0, 1000.0, 2000.0, 4000.0]);
    assert_eq!(probed, [0, 1, 0, 1], "one frame may be what breaks the connection");
    page.settle();
    assert_eq!(page.scheduler.progress().ready, 58);
}

#[test]
fn a_frame_that_always_breaks_the_connection_stops_no_other() {
    let mut page = page(5, limits(1000));
    page.show(key(0, 0, 0), 1);
    for _ in 0..200 {
        let broken = page.fetching.values().position(|(asked, _)| *asked == key(0, 0, 0));
        if let Some(nth) = broken {
            let failure = FetchFailure::Connection;
            page.fetch_answers(nth, |id| Event::FetchFailed { id, failure });
        } else if !page.fetching.is_empty() {
            page.fetch_done(0);
        } else if !page.decoding.is_empty() {
            page.decode_done(0);
        } else if let Some(wake_ms) = page.scheduler.next_wake_ms() {
            page.now_ms = wake_ms;
            page.report(Event::Tick);
        }
    }
    let failed = Some(FrameStatus::Failed(FrameFailure::Unreachable));
    assert_eq!(page.scheduler.status(key(0, 0, 0)), failed);
    assert_eq!(page.scheduler.progress().ready, 12);
}

#[test]
fn offline_stops_and_online_starts_at_once() {
    let mut page = page(50, limits(1000));
    page.report(Event::Offline);
    assert_eq!(page.show(key(0, 0, 0), 1), []);
    assert_eq!(page.scheduler.connection(), Connection::Offline);
    assert_eq!(started(&page.report(Event::Online)), [(key(0, 0, 0), FetchKind::Interaction)]);
}

#[test]
fn nothing_is_fetched_without_a_session() {
    let mut page = page(50, limits(1000));
    page.show(key(0, 0, 0), 1);
    page.fetch_answers(0, |id| Event::FetchFailed { id, failure: FetchFailure::SessionExpired });
    while !page.fetching.is_empty() {
        page.fetch_done(0);
    }
    assert_eq!(page.scheduler.connection(), Connection::SessionExpired);
    assert_eq!(page.report(Event::Online), []);
    let again = page.report(Event::SessionRenewed);
    assert_eq!(started(&again)[0], (key(0, 0, 0), FetchKind::Interaction));
}

#[test]
fn failures_stay_with_their_frame_until_asked_again() {
    let mut page = page(3, limits(1000));
    page.show(key(0, 0, 0), 1);
    let gone = FetchFailure::Refused { status: 404 };
    page.fetch_answers(0, |id| Event::FetchFailed { id, failure: gone });
    page.settle();
    let failed = Some(FrameStatus::Failed(FrameFailure::Refused { status: 404 }));
    assert_eq!(page.scheduler.status(key(0, 0, 0)), failed);
    let done = Progress { total: 11, ready: 10, fetched: 10, failed: 1 };
    assert_eq!(page.scheduler.progress(), done);
    assert!(done.complete());
    assert_eq!(page.report(Event::Retry(key(0, 1, 0))), [], "that one is fine");
    assert_eq!(started(&page.report(Event::Retry(key(0, 0, 0)))).len(), 1);
    page.settle();
    assert_eq!(page.scheduler.status(key(0, 0, 0)), Some(FrameStatus::Ready));
}

#[test]
fn a_failing_server_is_asked_five_times_and_blocks_nobody() {
    let mut page = page(2, limits(1000));
    page.show(key(0, 0, 0), 1);
    let mut asked = 0;
    while let Some(nth) = page.fetching.values().position(|(k, _)| *k == key(0, 0, 0)) {
        asked += 1;
        let failure = FetchFailure::Server { status: 500 };
        page.fetch_answers(nth, |id| Event::FetchFailed { id, failure });
        while !page.fetching.values().any(|(k, _)| *k == key(0, 0, 0)) {
            if !page.fetching.is_empty() {
                page.fetch_done(0);
            } else if !page.decoding.is_empty() {
                page.decode_done(0);
            } else if let Some(wake_ms) = page.scheduler.next_wake_ms() {
                page.now_ms = wake_ms;
                page.report(Event::Tick);
            } else {
                break;
            }
        }
    }
    assert_eq!(asked, 5);
    let failed = Some(FrameStatus::Failed(FrameFailure::Server { status: 500 }));
    assert_eq!(page.scheduler.status(key(0, 0, 0)), failed);
    assert_eq!(page.scheduler.status(key(0, 1, 0)), Some(FrameStatus::Ready));
}

#[test]
fn a_defect_found_while_indexing_is_never_fetched() {
    let mut damaged = series("CT", &[1, 1]);
    damaged.images[0].defect = Some("no pixel data".into());
    let mut page = Page::new(&exam(vec![damaged]), limits(10));
    page.shown = vec![key(0, 0, 0)];
    let actions = page.report(Event::Shown(vec![ShownFrame { key: key(0, 0, 0), direction: 0 }]));
    assert_eq!(started(&actions), [(key(0, 1, 0), FetchKind::Prefetch)]);
    let defect = FrameFailure::Corrupt { detail: "no pixel data".into() };
    assert_eq!(page.scheduler.status(key(0, 0, 0)), Some(FrameStatus::Failed(defect)));
    assert_eq!(started(&page.report(Event::Retry(key(0, 0, 0)))), []);
}

#[test]
fn lost_pictures_are_made_again() {
    let mut page = page(5, limits(1000));
    page.show(key(0, 0, 0), 1);
    page.settle();
    page.decoded.clear();
    let actions = page.report(Event::DecodedLost);
    assert_eq!(started(&actions)[0].0, key(0, 0, 0));
    page.settle();
    assert_eq!(page.scheduler.progress().ready, 13);
}
