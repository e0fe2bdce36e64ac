//! One connection to the server. Answers share its bandwidth equally, as streams of HTTP/2 do without
//! priorities. No slow start, no loss of packets: those change the bandwidth, not the order.

use viewer_core::fetch::{FetchFailure, RequestId};

/// What rounding of times may leave of a body.
const ROUNDING_BYTES: f64 = 1e-2;

/// A connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    /// Bandwidth, bytes a millisecond.
    pub(crate) bytes_per_ms: f64,
    /// Round trip, ms.
    pub(crate) round_trip_ms: f64,
    /// Time of the server until an answer begins, ms.
    pub(crate) server_ms: f64,
    /// What is already in the buffers on the way and comes although its request was taken back.
    pub(crate) buffer_bytes: f64,
}

impl Link {
    pub(crate) fn new(mbit_per_s: f64, round_trip_ms: f64) -> Self {
        let bytes_per_ms = mbit_per_s * 125.0;
        Self { bytes_per_ms, round_trip_ms, server_ms: 1.0, buffer_bytes: 16_384.0 }
    }
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Good,
    /// Half of the body comes.
    Breaks,
    /// An answer without a body.
    Failure(FetchFailure),
}

/// What arrives at the page.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arrival {
    Head(RequestId),
    Body(RequestId, u64),
    Failure(RequestId, FetchFailure),
}

#[derive(Debug)]
struct Transfer {
    id: RequestId,
    bytes: u64,
    fate: Fate,
    begins_ms: f64,
    /// When the server hears that it is taken back.
    ends_ms: f64,
    left: f64,
}

#[derive(Debug)]
pub(crate) struct Network {
    link: Link,
    transfers: Vec<Transfer>,
    arrivals: Vec<(f64, Arrival)>,
    /// Until then every request gets no answer.
    pub(crate) down_until_ms: f64,
    /// Bytes that came over the connection.
    pub(crate) carried: f64,
}

impl Network {
    pub(crate) fn new(link: Link) -> Self {
        Self { link, transfers: Vec::new(), arrivals: Vec::new(), down_until_ms: 0.0, carried: 0.0 }
    }

    pub(crate) fn request(&mut self, id: RequestId, bytes: u64, fate: Fate, now_ms: f64) {
        let begins_ms = now_ms + self.link.round_trip_ms / 2.0 + self.link.server_ms;
        let head_ms = begins_ms + self.link.round_trip_ms / 2.0;
        if now_ms < self.down_until_ms {
            self.arrivals.push((head_ms, Arrival::Failure(id, FetchFailure::Connection)));
            return;
        }
        let left = match fate {
            Fate::Failure(failure) => {
                self.arrivals.push((head_ms, Arrival::Failure(id, failure)));
                return;
            }
            Fate::Breaks => bytes as f64 / 2.0,
            Fate::Good => bytes as f64,
        };
        self.arrivals.push((head_ms, Arrival::Head(id)));
        let ends_ms = f64::INFINITY;
        self.transfers.push(Transfer { id, bytes, fate, begins_ms, ends_ms, left });
    }

    pub(crate) fn take_back(&mut self, id: RequestId, now_ms: f64) {
        for transfer in self.transfers.iter_mut().filter(|transfer| transfer.id == id) {
            transfer.ends_ms = now_ms + self.link.round_trip_ms / 2.0;
        }
    }

    /// Everything on its way is lost.
    pub(crate) fn cut(&mut self, until_ms: f64, now_ms: f64) {
        self.down_until_ms = until_ms;
        for transfer in self.transfers.drain(..) {
            let failure = Arrival::Failure(transfer.id, FetchFailure::Connection);
            self.arrivals.push((now_ms, failure));
        }
    }

    /// When something changes next.
    pub(crate) fn next_ms(&self, now_ms: f64) -> f64 {
        let share = self.share(now_ms);
        let changes = self.transfers.iter().flat_map(|transfer| {
            let starts = Some(transfer.begins_ms).filter(|&at_ms| at_ms > now_ms);
            let ends = Some(transfer.ends_ms).filter(|&at_ms| at_ms > now_ms);
            let sent = transfer.is_sending(now_ms).then(|| now_ms + transfer.left / share);
            [starts, ends, sent].into_iter().flatten()
        });
        let arrivals = self.arrivals.iter().map(|&(at_ms, _)| at_ms);
        changes.chain(arrivals).fold(f64::INFINITY, f64::min)
    }

    /// Lets time pass up to the next change at most; what has arrived then.
    pub(crate) fn advance(&mut self, now_ms: f64, to_ms: f64) -> Vec<Arrival> {
        let sent = self.share(now_ms) * (to_ms - now_ms);
        for transfer in self.transfers.iter_mut().filter(|transfer| transfer.is_sending(now_ms)) {
            transfer.left -= sent;
            self.carried += sent;
            if transfer.ends_ms <= to_ms {
                // Taken back: only what was in the buffers still comes.
                transfer.left = transfer.left.min(self.link.buffer_bytes);
            }
        }
        self.transfers.retain(|transfer| transfer.ends_ms > to_ms || transfer.begins_ms <= to_ms);
        self.finish(to_ms);
        let mut arrived = Vec::new();
        self.arrivals.retain(|&(at_ms, arrival)| {
            let is_here = at_ms <= to_ms;
            arrived.extend(is_here.then_some(arrival));
            !is_here
        });
        arrived
    }

    fn finish(&mut self, now_ms: f64) {
        let arrives_ms = now_ms + self.link.round_trip_ms / 2.0;
        let arrivals = &mut self.arrivals;
        self.transfers.retain(|transfer| {
            let is_sent = transfer.begins_ms <= now_ms && transfer.left <= ROUNDING_BYTES;
            if is_sent {
                let arrival = match transfer.fate {
                    Fate::Good => Arrival::Body(transfer.id, transfer.bytes),
                    _ => Arrival::Failure(transfer.id, FetchFailure::Connection),
                };
                arrivals.push((arrives_ms, arrival));
            }
            !is_sent
        });
    }

    /// Bytes a millisecond of each answer.
    fn share(&self, now_ms: f64) -> f64 {
        let sending = self.transfers.iter().filter(|transfer| transfer.is_sending(now_ms));
        self.link.bytes_per_ms / sending.count().max(1) as f64
    }
}

impl Transfer {
    fn is_sending(&self, now_ms: f64) -> bool {
        self.begins_ms <= now_ms && self.left > 0.0
    }
}
