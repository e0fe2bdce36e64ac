//! State changes with their accounts, and eviction.

use std::cmp::Reverse;

use super::slots::State;
use super::tasks::Tasks;
use super::{Action, CacheKind, Policy, Scheduler};

impl<P: Policy> Scheduler<P> {
    /// Changes a slot's state and what is derived from states.
    pub(super) fn set_state(&mut self, index: usize, state: State) {
        let rank = self.slots.slots[index].rank;
        self.to_decode.remove(&(rank, index));
        match state {
            State::Missing => self.first_missing = self.first_missing.min(rank),
            State::Waiting { .. } => self.waiting.push(index),
            _ => {}
        }
        self.slots.slots[index].state = state;
        if rank < self.wanted && self.slots.slots[index].is_decodable() {
            self.to_decode.insert((rank, index));
        }
    }

    /// Frames whose wait is over are missing again.
    pub(super) fn wake(&mut self, now_ms: f64) {
        let waiting = std::mem::take(&mut self.waiting);
        for index in waiting {
            match self.slots.slots[index].state {
                State::Waiting { due_ms } if due_ms <= now_ms => {
                    self.set_state(index, State::Missing);
                }
                State::Waiting { .. } => self.waiting.push(index),
                _ => {}
            }
        }
    }

    /// Brings both caches back into their budgets.
    pub(super) fn evict(&mut self) {
        while self.decoded_total > self.limits.decoded_bytes {
            let Some(index) = self.decoded_victim() else { break };
            self.evict_decoded(index);
        }
        while self.encoded_total > self.limits.encoded_bytes {
            let Some(index) = self.encoded_victim() else { break };
            self.evict_encoded(index);
        }
    }

    /// Everything decoded is gone, also what was being decoded.
    pub(super) fn decoded_lost(&mut self) {
        self.decoding = Tasks::default();
        self.picture.is_drawn = false;
        for index in 0..self.slots.slots.len() {
            match self.slots.slots[index].state {
                State::Ready { .. } => self.forget_decoded(index),
                State::Decoding { encoded_bytes } => self.undo_decoding(index, encoded_bytes),
                _ => {}
            }
        }
    }

    fn undo_decoding(&mut self, index: usize, bytes: u64) {
        if self.limits.encoded_bytes > 0 && !self.slots.slots[index].is_video {
            self.set_state(index, State::Encoded { bytes });
        } else {
            // The body was given away with the request.
            self.encoded_total -= bytes;
            self.set_state(index, State::Missing);
        }
    }

    /// Never one on the screen. First what no longer fits the order of need, the longest unseen first;
    /// then the least needed.
    fn decoded_victim(&self) -> Option<usize> {
        let slots = self.slots.slots.iter().enumerate();
        slots
            .filter(|(_, slot)| {
                matches!(slot.state, State::Ready { .. }) && slot.rank >= self.need.shown
            })
            .max_by_key(|(_, slot)| {
                let unwanted = slot.rank >= self.wanted;
                let seen = if unwanted { slot.last_shown } else { 0 };
                (unwanted, Reverse(seen), slot.rank)
            })
            .map(|(index, _)| index)
    }

    /// First copies of what is decoded anyway, then what is not wanted decoded; never what waits for
    /// a worker.
    fn encoded_victim(&self) -> Option<usize> {
        let slots = self.slots.slots.iter().enumerate();
        slots
            .filter_map(|(index, slot)| match slot.state {
                State::Ready { encoded_bytes: 1.., .. } => Some((true, slot.rank, index)),
                State::Encoded { .. } if slot.rank >= self.wanted => {
                    Some((false, slot.rank, index))
                }
                _ => None,
            })
            .max()
            .map(|(_, _, index)| index)
    }

    fn evict_decoded(&mut self, index: usize) {
        let key = self.slots.slots[index].key;
        self.actions.push(Action::Evict { key, cache: CacheKind::Decoded });
        self.forget_decoded(index);
    }

    fn forget_decoded(&mut self, index: usize) {
        if let State::Ready { bytes, encoded_bytes } = self.slots.slots[index].state {
            self.decoded_total -= bytes;
            let left = match encoded_bytes {
                0 => State::Missing,
                bytes => State::Encoded { bytes },
            };
            self.set_state(index, left);
        }
    }

    fn evict_encoded(&mut self, index: usize) {
        let key = self.slots.slots[index].key;
        self.actions.push(Action::Evict { key, cache: CacheKind::Encoded });
        let state = match self.slots.slots[index].state {
            State::Ready { bytes, encoded_bytes } => {
                self.encoded_total -= encoded_bytes;
                State::Ready { bytes, encoded_bytes: 0 }
            }
            State::Encoded { bytes } => {
                self.encoded_total -= bytes;
                State::Missing
            }
            _ => return,
        };
        self.set_state(index, state);
    }

    /// Drops the body of a frame that could not be decoded.
    pub(super) fn forget_encoded(&mut self, index: usize) {
        if let State::Decoding { encoded_bytes } = self.slots.slots[index].state {
            self.encoded_total -= encoded_bytes;
            let key = self.slots.slots[index].key;
            self.actions.push(Action::Evict { key, cache: CacheKind::Encoded });
        }
    }
}
