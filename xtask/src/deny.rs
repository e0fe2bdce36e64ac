//! `cargo xtask deny`: licences, sources and known vulnerabilities of what we depend on, by deny.toml.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::setup::cargo_deny;
use crate::workspace::Workspace;

/// Checks the program's dependencies, and those of the fuzz targets as far as they concern anybody else.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let program = cargo_deny::ensure(workspace)?;
    let deny = |manifest: &str| deny(&program, workspace, manifest);
    // Builds fetch what this machine compiles; the licences of what others compile are looked at as well.
    process::step("fetch the dependencies of every platform", || {
        let mut fetch = Command::new("cargo");
        process::run(fetch.current_dir(&workspace.root).args(["fetch", "--locked", "--quiet"]))
    })?;
    process::step("dependencies: licences, bans, sources", || {
        process::run(deny("Cargo.toml").args(["--offline", "check", "licenses", "bans", "sources"]))
    })?;
    // Fuzz targets are given to nobody: their licences bind nobody.
    process::step("dependencies of the fuzz targets: bans, sources", || {
        process::run(deny("fuzz/Cargo.toml").args(["check", "bans", "sources"]))
    })?;
    if let Err(error) = process::run_quietly(deny("Cargo.toml").args(["fetch", "db"])) {
        eprintln!("· known vulnerabilities: skipped: advisory database not reachable");
        eprintln!("  {}", reason(&error));
        return Ok(());
    }
    for manifest in ["Cargo.toml", "fuzz/Cargo.toml"] {
        process::step(format!("known vulnerabilities: {manifest}"), || {
            process::run(deny(manifest).args(["check", "advisories"]))
        })?;
    }
    Ok(())
}

fn deny(program: &Path, workspace: &Workspace, manifest: &str) -> Command {
    let mut deny = Command::new(program);
    deny.current_dir(&workspace.root).args(["--config", "deny.toml", "--manifest-path", manifest]);
    deny
}

/// What git said.
fn reason(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    let said = text.lines().find(|line| line.starts_with("fatal:"));
    said.unwrap_or("cargo-deny could not fetch it").to_owned()
}
