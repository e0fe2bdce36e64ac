//! What the tests talk to and read: installed where we may, said to the tests by environment variables.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::setup::{python, system};
use crate::workspace::Workspace;

/// What was found for the tests.
pub(crate) struct Peers {
    /// Interpreter with the independent DICOMweb client.
    python: Option<PathBuf>,
    /// Folder with real DICOM files.
    real_dicom: Option<PathBuf>,
    /// Names of what could not be installed.
    pub(crate) missing: Vec<&'static str>,
}

/// Installs what is missing. In CI nothing may stay missing.
pub(crate) fn ensure(workspace: &Workspace) -> Result<Peers> {
    let tools: Vec<&system::SystemTool> =
        [&system::COMPILER, &system::NODE].into_iter().chain(&system::FOR_TESTS).collect();
    let mut missing = system::ensure(&tools);
    let mut keep = |name: &'static str, found: Result<PathBuf>| match found {
        Ok(path) => Some(path),
        Err(error) => {
            eprintln!("  warning: {error:#}");
            missing.push(name);
            None
        }
    };
    let python = keep("the Python DICOMweb client", python::ensure_client(workspace));
    let real_dicom = keep("a set of real DICOM files", python::ensure_real_dicom(workspace));
    if in_ci() && !missing.is_empty() {
        bail!("missing, and CI tests everything: {}", missing.join(", "));
    }
    Ok(Peers { python, real_dicom, missing })
}

fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

impl Peers {
    /// The interpreter with the independent client.
    pub(crate) fn python(&self) -> Result<&Path> {
        self.python.as_deref().context("no Python (see cargo xtask doctor)")
    }

    /// The folder with real DICOM files, where they could be had.
    pub(crate) fn real_dicom(&self) -> Option<PathBuf> {
        self.real_dicom.clone()
    }

    /// Tells a test run what there is. A test whose peer is said to be there fails without it.
    pub(crate) fn tell(&self, command: &mut Command) {
        let has = |tool: &str| !self.missing.contains(&tool);
        if has("Orthanc with DICOMweb") && self.python.is_some() {
            command.env("NEGATOSCOPE_REQUIRE_PEERS", "1");
        }
        if has("software GPU (Vulkan, EGL)") {
            command.env("NEGATOSCOPE_REQUIRE_GPU", "1");
        }
        if let Some(python) = &self.python {
            command.env("NEGATOSCOPE_PYTHON", python);
        }
        if let Some(folder) = &self.real_dicom {
            command.env("NEGATOSCOPE_REAL_DICOM", folder);
        }
    }
}
