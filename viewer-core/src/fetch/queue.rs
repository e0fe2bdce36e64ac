//! What is started and what is aborted.

use super::need::Need;
use super::slots::State;
use super::{
    Aborting, Action, Connection, FetchKind, Policy, RequestId, Requests, Scheduler, Screen,
};

/// A request is obsolete when this many times the possible requests are needed more and not there.
const OBSOLETE_AFTER: usize = 2;
/// Wanted frames that may wait for a worker, per worker, before prefetching pauses.
const WAITING_PER_WORKER: usize = 4;

impl<P: Policy> Scheduler<P> {
    /// Works the order of need out anew after a change of what is shown.
    pub(super) fn plan(&mut self) {
        if self.shown.is_empty() {
            return;
        }
        self.need = Need::rank::<P>(&mut self.slots, &self.shown, &self.thumbnails);
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
        let end = if self.limits.saves_data { self.need.thumbnails.end } else { usize::MAX };
        let fits = self.need.order.iter().take(end).take_while(|&&index| {
            let slot = &self.slots.slots[index];
            if !matches!(slot.state, State::Failed(_)) {
                bytes = bytes.saturating_add(slot.decoded_bytes);
            }
            bytes <= self.limits.decoded_bytes
        });
        fits.count().max(self.need.shown)
    }

    fn abort_obsolete(&mut self) {
        let horizon = match P::ABORTING {
            Aborting::Never => usize::MAX,
            Aborting::Others if self.screen_is_alone() => self.need.shown,
            Aborting::Far | Aborting::Others => self.horizon(),
        };
        let fetching = self.fetching.0.iter();
        let obsolete: Vec<_> = fetching
            .filter(|task| self.slots.slots[task.index].rank >= horizon)
            .map(|task| task.id)
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
        let most = (self.most_ahead(self.limits.fetches) + 1) * OBSOLETE_AFTER;
        let last = self.need.order.iter().filter(open).nth(most);
        last.map_or(usize::MAX, |&index| self.slots.slots[index].rank)
    }

    fn abort(&mut self, id: RequestId) {
        if let Some(task) = self.fetching.take(id) {
            let key = self.slots.slots[task.index].key;
            self.actions.push(Action::AbortFetch { id, key });
            self.set_state(task.index, State::Missing);
        }
    }

    pub(super) fn start_decodes(&mut self, now_ms: f64) {
        while let Some((rank, index)) = self.next_to_decode() {
            let encoded_bytes = match self.slots.slots[index].state {
                State::Encoded { bytes } => bytes,
                _ => 0,
            };
            let id = self.next_id();
            self.decoding.start(id, index, now_ms);
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
        let videos = self.decoding.0.iter().filter(|task| is_video(task.index)).count();
        let may_read = videos == 0 && self.connection.most_fetches(1) > 0;
        let images = self.decoding.len() - videos;
        let ahead = self.most_decodes_ahead();
        let has_worker = |&(rank, index): &(usize, usize)| {
            if is_video(index) {
                may_read && rank < missing
            } else {
                images < if rank < self.need.shown { self.limits.decodes } else { ahead }
            }
        };
        self.to_decode.iter().copied().find(has_worker)
    }

    /// How many workers may be busy for a frame that is not on the screen to be decoded.
    fn most_decodes_ahead(&self) -> usize {
        let all = self.limits.decodes;
        match self.picture_due_ms() {
            Some(_) if self.picture.is_later => all / 2,
            Some(_) => 0,
            // One stays free for what is about to come.
            None if P::SCREEN != Screen::Beside && all > 1 && self.awaits_screen() => all - 1,
            None => all,
        }
    }

    pub(super) fn start_fetches(&mut self, now_ms: f64) {
        if let Connection::Probing { failures } = self.connection {
            self.probe(failures, now_ms);
            return;
        }
        while let Some((rank, index)) = self.next_missing() {
            let kind = self.need.kind(rank);
            if !self.may_fetch(kind, rank) && !self.make_room(kind) {
                return;
            }
            self.start_fetch(rank, index, now_ms);
        }
    }

    fn start_fetch(&mut self, rank: usize, index: usize, now_ms: f64) {
        let id = self.next_id();
        self.fetching.start(id, index, now_ms);
        self.set_state(index, State::Fetching);
        let key = self.slots.slots[index].key;
        self.actions.push(Action::StartFetch { id, key, kind: self.need.kind(rank) });
    }

    /// One request tries the connection; every other time not for the most needed frame, which may be
    /// what breaks it.
    fn probe(&mut self, failures: u32, now_ms: f64) {
        if !self.fetching.is_empty() {
            return;
        }
        let is_missing = |&(rank, index): &(usize, usize)| {
            let slot = &self.slots.slots[index];
            slot.state == State::Missing && !slot.is_video && self.has_room(rank)
        };
        let ranked = self.need.order.iter().copied().enumerate();
        let mut missing = ranked.filter(is_missing);
        let first = missing.next();
        let other = if failures.is_multiple_of(2) { missing.next() } else { None };
        if let Some((rank, index)) = other.or(first) {
            self.start_fetch(rank, index, now_ms);
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
        if self.screen_is_alone() {
            return false;
        }
        let waiting = self.to_decode.iter().filter(|(_, index)| !self.slots.slots[*index].is_video);
        let workers_keep_up = waiting.count() < self.limits.decodes * WAITING_PER_WORKER;
        self.fetching.len() < self.most_ahead(most) && workers_keep_up && self.has_room(rank)
    }

    /// Requests at a time for what is not on the screen, where `most` are allowed in all.
    fn most_ahead(&self, most: usize) -> usize {
        // One stays free for what comes on the screen next.
        let most = if most > 1 { most - 1 } else { most };
        match P::REQUESTS {
            Requests::Most => most,
            Requests::Measured => most.min(self.pace.requests(self.limits.decodes) * self.stretch),
        }
    }

    /// Whether the frame will fit, decoded or at least encoded.
    fn has_room(&self, rank: usize) -> bool {
        let coming = self.largest_body.saturating_mul(self.fetching.len() as u64 + 1);
        rank < self.wanted
            || (self.limits.encoded_bytes > 0
                && !self.limits.saves_data
                && self.encoded_total.saturating_add(coming) <= self.limits.encoded_bytes)
    }

    /// Aborts the least needed request for a frame on the screen.
    fn make_room(&mut self, kind: FetchKind) -> bool {
        let most = self.connection.most_fetches(self.limits.fetches);
        if kind != FetchKind::Interaction || most == 0 || self.fetching.len() > most {
            return false;
        }
        let rank = |index: usize| self.slots.slots[index].rank;
        let least = self.fetching.0.iter().max_by_key(|task| rank(task.index));
        let Some((id, index)) = least.map(|task| (task.id, task.index)) else { return false };
        if rank(index) < self.need.shown {
            return false;
        }
        self.abort(id);
        true
    }
}
