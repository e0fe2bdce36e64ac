//! The scheduler's rules under whatever may happen.

use proptest::prelude::*;
use viewer_core::fetch::{Event, FetchFailure, FrameFailure, FrameStatus, Limits, ShownFrame};

use super::fetch_page::{BODY_BYTES, FRAME_BYTES, Page};
use super::support::{key, mixed_exam};

#[derive(Clone, Debug)]
enum Step {
    Show(u32, i8),
    ShowTwo(u32, u32),
    FetchDone(usize),
    FetchFails(usize, u8),
    DecodeDone(usize),
    DecodeFails(usize),
    Wait(f64),
    Network(bool),
    Session(bool),
    Lost,
    Retry(u32),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..40_u32, -1..=1_i8).prop_map(|(image, direction)| Step::Show(image, direction)),
        1 => (0..40_u32, 0..40_u32).prop_map(|(a, b)| Step::ShowTwo(a, b)),
        8 => (0..4_usize).prop_map(Step::FetchDone),
        2 => (0..4_usize, 0..4_u8).prop_map(|(nth, why)| Step::FetchFails(nth, why)),
        8 => (0..2_usize).prop_map(Step::DecodeDone),
        1 => (0..2_usize).prop_map(Step::DecodeFails),
        2 => (0.0..3000.0_f64).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::Network),
        1 => any::<bool>().prop_map(Step::Session),
        1 => Just(Step::Lost),
        1 => (0..40_u32).prop_map(Step::Retry),
    ]
}

fn why(number: u8) -> FetchFailure {
    match number {
        0 => FetchFailure::Connection,
        1 => FetchFailure::Server { status: 503 },
        2 => FetchFailure::SessionExpired,
        _ => FetchFailure::Refused { status: 404 },
    }
}

fn take(page: &mut Page, step: &Step) {
    match *step {
        Step::Show(image, direction) => {
            page.show(key(0, image, 0), direction);
        }
        Step::ShowTwo(a, b) => {
            page.shown = vec![key(0, a, 0), key(0, b, 0)];
            let shown = page.shown.iter().map(|&key| ShownFrame { key, direction: 1 }).collect();
            page.report(Event::Shown(shown));
        }
        Step::FetchDone(nth) => page.fetch_done(nth),
        Step::FetchFails(nth, number) => {
            page.fetch_answers(nth, |id| Event::FetchFailed { id, failure: why(number) });
        }
        Step::DecodeDone(nth) => page.decode_done(nth),
        Step::DecodeFails(nth) => {
            if let Some((&id, _)) = page.decoding.iter().nth(nth) {
                page.decoding.remove(&id);
                let failure = FrameFailure::Truncated { detail: String::new() };
                page.report(Event::DecodeFailed { id, failure });
            }
        }
        Step::Wait(ms) => {
            page.now_ms += ms;
            page.report(Event::Tick);
        }
        Step::Network(up) => {
            page.report(if up { Event::Online } else { Event::Offline });
        }
        Step::Session(up) => {
            page.report(if up { Event::SessionRenewed } else { Event::SessionExpired });
        }
        Step::Lost => page.lose_decoded(),
        Step::Retry(image) => {
            page.report(Event::Retry(key(0, image, 0)));
        }
    }
}

proptest! {
    /// [`Page`] checks budgets, bounds, bookkeeping and starvation after every step.
    #[test]
    fn whatever_happens_the_rules_hold_and_all_is_loaded_in_the_end(
        steps in proptest::collection::vec(any_step(), 0..120),
        frames in 0..60_u64, bodies in 0..40_u64, fetches in 1..6_usize, decodes in 1..4_usize,
    ) {
        let limits = Limits {
            fetches,
            decodes,
            decoded_bytes: frames * FRAME_BYTES,
            encoded_bytes: bodies * BODY_BYTES,
            saves_data: false,
        };
        let mut page = Page::new(&mixed_exam(40), limits);
        for step in &steps {
            take(&mut page, step);
        }
        page.report(Event::SessionRenewed);
        page.report(Event::Online);
        page.show(key(0, 7, 0), 1);
        page.settle();
        prop_assert!(page.scheduler.is_idle());
        let settled = |key| {
            let status = page.scheduler.status(key);
            matches!(status, Some(FrameStatus::Ready | FrameStatus::Failed(_)))
        };
        prop_assert!(settled(key(0, 7, 0)));
        if frames >= 48 {
            let progress = page.scheduler.progress();
            prop_assert_eq!(progress.ready + progress.failed, 48);
        }
    }
}

/// The map behind the scroll bar shows as much as the progress bar counts.
#[test]
fn what_is_held_encoded_is_told_apart_from_what_is_not_here() {
    let limits = Limits {
        fetches: 4,
        decodes: 2,
        decoded_bytes: 5 * FRAME_BYTES,
        encoded_bytes: 12 * BODY_BYTES,
        saves_data: false,
    };
    let mut page = Page::new(&mixed_exam(40), limits);
    page.show(key(0, 20, 0), 0);
    page.settle();
    let are = |of: FrameStatus| page.scheduler.series_statuses(0).filter(|is| *is == of).count();
    assert_eq!(are(FrameStatus::Ready), page.decoded.len());
    let only_encoded = page.encoded.iter().filter(|key| !page.decoded.contains_key(key)).count();
    assert!(only_encoded > 0 && are(FrameStatus::Missing) > 0);
    assert_eq!(are(FrameStatus::Fetched), only_encoded);
    let progress = page.scheduler.series_progress(0);
    assert_eq!(progress.fetched as usize, are(FrameStatus::Ready) + only_encoded);
}

/// Memory that a failed frame had left to another is its own again: neither is decoded and dropped without end.
#[test]
fn a_frame_that_is_tried_again_takes_its_memory_back() {
    let limits = Limits {
        fetches: 4,
        decodes: 2,
        decoded_bytes: 5 * FRAME_BYTES,
        encoded_bytes: 100 * BODY_BYTES,
        saves_data: false,
    };
    let mut page = Page::new(&mixed_exam(40), limits);
    page.show(key(0, 10, 0), 0);
    page.fetch_done(0);
    page.decode_done(0);
    // The next one is refused, and all others come.
    let refused = page.fetching.values().next().expect("a neighbour").0;
    page.fetch_answers(0, |id| Event::FetchFailed {
        id,
        failure: FetchFailure::Refused { status: 404 },
    });
    page.settle();
    assert_eq!(page.decoded.len(), 5);
    page.report(Event::Retry(refused));
    page.settle();
    assert!(page.decoded.contains_key(&refused), "it is among the most needed");
    assert_eq!(page.decoded.len(), 5);
}

#[test]
fn memory_that_frames_do_not_take_is_given_to_others() {
    let exam = mixed_exam(100);
    let held = |frame_bytes| {
        let decoded_bytes = 60 * FRAME_BYTES;
        let limits =
            Limits { fetches: 4, decodes: 2, decoded_bytes, encoded_bytes: 0, saves_data: false };
        let mut page = Page::new(&exam, limits);
        page.frame_bytes = frame_bytes;
        page.show(key(0, 0, 0), 1);
        page.settle();
        page.scheduler.progress().ready
    };
    assert_eq!(held(FRAME_BYTES), 60);
    // All but one part of 32 of the memory, which is not worth a new plan.
    let most = 60 * 4 / 3;
    assert!(
        (most - 3..=most).contains(&held(FRAME_BYTES / 4 * 3)),
        "{}",
        held(FRAME_BYTES / 4 * 3)
    );
    assert_eq!(held(FRAME_BYTES / 2), 108, "all of them");
}

#[test]
fn bodies_get_the_memory_they_take_whatever_decoded_frames_spare() {
    let limits = Limits {
        fetches: 4,
        decodes: 2,
        decoded_bytes: 60 * FRAME_BYTES,
        encoded_bytes: 30 * BODY_BYTES,
        saves_data: false,
    };
    for frame_bytes in [FRAME_BYTES, FRAME_BYTES / 4 * 3] {
        let mut page = Page::new(&mixed_exam(100), limits);
        page.frame_bytes = frame_bytes;
        page.show(key(0, 0, 0), 1);
        for _ in 0..150 {
            page.fetch_done(0);
            page.decode_done(0);
        }
        page.settle();
        let frames = page.scheduler.progress().total;
        assert_eq!(page.encoded.len(), frames as usize, "frames of {frame_bytes} bytes");
    }
}
