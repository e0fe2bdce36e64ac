//! Exams of other centres: manifests brought by a professional or by calling software, images from trusted boxes of the
//! network, and everything that must not be asked, shown or mixed up. Boxes, list and identity provider are real servers.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[expect(dead_code, reason = "shared with the tests of the way in")]
#[path = "../entry/browser.rs"]
mod browser;
mod call;
mod centre;
#[path = "../drimbox/certificates.rs"]
mod certificates;
mod command;
mod disk;
mod expired;
#[expect(dead_code, reason = "shared with the tests of the list")]
#[path = "../trust_list/forge.rs"]
mod forge;
mod house;
#[expect(dead_code, reason = "shared with the tests of the way in")]
#[path = "../entry/identity_peer.rs"]
mod identity_peer;
mod import;
mod import_faults;
mod journey;
#[path = "../drimbox/manifest.rs"]
mod manifest;
mod network;
#[expect(dead_code, reason = "shared with the tests of sources")]
#[path = "../images/orthanc.rs"]
mod orthanc;
#[path = "../drimbox/peer.rs"]
mod peer;
#[path = "../images/phantoms.rs"]
mod phantoms;
#[expect(dead_code, reason = "shared with the tests of the list")]
#[path = "../trust_list/pki.rs"]
mod pki;
#[expect(dead_code, reason = "shared with the tests of the list")]
#[path = "../trust_list/publisher.rs"]
mod publisher;
mod retrieval;
mod ssrf;
mod two_centres;
mod two_centres_refused;
