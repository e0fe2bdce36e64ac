//! The decode module: runs in dedicated workers, turns HTTP bodies into the samples of one frame.
//!
//! [`decode_request`] is pure and runs natively; the `wasm` module wraps it for JavaScript. The
//! worker script (`worker.js`) owns the messages, because only JavaScript can catch a trap.
#![forbid(unsafe_code)]

mod failure;
mod request;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use failure::{RequestError, failure_of};
pub use request::{Outcome, decode_request, decode_stored_request};
