use std::ops::Range;

use super::slots::Slots;
use super::{FetchKind, FrameKey, Order, Policy, ShownFrame};

/// Rounds of neighbours (two frames ahead, one behind, in each pane) that come before thumbnails.
const NEAR_ROUNDS: usize = 2;

/// All frames in the order they are needed, and where the kinds begin.
#[derive(Clone, Debug, Default)]
pub(super) struct Need {
    /// Slot indices, most needed first, each once.
    pub(super) order: Vec<usize>,
    /// How many of them are on the screen.
    pub(super) shown: usize,
    /// Ranks of the thumbnails; those before are on the screen or near.
    pub(super) thumbnails: Range<usize>,
}

impl Need {
    /// Works the order out and writes each slot's rank.
    pub(super) fn rank<P: Policy>(
        slots: &mut Slots,
        shown: &[ShownFrame],
        thumbnails: &[FrameKey],
    ) -> Self {
        for slot in &mut slots.slots {
            slot.rank = usize::MAX;
        }
        let mut need = Self { order: Vec::with_capacity(slots.slots.len()), ..Self::default() };
        need.take(slots, &shown.iter().filter_map(|s| slots.index(s.key)).collect::<Vec<_>>());
        need.shown = need.order.len();
        let mut walks: Vec<_> = shown.iter().filter_map(|s| Outward::from(slots, *s)).collect();
        need.take_neighbours(slots, &mut walks, NEAR_ROUNDS);
        let near = need.order.len();
        need.take(slots, &thumbnails.iter().filter_map(|&k| slots.index(k)).collect::<Vec<_>>());
        need.thumbnails = near..need.order.len();
        if P::ORDER == Order::Neighbours {
            need.take_neighbours(slots, &mut walks, usize::MAX);
        }
        need.take_other_series(slots, shown);
        need
    }

    pub(super) fn kind(&self, rank: usize) -> FetchKind {
        if rank < self.shown {
            FetchKind::Interaction
        } else if self.thumbnails.contains(&rank) {
            FetchKind::Thumbnail
        } else {
            FetchKind::Prefetch
        }
    }

    fn take<'a>(&mut self, slots: &mut Slots, indices: impl IntoIterator<Item = &'a usize>) {
        for &index in indices {
            if let Some(slot) = slots.slots.get_mut(index).filter(|slot| slot.rank == usize::MAX) {
                slot.rank = self.order.len();
                self.order.push(index);
            }
        }
    }

    /// The rest of the shown series, outward from each shown frame, the panes in turn.
    fn take_neighbours(&mut self, slots: &mut Slots, walks: &mut Vec<Outward>, rounds: usize) {
        for _ in 0..rounds {
            walks.retain_mut(|walk| {
                let steps = walk.next_steps();
                self.take(slots, steps.iter().flatten());
                steps.iter().any(Option::is_some)
            });
            if walks.is_empty() {
                return;
            }
        }
    }

    /// The series after the active one, then those before it.
    fn take_other_series(&mut self, slots: &mut Slots, shown: &[ShownFrame]) {
        let count = slots.series_count();
        let first = shown.first().map_or(0, |shown| shown.key.series.min(count));
        for series in (first..count).chain(0..first) {
            for index in slots.of_series(series) {
                self.take(slots, [&index]);
            }
        }
    }
}

/// Walks a series outward from one frame: two steps ahead, one step behind.
struct Outward {
    rising: std::ops::Range<usize>,
    falling: std::iter::Rev<std::ops::Range<usize>>,
    towards_first: bool,
}

impl Outward {
    fn from(slots: &Slots, shown: ShownFrame) -> Option<Self> {
        let at = slots.index(shown.key)?;
        let series = slots.of_series(shown.key.series);
        let rising = at + 1..series.end;
        let falling = (series.start..at).rev();
        Some(Self { rising, falling, towards_first: shown.direction < 0 })
    }

    fn next_steps(&mut self) -> [Option<usize>; 3] {
        if self.towards_first {
            [self.falling.next(), self.falling.next(), self.rising.next()]
        } else {
            [self.rising.next(), self.rising.next(), self.falling.next()]
        }
    }
}
