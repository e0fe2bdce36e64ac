//! The video module: runs in one dedicated worker beside the decode workers, fetched when the first
//! frame of a video is asked for.
//!
//! `video.js` owns messages, requests and the browser's decoder (WebCodecs); this module knows streams
//! ([`viewer_core::codec::video`]), colours and the protocol. [`asked`] is pure and runs natively.
#![forbid(unsafe_code)]

pub mod asked;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
