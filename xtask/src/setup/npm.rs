//! Node and the npm packages, pinned by their lock files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::apt;
use crate::build::digest::hex_digest;
use crate::process;
use crate::workspace::{Workspace, find_program};

/// Debian packages that bring Node.
pub(crate) const NODE_PACKAGES: [&str; 2] = ["nodejs", "npm"];

const OLDEST_NODE: u32 = 18;

/// Version of the Node on `PATH`, where npm is there too.
pub(crate) fn node_version() -> Option<String> {
    find_program("npm")?;
    let version = process::output_of(Command::new("node").arg("--version")).ok()?;
    Some(version.trim().to_owned())
}

/// Makes sure that a recent Node and npm are on `PATH`.
pub(crate) fn ensure_node() -> Result<()> {
    if node_version().is_none() {
        apt::install(&NODE_PACKAGES)?;
    }
    let version = node_version().context("node and npm are installed but do not run")?;
    if major(&version).is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node {version} is too old; {OLDEST_NODE} or newer is needed");
    }
    Ok(())
}

fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

/// Folder of the pinned programs that make files smaller, `wasm-opt` and `esbuild`, installed into the cache.
pub(crate) fn ensure_optimisers(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.root.join("xtask/tools");
    let lock = fs::read(folder.join("package-lock.json"))?;
    let installed = workspace.cache.join(format!("tools-{}", &hex_digest(&lock)[..16]));
    fs::create_dir_all(&installed)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(folder.join(file), installed.join(file))?;
    }
    ensure_packages(&installed)?;
    Ok(installed.join("node_modules/.bin"))
}

/// `npm ci` in a folder with `package.json` and `package-lock.json`, unless done for this lock file.
///
/// Packages run no scripts: none of ours needs one, and a build must not run strangers' programs.
pub(crate) fn ensure_packages(folder: &Path) -> Result<()> {
    let digest = hex_digest(&fs::read(folder.join("package-lock.json"))?);
    let stamp = folder.join("node_modules/.lock-digest");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == digest) {
        return Ok(());
    }
    ensure_node()?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    process::step(format!("npm ci ({name})"), || {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
        process::run_quietly(&mut npm)
    })?;
    fs::write(&stamp, digest).with_context(|| format!("cannot write {}", stamp.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_are_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("18.0"), Some(18));
        assert_eq!(major("none"), None);
    }
}
