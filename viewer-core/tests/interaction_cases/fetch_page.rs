//! A page that does what the scheduler says, and complains when that makes no sense.

use std::collections::{BTreeMap, BTreeSet};

use viewer_core::exam::ExamSummary;
use viewer_core::fetch::{
    Action, CacheKind, Connection, Event, FetchKind, FrameKey, FrameStatus, Limits, RequestId,
    Scheduler, ShownFrame,
};

/// Bytes of every body.
pub(crate) const BODY_BYTES: u64 = 1000;
/// Bytes of every decoded frame, as the exam has it.
pub(crate) const FRAME_BYTES: u64 = 512 * 512 * 2;

pub(crate) struct Page {
    pub(crate) scheduler: Scheduler,
    limits: Limits,
    pub(crate) now_ms: f64,
    /// What decoded frames take.
    pub(crate) frame_bytes: u64,
    pub(crate) fetching: BTreeMap<RequestId, (FrameKey, FetchKind)>,
    pub(crate) decoding: BTreeMap<RequestId, FrameKey>,
    pub(crate) encoded: BTreeSet<FrameKey>,
    pub(crate) decoded: BTreeMap<FrameKey, u64>,
    pub(crate) shown: Vec<FrameKey>,
    /// Frames that failed once: they may have to wait.
    failed_once: BTreeSet<FrameKey>,
}

impl Page {
    pub(crate) fn new(exam: &ExamSummary, limits: Limits) -> Self {
        Self {
            scheduler: Scheduler::new(exam, limits),
            limits,
            now_ms: 0.0,
            frame_bytes: FRAME_BYTES,
            fetching: BTreeMap::new(),
            decoding: BTreeMap::new(),
            encoded: BTreeSet::new(),
            decoded: BTreeMap::new(),
            shown: Vec::new(),
            failed_once: BTreeSet::new(),
        }
    }

    /// Reports an event, carries out the answer, checks the rules that always hold.
    pub(crate) fn report(&mut self, event: Event) -> Vec<Action> {
        let actions = self.scheduler.handle(event, self.now_ms);
        self.limits = self.scheduler.limits();
        for action in &actions {
            self.carry_out(action);
        }
        self.check();
        actions
    }

    pub(crate) fn show(&mut self, key: FrameKey, direction: i8) -> Vec<Action> {
        self.shown = vec![key];
        self.report(Event::Shown(vec![ShownFrame { key, direction }]))
    }

    fn carry_out(&mut self, action: &Action) {
        match *action {
            Action::StartFetch { id, key, kind } => {
                assert!(!self.encoded.contains(&key), "{key:?} is held already");
                assert!(self.fetching.values().all(|(other, _)| *other != key), "twice {key:?}");
                assert!(self.fetching.insert(id, (key, kind)).is_none(), "id used twice");
            }
            Action::AbortFetch { id, key } => {
                assert_eq!(self.fetching.remove(&id).map(|(key, _)| key), Some(key));
            }
            Action::StartDecode { id, key, .. } => {
                assert!(self.encoded.contains(&key), "no body for {key:?}");
                assert!(!self.decoded.contains_key(&key), "{key:?} is decoded already");
                assert!(self.decoding.insert(id, key).is_none(), "id used twice");
            }
            Action::Evict { key, cache: CacheKind::Encoded } => {
                assert!(self.encoded.remove(&key), "no body for {key:?}");
            }
            Action::Evict { key, cache: CacheKind::Decoded } => {
                assert!(!self.shown.contains(&key), "{key:?} is on the screen");
                assert!(self.decoded.remove(&key).is_some(), "{key:?} is not decoded");
            }
        }
    }

    fn check(&self) {
        assert!(self.fetching.len() <= self.limits.fetches);
        assert!(self.decoding.len() <= self.limits.decodes);
        let bytes: u64 = self.decoded.values().sum();
        assert_eq!(bytes, self.scheduler.decoded_bytes());
        let only_shown = self.decoded.keys().all(|key| self.shown.contains(key));
        assert!(bytes <= self.limits.decoded_bytes || only_shown, "{bytes} bytes decoded");
        assert_eq!(self.encoded.len() as u64 * BODY_BYTES, self.scheduler.encoded_bytes());
        self.check_interaction();
    }

    /// A frame on the screen waits for nothing but frames on the screen.
    fn check_interaction(&self) {
        let starved = |key: &&FrameKey| {
            !self.failed_once.contains(key)
                && self.scheduler.status(**key) == Some(FrameStatus::Missing)
        };
        if self.scheduler.connection() == Connection::Up
            && let Some(key) = self.shown.iter().find(starved)
        {
            let all_shown = self.fetching.values().all(|(key, _)| self.shown.contains(key));
            let full = self.fetching.len() == self.limits.fetches;
            assert!(full && all_shown, "{key:?} starves");
        }
    }

    /// The `nth` request under way answers.
    pub(crate) fn fetch_answers(&mut self, nth: usize, event: impl Fn(RequestId) -> Event) {
        let Some((&id, &(key, _))) = self.fetching.iter().nth(nth) else { return };
        self.fetching.remove(&id);
        let event = event(id);
        if matches!(event, Event::FetchDone { .. }) {
            self.encoded.insert(key);
        } else {
            self.failed_once.insert(key);
        }
        self.report(event);
    }

    pub(crate) fn fetch_done(&mut self, nth: usize) {
        self.fetch_answers(nth, |id| Event::FetchDone { id, bytes: BODY_BYTES });
    }

    /// The `nth` decode is done.
    pub(crate) fn decode_done(&mut self, nth: usize) {
        let Some((&id, &key)) = self.decoding.iter().nth(nth) else { return };
        self.decoding.remove(&id);
        let bytes = self.frame_bytes;
        self.decoded.insert(key, bytes);
        self.report(Event::Decoded { id, bytes });
        self.report(Event::Drawn);
    }

    /// Workers and pictures are lost, with the bodies they were given.
    pub(crate) fn lose_decoded(&mut self) {
        if self.limits.encoded_bytes == 0 {
            for key in self.decoding.values() {
                self.encoded.remove(key);
            }
        }
        self.decoding.clear();
        self.decoded.clear();
        self.report(Event::DecodedLost);
    }

    /// Lets everything succeed until nothing is left to do.
    pub(crate) fn settle(&mut self) {
        for _ in 0..100_000 {
            if !self.fetching.is_empty() {
                self.fetch_done(0);
            } else if !self.decoding.is_empty() {
                self.decode_done(0);
            } else if let Some(wake_ms) = self.scheduler.next_wake_ms() {
                self.now_ms = self.now_ms.max(wake_ms);
                self.report(Event::Tick);
            } else {
                return;
            }
        }
        panic!("never settles");
    }
}
