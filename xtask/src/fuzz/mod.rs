//! `cargo xtask fuzz`: every fuzz target for a while, on the nightly toolchain.

mod seeds;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::process;
use crate::workspace::Workspace;

/// What makes code report its way through its branches to libFuzzer, as cargo-fuzz does it.
const INSTRUMENTATION: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Zsanitizer=address -Ccodegen-units=1";

/// Runs the fuzz targets for a while (nightly toolchain).
#[derive(Args)]
pub(crate) struct Options {
    /// Seconds for each target.
    #[arg(long, default_value_t = 20)]
    seconds: u32,
    /// Targets (files of `fuzz/fuzz_targets`); all of them by default.
    targets: Vec<String>,
}

impl Options {
    /// A short run of everything.
    pub(crate) fn smoke() -> Self {
        Self { seconds: 20, targets: Vec::new() }
    }
}

/// Runs the targets one after the other; inputs that fail one are kept below `target/fuzz/artifacts`.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if !has_nightly() {
        println!("skipped: no nightly toolchain");
        return Ok(());
    }
    let known = targets(workspace)?;
    if let Some(unknown) = options.targets.iter().find(|name| !known.contains(name)) {
        bail!("no fuzz target {unknown}; there are: {}", known.join(", "));
    }
    let programs = process::step("compile the fuzz targets", || compile(workspace))?;
    let seeds = seeds::write(workspace)?;
    let wanted = |name: &&String| options.targets.is_empty() || options.targets.contains(name);
    let mut failed = Vec::new();
    for name in known.iter().filter(wanted) {
        match fuzz(workspace, &programs.join(name), &seeds.join(name), options.seconds) {
            Ok(runs) => println!("ok    {name:<14} {runs} inputs"),
            Err(error) => {
                println!("FAIL  {name:<14} {error:#}");
                failed.push(name.as_str());
            }
        }
    }
    if !failed.is_empty() {
        bail!("{} of the fuzz targets failed: {}", failed.len(), failed.join(", "));
    }
    Ok(())
}

fn has_nightly() -> bool {
    let listed = process::output_of(Command::new("rustup").args(["toolchain", "list"]));
    listed.is_ok_and(|names| names.lines().any(|name| name.starts_with("nightly")))
}

/// Names of the programs in `fuzz/Cargo.toml`.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let manifest: toml::Table =
        fs::read_to_string(workspace.root.join("fuzz/Cargo.toml"))?.parse()?;
    let programs = manifest.get("bin").and_then(toml::Value::as_array);
    let names = programs.into_iter().flatten().filter_map(|program| program.get("name")?.as_str());
    Ok(names.map(str::to_owned).collect())
}

/// Compiles all targets and returns their folder.
fn compile(workspace: &Workspace) -> Result<PathBuf> {
    let version = process::output_of(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc names no host")?;
    let target = workspace.target.join("fuzz");
    let mut cargo = Command::new("rustup");
    cargo.args(["run", "nightly", "cargo", "build", "--locked", "--release", "--bins"]);
    // Sanitizers do not go with build scripts: a target of its own keeps the flags from those.
    cargo.args(["--target", host, "--target-dir"]).arg(&target);
    cargo.current_dir(workspace.root.join("fuzz")).env("RUSTFLAGS", INSTRUMENTATION);
    // The toolchain that runs this program is another one.
    cargo.env_remove("CARGO").env_remove("RUSTC").env_remove("RUSTUP_TOOLCHAIN");
    process::run(&mut cargo)?;
    Ok(target.join(host).join("release"))
}

/// Runs one target and returns how many inputs it took.
fn fuzz(workspace: &Workspace, program: &Path, seeds: &Path, seconds: u32) -> Result<String> {
    let name = program.file_name().unwrap_or_default();
    let corpus = workspace.target.join("fuzz/corpus").join(name);
    let artifacts = workspace.target.join("fuzz/artifacts").join(name);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    fs::create_dir_all(seeds)?;
    let mut command = Command::new(program);
    // New inputs go to the first folder.
    command.args([&corpus, seeds]);
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]);
    command.current_dir(env::temp_dir());
    let output = command.output().with_context(|| process::shown(&command))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let lines: Vec<&str> = said.lines().collect();
        bail!("{}", lines[lines.len().saturating_sub(60)..].join("\n"));
    }
    let runs = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    Ok(runs.unwrap_or("?").trim().to_owned())
}
