//! What is measured of connection and workers, by the times of the events.

/// Share of a new measurement in a sum of old ones.
const FORGETTING: f64 = 1.0 / 8.0;
/// Requests at a time before anything was measured.
const UNMEASURED: usize = 2;
/// Clocks of browsers are coarse: no frame counts as faster, ms.
const SHORTEST_MS: f64 = 0.1;

/// Measurements of late; older ones fade.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    /// From request to answer.
    latency_ms: f64,
    /// Frames that arrived, and the time in which frames were arriving.
    frames: f64,
    arriving_ms: f64,
    last_arrival_ms: f64,
    /// From worker to decoded frame.
    decode_ms: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            latency_ms: f64::INFINITY,
            frames: 0.0,
            arriving_ms: 0.0,
            last_arrival_ms: f64::NEG_INFINITY,
            decode_ms: f64::INFINITY,
        }
    }
}

impl Pace {
    /// The answer to a request of `since_ms` begins. Its head can wait behind bodies on their way: the
    /// shortest wait of late counts.
    pub(super) fn answered(&mut self, since_ms: f64, now_ms: f64) {
        self.latency_ms = shortest(self.latency_ms, now_ms - since_ms);
    }

    /// A body has come whose answer began at `since_ms`. Bodies that come side by side share the time.
    pub(super) fn arrived(&mut self, since_ms: f64, now_ms: f64) {
        let since_ms = since_ms.max(self.last_arrival_ms);
        self.frames += 1.0 - self.frames * FORGETTING;
        self.arriving_ms += (now_ms - since_ms).max(0.0) - self.arriving_ms * FORGETTING;
        self.last_arrival_ms = now_ms;
    }

    /// A worker is done with a frame that it was given at `since_ms`.
    pub(super) fn decoded(&mut self, since_ms: f64, now_ms: f64) {
        self.decode_ms = shortest(self.decode_ms, now_ms - since_ms);
    }

    /// Requests that keep the slower of connection and workers busy: one whose frame is coming or waiting,
    /// and as many as are used up until the answer to the next one begins.
    pub(super) fn requests(&self, workers: usize) -> usize {
        if self.frames == 0.0 {
            return UNMEASURED;
        }
        let period_ms = self.period_ms(workers);
        // The cast saturates.
        1 + (self.latency_ms / period_ms).ceil() as usize
    }

    /// Whether a frame takes longer to come than its answer to begin: what else is asked for delays it.
    pub(super) fn is_narrow(&self) -> bool {
        self.frames == 0.0 || self.arriving_ms / self.frames >= self.latency_ms
    }

    /// Time of a frame at the slower of connection and workers.
    fn period_ms(&self, workers: usize) -> f64 {
        let decode_ms = if self.decode_ms < f64::INFINITY { self.decode_ms } else { 0.0 };
        let of_workers = decode_ms / workers as f64;
        (self.arriving_ms / self.frames).max(of_workers).max(SHORTEST_MS)
    }
}

/// Shorter times count at once, longer ones little by little.
fn shortest(known_ms: f64, new_ms: f64) -> f64 {
    if new_ms < known_ms { new_ms } else { known_ms + (new_ms - known_ms) * FORGETTING }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames that need 10 ms of the connection each, answered after `latency_ms`.
    fn measured(latency_ms: f64) -> Pace {
        let mut pace = Pace::default();
        for nth in 0..20 {
            let asked_ms = f64::from(nth) * 10.0;
            pace.answered(asked_ms, asked_ms + latency_ms);
            pace.arrived(asked_ms + latency_ms, asked_ms + latency_ms + 10.0);
        }
        pace
    }

    #[test]
    fn requests_follow_the_product_of_latency_and_bandwidth() {
        assert_eq!(Pace::default().requests(2), UNMEASURED);
        let requests = [1.0, 9.0, 15.0, 95.0].map(|latency| measured(latency).requests(2));
        assert_eq!(requests, [2, 2, 3, 11]);
    }

    #[test]
    fn slow_workers_need_fewer_requests() {
        let mut pace = measured(95.0);
        pace.decoded(0.0, 80.0);
        assert_eq!(pace.requests(2), 4);
        assert_eq!(pace.requests(8), 11);
    }

    #[test]
    fn bodies_side_by_side_share_the_time() {
        let mut pace = Pace::default();
        pace.answered(0.0, 30.0);
        for _ in 0..4 {
            pace.arrived(30.0, 70.0);
        }
        assert_eq!(pace.requests(1), 5, "8 ms a frame: the time before the first fades");
    }

    #[test]
    fn a_network_that_changed_is_noticed() {
        let mut pace = measured(9.0);
        for nth in 0..40 {
            let asked_ms = 1000.0 + f64::from(nth) * 10.0;
            pace.answered(asked_ms, asked_ms + 95.0);
            pace.arrived(asked_ms + 95.0, asked_ms + 105.0);
        }
        assert_eq!(pace.requests(2), 11);
    }
}
