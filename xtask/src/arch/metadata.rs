//! What cargo knows of the workspace.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process;
use crate::workspace::Workspace;

/// The part of `cargo metadata` that is read.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    /// Every package of the dependency graph.
    pub(crate) packages: Vec<Package>,
    workspace_members: Vec<String>,
}

/// One package.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) manifest_path: PathBuf,
    id: String,
}

impl Metadata {
    /// Our own crates.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }

    /// Everybody else's.
    pub(crate) fn foreign(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| !self.workspace_members.contains(&package.id))
    }
}

/// Asks cargo.
pub(crate) fn read(workspace: &Workspace) -> Result<Metadata> {
    let mut cargo = Command::new(Workspace::cargo());
    cargo.args(["metadata", "--format-version", "1"]).current_dir(&workspace.root);
    serde_json::from_str(&process::output_of(&mut cargo)?)
        .context("cargo metadata is not as expected")
}
