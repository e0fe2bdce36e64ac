//! Instances → what a person calls an exam: series, split into stacks, in the order to scroll them.
//!
//! | file | what |
//! |---|---|
//! | `assemble`, `member` | instances → series |
//! | `split`, `dimensions` | by place, then by what tells images in the same places apart |
//! | `sort`, `places`, `regularity` | order, and what the positions say: gaps, spacing, tilt |

mod assemble;
mod dimensions;
mod frame_order;
mod member;
mod places;
mod regularity;
mod sort;
mod split;

pub use assemble::{AssembleError, alone, assemble};
