//! The pool of decode workers. Each has at most one frame at a time, so that the frame that breaks a
//! worker is known; a broken worker is replaced.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use negatoscope_protocol::{Failure, FailureKind, Reply, Request, json};
use viewer_core::exam::{IccProfile, Series};
use viewer_core::fetch::{FrameKey, RequestId};
use viewer_core::pixel::{PixelKind, StoredRange};
use wasm_bindgen::prelude::*;
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::platform::dom::{Listener, log};
use crate::platform::time::{sleep_ms, spawn};

/// Replacements of a worker that never got ready, after which the pool gives up on it.
const MOST_FAILED_STARTS: u32 = 4;
/// Wait before the first replacement of a worker that never got ready, ms; doubles each time.
const START_AGAIN_MS: i32 = 500;

/// A decoded frame; its samples stay outside of this module's memory until they are drawn.
#[derive(Clone, Debug)]
pub struct DecodedFrame {
    /// Columns.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// Layout of the samples.
    pub kind: PixelKind,
    /// Ranges of the samples of a grey frame.
    pub range: Option<StoredRange>,
    /// Whether the encoded frame was lossy.
    pub lossy: bool,
    /// How many overlay planes of the pixel cells lie behind the samples.
    pub overlay_planes: u32,
    /// Frames that a video has, where its header says another number.
    pub stream_frames: Option<u32>,
    /// The samples, then the overlay planes.
    pub samples: ArrayBuffer,
}

impl DecodedFrame {
    /// Bytes of the samples alone.
    #[must_use]
    pub fn sample_bytes(&self) -> u32 {
        let pixel = u32::try_from(self.kind.bytes_per_pixel()).unwrap_or(0);
        self.columns.saturating_mul(self.rows).saturating_mul(pixel)
    }

    /// The bits of an overlay plane of the pixel cells.
    #[must_use]
    pub fn overlay_plane(&self, index: u32) -> Option<Vec<u8>> {
        let offset = self.sample_bytes().checked_add(index.checked_mul(self.plane_bytes())?)?;
        let end = offset.checked_add(self.plane_bytes())?;
        (end <= self.samples.byte_length()).then(|| {
            let plane = Uint8Array::new_with_byte_offset_and_length(
                &self.samples,
                offset,
                self.plane_bytes(),
            );
            plane.to_vec()
        })
    }

    fn plane_bytes(&self) -> u32 {
        self.columns.saturating_mul(self.rows).div_ceil(8)
    }
}

/// What the pool tells its owner.
#[derive(Debug)]
pub enum PoolEvent {
    /// A worker can take a frame.
    Idle,
    /// A frame is decoded, or cannot be.
    Done(RequestId, Result<DecodedFrame, Failure>),
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
    /// Numbers of the colour profiles it was sent.
    profiles: Vec<u32>,
    _listeners: [Listener; 3],
}

/// The pool. Cheap to clone: a handle.
#[derive(Clone)]
pub struct WorkerPool(Rc<Inner>);

struct Inner {
    scripts: WorkerScripts,
    slots: RefCell<Vec<Option<Slot>>>,
    report: Box<dyn Fn(PoolEvent)>,
}

impl WorkerPool {
    /// Starts `count` workers. `report` is called from browser events, never from inside a call of
    /// this pool.
    #[must_use]
    pub fn start(
        scripts: WorkerScripts,
        count: usize,
        report: impl Fn(PoolEvent) + 'static,
    ) -> Self {
        let slots = RefCell::new((0..count).map(|_| None).collect());
        let pool = Self(Rc::new(Inner { scripts, slots, report: Box::new(report) }));
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

impl Inner {
    fn start(self: &Rc<Self>, index: usize, failed_starts: u32) {
        let slot = new_worker(&self.scripts).map(|worker| Slot {
            _listeners: self.listen(&worker, index),
            worker,
            is_ready: false,
            failed_starts,
            task: None,
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
        let Some((reply, body)) = read(&event.data()) else {
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
                Reply::Decoded { .. } | Reply::Failed { .. } => {
                    slot.task = None;
                    done(reply, body)
                }
            }
        };
        (self.report)(event);
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
}

fn new_worker(scripts: &WorkerScripts) -> Option<Worker> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(&scripts.worker, &options).ok()?;
    let addresses = Object::new();
    for ModuleScripts { name, glue, wasm } in &scripts.modules {
        let module = Object::new();
        set(&module, "module", &JsValue::from_str(glue));
        set(&module, "wasm", &JsValue::from_str(wasm));
        set(&addresses, name, &module);
    }
    let message = Object::new();
    set(&message, "modules", &addresses);
    worker.post_message(&message).ok()?;
    Some(worker)
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

fn read(data: &JsValue) -> Option<(Reply, ArrayBuffer)> {
    let head = Reflect::get(data, &JsValue::from_str("head")).ok()?.as_string()?;
    let body = Reflect::get(data, &JsValue::from_str("body")).ok();
    let body = body.and_then(|body| body.dyn_into::<ArrayBuffer>().ok());
    let reply = json::read(&head).ok()?;
    Some((reply, body.unwrap_or_else(|| ArrayBuffer::new(0))))
}

fn done(reply: Reply, samples: ArrayBuffer) -> PoolEvent {
    match reply {
        Reply::Ready => PoolEvent::Idle,
        Reply::Failed { id, failure } => PoolEvent::Done(RequestId(id), Err(failure)),
        Reply::Decoded {
            id,
            columns,
            rows,
            kind,
            range,
            lossy,
            overlay_planes,
            decode_ms: _,
            stream_frames,
        } => {
            let frame = DecodedFrame {
                columns,
                rows,
                kind,
                range,
                lossy,
                overlay_planes,
                stream_frames,
                samples,
            };
            PoolEvent::Done(RequestId(id), checked(frame))
        }
    }
}

/// Samples that do not fill their frame are never drawn.
fn checked(frame: DecodedFrame) -> Result<DecodedFrame, Failure> {
    let pixels = u64::from(frame.columns) * u64::from(frame.rows);
    let expected = pixels * frame.kind.bytes_per_pixel() as u64
        + pixels.div_ceil(8) * u64::from(frame.overlay_planes);
    let found = u64::from(frame.samples.byte_length());
    if found == expected {
        return Ok(frame);
    }
    let detail = format!("{found} bytes of samples for a frame of {expected}");
    Err(Failure { kind: FailureKind::Corrupt, detail })
}
