//! Policies compared in the same worlds. The table: docs/PERFORMANCE.md.

use viewer_core::fetch::{Aborting, Chosen, Limits, Order, PictureFirst, Policy, Requests, Screen};

use super::exam::frame_bytes;
use super::network::Link;
use super::processor::Speed;
use super::visitor::{Visitor, When, show};
use super::world::{Fates, Settings, World};

const SIDE: u32 = 512;
const IMAGES: u32 = 300;

/// As it was: always as many requests as allowed, everything beside the screen.
#[derive(Clone, Copy, Debug)]
struct Before;
impl Policy for Before {
    const REQUESTS: Requests = Requests::Most;
    const SCREEN: Screen = Screen::Beside;
    const PICTURE_FIRST: PictureFirst = PictureFirst::Never;
}

#[derive(Clone, Copy, Debug)]
struct MostRequests;
impl Policy for MostRequests {
    const REQUESTS: Requests = Requests::Most;
}

#[derive(Clone, Copy, Debug)]
struct BesideScreen;
impl Policy for BesideScreen {
    const SCREEN: Screen = Screen::Beside;
}

#[derive(Clone, Copy, Debug)]
struct ScreenAlone;
impl Policy for ScreenAlone {
    const SCREEN: Screen = Screen::Alone;
}

#[derive(Clone, Copy, Debug)]
struct NeverAborts;
impl Policy for NeverAborts {
    const ABORTING: Aborting = Aborting::Never;
}

#[derive(Clone, Copy, Debug)]
struct AbortsFar;
impl Policy for AbortsFar {
    const ABORTING: Aborting = Aborting::Far;
}

#[derive(Clone, Copy, Debug)]
struct AbortsOthers;
impl Policy for AbortsOthers {
    const ABORTING: Aborting = Aborting::Others;
}

#[derive(Clone, Copy, Debug)]
struct SeriesOrder;
impl Policy for SeriesOrder {
    const ORDER: Order = Order::Series;
}

#[derive(Clone, Copy, Debug)]
struct AnyPicture;
impl Policy for AnyPicture {
    const PICTURE_FIRST: PictureFirst = PictureFirst::Never;
}

#[derive(Clone, Copy, Debug)]
struct FirstPicture;
impl Policy for FirstPicture {
    const PICTURE_FIRST: PictureFirst = PictureFirst::First;
}

#[derive(Clone, Copy, Debug)]
struct EveryPicture;
impl Policy for EveryPicture {
    const PICTURE_FIRST: PictureFirst = PictureFirst::Every;
}

/// A network and a machine.
#[derive(Clone, Copy, Debug)]
struct Profile {
    name: &'static str,
    link: Link,
    body_bytes: u64,
    speed: Speed,
}

/// Eight processors and a GPU; JPEG-LS of 12 ms a frame.
const DESKTOP: Speed = Speed {
    cores: 8,
    decode_ms: 12.0,
    carry_ms: 0.5,
    message_ms: 0.3,
    draw_ms: 1.0,
    present_ms: 3.0,
};
/// Two processors that also draw; raw frames.
const SMALL: Speed = Speed {
    cores: 2,
    decode_ms: 4.0,
    carry_ms: 4.0,
    message_ms: 1.5,
    draw_ms: 2.0,
    present_ms: 150.0,
};

fn profiles() -> [Profile; 6] {
    let lossless = 160_000;
    let raw = frame_bytes(SIDE);
    let of = |name, mbit, round_trip_ms, body_bytes, speed| {
        let link = Link::new(mbit, round_trip_ms);
        Profile { name, link, body_bytes, speed }
    };
    [
        of("1 Gbit/s, 1 ms", 1000.0, 1.0, lossless, DESKTOP),
        of("1 Gbit/s, 1 ms, raw, 2 cores that draw", 1000.0, 1.0, raw, SMALL),
        of("30 Mbit/s, 10 ms", 30.0, 10.0, lossless, DESKTOP),
        of("10 Mbit/s, 40 ms", 10.0, 40.0, lossless, DESKTOP),
        of("3 Mbit/s, 100 ms", 3.0, 100.0, lossless, DESKTOP),
        of("100 Mbit/s, 150 ms", 100.0, 150.0, lossless, DESKTOP),
    ]
}

fn settings(profile: Profile, visitor: Visitor) -> Settings {
    Settings {
        packs: false,
        images: vec![IMAGES, 40],
        side: SIDE,
        body_bytes: profile.body_bytes,
        limits: Limits {
            fetches: 12,
            decodes: profile.speed.cores,
            decoded_bytes: 400 * frame_bytes(SIDE),
            encoded_bytes: 0,
            saves_data: false,
        },
        link: profile.link,
        speed: profile.speed,
        fates: Fates::default(),
        is_visible: true,
        visitor,
    }
}

/// What is measured, ms.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    /// First image on the screen.
    first: f64,
    /// Its six neighbours decoded.
    neighbours: f64,
    /// The series decoded.
    all: f64,
    /// From a jump into what is not loaded to the picture, on average of five.
    jump: f64,
    /// The same after scrolling through 40 slices at eight a second.
    scroll: f64,
    /// How many of 40 were seen at five a second, and of these.
    seen: [usize; 2],
    /// Bytes that came for those that are decoded, of all.
    used_percent: f64,
}

fn measure<P: Policy>(profile: Profile, fetches: usize) -> Outcome {
    let run = |visitor| {
        let mut settings = settings(profile, visitor);
        settings.limits.fetches = fetches;
        World::<P>::new(settings).run()
    };
    let opened = run(Visitor::opens(150));
    let decoded_ms = |is: &dyn Fn(u32) -> bool| {
        let times =
            opened.record.decoded.iter().filter(|(_, key)| key.series == 0 && is(key.image));
        times.map(|(at_ms, _)| *at_ms).fold(0.0, f64::max)
    };
    let jumped = run(Visitor::opens(0).jumps(&[150, 290, 75, 220, 110], 700.0));
    let waits = jumped.record.waits_ms[1..].iter().flatten();
    let scroll = |step_ms| {
        let visitor = Visitor::opens(20).then(When::Seen(300.0), show(100, 1));
        run(visitor.scrolls(101..140, step_ms))
    };
    let seen = |world: &World<P>| world.record.waits_ms[1..].iter().flatten().count();
    let [slow, fast] = [200.0, 120.0].map(scroll);
    Outcome {
        first: opened.record.first_ms.expect("seen"),
        neighbours: decoded_ms(&|image| image.abs_diff(150) <= 3),
        all: decoded_ms(&|_| true),
        jump: waits.sum::<f64>() / 5.0,
        scroll: fast.record.waits_ms.last().copied().flatten().expect("seen"),
        seen: [seen(&slow), seen(&fast)],
        used_percent: fast.used_percent(),
    }
}

fn outcomes(profile: Profile) -> Vec<(&'static str, Outcome)> {
    vec![
        ("**chosen**", measure::<Chosen>(profile, 12)),
        ("before: 6 requests, beside the screen", measure::<Before>(profile, 6)),
        ("2 requests", measure::<MostRequests>(profile, 3)),
        ("5 requests", measure::<MostRequests>(profile, 6)),
        ("11 requests", measure::<MostRequests>(profile, 12)),
        ("prefetching beside the screen", measure::<BesideScreen>(profile, 12)),
        ("the screen always alone", measure::<ScreenAlone>(profile, 12)),
        ("aborting nothing", measure::<NeverAborts>(profile, 12)),
        ("aborting what is far", measure::<AbortsFar>(profile, 12)),
        ("aborting all but the screen", measure::<AbortsOthers>(profile, 12)),
        ("in the order of the series", measure::<SeriesOrder>(profile, 12)),
        ("decoding beside any picture", measure::<AnyPicture>(profile, 12)),
        ("decoding after the first picture", measure::<FirstPicture>(profile, 12)),
        ("halving workers before every picture", measure::<EveryPicture>(profile, 12)),
    ]
}

#[test]
fn the_chosen_policy_is_not_behind_another() {
    for profile in profiles() {
        let outcomes = outcomes(profile);
        print(&profile, &outcomes);
        check(&profile, &outcomes);
    }
}

#[expect(clippy::print_stdout, reason = "the table is for people; `--no-capture` shows it")]
fn print(profile: &Profile, outcomes: &[(&str, Outcome)]) {
    println!(
        "\n| {} | first image | neighbours | all 300 | jump | scroll | seen | used |",
        profile.name
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|");
    for (name, outcome) in outcomes {
        let &Outcome { first, neighbours, all, jump, scroll, seen: [slow, fast], used_percent } =
            outcome;
        print!("| {name} | {first:.0} | {neighbours:.0} | {all:.0} | {jump:.0} | {scroll:.0} ");
        println!("| {slow}, {fast} | {used_percent:.0} |");
    }
}

fn check(profile: &Profile, outcomes: &[(&str, Outcome)]) {
    let [(_, chosen), (_, before), ..] = outcomes else { panic!("measured") };
    let best = |of: fn(&Outcome) -> f64| {
        outcomes.iter().map(|(_, outcome)| of(outcome)).fold(f64::INFINITY, f64::min)
    };
    let name = profile.name;
    assert!(chosen.first <= 1.05 * best(|outcome| outcome.first), "{name}: first image");
    assert!(chosen.all <= 1.05 * best(|outcome| outcome.all), "{name}: all");
    assert!(chosen.jump <= 1.15 * before.jump, "{name}: jump");
    // How far the picture before the last one is when the scroll ends is chance.
    let chance_ms = profile.speed.present_ms;
    assert!(chosen.scroll <= before.scroll + chance_ms, "{name}: scroll");
    for (chosen, before) in chosen.seen.iter().zip(before.seen) {
        assert!(chosen + 3 >= before, "{name}: seen");
    }
    let floor_ms =
        profile.link.round_trip_ms + profile.body_bytes as f64 / profile.link.bytes_per_ms;
    let work_ms = profile.speed.decode_ms + profile.speed.present_ms + 20.0;
    // Bodies differ in size.
    assert!(chosen.first <= 1.2 * floor_ms + work_ms, "{name}: {} ms", chosen.first);
}
