//! What is started and what is aborted.

use super::need::Need;
use super::slots::State;
use super::{Action, FetchKind, RequestId, Scheduler};

/// A request is obsolete when this many times the possible requests are needed more and not there.
const OBSOLETE_AFTER: usize = 2;
/// Wanted frames that may wait for a worker, per worker, before prefetching pauses.
const WAITING_PER_WORKER: usize = 4;

impl Scheduler {
    /// Works the order of need out anew after a change of what is shown.
    pub(super) fn plan(&mut self) {
        if self.shown.is_empty() {
            return;
        }
        self.need = Need::rank(&mut self.slots, &self.shown, &self.thumbnails);
        self.wanted = self.fitting();
        self.first_missing = 0;
        self.to_decode.clear();
        for rank in 0..self.wanted {
            let index = self.need.order[rank];
            if self.slots.slots[index].is_decodable() {
                self.to_decode.insert((rank, index));
            }
        }
        self.abort_obsolete();
    }

    /// How many of the most needed frames fit decoded; at least those on the screen.
    fn fitting(&self) -> usize {
        let mut bytes = 0_u64;
        let fits = self.need.order.iter().take_while(|&&index| {
            let slot = &self.slots.slots[index];
            if !matches!(slot.state, State::Failed(_)) {
                bytes = bytes.saturating_add(slot.decoded_bytes);
            }
            bytes <= self.limits.decoded_bytes
        });
        fits.count().max(self.need.shown)
    }

    fn abort_obsolete(&mut self) {
        let horizon = self.horizon();
        let obsolete: Vec<_> = self
            .fetching
            .iter()
            .filter(|&(_, &index)| self.slots.slots[index].rank >= horizon)
            .map(|(&id, _)| id)
            .collect();
        for id in obsolete {
            self.abort(id);
        }
    }

    /// Rank from which on a running request only stands in the way.
    fn horizon(&self) -> usize {
        let open = |&&index: &&usize| {
            let slot = &self.slots.slots[index];
            !slot.is_video && matches!(slot.state, State::Missing | State::Fetching)
        };
        let most = self.limits.fetches * OBSOLETE_AFTER;
        let last = self.need.order.iter().filter(open).nth(most);
        last.map_or(usize::MAX, |&index| self.slots.slots[index].rank)
    }

    fn abort(&mut self, id: RequestId) {
        if let Some(index) = self.fetching.remove(&id) {
            let key = self.slots.slots[index].key;
            self.actions.push(Action::AbortFetch { id, key });
            self.set_state(index, State::Missing);
        }
    }

    pub(super) fn start_decodes(&mut self) {
        while let Some((rank, index)) = self.next_to_decode() {
            let encoded_bytes = match self.slots.slots[index].state {
                State::Encoded { bytes } => bytes,
                _ => 0,
            };
            let id = self.next_id();
            self.decoding.insert(id, index);
            self.set_state(index, State::Decoding { encoded_bytes });
            let key = self.slots.slots[index].key;
            self.actions.push(Action::StartDecode { id, key, kind: self.need.kind(rank) });
        }
    }

    /// The most needed frame for which there is a worker: one plays all videos, beside those that
    /// decode images. It reads from the network, so it waits for what is needed more.
    fn next_to_decode(&mut self) -> Option<(usize, usize)> {
        let missing = self.next_missing().map_or(usize::MAX, |(rank, _)| rank);
        let is_video = |index: usize| self.slots.slots[index].is_video;
        let videos = self.decoding.values().filter(|&&index| is_video(index)).count();
        let may_read = videos == 0 && self.connection.most_fetches(1) > 0;
        let may_decode = self.decoding.len() - videos < self.limits.decodes;
        let has_worker = |&(rank, index): &(usize, usize)| {
            if is_video(index) { may_read && rank < missing } else { may_decode }
        };
        self.to_decode.iter().copied().find(has_worker)
    }

    pub(super) fn start_fetches(&mut self) {
        while let Some((rank, index)) = self.next_missing() {
            let kind = self.need.kind(rank);
            if !self.may_fetch(kind, rank) && !self.make_room(kind) {
                return;
            }
            let id = self.next_id();
            self.fetching.insert(id, index);
            self.set_state(index, State::Fetching);
            let key = self.slots.slots[index].key;
            self.actions.push(Action::StartFetch { id, key, kind });
        }
    }

    /// The most needed frame that is missing.
    fn next_missing(&mut self) -> Option<(usize, usize)> {
        while let Some(&index) = self.need.order.get(self.first_missing) {
            let slot = &self.slots.slots[index];
            if slot.state == State::Missing && !slot.is_video {
                return Some((self.first_missing, index));
            }
            self.first_missing += 1;
        }
        None
    }

    fn may_fetch(&self, kind: FetchKind, rank: usize) -> bool {
        let most = self.connection.most_fetches(self.limits.fetches);
        if kind == FetchKind::Interaction {
            return self.fetching.len() < most;
        }
        // One request stays free for what comes on the screen next.
        let most = if most > 1 { most - 1 } else { most };
        let waiting = self.to_decode.iter().filter(|(_, index)| !self.slots.slots[*index].is_video);
        let workers_keep_up = waiting.count() < self.limits.decodes * WAITING_PER_WORKER;
        self.fetching.len() < most && workers_keep_up && self.has_room(rank)
    }

    /// Whether the frame will fit, decoded or at least encoded.
    fn has_room(&self, rank: usize) -> bool {
        let coming = self.largest_body.saturating_mul(self.fetching.len() as u64 + 1);
        rank < self.wanted
            || (self.limits.encoded_bytes > 0
                && self.encoded_total.saturating_add(coming) <= self.limits.encoded_bytes)
    }

    /// Aborts the least needed request for a frame on the screen.
    fn make_room(&mut self, kind: FetchKind) -> bool {
        let most = self.connection.most_fetches(self.limits.fetches);
        if kind != FetchKind::Interaction || most == 0 || self.fetching.len() > most {
            return false;
        }
        let least = self.fetching.iter().max_by_key(|&(_, &index)| self.slots.slots[index].rank);
        let Some((&id, &index)) = least else { return false };
        if self.slots.slots[index].rank < self.need.shown {
            return false;
        }
        self.abort(id);
        true
    }
}
