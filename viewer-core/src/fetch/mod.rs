//! Which frame is fetched, decoded and kept when: one pure state machine, [`Scheduler`].
//!
//! It holds no bytes and knows no clock: the page reports [`Event`]s with the time, and carries out the
//! [`Action`]s that come back. Two bounded queues (network, decode) follow one order of need:
//!
//! 1. [`FetchKind::Interaction`]: frames on the screen;
//! 2. [`FetchKind::Thumbnail`]: frames wanted for the series strip;
//! 3. [`FetchKind::Prefetch`]: the rest of the shown series outward from the shown frame (two ahead in
//!    the direction of scrolling for one behind), then the other series.
//!
//! Only the part of this order that fits into the budget of decoded frames is fetched at all, so that
//! nothing is evicted to make room for something needed less. Requests that a jump made obsolete are
//! aborted. Failures are kept per frame until asked again ([`Event::Retry`]).
//!
//! Frames of a video are not fetched: the one worker that plays videos reads their stream by itself, so
//! they only wait for it.
//!
//! Frames fetched with one failure of the connection wait for a common back-off; a failing server is
//! asked again a few times per frame. Neither ever stops what is decoded from being shown.

mod cache;
mod connection;
mod event;
mod need;
mod progress;
mod queue;
mod scheduler;
mod slots;

pub use connection::Connection;
pub use event::{
    Action, CacheKind, Event, FetchFailure, FetchKind, FrameFailure, FrameKey, RequestId,
    ShownFrame,
};
pub use progress::{FrameStatus, Progress};
pub use scheduler::{Limits, Scheduler};
