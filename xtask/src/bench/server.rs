//! `cargo xtask bench server`: how much one processor serves, and how soon.

use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

use crate::process;
use crate::stand::phantom;
use crate::stand::server::{self, Profile};
use crate::workspace::{Workspace, find_program};

/// How to measure.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Viewers that page at once, each on a connection of its own.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    viewers: u32,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// How often everything is measured; medians are printed.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Frames a second of each viewer in the paced measurement; 1.25 of 512 kB by 200 viewers are 1 Gbit/s, and 2.5 of packed ones.
    #[arg(long, default_value_t = 1.25)]
    pace: f64,
    /// Frames as the archive has them, where viewers would rather have them packed, in half the bytes.
    #[arg(long)]
    stored: bool,
}

/// Builds as for people, generates the exam, and lets many viewers page through its CT.
pub(crate) fn run(workspace: &Workspace, options: Options) -> Result<()> {
    find_program("taskset")
        .context("no taskset (of util-linux): nothing keeps the server on one processor")?;
    let program = server::compile(workspace, Profile::Release)?;
    let mut cargo = Command::new(Workspace::cargo());
    cargo.current_dir(&workspace.root);
    cargo.args(["build", "--release", "--package", "server", "--example", "load"]);
    process::step("compile the viewers", || process::run(&mut cargo))?;
    let exam = phantom::ensure(workspace)?.exam;
    // Away from the processor of the servers, which is the first.
    let mut load = Command::new("taskset");
    load.args(["--cpu-list", "1-1023"]).arg(workspace.target.join("release/examples/load"));
    load.arg("--server").arg(program).arg("--exam").arg(&exam.folder);
    load.args(["--study", &exam.study_instance_uid, "--birth-date", &exam.birth_date]);
    load.args(["--viewers", &options.viewers.to_string()]);
    load.args(["--seconds", &options.seconds.to_string()]);
    load.args(["--rounds", &options.rounds.to_string()]);
    load.args(["--pace", &options.pace.to_string()]);
    if options.stored {
        load.arg("--stored");
    }
    process::run(&mut load)
}
