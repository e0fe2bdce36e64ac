//! Viewers that page through a stack.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::join_all;

use crate::{
    client::{Fetched, Viewer},
    process::{peak_memory, processor_time},
};

/// Frames a viewer that goes as fast as it can has asked for and not got.
const UNDER_WAY: usize = 2;

/// How to page.
pub(crate) struct Load {
    pub(crate) seconds: u64,
    pub(crate) pace: Pace,
}

#[derive(Clone, Copy)]
pub(crate) enum Pace {
    AsFastAsItGoes,
    /// So many frames a second, whether or not those before are here.
    Each(f64),
}

/// What one measurement came to.
#[derive(Clone)]
pub(crate) struct Measured {
    pub(crate) gigabits_per_second: f64,
    pub(crate) frames_per_second: f64,
    /// Milliseconds until the first byte of a frame, at the median and the 99th percentile.
    pub(crate) first_byte_ms: [f64; 2],
    /// Milliseconds of the server's processor for each gigabyte.
    pub(crate) processor_ms_per_gigabyte: f64,
    /// Part of its processor that the server used.
    pub(crate) processor_share: f64,
    pub(crate) peak_memory: u64,
}

/// Lets everybody page; each begins somewhere else.
pub(crate) async fn page(
    viewers: &[Arc<Viewer>],
    frames: &[String],
    load: &Load,
    process: u32,
) -> Measured {
    let over = Arc::new(AtomicBool::new(false));
    let (began, used_before) = (Instant::now(), processor_time(process));
    let frames: Arc<[String]> = frames.into();
    let paging: Vec<_> = viewers
        .iter()
        .enumerate()
        .map(|(number, viewer)| {
            let (viewer, frames, over) =
                (Arc::clone(viewer), Arc::clone(&frames), Arc::clone(&over));
            let first = number * frames.len() / viewers.len();
            let share = number as f64 / viewers.len() as f64;
            match load.pace {
                Pace::AsFastAsItGoes => tokio::spawn(hurry(viewer, frames, first, over)),
                Pace::Each(pace) => {
                    tokio::spawn(stroll(viewer, frames, first, over, (pace, share)))
                }
            }
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(load.seconds)).await;
    over.store(true, Ordering::Relaxed);
    let fetched: Vec<Fetched> =
        join_all(paging).await.into_iter().flat_map(Result::unwrap).collect();
    let (seconds, used) = (began.elapsed().as_secs_f64(), processor_time(process) - used_before);
    let gigabytes = fetched.iter().map(|frame| frame.bytes).sum::<usize>() as f64 / 1e9;
    let mut waits: Vec<f64> = fetched.iter().map(|f| f.first_byte.as_secs_f64() * 1e3).collect();
    waits.sort_by(f64::total_cmp);
    let at = |part: f64| waits.get((waits.len() as f64 * part) as usize).copied().unwrap_or(0.0);
    Measured {
        frames_per_second: fetched.len() as f64 / seconds,
        gigabits_per_second: gigabytes * 8.0 / seconds,
        first_byte_ms: [at(0.5), at(0.99)],
        processor_ms_per_gigabyte: used.as_secs_f64() * 1e3 / gigabytes,
        processor_share: used.as_secs_f64() / seconds,
        peak_memory: peak_memory(process),
    }
}

async fn hurry(
    viewer: Arc<Viewer>,
    frames: Arc<[String]>,
    first: usize,
    over: Arc<AtomicBool>,
) -> Vec<Fetched> {
    let lane = async |lane: usize| {
        let mut fetched = Vec::new();
        let mut next = first + lane;
        while !over.load(Ordering::Relaxed) {
            fetched.push(viewer.fetch(&frames[next % frames.len()]).await);
            next += UNDER_WAY;
        }
        fetched
    };
    join_all((0..UNDER_WAY).map(lane)).await.into_iter().flatten().collect()
}

async fn stroll(
    viewer: Arc<Viewer>,
    frames: Arc<[String]>,
    first: usize,
    over: Arc<AtomicBool>,
    (pace, share): (f64, f64),
) -> Vec<Fetched> {
    let between = Duration::from_secs_f64(1.0 / pace);
    tokio::time::sleep(between.mul_f64(share)).await;
    let mut beat = tokio::time::interval(between);
    let mut asked = Vec::new();
    let mut next = first;
    while !over.load(Ordering::Relaxed) {
        beat.tick().await;
        let (viewer, frames, this) = (Arc::clone(&viewer), Arc::clone(&frames), next);
        asked.push(tokio::spawn(async move { viewer.fetch(&frames[this % frames.len()]).await }));
        next += 1;
    }
    join_all(asked).await.into_iter().map(Result::unwrap).collect()
}
