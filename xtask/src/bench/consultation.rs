//! `cargo xtask bench consultation`: an exam of another centre, as fast as it can come?

use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

use crate::process;
use crate::setup::identity_peer;
use crate::workspace::{Workspace, find_program};

/// How to measure.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Slices of the CT, 512 × 512, JPEG-LS.
    #[arg(long, default_value_t = 1300, value_parser = clap::value_parser!(u32).range(3..))]
    slices: u32,
    /// How often everything is measured; medians are printed.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

/// Builds as for people, and lets a professional look at an exam that lies in a box on loopback.
pub(crate) fn run(workspace: &Workspace, options: Options) -> Result<()> {
    find_program("curl").context("no curl: nothing to compare with")?;
    let provider = identity_peer::ensure(workspace)?;
    let mut cargo = Command::new(Workspace::cargo());
    cargo.current_dir(&workspace.root);
    // At once: apart, each would compile most libraries with features of its own.
    cargo.args(["build", "--release", "--package", "server"]);
    cargo.args(["--bin", "negatoscope", "--example", "consultation"]);
    process::step("compile the server and the other centre", || process::run(&mut cargo))?;
    let release = workspace.target.join("release");
    let mut bench = Command::new(release.join("examples/consultation"));
    bench
        .arg("--server")
        .arg(release.join("negatoscope"))
        .env("NEGATOSCOPE_IDENTITY_PEER", provider);
    bench.args(["--slices", &options.slices.to_string()]);
    bench.args(["--rounds", &options.rounds.to_string()]);
    process::run(&mut bench)
}
