//! Many visitors look at images while somebody with many addresses guesses codes: nobody who is right is
//! refused, nobody is locked out, and the server's memory stays within its bound.
//!
//! In every test run a small load; `NEGATOSCOPE_LOAD=full` makes it 500 visitors and 10 000 codes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures::{StreamExt, future::join_all, stream};
use negatoscope_phantom::Scale;
use negatoscope_server::auth::code::AccessCode;
use reqwest::StatusCode;

use crate::{fort::Fort, process::memory, visitor::Visitor};

/// The bound on the server's memory.
const MOST_MEMORY: u64 = 400 << 20;
/// Codes that one guesser tries, from one address; some more than an address may.
const CODES_EACH: usize = 25;

#[derive(Clone, Copy)]
struct Load {
    visitors: usize,
    wrong_codes: usize,
    /// Guessers at the same time.
    guessers: usize,
    scale: Scale,
}

impl Load {
    fn asked_for() -> Self {
        if std::env::var("NEGATOSCOPE_LOAD").is_ok_and(|load| load == "full") {
            let scale = Scale { ct_slices: 20, ct_side_px: 512, ..Scale::tiny() };
            Self { visitors: 500, wrong_codes: 10_000, guessers: 250, scale }
        } else {
            let scale = Scale::tiny();
            Self { visitors: 30, wrong_codes: 400, guessers: 16, scale }
        }
    }
}

/// What was counted.
#[derive(Default)]
struct Seen {
    frames: AtomicUsize,
    bytes: AtomicUsize,
    refused: AtomicUsize,
    slowed_down: AtomicUsize,
}

#[tokio::test(flavor = "multi_thread")]
async fn item_29_and_65_nobody_is_locked_out_while_somebody_guesses_codes() {
    let load = Load::asked_for();
    let fort = Arc::new(Fort::start(load.scale));
    let empty = memory(fort.process()).now;
    let frames = Arc::new(frames(&fort));
    let visitors = admit(&fort, load.visitors).await;
    let (seen, over) = (Arc::new(Seen::default()), Arc::new(AtomicBool::new(false)));
    let began = Instant::now();
    let looking: Vec<_> = visitors
        .into_iter()
        .enumerate()
        .map(|(number, visitor)| {
            let (frames, seen, over) = (Arc::clone(&frames), Arc::clone(&seen), Arc::clone(&over));
            tokio::spawn(look(visitor, number, frames, seen, over))
        })
        .collect();
    let coming = tokio::spawn(come(Arc::clone(&fort), Arc::clone(&over)));
    guess(&fort, load, &seen).await;
    let seconds = began.elapsed().as_secs_f64();
    over.store(true, Ordering::Relaxed);
    let newcomers = coming.await.unwrap();
    for visitor in looking {
        visitor.await.unwrap();
    }
    let memory = memory(fort.process());
    print(&load, &seen, (seconds, newcomers), [empty, memory.now, memory.most]);
    let count = |counted: &AtomicUsize| counted.load(Ordering::Relaxed);
    assert_eq!(count(&seen.refused) + count(&seen.slowed_down), load.wrong_codes);
    assert!(count(&seen.frames) >= load.visitors, "everybody saw something");
    assert!(memory.most < MOST_MEMORY, "{memory:?}");
    let judged = fort.refusals().iter().filter(|reason| *reason == "unknown_code").count();
    assert!(judged > 0 && judged <= count(&seen.refused));
}

/// Addresses of the frames of the largest series.
fn frames(fort: &Fort) -> Vec<String> {
    let (study, series) = (&fort.exam.study_instance_uid, &fort.exam.series[0]);
    let path = |instance: &String| {
        let series = &series.series_instance_uid;
        format!("/dicomweb/studies/{study}/series/{series}/instances/{instance}/frames/1")
    };
    series.sop_instance_uids.iter().map(path).collect()
}

/// Logs everybody in, each from an address of their own.
async fn admit(fort: &Arc<Fort>, count: usize) -> Vec<Visitor> {
    let visitors = (0..count).map(|number| async move {
        let mut visitor = Visitor::new(fort, &format!("10.0.{}.{}", number / 250, number % 250));
        assert_eq!(visitor.log_in(fort).await, StatusCode::SEE_OTHER);
        visitor
    });
    stream::iter(visitors).buffer_unordered(8).collect().await
}

/// Scrolls until the guessing is over; every frame must come.
async fn look(
    mut visitor: Visitor,
    number: usize,
    frames: Arc<Vec<String>>,
    seen: Arc<Seen>,
    over: Arc<AtomicBool>,
) {
    let mut next = number;
    while !over.load(Ordering::Relaxed) {
        let (status, bytes) = visitor.frame(&frames[next % frames.len()]).await;
        assert_eq!(status, StatusCode::OK);
        assert!(bytes > 1000);
        seen.frames.fetch_add(1, Ordering::Relaxed);
        seen.bytes.fetch_add(bytes, Ordering::Relaxed);
        next += 1;
    }
}

/// Comes in with the right code, again and again from other addresses; tells how often and the longest wait.
async fn come(fort: Arc<Fort>, over: Arc<AtomicBool>) -> (usize, Duration) {
    let (mut number, mut slowest) = (0, Duration::ZERO);
    while number == 0 || !over.load(Ordering::Relaxed) {
        let mut visitor = Visitor::new(&fort, &format!("10.1.{}.{}", number / 250, number % 250));
        let began = Instant::now();
        assert_eq!(visitor.log_in(&fort).await, StatusCode::SEE_OTHER, "newcomer {number}");
        slowest = slowest.max(began.elapsed());
        number += 1;
    }
    (number, slowest)
}

/// Tries wrong codes on the visitors' own exam from many addresses.
async fn guess(fort: &Arc<Fort>, load: Load, seen: &Arc<Seen>) {
    let next = Arc::new(AtomicUsize::new(0));
    let guessers = (0..load.guessers).map(|_| {
        let (fort, seen, next) = (Arc::clone(fort), Arc::clone(seen), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let address = next.fetch_add(1, Ordering::Relaxed);
                if address * CODES_EACH >= load.wrong_codes {
                    break;
                }
                let visitor =
                    Visitor::new(&fort, &format!("10.2.{}.{}", address / 250, address % 250));
                guess_from(visitor, &fort, &seen).await;
            }
        })
    });
    for guesser in join_all(guessers).await {
        guesser.unwrap();
    }
}

async fn guess_from(mut visitor: Visitor, fort: &Fort, seen: &Seen) {
    assert_eq!(visitor.ask(&fort.link, None).await.unwrap().status(), StatusCode::SEE_OTHER);
    for _ in 0..CODES_EACH {
        let form = fort.form(&AccessCode::random().printed());
        let answer = visitor.ask("/entree/1/code", Some(form)).await.unwrap();
        match answer.status() {
            StatusCode::FORBIDDEN => seen.refused.fetch_add(1, Ordering::Relaxed),
            StatusCode::TOO_MANY_REQUESTS => seen.slowed_down.fetch_add(1, Ordering::Relaxed),
            other => panic!("a wrong code was answered with {other}"),
        };
    }
}

fn print(
    load: &Load,
    seen: &Seen,
    (seconds, (newcomers, slowest)): (f64, (usize, Duration)),
    [empty, now, most]: [u64; 3],
) {
    let count = |counted: &AtomicUsize| counted.load(Ordering::Relaxed);
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    println!("| what | measured |\n|---|---|");
    println!("| sessions looking at images | {} |", load.visitors);
    println!(
        "| frames they got | {} ({:.0} MB) |",
        count(&seen.frames),
        megabytes(count(&seen.bytes) as u64)
    );
    println!(
        "| wrong codes: refused, told to wait | {}, {} |",
        count(&seen.refused),
        count(&seen.slowed_down)
    );
    println!(
        "| right codes meanwhile: let in, slowest | {newcomers}, {:.1} s |",
        slowest.as_secs_f64()
    );
    println!("| seconds | {seconds:.0} |");
    println!(
        "| server memory: empty, at the end, at most | {:.0} MB, {:.0} MB, {:.0} MB |",
        megabytes(empty),
        megabytes(now),
        megabytes(most)
    );
}
