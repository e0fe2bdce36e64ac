//! Where page, network, workers and GPU meet: each file drives one of them for the `viewer::Viewer`.

#[cfg(target_arch = "wasm32")]
pub mod covers;
#[cfg(target_arch = "wasm32")]
pub mod decoded;
#[cfg(target_arch = "wasm32")]
pub mod display;
#[cfg(target_arch = "wasm32")]
pub mod exams;
#[cfg(target_arch = "wasm32")]
mod fetches;
#[cfg(target_arch = "wasm32")]
pub mod held;
#[cfg(target_arch = "wasm32")]
pub mod input;
#[cfg(target_arch = "wasm32")]
pub mod loader;
#[cfg(target_arch = "wasm32")]
pub mod login;
#[cfg(target_arch = "wasm32")]
pub mod net;
#[cfg(target_arch = "wasm32")]
pub mod picture;
#[cfg(target_arch = "wasm32")]
pub mod previews;
#[cfg(target_arch = "wasm32")]
mod progress;
#[cfg(target_arch = "wasm32")]
pub mod stage;
#[cfg(target_arch = "wasm32")]
mod streams;
#[cfg(target_arch = "wasm32")]
pub mod summary;
pub mod url;
#[cfg(target_arch = "wasm32")]
pub mod viewer;
#[cfg(target_arch = "wasm32")]
pub mod workers;
