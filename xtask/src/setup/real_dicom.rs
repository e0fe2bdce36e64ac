//! Real DICOM files for the tests: those that pydicom and pydicom-data carry, pinned by digest.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::build::digest::hex_digest;
use crate::process;
use crate::workspace::Workspace;

/// The folder with the files; fetched with pip into the cache when it is not there.
pub(crate) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    let requirements = workspace.root.join("xtask/tools/real-dicom.txt");
    let digest = hex_digest(&fs::read(&requirements)?);
    let folder = workspace.cache.join(format!("real-dicom-{}", &digest[..16]));
    let (files, finished) = (folder.join("files"), folder.join("finished"));
    if finished.exists() {
        return Ok(files);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    process::step("fetch real DICOM files", || {
        let environment = folder.join("venv");
        process::run_quietly(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        let mut pip = Command::new(environment.join("bin/python3"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
        // Only what the file pins by its digest, and nothing that would run a build script.
        pip.args(["--require-hashes", "--only-binary", ":all:", "--no-compile"]);
        pip.arg("--target").arg(&files).arg("--requirement").arg(&requirements);
        process::run_quietly(&mut pip)?;
        Ok(fs::remove_dir_all(environment)?)
    })?;
    fs::write(finished, "")?;
    Ok(files)
}
