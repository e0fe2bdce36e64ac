//! Exams of a DRIMbox, from the report's link to the frame: a stand-in over TLS with client certificates, the server as
//! its configuration makes it, and browsers.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../entry/browser.rs"]
mod browser;
mod certificates;
mod command;
mod faults;
mod journey;
mod manifest;
mod memory;
mod peer;
#[path = "../images/phantoms.rs"]
mod phantoms;
mod stand;
