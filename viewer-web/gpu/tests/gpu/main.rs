//! Draws natively, on software rasterisers where there are (Debian: mesa-vulkan-drivers, libegl1,
//! libgl1-mesa-dri), and compares with the CPU reference.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::expect_used, reason = "helpers of tests stop at the first thing that fails")]

mod compare;
mod covers;
mod frames;
mod harness;
mod panes;
mod parity;
mod properties;
mod real_files;
