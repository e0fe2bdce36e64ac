//! What the page holds: it does what the scheduler says, and complains when that makes no sense.

use std::collections::{BTreeMap, BTreeSet};

use viewer_core::fetch::{Action, CacheKind, FrameKey, Limits, RequestId};

#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) limits: Limits,
    pub(crate) requests: BTreeMap<RequestId, FrameKey>,
    pub(crate) decoding: BTreeMap<RequestId, FrameKey>,
    pub(crate) encoded: BTreeMap<FrameKey, u64>,
    pub(crate) decoded: BTreeMap<FrameKey, u64>,
    /// What is on the screen.
    pub(crate) wanted: Vec<FrameKey>,
    /// How often each frame was asked for.
    pub(crate) asked: BTreeMap<FrameKey, u32>,
    /// Frames that the server could not give when asked last.
    pub(crate) unavailable: BTreeSet<FrameKey>,
}

impl Page {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            requests: BTreeMap::new(),
            decoding: BTreeMap::new(),
            encoded: BTreeMap::new(),
            decoded: BTreeMap::new(),
            wanted: Vec::new(),
            asked: BTreeMap::new(),
            unavailable: BTreeSet::new(),
        }
    }

    /// Memory is divided anew: as much as before, and kinds that had none get none.
    pub(crate) fn divide(&mut self, limits: Limits) {
        let both = |limits: Limits| limits.decoded_bytes + limits.encoded_bytes;
        assert_eq!(both(limits), both(self.limits));
        assert_eq!(limits.encoded_bytes == 0, self.limits.encoded_bytes == 0);
        self.limits = limits;
    }

    pub(crate) fn carry_out(&mut self, action: &Action) {
        match *action {
            Action::StartFetch { id, key, .. } => {
                assert!(!self.encoded.contains_key(&key), "{key:?} is held already");
                assert!(!self.decoded.contains_key(&key), "{key:?} is decoded already");
                assert!(self.requests.values().all(|other| *other != key), "twice {key:?}");
                assert!(self.requests.insert(id, key).is_none(), "{id:?} used twice");
                self.unavailable.remove(&key);
                *self.asked.entry(key).or_default() += 1;
            }
            Action::AbortFetch { id, key } => {
                assert_eq!(self.requests.remove(&id), Some(key), "not under way");
            }
            Action::StartDecode { id, key, .. } => {
                assert!(self.encoded.contains_key(&key), "no body for {key:?}");
                assert!(!self.decoded.contains_key(&key), "{key:?} is decoded already");
                assert!(self.decoding.insert(id, key).is_none(), "{id:?} used twice");
            }
            Action::Evict { key, cache: CacheKind::Encoded } => {
                assert!(self.encoded.remove(&key).is_some(), "no body for {key:?}");
            }
            Action::Evict { key, cache: CacheKind::Decoded } => {
                assert!(!self.wanted.contains(&key), "{key:?} is on the screen");
                assert!(self.decoded.remove(&key).is_some(), "{key:?} is not decoded");
            }
        }
    }

    /// Workers and pictures are lost, with the bodies that were given away.
    pub(crate) fn lose(&mut self) {
        if self.limits.encoded_bytes == 0 {
            for key in self.decoding.values() {
                self.encoded.remove(key);
            }
        }
        self.decoding.clear();
        self.decoded.clear();
    }

    /// Nothing takes more than it may.
    pub(crate) fn check_limits(&self, most_body: u64) {
        assert!(self.requests.len() <= self.limits.fetches, "{} requests", self.requests.len());
        assert!(self.decoding.len() <= self.limits.decodes, "{} decodes", self.decoding.len());
        let decoded: u64 = self.decoded.values().sum();
        let only_wanted = self.decoded.keys().all(|key| self.wanted.contains(key));
        assert!(decoded <= self.limits.decoded_bytes || only_wanted, "{decoded} bytes decoded");
        // Beside its own budget: bodies with workers, waiting for one, and asked for before those waited.
        let frames = self.limits.decodes * 5 + self.limits.fetches + self.wanted.len();
        let encoded: u64 = self.encoded.values().sum();
        let most = self.limits.encoded_bytes + frames as u64 * most_body;
        // Where memory has been divided anew, more bodies may wait for a worker: all of them are still within all of it.
        let all = self.limits.decoded_bytes + self.limits.encoded_bytes;
        assert!(encoded <= most || decoded + encoded <= all, "{encoded} bytes encoded of {most}");
    }
}
