//! Limits, checked reading and other things every module may use.

mod between;
mod distinct;
pub mod limits;
pub mod multipart;

pub use between::between;
pub use distinct::index_of;
