//! Limits, checked reading and other things every module may use.

pub mod limits;
pub mod multipart;
