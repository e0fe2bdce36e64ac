//! The measuring module: fetched when a reader first chooses to measure, so that nobody waits for it before the
//! first image.
//!
//! `measure.js` owns what is on the page (SVG over the canvas, the bar, the list) and its events; this module knows
//! annotations ([`viewer_core::annotate`]), what hands and keys do to them and the words for them. [`desk`] is pure
//! and runs natively.
#![forbid(unsafe_code)]

pub mod desk;
pub mod scene;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
pub mod words;
