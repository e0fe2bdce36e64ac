//! Compiles the fuzz targets, as cargo-fuzz does it but without it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// What makes code report its way through its branches to libFuzzer.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Ccodegen-units=1";
/// What finds memory errors of dependencies with `unsafe` code; of nightly compilers only.
const ADDRESS_SANITIZER: &str = "-Zsanitizer=address";

/// Compiles all targets and returns their folder. Without a nightly toolchain they are compiled by the
/// stable one: panics, hangs and too much memory are found all the same. `quickly` is for runs that are shorter than
/// optimising is long.
pub(super) fn all_targets(workspace: &Workspace, quickly: bool) -> Result<PathBuf> {
    let version = process::output_of(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc names no host")?;
    let (mut cargo, flags, folder) = if has_nightly() {
        let mut nightly = Command::new("rustup");
        nightly.args(["run", "nightly", "cargo"]);
        // The toolchain that runs this program is another one.
        nightly.env_remove("CARGO").env_remove("RUSTC").env_remove("RUSTUP_TOOLCHAIN");
        (nightly, format!("{COVERAGE} {ADDRESS_SANITIZER}"), "fuzz/nightly")
    } else {
        eprintln!("  no nightly toolchain: without the address sanitizer");
        (Command::new(Workspace::cargo()), COVERAGE.to_owned(), "fuzz/stable")
    };
    let target = workspace.target.join(folder);
    cargo.args(["build", "--locked", "--release", "--bins"]);
    // With a target of its own, build scripts and procedural macros do not get the flags.
    cargo.args(["--target", host, "--target-dir"]).arg(&target);
    cargo.current_dir(workspace.root.join("fuzz")).env("RUSTFLAGS", flags);
    if quickly {
        cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    }
    process::run(&mut cargo)?;
    Ok(target.join(host).join("release"))
}

fn has_nightly() -> bool {
    let listed = process::output_of(Command::new("rustup").args(["toolchain", "list"]));
    listed.is_ok_and(|names| names.lines().any(|name| name.starts_with("nightly")))
}
