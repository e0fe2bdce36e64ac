//! Instances → what a person calls an exam: series, split into stacks, in the order to scroll them.

mod assemble;
mod frame_order;
mod sort;
mod split;

pub use assemble::{AssembleError, assemble};
