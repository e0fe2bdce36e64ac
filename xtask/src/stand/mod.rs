//! A server on loopback with something to show: for the demo, the browser tests and the benchmarks.

pub(crate) mod config;
pub(crate) mod grant;
pub(crate) mod http;
pub(crate) mod identity;
pub(crate) mod other_centre;
pub(crate) mod phantom;
pub(crate) mod server;
