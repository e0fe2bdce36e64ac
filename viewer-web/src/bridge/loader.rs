//! Drives the scheduler: carries out what it says with requests and decode workers, and holds the bytes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use negatoscope_protocol::{Failure, FailureKind, Request};
use viewer_core::fetch::{
    Action, CacheKind, Connection, Event, FrameFailure, FrameKey, FrameStatus, Limits, RequestId,
    Scheduler, ShownFrame,
};
use viewer_core::pixel::StoredRange;
use viewer_core::viewport::frame_attributes;

use super::decoded::DecodedFrame;
use super::exams::Exams;
use super::held::Held;
use super::net::Answer;
use super::streams::request;
use super::url;
use super::workers::{PoolEvent, WorkerPool, WorkerScripts, numbered_profile};
use crate::platform::time::{now_ms, sleep_ms, spawn};
use crate::report::failure::from_decoder;
use crate::state::batches::{Batches, MOST_FRAMES};

/// What the loader tells its owner, from browser events.
#[derive(Debug)]
pub enum LoaderNews {
    /// A frame is ready or has failed.
    Frame(FrameKey),
    /// Counts changed.
    Progress,
    /// The connection came or went, or the session ended.
    Connection,
    /// No frame can be decoded on this page.
    NoWorkers,
}

/// Fetches, decodes and keeps frames. Cheap to clone: a handle.
#[derive(Clone)]
pub struct Loader(pub(super) Rc<Inner>);

/// Stretches of frames under way at a time, where there are as many workers.
const MOST_STREAMS: usize = 4;

pub(super) struct Inner {
    pub(super) exams: Exams,
    pub(super) scheduler: RefCell<Scheduler>,
    pub(super) pool: RefCell<Option<WorkerPool>>,
    /// The worker that plays videos, once there is one to play.
    player: RefCell<Option<WorkerPool>>,
    player_scripts: WorkerScripts,
    pub(super) held: RefCell<Held>,
    gives_bodies_away: bool,
    /// Requests of the workers, which decode what comes at once; `None` where bodies are kept.
    pub(super) batches: Option<RefCell<Batches>>,
    /// What is thought of the network before anything came.
    pub(super) is_slow: bool,
    pub(super) saves_data: bool,
    /// What is on the screen, as last told to the scheduler.
    shown: RefCell<Vec<ShownFrame>>,
    /// Wake-ups asked for so far: only the last one counts.
    wakes: Cell<u32>,
    pub(super) tell: Box<dyn Fn(LoaderNews)>,
}

impl Loader {
    /// Starts the workers by the scripts of those that decode and of the one that plays videos; nothing is
    /// fetched before [`Self::show`]. `is_slow` is what is thought of the network before anything came.
    #[must_use]
    pub fn start(
        exams: Exams,
        limits: Limits,
        is_slow: bool,
        [mut scripts, player_scripts]: [WorkerScripts; 2],
        tell: impl Fn(LoaderNews) + 'static,
    ) -> Self {
        let workers = limits.decodes;
        let streams = limits.encoded_bytes == 0;
        // What a worker has asked for is of no use to a page that asks for itself.
        if let Some(worker) = scripts.running.take_if(|_| !streams) {
            worker.terminate();
        }
        // What one request brings is one of them otherwise.
        let fetches = limits.fetches * if streams { MOST_FRAMES } else { 1 };
        let limits = Limits { fetches, ..limits };
        let most_streams = limits.decodes.min(MOST_STREAMS);
        let loader = Self(Rc::new(Inner {
            scheduler: RefCell::new(Scheduler::new(&exams.now(), limits)),
            exams,
            pool: RefCell::new(None),
            player: RefCell::new(None),
            player_scripts,
            held: RefCell::default(),
            gives_bodies_away: limits.encoded_bytes == 0,
            batches: streams.then(|| RefCell::new(Batches::new(most_streams, is_slow))),
            is_slow,
            saves_data: limits.saves_data,
            shown: RefCell::default(),
            wakes: Cell::new(0),
            tell: Box::new(tell),
        }));
        *loader.0.pool.borrow_mut() = Some(loader.workers(scripts, workers));
        loader.release_in_the_end();
        loader
    }

    fn workers(&self, scripts: WorkerScripts, count: usize) -> WorkerPool {
        let owner = Rc::downgrade(&self.0);
        WorkerPool::start(scripts, count, move |event| {
            if let Some(inner) = owner.upgrade() {
                Self(inner).pool_event(event);
            }
        })
    }

    /// The workers for a frame: one worker plays all videos, because a decoder goes forward only.
    fn workers_for(&self, is_video: bool) -> Option<WorkerPool> {
        if !is_video {
            return self.0.pool.borrow().clone();
        }
        let start = || self.workers(self.0.player_scripts.clone(), 1);
        Some(self.0.player.borrow_mut().get_or_insert_with(start).clone())
    }

    /// These frames are on the screen, the active pane first.
    pub fn show(&self, frames: Vec<ShownFrame>) {
        if *self.0.shown.borrow() == frames {
            return;
        }
        self.0.shown.borrow_mut().clone_from(&frames);
        self.handle(Event::Shown(frames));
    }

    /// Tries a failed frame again.
    pub fn retry(&self, key: FrameKey) {
        self.0.held.borrow_mut().frame_mut(key).has_crashed = false;
        self.handle(Event::Retry(key));
        (self.0.tell)(LoaderNews::Frame(key));
    }

    /// The browser says whether there is a network.
    pub fn network_changed(&self, is_online: bool) {
        self.handle(if is_online { Event::Online } else { Event::Offline });
        (self.0.tell)(LoaderNews::Connection);
    }

    /// The session ended, or there is one again.
    pub fn session_changed(&self, is_open: bool) {
        self.handle(if is_open { Event::SessionRenewed } else { Event::SessionExpired });
        (self.0.tell)(LoaderNews::Connection);
    }

    /// What is known of a frame.
    #[must_use]
    pub fn status(&self, key: FrameKey) -> Option<FrameStatus> {
        self.0.scheduler.borrow().status(key)
    }

    /// A frame that is ready. Cheap: its samples are shared.
    #[must_use]
    pub fn decoded(&self, key: FrameKey) -> Option<DecodedFrame> {
        self.0.held.borrow().frame(key)?.decoded.clone()
    }

    /// Whether a frame is ready.
    #[must_use]
    pub fn holds(&self, key: FrameKey) -> bool {
        self.0.held.borrow().frame(key).is_some_and(|frame| frame.decoded.is_some())
    }

    /// Whether frames can be fetched.
    #[must_use]
    pub fn connection(&self) -> Connection {
        self.0.scheduler.borrow().connection()
    }

    pub(super) fn handle(&self, event: Event) {
        let before = self.connection();
        let actions = self.0.scheduler.borrow_mut().handle(event, now_ms());
        for action in actions {
            self.carry_out(&action);
        }
        self.pump();
        self.order();
        self.plan_wake();
        if self.connection() != before {
            (self.0.tell)(LoaderNews::Connection);
        }
    }

    fn carry_out(&self, action: &Action) {
        match *action {
            Action::StartFetch { id, key, kind } => {
                if !self.want(id, key, kind) {
                    self.fetch(id, key);
                }
            }
            Action::AbortFetch { id, key: _ } => {
                self.forget(id);
                if let Some(abort) = self.0.held.borrow_mut().answered(id) {
                    abort.abort();
                }
            }
            Action::StartDecode { id, key, kind: _ } => {
                self.0.held.borrow_mut().queue.push_back((id, key));
            }
            Action::Evict { key, cache: CacheKind::Encoded } => {
                let mut held = self.0.held.borrow_mut();
                let frame = held.frame_mut(key);
                (frame.encoded, frame.arrived) = (None, None);
            }
            Action::Evict { key, cache: CacheKind::Decoded } => {
                self.0.held.borrow_mut().frame_mut(key).decoded = None;
            }
        }
    }

    /// Hands waiting frames to idle workers.
    fn pump(&self) {
        let waiting = std::mem::take(&mut self.0.held.borrow_mut().queue);
        for (id, key) in waiting {
            if let Some(outcome) = self.arrived(key) {
                self.0.held.borrow_mut().handed_over(id, key);
                self.decoded_one(id, outcome);
                continue;
            }
            match self.hand_over(id, key) {
                Handed::Yes => {}
                Handed::NoWorker => self.0.held.borrow_mut().queue.push_back((id, key)),
                Handed::NoFrame(detail) => {
                    let failure = FrameFailure::Corrupt { detail: detail.to_owned() };
                    self.handle(Event::DecodeFailed { id, failure });
                }
            }
        }
    }

    fn hand_over(&self, id: RequestId, key: FrameKey) -> Handed {
        let exam = self.0.exams.now();
        let video = url::video(&exam, key);
        let Some(pool) = self.workers_for(video.is_some()) else { return Handed::NoWorker };
        let Some(request) = request(&exam, id, key) else {
            return Handed::NoFrame("the exam summary contradicts itself");
        };
        let mut held = self.0.held.borrow_mut();
        // A frame of a video comes without a body: its worker reads the stream.
        let encoded = held.frame_mut(key).encoded.take();
        let Some(answer) = encoded.or_else(|| video.is_some().then(Answer::empty)) else {
            return Handed::NoFrame("body was dropped before decoding");
        };
        let series = exam.series.get(key.series as usize);
        let profile = series.and_then(|series| numbered_profile(series, key));
        let request = Request { content_type: answer.content_type.clone(), video, ..request };
        let body =
            if self.0.gives_bodies_away { answer.body.clone() } else { answer.body.slice(0) };
        let is_taken = pool.decode(&request, profile, body).is_ok();
        if is_taken {
            held.handed_over(id, key);
        }
        if (!is_taken || !self.0.gives_bodies_away) && request.video.is_none() {
            held.frame_mut(key).encoded = Some(answer);
        }
        if is_taken { Handed::Yes } else { Handed::NoWorker }
    }

    fn pool_event(&self, event: PoolEvent) {
        match event {
            PoolEvent::Idle => self.pump(),
            PoolEvent::Unavailable => (self.0.tell)(LoaderNews::NoWorkers),
            PoolEvent::Done(id, outcome) => self.decoded_one(id, outcome),
            PoolEvent::Streamed(id, bytes, outcome) => self.streamed(id, bytes, outcome),
            PoolEvent::Answered(number) => self.stream_answered(number),
            PoolEvent::Ended(number, status) => self.stream_ended(number, status),
            PoolEvent::Crashed(id) => self.crashed(id),
        }
    }

    fn decoded_one(&self, id: RequestId, outcome: Result<DecodedFrame, Failure>) {
        let Some(key) = self.0.held.borrow_mut().handed_back(id) else { return };
        match outcome.and_then(|frame| self.fitting(key, frame)) {
            Ok(frame) => {
                let bytes = u64::from(frame.samples.byte_length());
                self.keep(key, frame);
                self.handle(Event::Decoded { id, bytes });
                // The scheduler may not want it any more.
                if self.status(key) != Some(FrameStatus::Ready) {
                    self.0.held.borrow_mut().frame_mut(key).decoded = None;
                }
            }
            Err(Failure { kind: FailureKind::Undelivered { status: 401 }, .. }) => {
                self.handle(Event::SessionExpired);
                self.handle(Event::DecodeFailed { id, failure: FrameFailure::Unreachable });
                self.handle(Event::Retry(key));
            }
            Err(failure) => {
                self.handle(Event::DecodeFailed { id, failure: from_decoder(failure) });
            }
        }
        (self.0.tell)(LoaderNews::Frame(key));
    }

    fn keep(&self, key: FrameKey, frame: DecodedFrame) {
        let mut held = self.0.held.borrow_mut();
        if let Some(range) = frame.range {
            held.new_ranges.push((key.series, range));
        }
        let place = held.frame_mut(key);
        place.is_lossy |= frame.lossy;
        place.decoded = Some(frame);
    }

    /// Ranges of stored values of the frames decoded since the last call, with their series.
    #[must_use]
    pub fn take_ranges(&self) -> Vec<(u32, StoredRange)> {
        std::mem::take(&mut self.0.held.borrow_mut().new_ranges)
    }

    /// Whether a frame that was decoded at some time was compressed with loss.
    #[must_use]
    pub fn is_lossy(&self, key: FrameKey) -> bool {
        self.0.held.borrow().frame(key).is_some_and(|frame| frame.is_lossy)
    }

    /// A frame of another size than its header says would be drawn out of shape: it is refused.
    fn fitting(&self, key: FrameKey, frame: DecodedFrame) -> Result<DecodedFrame, Failure> {
        let exam = self.0.exams.now();
        let series = exam.series.get(key.series as usize);
        let format = series.and_then(|series| frame_attributes(series, key.image, key.frame).ok());
        match format {
            Some((format, _)) if [format.columns, format.rows] == [frame.columns, frame.rows] => {
                Ok(frame)
            }
            _ => {
                let detail = format!("decoded to {} × {} pixels", frame.columns, frame.rows);
                Err(Failure { kind: FailureKind::Corrupt, detail })
            }
        }
    }

    /// The first time the frame is tried again, by another worker; the second time it has failed.
    fn crashed(&self, id: RequestId) {
        let Some(key) = self.0.held.borrow_mut().handed_back(id) else { return };
        let detail = "the decode worker died on this frame".to_owned();
        self.handle(Event::DecodeFailed { id, failure: FrameFailure::Corrupt { detail } });
        let is_first =
            !std::mem::replace(&mut self.0.held.borrow_mut().frame_mut(key).has_crashed, true);
        if is_first {
            self.handle(Event::Retry(key));
        }
        (self.0.tell)(LoaderNews::Frame(key));
    }

    fn plan_wake(&self) {
        let Some(due_ms) = self.0.scheduler.borrow().next_wake_ms() else { return };
        let number = self.0.wakes.get().wrapping_add(1);
        self.0.wakes.set(number);
        #[expect(clippy::cast_possible_truncation, reason = "a wait of at most half a minute")]
        let wait_ms = (due_ms - now_ms()).clamp(0.0, 60_000.0).ceil() as i32;
        let loader = Rc::downgrade(&self.0);
        spawn(async move {
            sleep_ms(wait_ms).await;
            if let Some(inner) = loader.upgrade().filter(|inner| inner.wakes.get() == number) {
                Self(inner).handle(Event::Tick);
            }
        });
    }
}

/// Outcome of handing a frame to a worker.
enum Handed {
    Yes,
    NoWorker,
    NoFrame(&'static str),
}
