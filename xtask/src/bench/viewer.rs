//! `cargo xtask bench`: how soon the first image is there, how quickly it scrolls, how much memory it takes.

use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;

use crate::build;
use crate::process;
use crate::setup::{npm, system};
use crate::stand::config::{self, Site, Stand};
use crate::stand::grant::{self, Wish};
use crate::stand::server::{self, Profile, Server};
use crate::stand::{http, phantom};
use crate::workspace::Workspace;

/// How to measure.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Runs of each back end; the medians are printed.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Prints every run and the medians as JSON instead of a table.
    #[arg(long)]
    json: bool,
}

const HOST: &str = "localhost";

/// Builds as for people, measures in Chromium, prints a table.
pub(crate) fn run(workspace: &Workspace, options: Options) -> Result<()> {
    let missing = system::ensure(&[&system::NODE, &system::CHROMIUM]);
    if !missing.is_empty() {
        anyhow::bail!("missing: {} (see cargo xtask doctor)", missing.join(", "));
    }
    let chromium = system::chromium().context("no Chromium (see cargo xtask doctor)")?;
    npm::ensure_packages(&workspace.root.join("e2e"))?;
    let assets = build::run(workspace, &build::Options::default())?;
    let program = server::compile(workspace, Profile::Release)?;
    let exam = phantom::ensure(workspace)?.exam;

    let (port, folder) = (http::free_port()?, workspace.target.join("bench"));
    let site = Site {
        host: HOST,
        name: "Mesures",
        accession_roots: Vec::new(),
        archive: exam.folder.clone(),
        identity: None,
    };
    let stand = Stand { port, folder: &folder, assets: &assets, sites: vec![site], limits: None };
    let config = config::write(stand)?;
    let mut server = Server::start(&program, &config, port, &folder.join("server.log"))?;
    process::step("index the exams", || server.wait_until_ready(&[HOST]))?;
    let wish = Wish { site: HOST, study: &exam.study_instance_uid, birth_date: None };
    let granted = grant::grant(&program, &config, &wish)?;
    let ct = exam.series.iter().find(|series| series.kind == "Ct").context("no CT")?;
    let door = json!({
        "link": granted.link, "code": granted.code, "birth_date": exam.birth_date,
        "images": ct.sop_instance_uids.len() * ct.frames,
    });

    let mut node = Command::new("node");
    node.current_dir(workspace.root.join("e2e")).arg("bench/bench.js");
    node.env("NEGATOSCOPE_DOOR", door.to_string()).env("NEGATOSCOPE_CHROMIUM", chromium);
    node.env("NEGATOSCOPE_RUNS", options.runs.to_string());
    node.env("NEGATOSCOPE_JSON", options.json.to_string());
    process::run(&mut node)
}
