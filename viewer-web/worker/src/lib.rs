//! The decode modules: run in dedicated workers, turn HTTP bodies into the samples of one frame.
//!
//! [`decode_request`] is pure and runs natively; the `wasm` module wraps it for JavaScript. The
//! worker script (`worker.js`) owns the messages, because only JavaScript can catch a trap.
#![forbid(unsafe_code)]

mod failure;
mod home;
#[cfg(all(target_arch = "wasm32", feature = "rare"))]
pub mod profiles;
mod request;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use failure::{RequestError, failure_of};
pub use home::DecodeModule;
pub use request::{Outcome, decode_request};
