//! The browser behind small functions: the only module that handles raw DOM events, timers and storage.

pub mod device;
#[cfg(target_arch = "wasm32")]
pub mod dom;
#[cfg(target_arch = "wasm32")]
pub mod storage;
#[cfg(target_arch = "wasm32")]
pub mod time;
