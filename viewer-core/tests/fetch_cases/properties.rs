//! Rules under whatever may happen in whatever network. [`super::rules`] holds after every event of these.

use proptest::prelude::*;
use viewer_core::fetch::{Chosen, FrameKey, FrameStatus, Limits, ShownFrame};

use super::exam::{frame_bytes, key};
use super::network::Link;
use super::processor::Speed;
use super::visitor::{Act, Visitor, When};
use super::world::{Fates, LONGEST_WITHOUT_DRAWING_MS, Settings, World};

const SIDE: u32 = 64;
/// Images of the series that are shown; there are two.
const IMAGES: u32 = 24;
const ALL: u64 = 2 * IMAGES as u64 + 5;

fn any_frame() -> impl Strategy<Value = ShownFrame> {
    (0..2_u32, 0..IMAGES, -1..=1_i8)
        .prop_map(|(series, image, direction)| ShownFrame { key: key(series, image), direction })
}

/// Mostly one pane, then two and four.
fn any_screen() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => proptest::collection::vec(any_frame(), 1..2),
        1 => proptest::collection::vec(any_frame(), 2..3),
        1 => proptest::collection::vec(any_frame(), 4..5),
    ]
    .prop_map(Act::Show)
}

/// A scroll, a jump, a strip of thumbnails.
fn any_move() -> impl Strategy<Value = Vec<(f64, Act)>> {
    let strip = proptest::collection::vec((0..3_u32, 0..5_u32), 0..4).prop_map(|keys| {
        let keys = keys.into_iter().map(|(series, image)| key(series, image));
        vec![(0.0, Act::Strip(keys.collect()))]
    });
    prop_oneof![
        3 => (10.0..400.0_f64, 0..IMAGES / 2, 1..12_u32).prop_map(|(pace_ms, from, steps)| {
            let shown = |image| ShownFrame { key: key(0, image), direction: 1 };
            let steps = (from..from + steps).map(|image| (pace_ms, Act::Show(vec![shown(image)])));
            steps.collect()
        }),
        4 => (0.0..3000.0_f64, any_screen()).prop_map(|act| vec![act]),
        1 => strip,
    ]
}

/// What befalls a page.
fn any_mishap() -> impl Strategy<Value = Vec<(f64, Act)>> {
    let wait_ms = 0.0..2000.0_f64;
    prop_oneof![
        (wait_ms.clone(), 1.0..20_000.0_f64)
            .prop_map(|(wait_ms, cut_ms)| vec![(wait_ms, Act::Cut(cut_ms))]),
        (wait_ms.clone(), wait_ms.clone()).prop_map(|(wait_ms, gone_ms)| {
            vec![(wait_ms, Act::Session(false)), (gone_ms, Act::Session(true))]
        }),
        wait_ms.clone().prop_map(|wait_ms| vec![(wait_ms, Act::Lose)]),
        wait_ms.prop_map(|wait_ms| vec![(wait_ms, Act::RetryFailed)]),
    ]
}

fn visitor(moves: Vec<Vec<(f64, Act)>>, last: Act) -> Visitor {
    let acts = moves.into_iter().flatten().chain([(300.0, last)]);
    Visitor { acts: acts.map(|(wait_ms, act)| (When::After(wait_ms), act)).collect() }
}

prop_compose! {
    fn any_limits()(
        frames in 0..80_u64, bodies in prop_oneof![Just(0_u64), 1..40_u64],
        fetches in 1..9_usize, decodes in 1..5_usize, saves_data in proptest::bool::weighted(0.2),
    ) -> Limits {
        Limits {
            fetches,
            decodes,
            decoded_bytes: frames * frame_bytes(SIDE),
            encoded_bytes: bodies * 5000,
            saves_data,
        }
    }
}

prop_compose! {
    fn any_world()(
        limits in any_limits(),
        mbit_per_s in prop_oneof![0.5..10.0_f64, 10.0..1000.0], round_trip_ms in 0.5..200.0_f64,
        cores in 1..5_usize, decode_ms in 0.1..60.0_f64, message_ms in 0.0..3.0_f64,
        present_ms in prop_oneof![0.1..5.0_f64, 50.0..200.0],
        is_visible in proptest::bool::weighted(0.9), late in any::<bool>(), seed in any::<u64>(),
        packs in any::<bool>(),
    ) -> Settings {
        let speed = Speed { cores, decode_ms, carry_ms: message_ms, message_ms, draw_ms: 1.0, present_ms };
        Settings {
            images: vec![IMAGES, IMAGES, 5],
            side: SIDE,
            body_bytes: 5000,
            packs,
            limits,
            link: Link::new(mbit_per_s, round_trip_ms),
            speed,
            fates: Fates { late, seed, ..Fates::default() },
            is_visible,
            visitor: Visitor::default(),
        }
    }
}

fn moves(most: usize) -> impl Strategy<Value = Vec<Vec<(f64, Act)>>> {
    proptest::collection::vec(any_move(), 0..most)
}

fn shown(act: &Act) -> &[ShownFrame] {
    match act {
        Act::Show(shown) => shown,
        _ => &[],
    }
}

/// Nothing is left to do, and each pane shows what it is wanted to, or a failure.
fn assert_settled(world: &World<Chosen>) -> Result<(), TestCaseError> {
    prop_assert!(world.is_idle());
    prop_assert!(world.page.requests.is_empty() && world.page.decoding.is_empty());
    for pane in &world.picture.panes {
        let status = world.scheduler.status(pane.wanted);
        if !matches!(status, Some(FrameStatus::Failed(_))) {
            prop_assert_eq!(status, Some(FrameStatus::Ready));
            prop_assert!(pane.seen == Some(pane.wanted) || !world.settings.is_visible);
        }
    }
    Ok(())
}

/// The longest that the last act may have to wait: the round trips, all that may be on its way before it,
/// and the work of page and workers.
fn longest_wait_ms(world: &World<Chosen>) -> f64 {
    let Settings { limits, link, speed, body_bytes, .. } = &world.settings;
    let panes = world.picture.panes.len();
    let bodies = (limits.fetches + panes) as f64 * *body_bytes as f64 * 1.5;
    let bytes = bodies + limits.fetches as f64 * link.buffer_bytes;
    let trips = 1.0 + (panes as f64 / limits.fetches as f64).ceil();
    let network_ms = trips * (link.round_trip_ms + link.server_ms) + bytes / link.bytes_per_ms;
    let runs = (limits.decodes + 3) as f64 / speed.cores as f64;
    let messages = (limits.fetches + limits.decodes + panes) as f64 * 3.0;
    let rounds = 1.0 + (panes as f64 / limits.decodes as f64).ceil();
    let pictures_ms = (1 + panes) as f64 * (speed.draw_ms + speed.present_ms);
    let work_ms = rounds * speed.decode_ms + messages * speed.message_ms + pictures_ms;
    // A page that is told of more and more frames draws in the end.
    let told_ms = (ALL as f64 * 3.0 * speed.message_ms).min(LONGEST_WITHOUT_DRAWING_MS);
    network_ms + work_ms * runs.max(1.0) + told_ms
}

proptest! {
    #[test]
    fn in_peace_all_is_seen_soon_and_nothing_is_asked_for_twice_in_vain(
        settings in any_world(), moves in moves(12), last in any_screen(),
    ) {
        let visitor = visitor(moves, last);
        let acts: Vec<Act> = visitor.acts.iter().map(|(_, act)| act.clone()).collect();
        let world = World::<Chosen>::new(Settings { visitor, ..settings }).run();
        assert_settled(&world)?;
        if world.settings.is_visible {
            let wait_ms = world.record.waits_ms.last().copied().flatten().expect("seen");
            let most_ms = longest_wait_ms(&world);
            prop_assert!(wait_ms <= most_ms, "{} ms of {}", wait_ms, most_ms);
        }
        // Each screen and each strip may make a request obsolete and a frame leave its cache.
        let most_asked = 1 + acts.len();
        for (key, &asked) in &world.page.asked {
            prop_assert!(asked as usize <= most_asked, "{:?} asked {} times", key, asked);
        }
        let limits = world.settings.limits;
        if limits.decoded_bytes >= ALL * frame_bytes(SIDE) && !limits.saves_data {
            prop_assert_eq!(u64::from(world.scheduler.progress().ready), ALL);
        }
    }

    #[test]
    fn whatever_fails_all_is_seen_or_said_to_have_failed(
        settings in any_world(), moves in moves(8),
        mishaps in proptest::collection::vec(any_mishap(), 0..4), last in any_screen(),
        breaks in 0..200_u64, unavailable in 0..200_u64, refused in 0..100_u64,
        broken in proptest::option::weighted(0.3, 1..8_u32), order in any::<u64>(),
    ) {
        let mut all = moves;
        for (nth, mishap) in mishaps.into_iter().enumerate() {
            let at = (order >> (8 * nth)) as usize % (all.len() + 1);
            all.insert(at, mishap);
        }
        let visitor = visitor(all, last);
        let fates = Fates { breaks, unavailable, refused, broken, ..settings.fates };
        let world = World::<Chosen>::new(Settings { visitor, fates, ..settings }).run();
        assert_settled(&world)?;
    }

    #[test]
    fn with_save_data_only_neighbours_and_thumbnails_are_fetched(
        settings in any_world(), moves in moves(8), last in any_screen(),
    ) {
        let visitor = visitor(moves, last);
        let acts: Vec<Act> = visitor.acts.iter().map(|(_, act)| act.clone()).collect();
        let limits = Limits { saves_data: true, ..settings.limits };
        let world = World::<Chosen>::new(Settings { visitor, limits, ..settings }).run();
        assert_settled(&world)?;
        let is_near = |key: &FrameKey, shown: &ShownFrame| {
            shown.key.series == key.series && shown.key.image.abs_diff(key.image) <= 6
        };
        for key in world.page.asked.keys() {
            let asked_for = acts.iter().any(|act| match act {
                Act::Strip(strip) => strip.contains(key),
                act => shown(act).iter().any(|shown| is_near(key, shown)),
            });
            prop_assert!(asked_for, "{:?}", key);
        }
    }
}
