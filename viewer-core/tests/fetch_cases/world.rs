//! The world: everything that happens, in the order of time.

use std::collections::VecDeque;

use viewer_core::fetch::{
    Action, Event, FetchFailure, FrameKey, FrameStatus, Limits, Policy, Scheduler,
};

use super::exam::{exam, frame_bytes};
use super::network::{Arrival, Fate, Link, Network};
use super::page::Page;
use super::picture::Picture;
use super::processor::{Job, Message, Processor, Speed};
use super::visitor::{Act, Visitor, When};

/// The page draws at the latest so long after it was asked to, whatever else it has to do, ms.
pub(crate) const LONGEST_WITHOUT_DRAWING_MS: f64 = 100.0;
/// Longer than any world lasts, ms.
const END_MS: f64 = 3.6e6;
const MOST_STEPS: u32 = 100_000;

/// Everything that a world is made from.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Images of each series.
    pub(crate) images: Vec<u32>,
    /// Pixels along a side of an image.
    pub(crate) side: u32,
    /// Bytes of an encoded frame, on average.
    pub(crate) body_bytes: u64,
    /// Decoded frames take a quarter to all of what their pixels take.
    pub(crate) packs: bool,
    pub(crate) limits: Limits,
    pub(crate) link: Link,
    pub(crate) speed: Speed,
    pub(crate) fates: Fates,
    /// A visible page draws.
    pub(crate) is_visible: bool,
    pub(crate) visitor: Visitor,
}

/// What goes wrong, per mille of the requests; with `broken`, always for some frames.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fates {
    pub(crate) breaks: u64,
    pub(crate) unavailable: u64,
    pub(crate) refused: u64,
    /// Every so many frames, its transfer always breaks.
    pub(crate) broken: Option<u32>,
    /// Answers to requests that were taken back are reported all the same.
    pub(crate) late: bool,
    pub(crate) seed: u64,
}

/// What happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// When the first wanted frame was on the screen.
    pub(crate) first_ms: Option<f64>,
    /// When all wanted frames were on the screen after each act, or are not; since the act.
    pub(crate) waits_ms: Vec<Option<f64>>,
    /// When so many frames were decoded: `(when, frame)`.
    pub(crate) decoded: Vec<(f64, FrameKey)>,
    pub(crate) bodies: u32,
}

pub(crate) struct World<P> {
    pub(crate) scheduler: Scheduler<P>,
    pub(crate) settings: Settings,
    pub(crate) page: Page,
    pub(crate) network: Network,
    processor: Processor,
    arrivals: VecDeque<Arrival>,
    messages: VecDeque<Message>,
    pub(crate) picture: Picture,
    pub(crate) record: Record,
    pub(crate) now_ms: f64,
    last_act_ms: f64,
    settled_ms: Option<f64>,
    random: u64,
}

impl<P: Policy> World<P> {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            scheduler: Scheduler::with_policy(
                &exam(&settings.images, settings.side),
                settings.limits,
            ),
            page: Page::new(settings.limits),
            network: Network::new(settings.link),
            processor: Processor::new(settings.speed.cores),
            arrivals: VecDeque::new(),
            messages: VecDeque::new(),
            picture: Picture::default(),
            record: Record::default(),
            now_ms: 0.0,
            last_act_ms: 0.0,
            settled_ms: None,
            random: settings.fates.seed | 1,
            settings,
        }
    }

    /// Lets everything happen until nothing is left to happen.
    pub(crate) fn run(mut self) -> Self {
        let mut steps = 0;
        while let Some(to_ms) = self.next_ms() {
            steps += 1;
            assert!(to_ms < END_MS && steps < MOST_STEPS, "never settles: {to_ms} ms");
            self.pass(to_ms.max(self.now_ms));
        }
        self
    }

    fn next_ms(&self) -> Option<f64> {
        let act = match self.settings.visitor.acts.front() {
            Some((When::After(wait_ms), _)) => self.last_act_ms + wait_ms,
            Some((When::Seen(wait_ms), _)) => {
                self.settled_ms.map_or(f64::INFINITY, |at_ms| at_ms + wait_ms)
            }
            None => f64::INFINITY,
        };
        let wake = self.scheduler.next_wake_ms().unwrap_or(f64::INFINITY);
        let next = self.network.next_ms(self.now_ms).min(self.processor.next_ms(self.now_ms));
        Some(next.min(act).min(wake)).filter(|next| next.is_finite())
    }

    fn pass(&mut self, to_ms: f64) {
        let arrivals = self.network.advance(self.now_ms, to_ms);
        let ended = self.processor.advance(self.now_ms, to_ms);
        self.now_ms = to_ms;
        self.arrivals.extend(arrivals);
        for job in ended {
            self.ended(job);
        }
        if self.scheduler.next_wake_ms().is_some_and(|due_ms| due_ms <= to_ms) {
            self.handle(Event::Tick);
        }
        if self.act_is_due()
            && let Some((_, act)) = self.settings.visitor.acts.pop_front()
        {
            self.last_act_ms = self.now_ms;
            self.act(act);
        }
        self.run_network_process();
        self.run_page();
    }

    fn act_is_due(&self) -> bool {
        match self.settings.visitor.acts.front() {
            Some((When::After(wait_ms), _)) => self.last_act_ms + wait_ms <= self.now_ms,
            Some((When::Seen(wait_ms), _)) => {
                self.settled_ms.is_some_and(|at_ms| at_ms + wait_ms <= self.now_ms)
            }
            None => false,
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Show(shown) => {
                self.page.wanted = shown.iter().map(|shown| shown.key).collect();
                self.picture.show(&self.page.wanted, self.now_ms);
                self.settled_ms = None;
                self.record.waits_ms.push(None);
                self.handle(Event::Shown(shown));
            }
            Act::Strip(keys) => self.handle(Event::Thumbnails(keys)),
            Act::Cut(ms) => self.network.cut(self.now_ms + ms, self.now_ms),
            Act::Session(true) => self.handle(Event::SessionRenewed),
            Act::Session(false) => self.handle(Event::SessionExpired),
            Act::Lose => {
                self.page.lose();
                self.processor.stop_decoding();
                self.handle(Event::DecodedLost);
            }
            Act::RetryFailed => {
                for key in self.page.wanted.clone() {
                    self.handle(Event::Retry(key));
                }
            }
        }
        self.see();
    }

    fn run_network_process(&mut self) {
        let is_carrying = self.processor.runs(|job| matches!(job, Job::Carry(_)));
        if is_carrying {
            return;
        }
        if let Some(arrival) = self.arrivals.pop_front() {
            let is_body = matches!(arrival, Arrival::Body(..));
            let work_ms = if is_body { self.settings.speed.carry_ms } else { 0.0 };
            self.processor.start(Job::Carry(arrival), work_ms);
        }
    }

    /// The page's thread does one thing after the other: messages first, but draws in the end.
    fn run_page(&mut self) {
        let is_page = |job: &Job| matches!(job, Job::Message(_) | Job::Draw);
        if self.processor.runs(is_page) {
            return;
        }
        let gpu_is_free = !self.processor.runs(|job| matches!(job, Job::Present));
        let waited_ms = self.picture.asked_ms.map(|asked_ms| self.now_ms - asked_ms);
        let is_due =
            |waited_ms| self.messages.is_empty() || waited_ms >= LONGEST_WITHOUT_DRAWING_MS;
        if self.settings.is_visible && gpu_is_free && waited_ms.is_some_and(is_due) {
            self.picture.asked_ms = None;
            self.processor.start(Job::Draw, self.settings.speed.draw_ms);
        } else if let Some(message) = self.messages.pop_front() {
            self.processor.start(Job::Message(message), self.settings.speed.message_ms);
        }
    }

    fn ended(&mut self, job: Job) {
        match job {
            Job::Carry(arrival) => self.messages.push_back(Message::Network(arrival)),
            Job::Message(Message::Network(arrival)) => self.arrived(arrival),
            Job::Message(Message::Decoded(id, key)) => {
                if self.page.decoding.remove(&id).is_some() {
                    let bytes = self.decoded_bytes(key);
                    self.page.decoded.insert(key, bytes);
                    self.record.decoded.push((self.now_ms, key));
                    self.handle(Event::Decoded { id, bytes });
                    if self.scheduler.status(key) != Some(FrameStatus::Ready) {
                        self.page.decoded.remove(&key);
                    }
                    self.frame_changed(key);
                }
            }
            Job::Decode(id, key) => self.messages.push_back(Message::Decoded(id, key)),
            Job::Draw => {
                self.picture.draw(|key| self.page.decoded.contains_key(&key));
                let is_blank = self.picture.presenting.iter().all(Option::is_none);
                let Speed { draw_ms, present_ms, .. } = self.settings.speed;
                self.processor.start(Job::Present, if is_blank { draw_ms } else { present_ms });
            }
            Job::Present => {
                self.picture.presented();
                if !self.picture.is_outdated {
                    self.handle(Event::Drawn);
                }
            }
        }
        self.see();
    }

    fn arrived(&mut self, arrival: Arrival) {
        let (Arrival::Head(id) | Arrival::Body(id, _) | Arrival::Failure(id, _)) = arrival;
        let key = match arrival {
            Arrival::Head(_) => self.page.requests.get(&id).copied(),
            _ => self.page.requests.remove(&id),
        };
        if key.is_none() && !self.settings.fates.late {
            return;
        }
        let event = match arrival {
            Arrival::Head(id) => Event::FetchAnswered { id },
            Arrival::Body(id, bytes) => {
                self.record.bodies += 1;
                if let Some(key) = key {
                    self.page.encoded.insert(key, bytes);
                }
                Event::FetchDone { id, bytes }
            }
            Arrival::Failure(id, failure) => {
                if let (Some(key), FetchFailure::Server { .. }) = (key, failure) {
                    self.page.unavailable.insert(key);
                }
                Event::FetchFailed { id, failure }
            }
        };
        self.handle(event);
        if let Some(key) = key {
            self.frame_changed(key);
        }
    }

    fn frame_changed(&mut self, key: FrameKey) {
        if self.page.wanted.contains(&key) {
            self.picture.ask(self.now_ms);
        }
    }

    fn handle(&mut self, event: Event) {
        let actions = self.scheduler.handle(event, self.now_ms);
        self.page.divide(self.scheduler.limits());
        for action in &actions {
            self.page.carry_out(action);
            self.check_start(action);
            match *action {
                Action::StartFetch { id, key, .. } => {
                    let (bytes, fate) = (self.body_bytes(key), self.fate(key));
                    self.network.request(id, bytes, fate, self.now_ms);
                }
                Action::AbortFetch { id, .. } => self.network.take_back(id, self.now_ms),
                Action::StartDecode { id, key, .. } => {
                    self.processor.start(Job::Decode(id, key), self.settings.speed.decode_ms);
                }
                Action::Evict { .. } => {}
            }
        }
        self.check();
    }

    /// Notes what the visitor sees.
    fn see(&mut self) {
        let is_seen = |pane: &super::picture::Pane| {
            pane.seen == Some(pane.wanted)
                || matches!(self.scheduler.status(pane.wanted), Some(FrameStatus::Failed(_)))
        };
        if self.record.first_ms.is_none()
            && self.picture.panes.iter().any(|pane| pane.seen.is_some())
        {
            self.record.first_ms = Some(self.now_ms);
        }
        if self.settled_ms.is_none()
            && !self.picture.panes.is_empty()
            && self.picture.panes.iter().all(is_seen)
        {
            self.settled_ms = Some(self.now_ms);
            if let Some(wait_ms) = self.record.waits_ms.last_mut() {
                *wait_ms = Some(self.now_ms - self.last_act_ms);
            }
        }
    }

    /// Bytes of all that is decoded, of all that came.
    pub(crate) fn used_percent(&self) -> f64 {
        let used: u64 = self.page.decoded.keys().map(|&key| self.body_bytes(key)).sum();
        used as f64 / self.network.carried * 100.0
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.scheduler.is_idle()
            && self.messages.is_empty()
            && self.arrivals.is_empty()
            && self.processor.is_idle()
    }

    /// The size of a body: half to one and a half times the average.
    fn body_bytes(&self, key: FrameKey) -> u64 {
        let spread = u64::from(key.image.wrapping_mul(2_654_435_761) >> 24);
        (self.settings.body_bytes * (128 + spread) / 256).max(1)
    }

    fn decoded_bytes(&self, key: FrameKey) -> u64 {
        let spread = u64::from(key.image.wrapping_mul(2_246_822_519) >> 24) * 3 / 4;
        let parts = if self.settings.packs { 64 + spread } else { 256 };
        frame_bytes(self.settings.side) * parts / 256
    }

    fn fate(&mut self, key: FrameKey) -> Fate {
        let fates = self.settings.fates;
        if fates.broken.is_some_and(|every| (key.image + 1).is_multiple_of(every)) {
            return Fate::Breaks;
        }
        // Xorshift.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let chance = self.random % 1000;
        let [breaks, unavailable] = [fates.breaks, fates.breaks + fates.unavailable];
        if chance < breaks {
            Fate::Breaks
        } else if chance < unavailable {
            Fate::Failure(FetchFailure::Server { status: 503 })
        } else if chance < unavailable + fates.refused {
            Fate::Failure(FetchFailure::Refused { status: 404 })
        } else {
            Fate::Good
        }
    }
}
