//! How memory is divided between decoded frames and bodies, once bodies tell how large the others are.

use super::{Policy, Scheduler};

/// Bodies after which memory is divided anew; again after four times as many, and so on: the first ones are
/// neighbours, and say little of other series.
const FIRST_AFTER: u64 = 16;

/// What bodies weighed so far, beside the same frames decoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shares {
    bodies: u64,
    encoded_bytes: u64,
    /// Of the same frames, by their formats: what decoded ones really take is known of some frames only.
    pixel_bytes: u64,
    /// Count of bodies after which memory is divided.
    due: u64,
    /// The share of bodies where not all of them fit.
    least_bytes: u64,
}

impl Shares {
    pub(super) fn of(least_bytes: u64) -> Self {
        Self { bodies: 0, encoded_bytes: 0, pixel_bytes: 0, due: FIRST_AFTER, least_bytes }
    }

    /// What bodies of as many bytes of pixels will weigh, and an eighth, for they differ.
    fn expected(&self, pixel_bytes: u64) -> u64 {
        let ratio = self.encoded_bytes as f64 / self.pixel_bytes.max(1) as f64;
        (pixel_bytes as f64 * ratio * 1.125).max(1.0) as u64
    }
}

impl<P: Policy> Scheduler<P> {
    /// Counts a body that has come.
    pub(super) fn weigh(&mut self, index: usize, bytes: u64) {
        self.shares.bodies += 1;
        self.shares.encoded_bytes += bytes;
        self.shares.pixel_bytes += self.slots.slots[index].pixel_bytes;
        if self.shares.bodies == self.shares.due && self.limits.encoded_bytes > 0 {
            self.shares.due *= 4;
            self.divide();
        }
    }

    /// Where the bodies of all frames take three quarters of the memory at most, they get what they take, so that
    /// nothing is fetched twice; the rest is for decoded frames.
    fn divide(&mut self) {
        let all = self.limits.decoded_bytes.saturating_add(self.limits.encoded_bytes);
        let frames = || self.slots.slots.iter().filter(|slot| !slot.is_video);
        let decoded = frames().fold(0_u64, |sum, slot| sum.saturating_add(slot.decoded_bytes));
        if decoded <= self.limits.decoded_bytes {
            return; // There is no need of bodies.
        }
        let pixels = frames().fold(0_u64, |sum, slot| sum.saturating_add(slot.pixel_bytes));
        let expected = self.shares.expected(pixels);
        let fits = expected <= all - all / 4;
        let encoded = if fits { expected } else { self.shares.least_bytes };
        if encoded != self.limits.encoded_bytes {
            self.limits.encoded_bytes = encoded;
            self.limits.decoded_bytes = all - encoded;
            self.plan();
        }
    }
}
