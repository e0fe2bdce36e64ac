//! The comparing module: fetched when there is more than one pane, after the first image.
//!
//! The page owns the view. After each change it hands this module its snapshot and takes back one in which the other
//! panes have followed. `compare.js` owns what is on the page (lines over the images, entries of the menu) and its
//! events; what they mean is known to [`viewer_core::compare`]. [`desk`] is pure and runs natively.
#![forbid(unsafe_code)]

pub mod desk;
pub mod scene;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
