//! The viewer page: leptos user interface, scheduling of requests and workers, drawing.
//!
//! | module | what |
//! |---|---|
//! | [`report`] | words: values in the reader's language, failures as sentences |
//! | [`platform`] | the browser behind small functions |
//! | [`state`] | plain values and signals that the page derives from the core's session |
//! | `bridge` | network, workers, GPU and input, driven by the core's state machines |
//! | `ui` | leptos components; they read signals and send commands |
//! | `app` | the way in: `start`, called by `boot/boot.js` |
//!
//! Modules without a browser in them also build natively, where their tests run.
#![forbid(unsafe_code)]

#[cfg(target_arch = "wasm32")]
pub mod app;
pub mod bridge;
pub mod platform;
pub mod report;
pub mod state;
#[cfg(target_arch = "wasm32")]
pub mod ui;
