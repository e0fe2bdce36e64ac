//! Which frames are asked for together: a request of its own for what is on the screen, stretches of a series for
//! what may be needed soon, as long as the network takes them quickly.
//!
//! A request costs the browser and the server more than a small frame does; but a long answer under way is in the way
//! of what the reader asks for next. So stretches are as long as arrives in a quarter of a second, and on a slow
//! network they are given up for a frame on the screen. There frames are asked for in fewer bytes, too, which cost
//! the server and the workers more.

use std::collections::VecDeque;

use viewer_core::fetch::{FrameKey, RequestId};

/// Most frames in one request.
pub const MOST_FRAMES: usize = 12;
/// What a stretch may take to arrive, ms.
const STRETCH_MS: f64 = 250.0;
/// A network that takes longer for a frame is slow, ms.
const SLOW_FRAME_MS: f64 = 80.0;
/// Over how long the pace is measured, ms.
const MEASURED_MS: f64 = 200.0;
/// Fewer bytes are asked for below this pace, bytes/ms (48 Mbit/s): to encode and to decode a frame takes a
/// processor about as long as to bring what that spares.
const COMPACT_BELOW: f64 = 6000.0;
/// And no more above this one, which compact frames reach as well.
const COMPACT_UP_TO: f64 = 12_000.0;
/// Frames of the first stretch, by which the pace is measured first.
const FIRST_STRETCH: usize = 3;

/// A frame to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// As the scheduler names it.
    pub id: RequestId,
    /// Which.
    pub key: FrameKey,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Ask for these frames of one series in one request.
    Start {
        /// Number of the request.
        number: u32,
        /// In this order.
        frames: Vec<Wanted>,
    },
    /// Take this request back.
    Abort {
        /// Its number.
        number: u32,
    },
}

/// A request under way, and what of it has not come.
#[derive(Debug)]
struct Stream {
    number: u32,
    frames: VecDeque<Wanted>,
    is_urgent: bool,
}

/// How long frames take while requests are under way.
#[derive(Debug, Default)]
struct Pace {
    /// Time for one frame, as measured last.
    frame_ms: Option<f64>,
    /// The first frame waits for workers to start, and says nothing.
    has_begun: bool,
    since_ms: f64,
    measured_ms: f64,
    measured_frames: u32,
    measured_bytes: f64,
    is_compact: bool,
}

impl Pace {
    /// Requests are under way again.
    fn resume(&mut self, now_ms: f64) {
        self.since_ms = now_ms;
    }

    fn came(&mut self, bytes: f64, now_ms: f64) {
        let took_ms = now_ms - std::mem::replace(&mut self.since_ms, now_ms);
        if !std::mem::replace(&mut self.has_begun, true) {
            return;
        }
        self.measured_ms += took_ms;
        self.measured_frames += 1;
        self.measured_bytes += bytes;
        let is_first = self.frame_ms.is_none() && self.measured_frames >= 2;
        if is_first || self.measured_ms >= MEASURED_MS {
            self.frame_ms = Some(self.measured_ms / f64::from(self.measured_frames));
            let bytes_per_ms = self.measured_bytes / self.measured_ms;
            self.is_compact =
                bytes_per_ms < if self.is_compact { COMPACT_UP_TO } else { COMPACT_BELOW };
            (self.measured_ms, self.measured_frames, self.measured_bytes) = (0.0, 0, 0.0);
        }
    }
}

/// The requests of one exam.
#[derive(Debug)]
pub struct Batches {
    most_streams: usize,
    /// Nothing but what is on the screen is asked for before the first picture is drawn.
    is_held: bool,
    urgent: VecDeque<Wanted>,
    pending: VecDeque<Wanted>,
    streams: Vec<Stream>,
    next_number: u32,
    pace: Pace,
    /// Asked for in company, these broke the answer off.
    alone: Vec<FrameKey>,
}

impl Batches {
    /// At most so many stretches at a time; `is_slow` is what is thought of the network before anything came.
    #[must_use]
    pub fn new(most_streams: usize, is_slow: bool) -> Self {
        Self {
            most_streams: most_streams.max(1),
            is_held: true,
            urgent: VecDeque::new(),
            pending: VecDeque::new(),
            streams: Vec::new(),
            next_number: 0,
            pace: Pace { is_compact: is_slow, ..Pace::default() },
            alone: Vec::new(),
        }
    }

    /// The first picture is drawn, or will not be.
    pub fn release(&mut self) {
        self.is_held = false;
    }

    /// A frame is wanted; `is_urgent`: it is on the screen.
    pub fn want(&mut self, wanted: Wanted, is_urgent: bool) {
        if is_urgent || self.alone.contains(&wanted.key) {
            self.urgent.push_back(wanted);
        } else {
            self.pending.push_back(wanted);
        }
    }

    /// A frame is not wanted any more. A request that brings nothing else is taken back.
    pub fn forget(&mut self, id: RequestId) -> Option<Order> {
        self.urgent.retain(|wanted| wanted.id != id);
        self.pending.retain(|wanted| wanted.id != id);
        let stream =
            self.streams.iter().position(|stream| stream.frames.iter().any(|w| w.id == id))?;
        // The others still come: their number among the parts must not change.
        let is_last = self.streams[stream].frames.len() == 1;
        is_last.then(|| Order::Abort { number: self.streams.swap_remove(stream).number })
    }

    /// A frame came; `None` where it was not wanted any more.
    pub fn came(&mut self, id: RequestId, bytes: u64, now_ms: f64) -> Option<FrameKey> {
        let mut came = None;
        for stream in &mut self.streams {
            if let Some(at) = stream.frames.iter().position(|wanted| wanted.id == id) {
                came = stream.frames.remove(at).map(|wanted| wanted.key);
            }
        }
        self.alone.retain(|key| Some(*key) != came);
        #[expect(clippy::cast_precision_loss, reason = "no frame has 2^53 bytes")]
        self.pace.came(bytes as f64, now_ms);
        came
    }

    /// A request is over; the frames that did not come.
    pub fn ended(&mut self, number: u32) -> Vec<Wanted> {
        let Some(index) = self.streams.iter().position(|stream| stream.number == number) else {
            return Vec::new();
        };
        let lost: Vec<Wanted> = self.streams.swap_remove(index).frames.into();
        // The first may be what broke the answer off: by itself it gets an answer of its own.
        if let Some(first) = lost.first().filter(|first| !self.alone.contains(&first.key)) {
            self.alone.push(first.key);
        }
        lost
    }

    /// What is to be done now.
    pub fn orders(&mut self, now_ms: f64) -> Vec<Order> {
        let mut orders = Vec::new();
        if self.streams.is_empty() {
            self.pace.resume(now_ms);
        }
        if !self.urgent.is_empty() && self.is_slow() {
            self.give_way(&mut orders);
        }
        while let Some(wanted) = self.urgent.pop_front() {
            self.start(vec![wanted], true, &mut orders);
        }
        let is_waiting =
            self.is_held || self.is_slow() && self.streams.iter().any(|stream| stream.is_urgent);
        while !is_waiting && self.may_start() {
            let frames = self.stretch();
            self.start(frames, false, &mut orders);
        }
        orders
    }

    /// Frames of a request that have not come.
    #[must_use]
    pub fn frames(&self, number: u32) -> Vec<Wanted> {
        let stream = self.streams.iter().find(|stream| stream.number == number);
        stream.map(|stream| stream.frames.iter().copied().collect()).unwrap_or_default()
    }

    /// Whether frames are to come in fewer bytes.
    #[must_use]
    pub fn is_compact(&self) -> bool {
        self.pace.is_compact
    }

    /// Slow, or not known yet.
    fn is_slow(&self) -> bool {
        self.pace.frame_ms.is_none_or(|frame_ms| frame_ms > SLOW_FRAME_MS)
    }

    /// Stretches under way go back to those that wait.
    fn give_way(&mut self, orders: &mut Vec<Order>) {
        let (urgent, stretches): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.streams).into_iter().partition(|stream| stream.is_urgent);
        self.streams = urgent;
        orders.extend(stretches.iter().map(|stretch| Order::Abort { number: stretch.number }));
        let frames = stretches.into_iter().flat_map(|stretch| stretch.frames);
        for wanted in frames.collect::<Vec<_>>().into_iter().rev() {
            self.pending.push_front(wanted);
        }
    }

    fn may_start(&self) -> bool {
        let stretches = self.streams.iter().filter(|stream| !stream.is_urgent).count();
        // One on its way and one on the server's: a slow network is never idle for as long as a question takes.
        let most = match self.pace.frame_ms {
            None => 1,
            Some(_) if self.is_slow() => 2,
            Some(_) => self.most_streams,
        };
        let is_worth_it = stretches == 0 || 2 * self.pending.len() >= self.stretch_frames();
        stretches < most && !self.pending.is_empty() && is_worth_it
    }

    /// Frames in one request.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, and the result is cut"
    )]
    pub fn stretch_frames(&self) -> usize {
        let Some(frame_ms) = self.pace.frame_ms else { return FIRST_STRETCH };
        ((STRETCH_MS / frame_ms) as usize).clamp(1, MOST_FRAMES)
    }

    /// The first frames that wait, of one series.
    fn stretch(&mut self) -> Vec<Wanted> {
        let series = self.pending.front().map(|wanted| wanted.key.series);
        let of_series = |wanted: &&Wanted| Some(wanted.key.series) == series;
        let count = self.pending.iter().take(self.stretch_frames()).take_while(of_series).count();
        self.pending.drain(..count).collect()
    }

    fn start(&mut self, frames: Vec<Wanted>, is_urgent: bool, orders: &mut Vec<Order>) {
        self.next_number = self.next_number.wrapping_add(1);
        let number = self.next_number;
        self.streams.push(Stream { number, frames: frames.clone().into(), is_urgent });
        orders.push(Order::Start { number, frames });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slice of 512² as it is stored.
    const FRAME_BYTES: u64 = 524_288;

    fn wanted(image: u32) -> Wanted {
        let key = FrameKey { series: image / 100, image: image % 100, frame: 0 };
        Wanted { id: RequestId(image), key }
    }

    fn started(orders: &[Order]) -> Vec<Vec<u32>> {
        let frames = |order: &Order| match order {
            Order::Start { frames, .. } => Some(frames.iter().map(|wanted| wanted.id.0).collect()),
            Order::Abort { .. } => None,
        };
        orders.iter().filter_map(frames).collect()
    }

    /// Frames 0 (on the screen) to 43, of which 0 to 3 came at this pace; then the next orders.
    fn after_the_first(frame_ms: f64) -> (Batches, Vec<Order>) {
        let mut batches = Batches::new(2, false);
        batches.want(wanted(0), true);
        (1..=43).for_each(|image| batches.want(wanted(image), false));
        assert_eq!(started(&batches.orders(0.0)), [[0]], "nothing beside the first image");
        assert!(batches.came(RequestId(0), FRAME_BYTES, 600.0).is_some());
        assert!(batches.ended(1).is_empty());
        assert!(batches.orders(600.0).is_empty(), "nor before it is drawn");
        batches.release();
        assert_eq!(started(&batches.orders(600.0)), [[1, 2, 3]]);
        let last_ms = [1, 2, 3].map(|image| {
            let now_ms = 600.0 + f64::from(image) * frame_ms;
            assert!(batches.came(RequestId(image), FRAME_BYTES, now_ms).is_some());
            now_ms
        });
        assert!(batches.ended(2).is_empty());
        let orders = batches.orders(last_ms[2]);
        (batches, orders)
    }

    #[test]
    fn a_fast_network_gets_long_stretches() {
        let (batches, orders) = after_the_first(20.0);
        let expected: [Vec<u32>; 2] = [(4..=15).collect(), (16..=27).collect()];
        assert_eq!(started(&orders), expected);
        assert_eq!(batches.stretch_frames(), 12);
    }

    #[test]
    fn a_slow_network_gets_two_frames_at_a_time_and_gives_way() {
        let (mut batches, orders) = after_the_first(450.0);
        assert_eq!(started(&orders), [[4], [5]]);
        batches.want(wanted(77), true);
        let orders = batches.orders(2000.0);
        assert_eq!(orders[..2], [Order::Abort { number: 3 }, Order::Abort { number: 4 }]);
        assert_eq!(started(&orders), [[77]]);
        assert!(batches.came(RequestId(77), FRAME_BYTES, 2450.0).is_some());
        batches.ended(5);
        assert_eq!(started(&batches.orders(2450.0)), [[4], [5]], "what gave way comes next");
    }

    #[test]
    fn fewer_bytes_are_asked_for_where_they_come_slowly() {
        assert!(!after_the_first(20.0).0.is_compact());
        let (mut batches, _) = after_the_first(150.0);
        assert!(batches.is_compact());
        assert!(Batches::new(1, true).is_compact(), "as thought before anything came");
        // A third of the bytes, as fast as before, and then on a network ten times as fast.
        let mut now_ms = 1050.0;
        for (image, frame_ms) in (4..=8).zip([50.0; 5]).chain((9..=40).zip([10.0; 32])) {
            assert!(batches.is_compact(), "frame {image}");
            now_ms += frame_ms;
            batches.came(RequestId(image), FRAME_BYTES / 3, now_ms);
            if !batches.is_compact() {
                assert!(image > 9, "not before it was measured");
                return;
            }
        }
        panic!("the fast network was not noticed");
    }

    #[test]
    fn stretches_are_of_one_series_and_wait_for_more() {
        let (mut batches, _) = after_the_first(20.0);
        (98..=105).for_each(|image| batches.want(wanted(image), false));
        for image in 4..=27 {
            batches.came(RequestId(image), FRAME_BYTES, 660.0 + f64::from(image));
        }
        assert!(batches.ended(3).is_empty() && batches.ended(4).is_empty());
        let expected: [Vec<u32>; 2] = [(28..=39).collect(), vec![40, 41, 42, 43, 98, 99]];
        assert_eq!(started(&batches.orders(690.0)), expected);
        assert!(batches.orders(690.0).is_empty());
    }

    #[test]
    fn what_broke_an_answer_off_is_asked_for_alone() {
        let (mut batches, _) = after_the_first(20.0);
        batches.came(RequestId(4), FRAME_BYTES, 670.0);
        let lost = batches.ended(3);
        assert_eq!(lost.first(), Some(&wanted(5)));
        assert_eq!(lost.len(), 11);
        lost.into_iter().for_each(|lost| batches.want(lost, false));
        assert_eq!(started(&batches.orders(680.0))[0], [5]);
    }

    #[test]
    fn a_request_of_which_nothing_is_wanted_is_taken_back() {
        let (mut batches, _) = after_the_first(450.0);
        assert_eq!(batches.forget(RequestId(6)), None, "only waited");
        assert_eq!(batches.forget(RequestId(4)), Some(Order::Abort { number: 3 }));
        assert_eq!(started(&batches.orders(2000.0)), [[7]]);
    }
}
