//! `cargo xtask fuzz`: every fuzz target for a while.

mod compile;
mod seeds;

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::process;
use crate::workspace::Workspace;

/// Seconds for each target in a run that only shows that they run.
const SMOKE_SECONDS: u32 = 10;
/// Seconds that one input may take before it counts as a hang.
const PATIENCE: u32 = 10;

/// How long and what.
#[derive(Args)]
pub(crate) struct Options {
    /// Seconds for each target.
    #[arg(long, default_value_t = 20)]
    seconds: u32,
    /// Targets at a time.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Targets (files of `fuzz/fuzz_targets`); all of them by default.
    targets: Vec<String>,
}

impl Options {
    /// A short run of everything.
    pub(crate) fn smoke() -> Self {
        Self { seconds: SMOKE_SECONDS, jobs: 2, targets: Vec::new() }
    }
}

/// Runs the targets; inputs that fail one are kept below `fuzz/artifacts` in the target folder.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let known = targets(workspace)?;
    if let Some(unknown) = options.targets.iter().find(|name| !known.contains(name)) {
        bail!("no fuzz target {unknown}; there are: {}", known.join(", "));
    }
    let programs = process::step("compile the fuzz targets", || {
        compile::all_targets(workspace, options.seconds <= SMOKE_SECONDS)
    })?;
    let seeds = seeds::write(workspace)?;
    let wanted = |name: &&String| options.targets.is_empty() || options.targets.contains(name);
    let names: Vec<&str> = known.iter().filter(wanted).map(String::as_str).collect();
    let failed = side_by_side(&names, options.jobs, |name| {
        fuzz(workspace, &programs.join(name), &seeds.join(name), options.seconds)
    });
    if !failed.is_empty() {
        bail!("{} of the fuzz targets failed: {}", failed.len(), failed.join(", "));
    }
    Ok(())
}

/// Runs so many at a time, says how each ended, and returns those that failed.
fn side_by_side<'a>(
    names: &[&'a str],
    jobs: usize,
    fuzz: impl Fn(&str) -> Result<String> + Sync,
) -> Vec<&'a str> {
    let (queue, failed) = (Mutex::new(names.iter().copied()), Mutex::new(Vec::new()));
    // A function of its own: the lock is not held while a target runs.
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some(name) = next() {
            match fuzz(name) {
                Ok(runs) => println!("ok    {name:<14} {runs} inputs"),
                Err(error) => {
                    println!("FAIL  {name:<14} {error:#}");
                    failed.lock().unwrap_or_else(PoisonError::into_inner).push(name);
                }
            }
        }
    };
    thread::scope(|scope| (0..jobs.max(1)).for_each(|_job| drop(scope.spawn(work))));
    failed.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Names of the programs in `fuzz/Cargo.toml`.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let manifest: toml::Table =
        fs::read_to_string(workspace.root.join("fuzz/Cargo.toml"))?.parse()?;
    let programs = manifest.get("bin").and_then(toml::Value::as_array);
    let names = programs.into_iter().flatten().filter_map(|program| program.get("name")?.as_str());
    Ok(names.map(str::to_owned).collect())
}

/// Runs one target and returns how many inputs it took.
fn fuzz(workspace: &Workspace, program: &Path, seeds: &Path, seconds: u32) -> Result<String> {
    let name = program.file_name().unwrap_or_default();
    let corpus = workspace.target.join("fuzz/corpus").join(name);
    let artifacts = workspace.target.join("fuzz/artifacts").join(name);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    let mut command = Command::new(program);
    // New inputs go to the first folder.
    command.args([&corpus, seeds]);
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.arg(format!("-timeout={PATIENCE}"));
    command.args(["-rss_limit_mb=2048", "-print_final_stats=1"]);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_target_runs_once_and_failures_are_named() {
        let ran = Mutex::new(Vec::new());
        let failed = side_by_side(&["a", "b", "c"], 2, |name| {
            ran.lock().unwrap_or_else(PoisonError::into_inner).push(name.to_owned());
            if name == "b" { bail!("why") } else { Ok("1".to_owned()) }
        });
        let mut ran = ran.into_inner().unwrap_or_else(PoisonError::into_inner);
        ran.sort_unstable();
        assert_eq!((ran.concat(), failed), ("abc".to_owned(), vec!["b"]));
    }
}
