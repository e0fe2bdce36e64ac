//! The real program over real sockets: many visitors at once, and people who mean it harm.

#![expect(clippy::unwrap_used, reason = "tests")]

mod fort;
mod http2;
mod load;
mod process;
mod raw;
mod requests;
mod slow;
mod visitor;
