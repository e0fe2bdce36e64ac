//! `cargo xtask bench peers`: our viewer beside others, by a harness that runs them on the same data in the
//! same browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;

use super::Haste;
use crate::build;
use crate::process;
use crate::setup::{npm, system};
use crate::stand::config::{self, Site, Source, Stand};
use crate::stand::grant::{self, Wanted, Wish};
use crate::stand::http;
use crate::stand::server::{self, Server};
use crate::workspace::Workspace;

/// What to measure.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Folder of the harness: `run.sh`, `bench.mjs`, `adapters.mjs`, `gen.py`.
    harness: PathBuf,
    /// Rounds; each measures every viewer once, and medians are printed.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Viewers, as the harness names them; `bare-…` is a loop that does nothing but draw.
    #[arg(
        long,
        default_value = "negatoscope-webgpu,negatoscope-webgl,negatoscope-canvas,bare-webgpu,bare-webgl,bare-canvas,cs3d-stack,cs3d-stack-cpu,dwv,ohif"
    )]
    viewers: String,
    /// As well: 1300 slices in JPEG-LS, and single images of 3036 × 3036 at 30 Mbit/s.
    #[arg(long)]
    large: bool,
    /// Our server has the exams from Orthanc, as the others have, instead of a folder.
    #[arg(long)]
    orthanc: bool,
    /// Let the browser composite by Vulkan: WebGPU on a software GPU shows nothing otherwise.
    #[arg(long)]
    vulkan: bool,
}

const HOST: &str = "localhost";

/// Made by the harness' `gen.py`: one series each, of 300 slices in another encoding.
const DATA_SETS: [&str; 5] = ["raw", "jpegll", "jpegls", "j2k", "htj2k"];
/// Made by `large.py`.
const LARGE: [&str; 3] = ["large", "wide-j2k", "wide-htj2k"];
const BIRTH_DATE: &str = "19700101";

/// The same harness for one task of one peer.
#[derive(Args, Clone, Debug)]
pub(crate) struct TaskOptions {
    /// Folder of the harness: `server.mjs`, `orthanc.sh`, `gen.py`.
    harness: PathBuf,
    /// Rounds; each lets both viewers do the task once, and medians are printed.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    #[command(flatten)]
    haste: Haste,
}

/// Copies the harness, makes its data, serves them, measures.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let environment = [
        ("NEGATOSCOPE_VULKAN", options.vulkan.to_string()),
        ("NEGATOSCOPE_ROUNDS", options.rounds.to_string()),
        ("NEGATOSCOPE_ADAPTERS", options.viewers.clone()),
        ("NEGATOSCOPE_LARGE", options.large.to_string()),
    ];
    let data = match options.large {
        true => [&DATA_SETS[..], &LARGE].concat(),
        false => DATA_SETS.to_vec(),
    };
    let script = "bench/peers/run.js";
    let measurement = Measurement { script, data, environment: &environment };
    let source = if options.orthanc { by_orthanc } else { by_folder };
    measure(workspace, &options.harness, Haste::default(), source, &measurement)
}

/// From the exam's address to the first length, ours beside OHIF.
pub(crate) fn tasks(workspace: &Workspace, options: &TaskOptions) -> Result<()> {
    let harness = workspace.target.join("bench-peers");
    copy(&options.harness, &harness)?;
    process::step("fetch OHIF", || ohif(&harness))?;
    let environment = [("NEGATOSCOPE_ROUNDS", options.rounds.to_string())];
    let (data, script) = (DATA_SETS.to_vec(), "bench/peers/tasks.js");
    let measurement = Measurement { script, data, environment: &environment };
    measure(workspace, &options.harness, options.haste, by_folder, &measurement)
}

/// A script of `e2e/` and what it measures.
struct Measurement<'a> {
    script: &'static str,
    data: Vec<&'static str>,
    environment: &'a [(&'static str, String)],
}

/// Our server reads the files that the harness made.
fn by_folder(harness: &Path) -> Result<Source> {
    Ok(Source::Archive { path: harness.join("data") })
}

/// Our server asks the harness' Orthanc, started with all files; `run.sh` finds it running and lets it run.
fn by_orthanc(harness: &Path) -> Result<Source> {
    let mut start = Command::new("bash");
    start.current_dir(harness).args(["orthanc.sh", "data"]);
    process::step("start Orthanc with the data", || process::run_quietly(&mut start))?;
    Ok(Source::Pacs { url: "http://127.0.0.1:8042/dicom-web".to_owned() })
}

/// Runs a script beside our server with the harness' data.
fn measure(
    workspace: &Workspace,
    from: &Path,
    haste: Haste,
    source: fn(&Path) -> Result<Source>,
    Measurement { script, data, environment }: &Measurement<'_>,
) -> Result<()> {
    let missing = system::ensure(&[&system::NODE, &system::CHROMIUM, &system::PYTHON]);
    if !missing.is_empty() {
        bail!("missing: {} (see cargo xtask doctor)", missing.join(", "));
    }
    let chromium = system::chromium().context("no Chromium (see cargo xtask doctor)")?;
    npm::ensure_packages(&workspace.root.join("e2e"))?;
    let assets = build::run(workspace, &haste.build())?;
    let program = server::compile(workspace, haste.profile())?;
    let harness = workspace.target.join("bench-peers");
    copy(from, &harness)?;
    process::step("make the data", || make(workspace, &harness, data))?;

    let source = source(&harness)?;
    let _orthanc = matches!(source, Source::Pacs { .. }).then(|| Orthanc(harness.clone()));
    let (port, folder) = (http::free_port()?, workspace.target.join("bench/peers"));
    let site = Site {
        host: HOST,
        name: "Mesures",
        accession_roots: Vec::new(),
        source,
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

    let mut node = Command::new("node");
    node.current_dir(workspace.root.join("e2e")).arg(script);
    node.env("NEGATOSCOPE_HARNESS", &harness).env("NEGATOSCOPE_CHROMIUM", &chromium);
    node.env("NEGATOSCOPE_SERVER", json!({ "host": HOST, "port": port }).to_string());
    node.env("NEGATOSCOPE_DOORS", doors(&program, &config, data)?.to_string());
    node.env("CHROMIUM", &chromium).envs(environment.iter().map(|(name, value)| (name, value)));
    process::run(&mut node)
}

/// The harness' Orthanc, which runs until this goes.
struct Orthanc(PathBuf);

impl Drop for Orthanc {
    fn drop(&mut self) {
        let mut stop = Command::new("bash");
        if let Err(error) =
            process::run_quietly(stop.current_dir(&self.0).args(["orthanc.sh", "--stop"]))
        {
            eprintln!("Orthanc goes on running: {error:#}");
        }
    }
}

/// The harness' own files; what it fetched and made in an earlier run stays.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.join("bench.mjs").exists() {
        bail!("{} has no bench.mjs", from.display());
    }
    fs::create_dir_all(to)?;
    for name in ["", "web", "web/src"] {
        fs::create_dir_all(to.join(name))?;
        for entry in fs::read_dir(from.join(name))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), to.join(name).join(entry.file_name()))?;
            }
        }
    }
    Ok(())
}

/// As `run.sh` would make them, which then finds them; our server needs them before.
fn make(workspace: &Workspace, harness: &Path, data: &[&str]) -> Result<()> {
    let steps = "[ -x venv/bin/python ] || { python3 -m venv venv && \
        venv/bin/pip install -q pydicom==3.0.2 numpy imagecodecs==2026.3.6; } && \
        { [ -f data/stats.json ] || venv/bin/python gen.py data 300; }";
    process::run_quietly(Command::new("bash").current_dir(harness).args(["-c", steps]))?;
    if !data.contains(&LARGE[0]) || harness.join("data/large.json").exists() {
        return Ok(());
    }
    let script = workspace.root.join("e2e/bench/peers/large.py");
    process::run_quietly(
        Command::new(harness.join("venv/bin/python")).arg(script).arg(harness.join("data")),
    )
}

/// OHIF as its makers built it, as `run.sh` would fetch it.
fn ohif(harness: &Path) -> Result<()> {
    let steps = "[ -f dl/ohif/dist/index.html ] || { mkdir -p dl/ohif && cd dl && \
        npm pack @ohif/app@3.13.2 && tar xzf ohif-app-3.13.2.tgz -C ohif --strip-components=1; }";
    process::run_quietly(Command::new("bash").current_dir(harness).args(["-c", steps]))
}

/// Links and codes by data set.
fn doors(program: &Path, config: &Path, data: &[&str]) -> Result<serde_json::Value> {
    let mut doors = serde_json::Map::new();
    for (number, name) in (1..).zip(data) {
        let study = format!("1.2.826.0.1.3680043.10.999.{number}.1");
        let granted = grant::grant(
            program,
            config,
            &Wish { site: HOST, exam: Wanted::Study(&study), birth_date: None },
        )?;
        let door = json!({ "link": granted.link, "code": granted.code, "birth_date": BIRTH_DATE });
        doors.insert((*name).to_owned(), door);
    }
    Ok(doors.into())
}
