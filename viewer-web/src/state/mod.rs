//! State that the page derives from the session, as plain values and signals.

pub mod batches;
pub mod grid;
pub mod loaded_map;
#[cfg(target_arch = "wasm32")]
pub mod page;
pub mod scroll_bar;
pub mod view;
