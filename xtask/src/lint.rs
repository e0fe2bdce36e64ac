//! `cargo xtask lint`: formatting, dependencies, clippy for this machine and for the browser, documentation.

use std::process::Command;

use anyhow::Result;

use crate::deny;
use crate::process;
use crate::setup::wasm::{self, Toolchain};
use crate::workspace::Workspace;

/// Crates that are compiled for the browser, with the features to look at them with.
const BROWSER_CRATES: [(&str, &str); 13] = [
    ("viewer-core", ""),
    ("negatoscope-protocol", ""),
    ("negatoscope-gpu", "webgpu"),
    ("negatoscope-gpu", "webgl"),
    ("negatoscope-gpu", "canvas"),
    ("negatoscope-worker", "base"),
    ("negatoscope-worker", "common"),
    ("negatoscope-worker", "rare"),
    ("negatoscope-video", ""),
    ("negatoscope-local", ""),
    ("viewer-web", "webgpu"),
    ("viewer-web", "webgl"),
    ("viewer-web", "canvas"),
];

/// Runs all of it; the cheapest first.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    process::step("formatting", || {
        process::run(cargo(workspace).args(["fmt", "--all", "--check"]))
    })?;
    deny::run(workspace)?;
    process::step("clippy", || {
        let mut clippy = cargo(workspace);
        clippy.args(["clippy", "--workspace", "--all-targets"]);
        process::run(clippy.args(["--locked", "--", "--deny", "warnings"]))
    })?;
    clippy_for_the_browser(workspace)?;
    process::step("documentation", || {
        let mut doc = cargo(workspace);
        doc.args(["doc", "--workspace", "--no-deps", "--locked"])
            .env("RUSTDOCFLAGS", "-D warnings");
        process::run(&mut doc)
    })
}

fn cargo(workspace: &Workspace) -> Command {
    let mut cargo = Command::new(Workspace::cargo());
    cargo.current_dir(&workspace.root);
    cargo
}

/// Code under `cfg(target_arch = "wasm32")` is seen by no other lint.
fn clippy_for_the_browser(workspace: &Workspace) -> Result<()> {
    let toolchain = wasm::ensure()?;
    if toolchain != Toolchain::Target {
        eprintln!("· clippy for the browser: skipped, this compiler has none");
        return Ok(());
    }
    for (package, features) in BROWSER_CRATES {
        process::step(format!("clippy for the browser: {package} {features}"), || {
            let mut clippy = toolchain.cargo("clippy", &[]);
            clippy.current_dir(&workspace.root).args([
                "--package",
                package,
                "--locked",
                "--no-default-features",
            ]);
            if !features.is_empty() {
                clippy.args(["--features", features]);
            }
            process::run(clippy.args(["--", "--deny", "warnings"]))
        })?;
    }
    Ok(())
}
