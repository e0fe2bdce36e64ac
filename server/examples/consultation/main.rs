//! An exam of another centre looked at through a server: how soon its first image is there, how fast the rest follows, and what the server
//! holds meanwhile. `cargo xtask bench consultation` runs this.
//!
//! The other centre is another server of the same program, whose box has the exam; the identity provider is that of the tests. In the same run
//! curl fetches the same series from the same box, and a third server has the same exam in a folder.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on stops")]

#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/entry/browser.rs"]
mod browser;
#[expect(dead_code, reason = "the browser tests use the rest")]
#[path = "../other_centre/centre.rs"]
mod centre;
#[path = "../../tests/drimbox/certificates.rs"]
mod certificates;
mod curl;
mod exam;
#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/trust_list/forge.rs"]
mod forge;
#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/consultation/house.rs"]
mod house;
#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/entry/identity_peer.rs"]
mod identity_peer;
#[path = "../../tests/drimbox/manifest.rs"]
mod manifest;
#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/consultation/network.rs"]
mod network;
#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/drimbox/peer.rs"]
mod peer;
#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/images/phantoms.rs"]
mod phantoms;
#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/trust_list/pki.rs"]
mod pki;
#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/trust_list/publisher.rs"]
mod publisher;
mod rounds;
mod server;
mod visitor;

use std::path::PathBuf;

use clap::Parser;
use time::OffsetDateTime;

/// How to measure.
#[derive(Parser)]
struct Arguments {
    /// The `negatoscope` program, compiled for release.
    #[arg(long)]
    server: PathBuf,
    /// Slices of the CT.
    #[arg(long)]
    slices: usize,
    /// How often everything is measured, in turn, each time by a new server; medians are printed.
    #[arg(long)]
    rounds: usize,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    // What is signed has to be good today.
    pki::NOW.set(OffsetDateTime::now_utc()).unwrap();
    rounds::measure(&arguments.server, arguments.slices, arguments.rounds).await;
}
