//! Exams of the phantom into local PACS: Orthanc and DCMTK, by both ways, with everything that can break.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../entry/browser.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod browser;
mod dcmtk;
mod elsewhere;
mod elsewhere_killed;
#[path = "../entry/fake_source.rs"]
mod fake_source;
mod faults;
mod flaky;
#[path = "../entry/house.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod house;
mod killed;
#[path = "../images/orthanc.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod orthanc;
mod roles;
mod setup;
mod stored;
