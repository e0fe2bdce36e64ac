use std::ops::Range;

use crate::command::{CineDirection, CineWrap};

/// Frames per second where the file does not say.
const DEFAULT_RATE: f64 = 10.0;
const SLOWEST: f64 = 0.5;
const FASTEST: f64 = 120.0;

/// The cine loop of one pane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CineState {
    /// Whether it runs.
    pub playing: bool,
    /// Frames per second chosen by hand; `None`: as the file recommends.
    pub rate: Option<f64>,
    /// Which way.
    pub direction: CineDirection,
    /// What happens at the end.
    pub wrap: CineWrap,
    /// When the next frame is due.
    due_ms: Option<f64>,
    /// The next frame was due but not ready.
    held: bool,
}

impl CineState {
    /// Frames per second: by hand, else of the file (`1000 / Frame Time`), else 10.
    #[must_use]
    pub fn frames_per_second(&self, frame_time_ms: Option<f64>) -> f64 {
        let of_file = frame_time_ms.filter(|ms| ms.is_finite() && *ms > 0.0).map(|ms| 1000.0 / ms);
        let rate = self.rate.filter(|rate| rate.is_finite()).or(of_file).unwrap_or(DEFAULT_RATE);
        rate.clamp(SLOWEST, FASTEST)
    }

    pub(super) fn set_playing(&mut self, playing: bool) {
        self.playing = playing;
        self.due_ms = None;
        self.held = false;
    }

    /// The position to show now, `None` where it stays. Late frames are skipped, so that the loop keeps
    /// its speed; a frame that is not ready is waited for, never replaced by another.
    pub(super) fn advance(
        &mut self,
        position: u32,
        frames: &Range<u32>,
        frame_time_ms: Option<f64>,
        now_ms: f64,
        is_ready: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let period_ms = 1000.0 / self.frames_per_second(frame_time_ms);
        let due_ms = *self.due_ms.get_or_insert(now_ms + period_ms);
        if now_ms < due_ms {
            return None;
        }
        let late = if self.held { 0.0 } else { ((now_ms - due_ms) / period_ms).floor() };
        // At most one round: a page that slept a minute does not count it out.
        let steps = late.min(f64::from(frames.end - frames.start)) as u32 + 1;
        let next = (0..steps).try_fold((position, *self), |(at, mut state), _| {
            state.step(at, frames).map(|at| (at, state))
        });
        let Some((target, stepped)) = next else {
            self.set_playing(false);
            return None;
        };
        if !is_ready(target) {
            self.due_ms = Some(now_ms);
            self.held = true;
            return None;
        }
        *self = Self { held: false, ..stepped };
        self.due_ms = Some((due_ms + period_ms * f64::from(steps)).max(now_ms));
        (target != position).then_some(target)
    }

    /// The frame after `at`; `None` at the end of a loop that runs once.
    fn step(&mut self, at: u32, frames: &Range<u32>) -> Option<u32> {
        let last = frames.end.checked_sub(1)?;
        let forward = self.direction == CineDirection::Forward;
        let (end, other_end) = if forward { (last, frames.start) } else { (frames.start, last) };
        if at != end && frames.contains(&at) {
            return Some(if forward { at + 1 } else { at - 1 });
        }
        match self.wrap {
            CineWrap::Loop => Some(other_end),
            CineWrap::Once => None,
            CineWrap::Swing => {
                self.direction = match self.direction {
                    CineDirection::Forward => CineDirection::Backward,
                    CineDirection::Backward => CineDirection::Forward,
                };
                Some(if end == other_end {
                    end
                } else if forward {
                    end - 1
                } else {
                    end + 1
                })
            }
        }
    }
}
