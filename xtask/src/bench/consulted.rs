//! `cargo xtask bench consulted`: how soon a professional sees an exam of another centre, beside the same exam in a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};

use super::Haste;
use crate::build;
use crate::process;
use crate::setup::{identity_peer, npm, system};
use crate::stand::config::{self, Site, Source, Stand};
use crate::stand::grant::{self, Wanted, Wish};
use crate::stand::http;
use crate::stand::identity::Providers;
use crate::stand::other_centre::{OtherCentre, Ready};
use crate::stand::server::Server;
use crate::workspace::Workspace;

const LOCAL: &str = "vi1.349.localhost";
const CONSULTED: &str = "vi7.349.localhost";

/// How to measure.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    haste: Haste,
    /// Slices of the CT, 512 × 512, JPEG-LS.
    #[arg(long, default_value_t = 1300, value_parser = clap::value_parser!(u32).range(3..))]
    slices: u32,
    /// How often each is measured, in turn; medians are printed.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=6))]
    rounds: u32,
}

/// Builds as for people, and measures in Chromium.
pub(crate) fn run(workspace: &Workspace, options: Options) -> Result<()> {
    let missing = system::ensure(&[&system::NODE, &system::CHROMIUM]);
    if !missing.is_empty() {
        anyhow::bail!("missing: {} (see cargo xtask doctor)", missing.join(", "));
    }
    let chromium = system::chromium().context("no Chromium (see cargo xtask doctor)")?;
    npm::ensure_packages(&workspace.root.join("e2e"))?;
    let provider = identity_peer::ensure(workspace)?;
    let assets = build::run(workspace, &options.haste.build())?;
    let [program, other_centre] = compile(workspace)?;

    let (port, folder) = (http::free_port()?, workspace.target.join("bench/consulted"));
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(folder.join("nothing"))?;
    let origins = [format!("http://{CONSULTED}:{port}")];
    let providers = Providers::start(&provider, &origins, &folder)?;
    let slices = options.slices.to_string();
    let centre = process::step(format!("make a CT of {slices} slices"), || {
        OtherCentre::with(&other_centre, &program, &providers.config(), &["--slices", &slices])
    })?;
    let ready = &centre.ready;
    let config = configure((port, &folder, &assets), ready, &providers.config(), options.rounds)?;
    let mut server = Server::start(&program, &config, port, &folder.join("server.log"))?;
    process::step("index the exams", || server.wait_until_ready(&[LOCAL, CONSULTED]))?;
    let exam = Wanted::Study(&ready.door.study_instance_uid);
    let granted = grant::grant(&program, &config, &Wish { site: LOCAL, exam, birth_date: None })?;
    let stand = json!({
        "local": { "link": granted.link, "code": granted.code, "birth_date": ready.birth_date },
        "consulted": {
            "page": format!("http://{CONSULTED}:{port}/consultation"),
            "call_address": format!("http://{CONSULTED}:{port}/appel-contextuel"),
            "call": ready.door.call,
            "manifest": ready.door.manifest,
        },
        "slices": options.slices,
    });
    let description = folder.join("stand.json");
    fs::write(&description, stand.to_string())?;
    let mut node = Command::new("node");
    node.current_dir(workspace.root.join("e2e")).arg("bench/consulted.js");
    node.env("NEGATOSCOPE_STAND", description).env("NEGATOSCOPE_CHROMIUM", chromium);
    node.env("NEGATOSCOPE_ROUNDS", options.rounds.to_string());
    process::run(&mut node)
}

/// A site with the exam in a folder, and one that knows nothing but what manifests say.
fn configure(
    (port, folder, assets): (u16, &Path, &Path),
    ready: &Ready,
    identity: &Value,
    rounds: u32,
) -> Result<PathBuf> {
    let site = |host, archive: PathBuf| Site {
        host,
        name: "Mesures",
        accession_roots: Vec::new(),
        source: Source::Archive { path: archive },
        identity: None,
        consultation: None,
        import: None,
    };
    let mut consultation = ready.consultation.clone();
    // Each visit begins one, and none is ended.
    consultation["consultations"] = json!(rounds * 4);
    let consulting = Site {
        identity: Some(identity.clone()),
        consultation: Some(consultation),
        ..site(CONSULTED, folder.join("nothing"))
    };
    config::write(Stand {
        port,
        folder,
        assets,
        sites: vec![site(LOCAL, ready.exams.clone()), consulting],
        limits: None,
        trust_list: Some(ready.trust_list.clone()),
    })
}

/// The server and the program of the other centre, for release.
fn compile(workspace: &Workspace) -> Result<[PathBuf; 2]> {
    let mut cargo = Command::new(Workspace::cargo());
    cargo.current_dir(&workspace.root);
    // At once: apart, each would compile most libraries with features of its own.
    cargo.args(["build", "--release", "--locked", "--package", "server"]);
    cargo.args(["--bin", "negatoscope", "--example", "other_centre"]);
    process::step("compile the server and the other centre", || process::run(&mut cargo))?;
    let release = workspace.target.join("release");
    Ok(["negatoscope", "examples/other_centre"].map(|name| release.join(name)))
}
