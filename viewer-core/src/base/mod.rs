//! Limits, checked reading and other things every module may use.

mod distinct;
pub mod limits;
pub mod multipart;

pub use distinct::index_of;
