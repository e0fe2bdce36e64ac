use std::collections::BTreeSet;
use std::marker::PhantomData;

use super::need::Need;
use super::pace::Pace;
use super::picture::Picture;
use super::shares::Shares;
use super::slots::{Slot, Slots, State};
use super::tasks::{Task, Tasks};
use super::{
    Action, Chosen, Connection, Event, FetchFailure, FrameFailure, FrameKey, FrameStatus, Policy,
    Progress, RequestId, ShownFrame,
};
use crate::exam::ExamSummary;

/// How much may be under way and kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most requests at a time; one of them is kept free for what is on the screen.
    pub fetches: usize,
    /// Most frames handed to the workers at a time.
    pub decodes: usize,
    /// Memory for decoded frames. Exceeded only by what is on the screen.
    pub decoded_bytes: u64,
    /// Memory for bodies kept after decoding, so that an evicted frame need not be fetched again; also
    /// filled with frames that do not fit decoded. With 0 a body may be given away for decoding; else this and the
    /// memory for decoded frames are divided anew once bodies tell how large they are.
    pub encoded_bytes: u64,
    /// The visitor wants to save data: only the next neighbours of what is on the screen are prefetched.
    pub saves_data: bool,
}

/// Decides what is fetched, decoded and evicted. See the module for the rules.
#[derive(Clone, Debug)]
pub struct Scheduler<P = Chosen> {
    pub(super) limits: Limits,
    pub(super) shares: Shares,
    pub(super) slots: Slots,
    pub(super) need: Need,
    /// How much of the order of need fits decoded.
    pub(super) wanted: usize,
    pub(super) shown: Vec<ShownFrame>,
    pub(super) thumbnails: Vec<FrameKey>,
    pub(super) connection: Connection,
    pub(super) fetching: Tasks,
    pub(super) decoding: Tasks,
    pub(super) pace: Pace,
    /// Frames that one request of the page brings.
    pub(super) stretch: usize,
    pub(super) picture: Picture,
    /// What is on the screen was near what was there before.
    pub(super) is_step: bool,
    /// Wanted frames that wait for a worker, those of videos without having been fetched, by rank.
    pub(super) to_decode: BTreeSet<(usize, usize)>,
    /// Slots in [`State::Waiting`].
    pub(super) waiting: Vec<usize>,
    /// No slot before this rank is missing.
    pub(super) first_missing: usize,
    pub(super) decoded_total: u64,
    pub(super) encoded_total: u64,
    /// What decoded frames take less than was thought, since the last plan that knew.
    spared_bytes: u64,
    /// Largest body so far: what a fetch may bring.
    pub(super) largest_body: u64,
    next_id: u32,
    shown_count: u64,
    pub(super) actions: Vec<Action>,
    policy: PhantomData<P>,
}

impl Scheduler {
    /// A scheduler for an exam of which nothing is loaded yet. Nothing starts before the first
    /// [`Event::Shown`].
    #[must_use]
    pub fn new(exam: &ExamSummary, limits: Limits) -> Self {
        Self::with_policy(exam, limits)
    }
}

impl<P: Policy> Scheduler<P> {
    /// The same by another policy.
    #[must_use]
    pub fn with_policy(exam: &ExamSummary, limits: Limits) -> Self {
        Self {
            limits: Limits {
                fetches: limits.fetches.max(1),
                decodes: limits.decodes.max(1),
                ..limits
            },
            shares: Shares::of(limits.encoded_bytes),
            slots: Slots::of(exam),
            need: Need::default(),
            wanted: 0,
            shown: Vec::new(),
            thumbnails: Vec::new(),
            connection: Connection::Up,
            fetching: Tasks::default(),
            decoding: Tasks::default(),
            pace: Pace::default(),
            stretch: 1,
            picture: Picture::default(),
            is_step: false,
            to_decode: BTreeSet::new(),
            waiting: Vec::new(),
            first_missing: 0,
            decoded_total: 0,
            encoded_total: 0,
            spared_bytes: 0,
            largest_body: 0,
            next_id: 0,
            shown_count: 0,
            actions: Vec::new(),
            policy: PhantomData,
        }
    }

    /// The exam has become longer at its end ([`ExamSummary::join`]): frames there are loaded like others, after the next
    /// report. What is known of those before stays.
    pub fn grow(&mut self, exam: &ExamSummary) {
        self.slots.grow(exam);
        self.plan();
    }

    /// Takes a report and says what to do now. `now_ms` is any clock that never goes back.
    #[must_use]
    pub fn handle(&mut self, event: Event, now_ms: f64) -> Vec<Action> {
        match event {
            Event::Shown(shown) => self.set_shown(shown),
            Event::Thumbnails(thumbnails) => {
                self.thumbnails = thumbnails;
                self.plan();
            }
            Event::FetchAnswered { id } => self.fetch_answered(id, now_ms),
            Event::FetchDone { id, bytes } => self.fetch_done(id, bytes, now_ms),
            Event::FetchFailed { id, failure } => self.fetch_failed(id, failure, now_ms),
            Event::Decoded { id, bytes } => self.decoded(id, bytes, now_ms),
            Event::DecodeFailed { id, failure } => self.decode_failed(id, failure),
            Event::Drawn => self.drawn(),
            Event::Tick => {}
            Event::Offline => self.offline(),
            Event::Online => self.online(),
            Event::SessionExpired => self.connection = Connection::SessionExpired,
            Event::SessionRenewed => self.connection = Connection::Up,
            Event::Retry(key) => self.retry(key),
            Event::DecodedLost => self.decoded_lost(),
        }
        self.connection = self.connection.at(now_ms);
        self.wake(now_ms);
        self.evict();
        self.watch_picture(now_ms);
        self.start_decodes(now_ms);
        self.start_fetches(now_ms);
        std::mem::take(&mut self.actions)
    }

    /// When [`Event::Tick`] is due, on the clock of the events; `None` when nothing waits for time.
    #[must_use]
    pub fn next_wake_ms(&self) -> Option<f64> {
        let connection = match self.connection {
            Connection::Waiting { until_ms, .. } => Some(until_ms),
            _ => None,
        };
        let slots =
            self.waiting.iter().filter_map(|&index| match self.slots.slots.get(index)?.state {
                State::Waiting { due_ms } => Some(due_ms),
                _ => None,
            });
        slots.chain(connection).chain(self.picture_due_ms()).min_by(f64::total_cmp)
    }

    /// The page brings so many frames by one request: so many times as many are under way.
    pub fn set_stretch(&mut self, frames: usize) {
        self.stretch = frames.max(1);
    }

    /// Whether frames can be fetched at all.
    #[must_use]
    pub fn connection(&self) -> Connection {
        self.connection
    }

    /// What is known of one frame; `None` where the exam has no such frame.
    #[must_use]
    pub fn status(&self, key: FrameKey) -> Option<FrameStatus> {
        Some(self.slots.slots.get(self.slots.index(key)?)?.status())
    }

    /// What is known of each frame of a series, in stack order: the map behind the scroll bar.
    pub fn series_statuses(&self, series: u32) -> impl Iterator<Item = FrameStatus> + '_ {
        let slots = self.slots.slots.get(self.slots.of_series(series)).unwrap_or_default();
        slots.iter().map(Slot::status)
    }

    /// Counts for one series.
    #[must_use]
    pub fn series_progress(&self, series: u32) -> Progress {
        self.slots.progress(self.slots.of_series(series))
    }

    /// Counts for the exam.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.slots.progress(0..self.slots.slots.len())
    }

    /// What may be under way and kept, of late.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether nothing is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.fetching.is_empty() && self.decoding.is_empty()
    }

    /// Memory of the decoded frames that the page holds.
    #[must_use]
    pub fn decoded_bytes(&self) -> u64 {
        self.decoded_total
    }

    /// Memory of the encoded frames that the page holds.
    #[must_use]
    pub fn encoded_bytes(&self) -> u64 {
        self.encoded_total
    }

    fn set_shown(&mut self, shown: Vec<ShownFrame>) {
        self.shown_count += 1;
        for frame in &shown {
            if let Some(index) = self.slots.index(frame.key) {
                self.slots.slots[index].last_shown = self.shown_count;
            }
        }
        if self.shown != shown || self.need.order.is_empty() {
            self.is_step = self.is_near(&shown);
            self.shown = shown;
            self.picture.is_drawn = false;
            self.picture.until_ms = None;
            self.plan();
        }
    }

    /// Whether frames are on the screen or next to it.
    fn is_near(&self, frames: &[ShownFrame]) -> bool {
        frames
            .iter()
            .filter_map(|frame| self.slots.index(frame.key))
            .all(|index| self.slots.slots[index].rank < self.need.thumbnails.start)
    }

    fn offline(&mut self) {
        if self.connection != Connection::SessionExpired {
            self.connection = Connection::Offline;
        }
    }

    fn online(&mut self) {
        if self.connection != Connection::SessionExpired {
            self.connection = Connection::Up;
        }
        self.wake(f64::INFINITY);
    }

    fn fetch_answered(&mut self, id: RequestId, now_ms: f64) {
        if let Some(since_ms) = self.fetching.answered(id, now_ms) {
            self.pace.answered(since_ms, now_ms);
            self.connection = self.connection.answered();
        }
    }

    fn fetch_done(&mut self, id: RequestId, bytes: u64, now_ms: f64) {
        let Some(Task { index, since_ms, is_answered, .. }) = self.fetching.take(id) else {
            return;
        };
        if !is_answered {
            // The page does not tell when answers begin.
            self.pace.answered(since_ms, now_ms);
        }
        self.pace.arrived(since_ms, now_ms);
        self.connection = self.connection.answered();
        self.slots.slots[index].failures = 0;
        self.largest_body = self.largest_body.max(bytes);
        self.encoded_total += bytes;
        self.set_state(index, State::Encoded { bytes });
        self.weigh(index, bytes);
    }

    fn fetch_failed(&mut self, id: RequestId, failure: FetchFailure, now_ms: f64) {
        let Some(Task { index, is_answered, .. }) = self.fetching.take(id) else { return };
        let state = match failure {
            FetchFailure::Connection => {
                let alone = self.connection == Connection::Up;
                self.connection = self.connection.failed(now_ms);
                // An answer that breaks off in a connection that works is the frame's own failure.
                let failures = self.count_failure(index, alone || is_answered);
                if failures < MOST_FAILURES {
                    State::Missing
                } else {
                    State::Failed(FrameFailure::Unreachable)
                }
            }
            FetchFailure::Server { status } => {
                self.connection = self.connection.answered();
                let failures = self.count_failure(index, true);
                if failures < MOST_FAILURES {
                    State::Waiting { due_ms: now_ms + super::connection::wait_ms(failures) }
                } else {
                    State::Failed(FrameFailure::Server { status })
                }
            }
            FetchFailure::SessionExpired => {
                self.connection = Connection::SessionExpired;
                State::Missing
            }
            FetchFailure::Refused { status } => {
                self.connection = self.connection.answered();
                State::Failed(FrameFailure::Refused { status })
            }
        };
        self.set_state(index, state);
    }

    /// Failures while the connection is known to be down say nothing about the frame.
    fn count_failure(&mut self, index: usize, counts: bool) -> u32 {
        let slot = &mut self.slots.slots[index];
        slot.failures += u32::from(counts);
        slot.failures
    }

    fn decoded(&mut self, id: RequestId, bytes: u64, now_ms: f64) {
        let Some(Task { index, since_ms, .. }) = self.decoding.take(id) else { return };
        self.pace.decoded(since_ms, now_ms);
        let State::Decoding { encoded_bytes } = self.slots.slots[index].state else { return };
        self.decoded_total += bytes;
        self.set_state(index, State::Ready { bytes, encoded_bytes });
        let expected = std::mem::replace(&mut self.slots.slots[index].decoded_bytes, bytes);
        self.spared_bytes += expected.saturating_sub(bytes);
        // To rank a long exam anew after each of its frames would take longer than to decode them.
        let has_room = self.spared_bytes > self.limits.decoded_bytes / SPARED_PARTS;
        if bytes > expected || has_room && self.wanted < self.need.order.len() {
            self.spared_bytes = 0;
            self.plan();
        }
    }

    fn decode_failed(&mut self, id: RequestId, failure: FrameFailure) {
        let Some(Task { index, .. }) = self.decoding.take(id) else { return };
        self.forget_encoded(index);
        self.set_state(index, State::Failed(failure));
    }

    fn retry(&mut self, key: FrameKey) {
        let Some(index) = self.slots.index(key) else { return };
        let slot = &mut self.slots.slots[index];
        if matches!(slot.state, State::Failed(_)) && slot.decoded_bytes > 0 {
            slot.failures = 0;
            self.set_state(index, State::Missing);
            // It takes memory again, which was left to others.
            self.plan();
        }
    }

    pub(super) fn next_id(&mut self) -> RequestId {
        self.next_id = self.next_id.wrapping_add(1);
        RequestId(self.next_id)
    }
}

/// Memory that frames turned out not to need is given to others when it is one of so many parts of all.
const SPARED_PARTS: u64 = 32;
/// Failures of one frame after which it counts as failed.
const MOST_FAILURES: u32 = 5;
