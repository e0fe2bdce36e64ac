//! Python packages of the tests: pinned with their digests, installed into the cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::build::digest::hex_digest;
use crate::process;
use crate::workspace::Workspace;

/// The interpreter of an environment that has the independent DICOMweb client.
pub(crate) fn ensure_client(workspace: &Workspace) -> Result<PathBuf> {
    let requirements = workspace.root.join("xtask/tools/python.txt");
    let environment = cached_folder(workspace, "python", &requirements)?;
    let python = environment.join("bin/python3");
    once(&environment, || {
        process::step("Python packages of the tests", || {
            process::run_quietly(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
            process::run_quietly(pip(&python).arg("--requirement").arg(&requirements))
        })
    })?;
    Ok(python)
}

/// A folder with the real DICOM files of pydicom and pydicom-data.
pub(crate) fn ensure_real_dicom(workspace: &Workspace) -> Result<PathBuf> {
    let requirements = workspace.root.join("xtask/tools/real-dicom.txt");
    let folder = cached_folder(workspace, "real-dicom", &requirements)?;
    let python = ensure_client(workspace)?;
    once(&folder, || {
        process::step("real DICOM files", || {
            let mut pip = pip(&python);
            pip.args(["--no-deps", "--no-compile", "--target"]).arg(&folder);
            process::run_quietly(pip.arg("--requirement").arg(&requirements))
        })
    })?;
    Ok(folder)
}

/// Only what the file pins, only by its digest, only as built packages: none may run a build script.
fn pip(python: &Path) -> Command {
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args(["--require-hashes", "--only-binary", ":all:"]);
    pip
}

/// A folder in the cache whose name follows the content of the requirements.
fn cached_folder(workspace: &Workspace, name: &str, requirements: &Path) -> Result<PathBuf> {
    let digest = hex_digest(&fs::read(requirements)?);
    Ok(workspace.cache.join(format!("{name}-{}", &digest[..16])))
}

/// Fills `folder` unless an earlier run finished doing so; what a broken run left is removed first.
fn once(folder: &Path, fill: impl FnOnce() -> Result<()>) -> Result<()> {
    let finished = folder.join(".finished");
    if finished.exists() {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    fill()?;
    fs::write(finished, "")?;
    Ok(())
}
