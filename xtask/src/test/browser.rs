//! The viewer in a real browser, and the decode module outside of one.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::peers::Peers;
use super::stand;
use crate::build;
use crate::process;
use crate::setup::{npm, system};
use crate::stand::phantom;
use crate::workspace::Workspace;

/// Holds the WebAssembly decode module against the same code compiled natively: every first and last
/// frame of the phantoms, the real files and the shared ones.
pub(super) fn decode_module(
    workspace: &Workspace,
    peers: &Peers,
    build: &build::Options,
) -> Result<()> {
    let site = build::run(workspace, build)?;
    npm::ensure_node()?;
    let phantoms = phantom::ensure(workspace)?;
    let program = example(workspace, "decode_cases")?;
    let cases = workspace.target.join("decode-cases");
    if cases.exists() {
        std::fs::remove_dir_all(&cases)?;
    }
    let shared = workspace.root.join("../shared/data");
    if !shared.is_dir() {
        println!("skipped: no ../shared");
    }
    process::step("decode natively", || {
        let folders = [Some(phantoms.exam.folder), peers.real_dicom(), Some(shared)];
        let there = folders.into_iter().flatten().filter(|folder| folder.is_dir());
        process::run(Command::new(&program).arg(&cases).args(there))
    })?;
    process::step("decode as WebAssembly", || {
        let mut node = Command::new("node");
        node.current_dir(workspace.root.join("e2e")).args([
            "--test",
            "wasm/decode.test.js",
            "wasm/worker.test.js",
        ]);
        node.env("NEGATOSCOPE_SITE", site).env("NEGATOSCOPE_CASES", &cases);
        process::run(&mut node)
    })?;
    Ok(std::fs::remove_dir_all(cases)?)
}

/// Runs Playwright on a server with the phantoms, on WebGPU and on WebGL2.
pub(super) fn end_to_end(
    workspace: &Workspace,
    peers: &Peers,
    build: &build::Options,
    arguments: &[String],
) -> Result<()> {
    let reference = example(workspace, "render_reference")?;
    playwright(workspace, peers, build, |command| {
        command.args(arguments).env("NEGATOSCOPE_REFERENCE", &reference);
    })
}

/// Takes pictures of every screen into `docs/pictures` and lists them in `docs/PICTURES.md`.
pub(super) fn pictures(
    workspace: &Workspace,
    peers: &Peers,
    build: &build::Options,
    arguments: &[String],
) -> Result<()> {
    let folder = workspace.root.join("docs/pictures");
    playwright(workspace, peers, build, |command| {
        command.args(["--config", "pictures.config.js"]).args(arguments);
        command.env("NEGATOSCOPE_PICTURES", &folder);
    })?;
    let mut index = Command::new("node");
    index.current_dir(workspace.root.join("e2e")).arg("pictures/index.js");
    index.env("NEGATOSCOPE_PICTURES", &folder);
    process::run(&mut index)
}

/// Runs Playwright beside a server with the phantoms; `more` says what of it.
fn playwright(
    workspace: &Workspace,
    peers: &Peers,
    build: &build::Options,
    more: impl FnOnce(&mut Command),
) -> Result<()> {
    let site = build::run(workspace, build)?;
    let folder = workspace.root.join("e2e");
    npm::ensure_packages(&folder)?;
    let chromium = system::chromium().context("no Chromium (see cargo xtask doctor)")?;
    let identity = peers.identity().context("no identity providers (see cargo xtask doctor)")?;
    let stand = stand::start(workspace, &site, &identity)?;
    process::step("browser", || {
        let mut command = Command::new("node");
        command.arg("node_modules/@playwright/test/cli.js").arg("test").current_dir(&folder);
        command.env("NEGATOSCOPE_STAND", &stand.description);
        command.env("NEGATOSCOPE_CHROMIUM", &chromium);
        command.env("NEGATOSCOPE_OUT", workspace.target.join("e2e"));
        more(&mut command);
        process::run(&mut command)
    })
    .with_context(|| format!("the server's log: {}", stand.log.display()))
}

/// Compiles an example and returns the program.
pub(crate) fn example(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let mut cargo = Command::new(Workspace::cargo());
    cargo.current_dir(&workspace.root);
    // Of the whole workspace: see `server::TOGETHER_WITH_TESTS`.
    cargo.args(["build", "--locked", "--workspace", "--example", name]);
    process::step(format!("compile {name}"), || process::run(&mut cargo))?;
    Ok(examples_folder(&workspace.target).join(name))
}

fn examples_folder(target: &Path) -> PathBuf {
    target.join("debug/examples")
}
