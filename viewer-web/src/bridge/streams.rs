//! Frames that workers fetch and decode by themselves: what comes never passes through the page, and the next
//! frame is on its way while one is decoded.

use negatoscope_protocol::{Failure, Request, json};
use viewer_core::exam::ExamSummary;
use viewer_core::fetch::{Event, FetchFailure, FetchKind, FrameKey, RequestId};
use viewer_core::viewport::frame_attributes;

use super::covers::cover_of;
use super::decoded::DecodedFrame;
use super::fetches::failure_of;
use super::loader::{Loader, LoaderNews};
use super::url;
use super::workers::numbered_profile;
use crate::platform::dom::log;
use crate::platform::time::{now_ms, sleep_ms, spawn};
use crate::state::batches::{Order, Wanted};

/// How long the rest of the exam waits for the first picture, ms.
const LONGEST_HOLD_MS: i32 = 3000;

/// What a worker is told of a frame that will come, in a single part; `None` where the exam summary contradicts itself.
pub(super) fn request(exam: &ExamSummary, id: RequestId, key: FrameKey) -> Option<Request> {
    let series = exam.series.get(key.series as usize)?;
    let (format, display) = frame_attributes(series, key.image, key.frame).ok()?;
    let overlay_bits = cover_of(series, key).map(|cover| cover.pixel_bits());
    Some(Request {
        id: id.0,
        content_type: String::new(),
        format: format.clone(),
        palette: display.palette.clone(),
        overlay_bits: overlay_bits.unwrap_or_default(),
        is_only: matches!(series.images.as_slice(), [image] if image.frames == 1),
        video: None,
    })
}

impl Loader {
    /// Takes over a fetch of the scheduler; `false` where the page has to fetch this frame itself: colours that need a
    /// profile, what the reader opened of a medium of their own, and whatever is kept as it came.
    pub(super) fn want(&self, id: RequestId, key: FrameKey, kind: FetchKind) -> bool {
        let Some(batches) = &self.0.batches else { return false };
        let exam = self.0.exams.now();
        let series = exam.series.get(key.series as usize);
        let is_local = url::frame(&exam, key).is_some_and(|address| url::is_local(&address));
        if is_local || series.is_some_and(|series| numbered_profile(series, key).is_some()) {
            return false;
        }
        batches.borrow_mut().want(Wanted { id, key }, kind == FetchKind::Interaction);
        true
    }

    /// The first picture is drawn, or will not be: the rest of the exam may come.
    pub(super) fn release(&self) {
        if let Some(batches) = &self.0.batches {
            batches.borrow_mut().release();
        }
        self.handle(Event::Drawn);
    }

    /// The same where no picture is drawn for a long time: a page in the background draws none.
    pub(super) fn release_in_the_end(&self) {
        let loader = std::rc::Rc::downgrade(&self.0);
        spawn(async move {
            sleep_ms(LONGEST_HOLD_MS).await;
            if let Some(inner) = loader.upgrade() {
                Self(inner).release();
            }
        });
    }

    /// The scheduler does not want a frame any more.
    pub(super) fn forget(&self, id: RequestId) {
        let Some(batches) = &self.0.batches else { return };
        let order = batches.borrow_mut().forget(id);
        order.into_iter().for_each(|order| self.carry_out_order(order));
    }

    /// Asks for what is to be asked for now.
    pub(super) fn order(&self) {
        let Some(batches) = &self.0.batches else { return };
        let orders = batches.borrow_mut().orders(now_ms());
        orders.into_iter().for_each(|order| self.carry_out_order(order));
    }

    fn carry_out_order(&self, order: Order) {
        let Some(pool) = self.0.pool.borrow().clone() else { return };
        match order {
            Order::Abort { number } => pool.abort(number),
            Order::Start { number, frames } => {
                let keys: Vec<FrameKey> = frames.iter().map(|wanted| wanted.key).collect();
                let exam = self.0.exams.now();
                let address = match keys.as_slice() {
                    [key] => url::frame(&exam, *key),
                    keys => url::frames(&exam, keys),
                };
                let heads: Option<Vec<_>> =
                    frames.iter().map(|wanted| self.head(*wanted)).collect();
                let is_asked = address.zip(heads).is_some_and(|(address, heads)| {
                    pool.stream(number, &address, self.accept(), &heads)
                });
                if !is_asked {
                    log("a stream could not be started");
                    self.lose(number, FetchFailure::Connection);
                }
            }
        }
    }

    /// How frames may come: over a slow network in fewer bytes.
    pub(super) fn accept(&self) -> &'static str {
        let batches = self.0.batches.as_ref();
        let is_slow = batches.map_or(self.0.is_slow, |batches| batches.borrow().is_compact());
        if is_slow || self.0.saves_data { url::COMPACT_ACCEPT } else { url::FRAME_ACCEPT }
    }

    /// The request of a frame whose body the worker fetches.
    fn head(&self, Wanted { id, key }: Wanted) -> Option<String> {
        let request = request(&self.0.exams.now(), id, key)?;
        json::write(&request).map_err(|error| log(&error.to_string())).ok()
    }

    /// A frame came, and is decoded or cannot be.
    pub(super) fn streamed(
        &self,
        id: RequestId,
        bytes: u64,
        outcome: Result<DecodedFrame, Failure>,
    ) {
        let Some(batches) = &self.0.batches else { return };
        let came = batches.borrow_mut().came(id, bytes, now_ms());
        // The scheduler may have given it up meanwhile, or asked for it anew.
        let Some(key) = came else { return };
        self.0.scheduler.borrow_mut().set_stretch(batches.borrow().stretch_frames());
        self.0.held.borrow_mut().frame_mut(key).arrived = Some(outcome);
        self.handle(Event::FetchDone { id, bytes });
        (self.0.tell)(LoaderNews::Progress);
    }

    /// What came for a frame that is to be decoded now.
    pub(super) fn arrived(&self, key: FrameKey) -> Option<Result<DecodedFrame, Failure>> {
        self.0.held.borrow_mut().frame_mut(key).arrived.take()
    }

    pub(super) fn stream_answered(&self, number: u32) {
        let Some(batches) = &self.0.batches else { return };
        let frames = batches.borrow().frames(number);
        for Wanted { id, .. } in frames {
            self.handle(Event::FetchAnswered { id });
        }
    }

    pub(super) fn stream_ended(&self, number: u32, status: u16) {
        let failure = match status {
            0 | 200..=299 => FetchFailure::Connection,
            status => failure_of(status),
        };
        self.lose(number, failure);
        self.order();
    }

    /// What did not come with a request has failed.
    fn lose(&self, number: u32, failure: FetchFailure) {
        let Some(batches) = &self.0.batches else { return };
        let lost = batches.borrow_mut().ended(number);
        for (at, wanted) in lost.into_iter().enumerate() {
            // A refusal is about the first frame; the others have not been asked for.
            let failure = match failure {
                FetchFailure::SessionExpired => failure,
                _ if at > 0 => FetchFailure::Connection,
                failure => failure,
            };
            self.handle(Event::FetchFailed { id: wanted.id, failure });
            (self.0.tell)(LoaderNews::Frame(wanted.key));
        }
    }
}
