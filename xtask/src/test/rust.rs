//! Every Rust test of the workspace.

use std::process::Command;

use anyhow::Result;

use super::peers::Peers;
use crate::process;
use crate::workspace::{Workspace, find_program};

/// Runs unit and integration tests, then the examples in the documentation.
pub(crate) fn run(workspace: &Workspace, peers: &Peers) -> Result<()> {
    let tests = process::run(&mut tests(workspace, peers));
    let mut examples = cargo(workspace, peers);
    examples.args(["test", "--workspace", "--locked", "--doc", "--no-fail-fast"]);
    tests.and(process::run(&mut examples))
}

fn tests(workspace: &Workspace, peers: &Peers) -> Command {
    let mut tests = cargo(workspace, peers);
    if find_program("cargo-nextest").is_some() {
        tests.args(["nextest", "run", "--status-level", "slow", "--final-status-level", "slow"]);
    } else {
        tests.args(["test", "--lib", "--bins", "--tests"]);
    }
    tests.args(["--workspace", "--locked", "--no-fail-fast"]);
    tests
}

fn cargo(workspace: &Workspace, peers: &Peers) -> Command {
    let mut cargo = Command::new(Workspace::cargo());
    cargo.current_dir(&workspace.root);
    peers.tell(&mut cargo);
    cargo
}
