//! The signed list of DRIMboxes: every rule by which one is accepted or refused, over lists that are signed here; how it
//! is fetched and kept; who is contacted because of it, and who is not.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../drimbox/certificates.rs"]
mod certificates;
mod content;
mod fetch;
mod forge;
mod forgery;
mod form;
mod peers;
mod pki;
mod publisher;
mod signer;
mod watched;
