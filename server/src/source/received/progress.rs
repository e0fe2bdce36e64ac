//! How far receiving is, for people who wait, and what was left out.

use std::ops::AddAssign;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::study::{Cause, Series, State};
use super::{Received, Upstream};

/// An estimate is made of at least this many objects, over at least this time.
const LEAST_OBJECTS: usize = 3;
const LEAST_TIME: Duration = Duration::from_secs(1);

/// Objects that came and are not shown, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Of another study.
    pub other_study: usize,
    /// Of another patient than the exam's.
    pub other_patient: usize,
    /// Of this study, and not listed where they came.
    pub not_listed: usize,
    /// Broken.
    pub unreadable: usize,
    /// Larger than allowed.
    pub too_large: usize,
}

impl LeftOut {
    pub(super) const fn count(&self) -> usize {
        self.other_study + self.other_patient + self.not_listed + self.unreadable + self.too_large
    }
}

impl AddAssign for LeftOut {
    fn add_assign(&mut self, more: Self) {
        self.other_study += more.other_study;
        self.other_patient += more.other_patient;
        self.not_listed += more.not_listed;
        self.unreadable += more.unreadable;
        self.too_large += more.too_large;
    }
}

/// One series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeriesProgress {
    /// Series Instance UID.
    pub series_instance_uid: String,
    /// Objects that are listed.
    pub listed: usize,
    /// Of them, those that have come.
    pub arrived: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// `waiting`, `receiving`, `whole`, `stopped` (by somebody), `incomplete` (nothing more comes), or `failed` (the source
    /// does not answer).
    pub state: &'static str,
    /// Seconds until it is whole at the present rate, where that can be told.
    pub remaining_seconds: Option<u64>,
    /// What came and is not shown.
    pub left_out: LeftOut,
}

impl<U: Upstream> Received<U> {
    /// Each series of a study, as far as somebody has asked for it; nothing is asked for by this.
    #[must_use]
    pub fn progress(&self, study: &str) -> Vec<SeriesProgress> {
        let studies = self.0.studies.lock().unwrap_or_else(PoisonError::into_inner);
        let series = studies.get(study).into_iter().flat_map(|study| &study.series);
        series.map(|series| of(series)).collect()
    }
}

fn of(series: &Series) -> SeriesProgress {
    let (listed, arrived) = (series.listed.instances.len(), series.arrived().len());
    let state = series.watch().borrow().clone();
    let is_whole = arrived >= listed;
    let word = match &state {
        _ if is_whole => "whole",
        _ if series.is_stopped() => "stopped",
        State::Idle => "waiting",
        State::Running(_) if series.began().is_none() => "waiting",
        State::Running(_) => "receiving",
        State::Ended(_, Err(Cause::Abandoned | Cause::Stopped)) => "waiting",
        State::Ended(_, Err(Cause::Unavailable(_))) => "failed",
        State::Ended(..) => "incomplete",
    };
    let remaining = (word == "receiving").then(|| remaining(series, listed, arrived)).flatten();
    SeriesProgress {
        series_instance_uid: series.listed.uid.clone(),
        listed,
        arrived,
        bytes: series.bytes(),
        state: word,
        remaining_seconds: remaining.map(|time| time.as_secs().saturating_add(1)),
        left_out: series.left_out(),
    }
}

fn remaining(series: &Series, listed: usize, arrived: usize) -> Option<Duration> {
    let (since, before) = series.began()?;
    estimate(Instant::now().duration_since(since), arrived.checked_sub(before)?, listed - arrived)
}

/// At the rate of what has come since.
fn estimate(time: Duration, came: usize, missing: usize) -> Option<Duration> {
    if came < LEAST_OBJECTS || time < LEAST_TIME {
        return None;
    }
    let each = time.checked_div(u32::try_from(came).ok()?)?;
    each.checked_mul(u32::try_from(missing).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_promised_before_there_is_a_rate() {
        let seconds = Duration::from_secs;
        assert_eq!(estimate(seconds(10), 2, 100), None);
        assert_eq!(estimate(Duration::from_millis(999), 50, 100), None);
        assert_eq!(estimate(seconds(10), 5, 100), Some(seconds(200)));
        assert_eq!(estimate(seconds(10), 100, 0), Some(seconds(0)));
        assert_eq!(estimate(seconds(u64::MAX), 3, usize::MAX), None);
    }
}
