//! The decode modules: run in dedicated workers, turn HTTP bodies into the samples of one frame.
//!
//! [`decode_request`] is pure and runs natively; the `wasm` module wraps it for JavaScript. The
//! worker script (`worker.js`) owns the messages, because only JavaScript can catch a trap.
#![forbid(unsafe_code)]

#[cfg(feature = "common")]
mod arriving;
#[cfg(feature = "rare")]
mod colours;
mod failure;
mod home;
#[cfg(all(target_arch = "wasm32", feature = "rare"))]
pub mod profiles;
mod request;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

#[cfg(feature = "common")]
pub use arriving::ArrivingRequest;
#[cfg(feature = "rare")]
pub use colours::converted_body;
pub use failure::{RequestError, failure_of};
pub use home::DecodeModule;
pub use request::{Outcome, Refusal, decode_request, decode_stored_request};
