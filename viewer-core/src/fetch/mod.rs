//! Which frame is fetched, decoded and kept when: one pure state machine, [`Scheduler`].
//!
//! It holds no bytes and knows no clock: the page reports [`Event`]s with the time, and carries out the
//! [`Action`]s that come back. Two bounded queues (network, decode) follow one order of need:
//!
//! 1. [`FetchKind::Interaction`]: frames on the screen;
//! 2. [`FetchKind::Prefetch`]: their next neighbours (two ahead in the direction of scrolling for one
//!    behind);
//! 3. [`FetchKind::Thumbnail`]: frames wanted for the series strip;
//! 4. [`FetchKind::Prefetch`]: the rest of the shown series outward from the shown frame, then the other
//!    series. Who saves data gets none of these.
//!
//! Nothing else is asked for while a frame on the screen is on its way, unless the visitor scrolls and frames
//! come faster than answers begin. Ahead go as many requests as keep the connection and the workers busy, by
//! what was measured of both: what comes on the screen next must not wait behind them. Frames ahead are
//! not decoded before the first picture is drawn ([`Event::Drawn`]). Why: ADR 26; [`Policy`] names the choices.
//!
//! Only the part of this order that fits into the budget of decoded frames, or of bodies beside them, is fetched
//! at all, so that nothing is evicted to make room for something needed less. Where bodies are kept, they get as
//! much of both budgets as all of them will take, if that leaves a quarter for decoded frames. Requests that a
//! jump made obsolete are aborted. Failures are kept per frame until asked again ([`Event::Retry`]).
//!
//! Frames of a video are not fetched: the one worker that plays videos reads their stream by itself, so
//! they only wait for it.
//!
//! Frames fetched with one failure of the connection wait for a common back-off; a failing server is
//! asked again a few times per frame, as is a frame whose answer breaks off. None of these ever stops what
//! is decoded from being shown, or another frame from being fetched.

mod cache;
mod connection;
mod event;
mod need;
mod pace;
mod picture;
mod policy;
mod progress;
mod queue;
mod scheduler;
mod shares;
mod slots;
mod tasks;

pub use connection::Connection;
pub use event::{
    Action, CacheKind, Event, FetchFailure, FetchKind, FrameFailure, FrameKey, RequestId,
    ShownFrame,
};
pub use policy::{Aborting, Chosen, Order, PictureFirst, Policy, Requests, Screen};
pub use progress::{FrameStatus, Progress};
pub use scheduler::{Limits, Scheduler};
