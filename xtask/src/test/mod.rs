//! `cargo xtask test`: sets everything up and passes every test.

mod browser;
mod peers;
mod rust;
mod stand;

use std::time::Instant;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

pub(crate) use self::browser::example;
use self::peers::Peers;
use crate::workspace::Workspace;
use crate::{arch, build, conformance, fuzz, size};

/// What to test.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Only these stages; all of them by default.
    #[arg(value_enum)]
    stages: Vec<Stage>,
    /// Use the quickly compiled viewer (for work on it and on the tests).
    #[arg(long)]
    dev: bool,
    /// Compile no browser module: with those of the last build, for work on styles, scripts and browser tests.
    #[arg(long)]
    sources_only: bool,
    /// Arguments for Playwright, after `--` (for example `-- --grep loupe`).
    #[arg(last = true)]
    playwright: Vec<String>,
}

/// How to take pictures.
#[derive(Args, Clone, Debug)]
pub(crate) struct PictureOptions {
    /// Use the quickly compiled viewer.
    #[arg(long)]
    dev: bool,
    /// Compile no browser module: with those of the last build, for work on styles.
    #[arg(long)]
    sources_only: bool,
    /// Arguments for Playwright, after `--` (for example `-- --project phone-fr-light`).
    #[arg(last = true)]
    playwright: Vec<String>,
}

/// Takes pictures of every screen of the viewer and of the pages around it.
pub(crate) fn pictures(workspace: &Workspace, options: &PictureOptions) -> Result<()> {
    let peers = peers::ensure(workspace)?;
    let build = build::Options {
        dev: options.dev,
        sources_only: options.sources_only,
        ..Default::default()
    };
    browser::pictures(workspace, &peers, &build, &options.playwright)
}

/// A part of the tests, in the order they run: what fails soonest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Stage {
    /// Who depends on whom, module layers, licences.
    Arch,
    /// Every Rust test, those against Orthanc, an independent client and real files included.
    Rust,
    /// Builds the browser modules.
    Build,
    /// The decode module as WebAssembly against the same code compiled natively.
    Wasm,
    /// Decoding and drawing against files with known pixels, where they are at hand.
    Conformance,
    /// Each fuzz target for 10 seconds, two at a time.
    Fuzz,
    /// Bytes to the first image.
    Size,
    /// The viewer in Chromium, on WebGPU and on WebGL2.
    E2e,
}

/// How a stage ended.
struct Outcome {
    stage: Stage,
    result: Result<()>,
    seconds: f64,
}

/// Runs the stages one after the other and ends with how many passed.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let stages = &options.stages;
    let wanted = |stage: &Stage| stages.is_empty() || stages.contains(stage);
    let peers = peers::ensure(workspace)?;
    let mut outcomes = Vec::new();
    let mut options = options.clone();
    for stage in Stage::value_variants().iter().copied().filter(wanted) {
        eprintln!("== {stage:?}");
        let began = Instant::now();
        let result = run_stage(workspace, stage, &peers, &options);
        // What was built is taken from then on.
        options.sources_only |= matches!(stage, Stage::Build) && result.is_ok();
        if let Err(error) = &result {
            eprintln!("== {stage:?} failed: {error:#}");
        }
        outcomes.push(Outcome { stage, result, seconds: began.elapsed().as_secs_f64() });
    }
    summarise(&outcomes, &peers)
}

fn run_stage(workspace: &Workspace, stage: Stage, peers: &Peers, options: &Options) -> Result<()> {
    let build = build::Options {
        dev: options.dev,
        sources_only: options.sources_only,
        ..Default::default()
    };
    match stage {
        Stage::Arch => arch::run(workspace),
        Stage::Rust => rust::run(workspace, peers),
        Stage::Build => build::run(workspace, &build).map(drop),
        Stage::Wasm => browser::decode_module(workspace, peers, &build),
        Stage::Conformance => known_files(workspace, options.dev),
        Stage::Fuzz => fuzz::run(workspace, &fuzz::Options::smoke()),
        Stage::Size => size::run(workspace, size::Options::default()),
        Stage::E2e => browser::end_to_end(workspace, peers, &build, &options.playwright),
    }
}

fn known_files(workspace: &Workspace, dev: bool) -> Result<()> {
    let folder = workspace.root.join("../shared/data");
    if !folder.is_dir() {
        println!("skipped: no ../shared");
        return Ok(());
    }
    conformance::run(workspace, &conformance::Options::of(folder, dev))
}

fn summarise(outcomes: &[Outcome], peers: &Peers) -> Result<()> {
    println!();
    for outcome in outcomes {
        let word = if outcome.result.is_ok() { "ok  " } else { "FAIL" };
        println!("{word} {:<11} {:>7.1} s", format!("{:?}", outcome.stage), outcome.seconds);
    }
    for missing in &peers.missing {
        println!("not tested, because {missing} is missing (see cargo xtask doctor)");
    }
    let failed = outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
    println!("{} passed, {failed} failed", outcomes.len() - failed);
    if failed > 0 {
        bail!("{failed} of {} stages failed", outcomes.len());
    }
    Ok(())
}
