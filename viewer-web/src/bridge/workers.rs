//! The pool of decode workers. Each has at most one frame at a time, so that the frame that breaks a
//! worker is known; a broken worker is replaced.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::{Array, ArrayBuffer, Object, Reflect};
use negatoscope_protocol::{Failure, Reply, Request, json};
use viewer_core::exam::{IccProfile, Series};
use viewer_core::fetch::{FrameKey, RequestId};
use wasm_bindgen::prelude::*;
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::decoded::{DecodedFrame, done, number, number_of, read};
use crate::platform::dom::{Listener, log};
use crate::platform::time::{sleep_ms, spawn};

/// Replacements of a worker that never got ready, after which the pool gives up on it.
const MOST_FAILED_STARTS: u32 = 4;
/// Wait before the first replacement of a worker that never got ready, ms; doubles each time.
const START_AGAIN_MS: i32 = 500;

/// What the pool tells its owner.
#[derive(Debug)]
pub enum PoolEvent {
    /// A worker can take a frame.
    Idle,
    /// A frame is decoded, or cannot be.
    Done(RequestId, Result<DecodedFrame, Failure>),
    /// The same, of a stream: so many bytes came for it.
    Streamed(RequestId, u64, Result<DecodedFrame, Failure>),
    /// The answer of a stream begins.
    Answered(u32),
    /// A stream is over, with the status of its answer: 0 where it did not come or broke off.
    Ended(u32, u16),
    /// The worker died on this frame.
    Crashed(RequestId),
    /// No worker can be started.
    Unavailable,
}

/// Where the scripts of a worker lie.
#[derive(Clone, Debug)]
pub struct WorkerScripts {
    /// `worker.js`, or `video.js` for the worker that plays videos.
    pub worker: String,
    /// The modules it may load: the first one at once, another when a frame needs it.
    pub modules: Vec<ModuleScripts>,
    /// A worker of the same script that runs already, and is the first.
    pub running: Option<Worker>,
}

/// Where a module lies.
#[derive(Clone, Debug)]
pub struct ModuleScripts {
    /// Its name in the script of the worker.
    pub name: &'static str,
    /// Glue.
    pub glue: String,
    /// Code.
    pub wasm: String,
    /// The code, compiled once for all workers; undefined where each compiles it for itself.
    pub compiled: JsValue,
}

/// A colour profile with a number of its own in this page.
pub type NumberedProfile<'a> = (u32, &'a IccProfile);

/// The profile that makes the colours of a frame sRGB; its number tells it from those of other series.
#[must_use]
pub fn numbered_profile(series: &Series, key: FrameKey) -> Option<NumberedProfile<'_>> {
    let index = series.images.get(usize::try_from(key.image).ok()?)?.icc_profile?;
    let profile = series.icc_profiles.get(usize::from(index))?;
    Some((key.series << 16 | u32::from(index), profile))
}

struct Slot {
    worker: Worker,
    is_ready: bool,
    failed_starts: u32,
    task: Option<RequestId>,
    /// Numbers of the streams that it reads.
    streams: Vec<u32>,
    /// Numbers of the colour profiles it was sent.
    profiles: Vec<u32>,
    _listeners: [Listener; 3],
}

/// The pool. Cheap to clone: a handle.
#[derive(Clone)]
pub struct WorkerPool(Rc<Inner>);

struct Inner {
    scripts: WorkerScripts,
    running: Cell<Option<Worker>>,
    slots: RefCell<Vec<Option<Slot>>>,
    report: Box<dyn Fn(PoolEvent)>,
}

impl WorkerPool {
    /// Starts `count` workers. `report` is called from browser events, never from inside a call of
    /// this pool.
    #[must_use]
    pub fn start(
        mut scripts: WorkerScripts,
        count: usize,
        report: impl Fn(PoolEvent) + 'static,
    ) -> Self {
        let slots = RefCell::new((0..count).map(|_| None).collect());
        let running = Cell::new(scripts.running.take());
        let pool = Self(Rc::new(Inner { scripts, running, slots, report: Box::new(report) }));
        for index in 0..count {
            pool.0.start(index, 0);
        }
        pool
    }

    /// Hands a frame to an idle worker, with what makes its colours sRGB; gives the body back where there
    /// is none.
    ///
    /// # Errors
    /// The body, for a later try.
    pub fn decode(
        &self,
        request: &Request,
        profile: Option<NumberedProfile<'_>>,
        body: ArrayBuffer,
    ) -> Result<(), ArrayBuffer> {
        let mut slots = self.0.slots.borrow_mut();
        let idle = slots.iter_mut().flatten().find(|slot| slot.is_ready && slot.task.is_none());
        let Some(slot) = idle else { return Err(body) };
        match slot.post(request, profile, &body) {
            Ok(()) => {
                slot.task = Some(RequestId(request.id));
                Ok(())
            }
            Err(()) => Err(body),
        }
    }
}

impl WorkerPool {
    /// Lets the worker that has least to do read an answer and decode its parts, one for each of these heads; `false`
    /// where there is no worker.
    #[must_use]
    pub fn stream(&self, number: u32, url: &str, accept: &str, heads: &[String]) -> bool {
        let mut slots = self.0.slots.borrow_mut();
        let idlest = slots.iter_mut().flatten().min_by_key(|slot| slot.streams.len());
        let Some(slot) = idlest else { return false };
        let message = Object::new();
        set(&message, "stream", &number.into());
        set(&message, "url", &JsValue::from_str(url));
        set(&message, "accept", &JsValue::from_str(accept));
        let heads: Array = heads.iter().map(|head| JsValue::from_str(head)).collect();
        set(&message, "heads", &heads);
        let is_sent = slot.worker.post_message(&message).is_ok();
        if is_sent {
            slot.streams.push(number);
        }
        is_sent
    }

    /// Takes a stream back: it still ends.
    pub fn abort(&self, number: u32) {
        for slot in self.0.slots.borrow().iter().flatten() {
            if slot.streams.contains(&number) {
                let message = Object::new();
                set(&message, "abort", &number.into());
                slot.worker.post_message(&message).ok();
            }
        }
    }
}

impl Inner {
    fn start(self: &Rc<Self>, index: usize, failed_starts: u32) {
        let slot = self.new_worker().map(|worker| Slot {
            _listeners: self.listen(&worker, index),
            worker,
            is_ready: false,
            failed_starts,
            task: None,
            streams: Vec::new(),
            profiles: Vec::new(),
        });
        let is_started = slot.is_some();
        if let Some(place) = self.slots.borrow_mut().get_mut(index) {
            *place = slot;
        }
        if !is_started {
            self.start_again(index, failed_starts + 1);
        }
    }

    fn listen(self: &Rc<Self>, worker: &Worker, index: usize) -> [Listener; 3] {
        let on_message = Rc::downgrade(self);
        let on_error = Rc::downgrade(self);
        let on_garbled = Rc::downgrade(self);
        let with = |pool: &Weak<Self>, act: &dyn Fn(&Rc<Self>)| {
            if let Some(pool) = pool.upgrade() {
                act(&pool);
            }
        };
        [
            Listener::new(worker, "message", true, move |event: MessageEvent| {
                with(&on_message, &|pool| pool.received(index, &event));
            }),
            Listener::new(worker, "error", true, move |_: Event| {
                with(&on_error, &|pool| pool.died(index));
            }),
            Listener::new(worker, "messageerror", true, move |_: Event| {
                with(&on_garbled, &|pool| pool.died(index));
            }),
        ]
    }

    fn received(self: &Rc<Self>, index: usize, event: &MessageEvent) {
        let data = event.data();
        if let Some(number) = number(&data, "ended") {
            self.ended(index, number, number_of(&data, "status"));
            return;
        }
        if let Some(number) = number(&data, "answered") {
            (self.report)(PoolEvent::Answered(number));
            return;
        }
        let Some((reply, body)) = read(&data) else {
            self.died(index);
            return;
        };
        let event = {
            let mut slots = self.slots.borrow_mut();
            let Some(slot) = slots.get_mut(index).and_then(Option::as_mut) else { return };
            match reply {
                Reply::Ready => {
                    slot.is_ready = true;
                    slot.failed_starts = 0;
                    PoolEvent::Idle
                }
                Reply::Decoded { id, .. } | Reply::Failed { id, .. } => {
                    let (id, outcome) = (RequestId(id), done(reply, body));
                    if slot.task.take_if(|task| *task == id).is_some() {
                        PoolEvent::Done(id, outcome)
                    } else {
                        PoolEvent::Streamed(id, number_of(&data, "bytes").into(), outcome)
                    }
                }
            }
        };
        (self.report)(event);
    }

    fn ended(&self, index: usize, stream: u32, status: u32) {
        if let Some(slot) = self.slots.borrow_mut().get_mut(index).and_then(Option::as_mut) {
            slot.streams.retain(|other| *other != stream);
        }
        (self.report)(PoolEvent::Ended(stream, u16::try_from(status).unwrap_or(0)));
    }

    /// The worker in a place is of no use any more: another takes its place.
    fn died(self: &Rc<Self>, index: usize) {
        let taken = self.slots.borrow_mut().get_mut(index).and_then(Option::take);
        let Some(slot) = taken else { return };
        slot.worker.terminate();
        log("a decode worker died and is replaced");
        if slot.is_ready {
            self.start(index, 0);
        } else {
            self.start_again(index, slot.failed_starts + 1);
        }
        if let Some(task) = slot.task {
            (self.report)(PoolEvent::Crashed(task));
        }
        for &stream in &slot.streams {
            (self.report)(PoolEvent::Ended(stream, 0));
        }
        // The listeners, one of which is running, go when the page has finished with this event.
        spawn(async move {
            sleep_ms(0).await;
            drop(slot);
        });
    }

    fn start_again(self: &Rc<Self>, index: usize, failed_starts: u32) {
        let pool = Rc::downgrade(self);
        spawn(async move {
            if failed_starts > MOST_FAILED_STARTS {
                if let Some(pool) = pool.upgrade().filter(|pool| pool.has_no_worker()) {
                    (pool.report)(PoolEvent::Unavailable);
                }
                return;
            }
            sleep_ms(START_AGAIN_MS << failed_starts.min(6)).await;
            if let Some(pool) = pool.upgrade() {
                pool.start(index, failed_starts);
            }
        });
    }

    fn has_no_worker(&self) -> bool {
        self.slots.borrow().iter().all(Option::is_none)
    }

    fn new_worker(&self) -> Option<Worker> {
        let scripts = &self.scripts;
        let start = || {
            let options = WorkerOptions::new();
            options.set_type(WorkerType::Module);
            Worker::new_with_options(&scripts.worker, &options).ok()
        };
        let worker = self.running.take().or_else(start)?;
        let addresses = Object::new();
        for ModuleScripts { name, glue, wasm, compiled } in &scripts.modules {
            let module = Object::new();
            set(&module, "module", &JsValue::from_str(glue));
            set(&module, "wasm", &JsValue::from_str(wasm));
            set(&module, "compiled", compiled);
            set(&addresses, name, &module);
        }
        let message = Object::new();
        set(&message, "modules", &addresses);
        worker.post_message(&message).ok()?;
        Some(worker)
    }
}

impl Drop for Slot {
    /// A worker that nobody holds would go on for ever.
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

impl Slot {
    fn post(
        &mut self,
        request: &Request,
        profile: Option<NumberedProfile<'_>>,
        body: &ArrayBuffer,
    ) -> Result<(), ()> {
        let head = json::write(request).map_err(|error| log(&error.to_string()))?;
        let message = Object::new();
        if let Some((number, _)) = profile {
            set(&message, "profile", &number.into());
        }
        let new = profile.filter(|(number, _)| !self.profiles.contains(number));
        if let Some((_, profile)) = new {
            set(&message, "icc", &JsValue::from_str(&profile.base64));
        }
        set(&message, "head", &JsValue::from_str(&head));
        set(&message, "body", body);
        self.worker
            .post_message_with_transfer(&message, &Array::of1(body))
            .map_err(|_js| log("postMessage refused"))?;
        self.profiles.extend(new.map(|(number, _)| number));
        Ok(())
    }
}

/// Setting a property of a fresh object cannot fail.
fn set(object: &Object, name: &str, value: &JsValue) {
    Reflect::set(object, &JsValue::from_str(name), value).ok();
}
