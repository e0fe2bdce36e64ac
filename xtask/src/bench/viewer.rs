//! `cargo xtask bench`: how soon the first image is there, how quickly it scrolls, how much memory it takes.

use std::process::Command;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::Haste;
use crate::build;
use crate::process;
use crate::setup::{npm, system};
use crate::stand::config::{self, Site, Source, Stand};
use crate::stand::grant::{self, Wanted, Wish};
use crate::stand::http;
use crate::stand::phantom::{self, PhantomExam};
use crate::stand::server::{self, Server};
use crate::workspace::Workspace;

/// What is measured.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Part {
    /// First image, loading, scrolling, memory.
    Figures,
    /// What loading and windowing cost the main thread, by a performance trace.
    Input,
    /// Memory on a phone.
    Phone,
}

/// How to measure.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    haste: Haste,
    /// Only these parts.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Runs of each back end; the medians are printed.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Prints every run and the medians as JSON instead of a table.
    #[arg(long)]
    json: bool,
}

const HOST: &str = "localhost";

/// How long to go on, with what.
#[derive(Args, Clone, Debug)]
pub(crate) struct SoakOptions {
    /// Minutes on each back end.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    minutes: u32,
    /// Only these back ends.
    #[arg(long, value_delimiter = ',', default_values = ["webgpu", "webgl", "canvas"])]
    only: Vec<String>,
    /// Slices of the CT, 512 × 512, raw.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(3..))]
    slices: u32,
}

/// Which network.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct SlowOptions {
    /// Mbit/s.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    mbit_s: u32,
    /// What each answer takes longer, ms.
    #[arg(long, default_value_t = 40)]
    latency_ms: u32,
}

/// Builds as for people, measures in Chromium, prints a table.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let names: Vec<String> =
        options.only.iter().map(|part| format!("{part:?}").to_lowercase()).collect();
    let environment = [
        ("NEGATOSCOPE_PARTS", names.join(",")),
        ("NEGATOSCOPE_RUNS", options.runs.to_string()),
        ("NEGATOSCOPE_JSON", options.json.to_string()),
    ];
    measure(workspace, options.haste, "bench/bench.js", &environment)
}

/// The same with random use, to see what grows.
pub(crate) fn soak(workspace: &Workspace, options: &SoakOptions) -> Result<()> {
    let environment = [
        ("NEGATOSCOPE_MINUTES", options.minutes.to_string()),
        ("NEGATOSCOPE_BACK_ENDS", options.only.join(",")),
    ];
    let exam = phantom::with_slices(workspace, options.slices as usize)?;
    measure_exam(workspace, Haste::default(), &exam, "bench/soak.js", &environment)
}

/// The whole series over a slow network.
pub(crate) fn slow(workspace: &Workspace, options: SlowOptions) -> Result<()> {
    let environment = [
        ("NEGATOSCOPE_MBIT_S", options.mbit_s.to_string()),
        ("NEGATOSCOPE_LATENCY_MS", options.latency_ms.to_string()),
    ];
    measure(workspace, Haste::default(), "bench/slow.js", &environment)
}

/// Runs a script of `e2e/` beside a server that has the phantom exam.
fn measure(
    workspace: &Workspace,
    haste: Haste,
    script: &str,
    environment: &[(&str, String)],
) -> Result<()> {
    let exam = phantom::ensure(workspace)?.exam;
    measure_exam(workspace, haste, &exam, script, environment)
}

fn measure_exam(
    workspace: &Workspace,
    haste: Haste,
    exam: &PhantomExam,
    script: &str,
    environment: &[(&str, String)],
) -> Result<()> {
    let missing = system::ensure(&[&system::NODE, &system::CHROMIUM]);
    if !missing.is_empty() {
        anyhow::bail!("missing: {} (see cargo xtask doctor)", missing.join(", "));
    }
    let chromium = system::chromium().context("no Chromium (see cargo xtask doctor)")?;
    npm::ensure_packages(&workspace.root.join("e2e"))?;
    let assets = build::run(workspace, &haste.build())?;
    let program = server::compile(workspace, haste.profile())?;

    let (port, folder) = (http::free_port()?, workspace.target.join("bench"));
    let site = Site {
        host: HOST,
        name: "Mesures",
        accession_roots: Vec::new(),
        source: Source::Archive { path: exam.folder.clone() },
        identity: None,
        consultation: None,
        import: None,
    };
    let stand = Stand {
        port,
        folder: &folder,
        assets: &assets,
        sites: vec![site],
        limits: None,
        trust_list: None,
    };
    let config = config::write(stand)?;
    let mut server = Server::start(&program, &config, port, &folder.join("server.log"))?;
    process::step("index the exams", || server.wait_until_ready(&[HOST]))?;
    let wish = Wish { site: HOST, exam: Wanted::Study(&exam.study_instance_uid), birth_date: None };
    let granted = grant::grant(&program, &config, &wish)?;
    let ct = exam.series.iter().find(|series| series.kind == "Ct").context("no CT")?;
    let door = json!({
        "link": granted.link, "code": granted.code, "birth_date": exam.birth_date,
        "images": ct.sop_instance_uids.len() * ct.frames,
    });

    let mut node = Command::new("node");
    node.current_dir(workspace.root.join("e2e")).arg(script);
    node.env("NEGATOSCOPE_DOOR", door.to_string()).env("NEGATOSCOPE_CHROMIUM", chromium);
    node.envs(environment.iter().map(|(name, value)| (name, value)));
    process::run(&mut node)
}
