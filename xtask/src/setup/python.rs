//! Python packages, pinned by digest, in the cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::build::digest::hex_digest;
use crate::process;
use crate::workspace::Workspace;

/// The folder with the packages of `xtask/tools/NAME.txt`; fetched with pip where it is not there.
///
/// Programs find them by `PYTHONPATH`.
pub(crate) fn ensure_packages(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let requirements = workspace.root.join("xtask/tools").join(name).with_extension("txt");
    let digest = hex_digest(&fs::read(&requirements)?);
    let folder = workspace.cache.join(format!("{name}-{}", &digest[..16]));
    let (files, finished) = (folder.join("files"), folder.join("finished"));
    if finished.exists() {
        return Ok(files);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    process::step(format!("fetch {name} with pip"), || {
        install(&folder.join("venv"), &files, &requirements)
    })?;
    fs::write(finished, "")?;
    Ok(files)
}

fn install(environment: &Path, files: &Path, requirements: &Path) -> Result<()> {
    process::run_quietly(Command::new("python3").args(["-m", "venv"]).arg(environment))?;
    let mut pip = Command::new(environment.join("bin/python3"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    // Only what the file pins by its digest, and nothing that would run a build script.
    pip.args(["--require-hashes", "--only-binary", ":all:", "--no-compile"]);
    pip.arg("--target").arg(files).arg("--requirement").arg(requirements);
    process::run_quietly(&mut pip)?;
    Ok(fs::remove_dir_all(environment)?)
}
