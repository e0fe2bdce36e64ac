//! What the tests talk to and read: installed where we may, said to the tests by environment variables.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::setup::{identity_peer, python, real_dicom, system};
use crate::workspace::Workspace;

/// What was found for the tests.
pub(crate) struct Peers {
    /// Folder with real DICOM files.
    real_dicom: Option<PathBuf>,
    /// Folder of the identity providers' program.
    identity: Option<PathBuf>,
    /// Folder with the packages that check structured reports.
    report_checkers: Option<PathBuf>,
    /// Folder with the package that reads them as their templates say.
    highdicom: Option<PathBuf>,
    /// Names of what could not be installed.
    pub(crate) missing: Vec<&'static str>,
}

/// Installs what is missing. In CI nothing may stay missing.
pub(crate) fn ensure(workspace: &Workspace) -> Result<Peers> {
    let tools: Vec<&system::SystemTool> =
        [&system::COMPILER, &system::NODE].into_iter().chain(system::FOR_TESTS).collect();
    let mut missing = system::ensure(&tools);
    let real_dicom = match real_dicom::ensure(workspace) {
        Ok(folder) => Some(folder),
        Err(error) => {
            eprintln!("  warning: {error:#}");
            missing.push("real DICOM files");
            None
        }
    };
    let identity = match identity_peer::ensure(workspace) {
        Ok(folder) => Some(folder),
        Err(error) => {
            eprintln!("  warning: {error:#}");
            missing.push("identity providers");
            None
        }
    };
    let report_checkers = match python::ensure_packages(workspace, "report-checkers") {
        Ok(folder) => Some(folder),
        Err(error) => {
            eprintln!("  warning: {error:#}");
            missing.push("checkers of structured reports");
            None
        }
    };
    let highdicom = match python::ensure_packages(workspace, "highdicom") {
        Ok(folder) => Some(folder),
        Err(error) => {
            eprintln!("  warning: {error:#}");
            missing.push("highdicom");
            None
        }
    };
    if in_ci() && !missing.is_empty() {
        bail!("missing, and CI tests everything: {}", missing.join(", "));
    }
    Ok(Peers { real_dicom, identity, report_checkers, highdicom, missing })
}

fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

impl Peers {
    /// The folder with real DICOM files, where they could be had.
    pub(crate) fn real_dicom(&self) -> Option<PathBuf> {
        self.real_dicom.clone()
    }

    /// The folder of the identity providers' program, where it could be had.
    pub(crate) fn identity(&self) -> Option<PathBuf> {
        self.identity.clone()
    }

    /// Tells a test run what there is. A test whose peer is said to be there fails without it.
    pub(crate) fn tell(&self, command: &mut Command) {
        let has = |tool: &system::SystemTool| !self.missing.contains(&tool.name);
        let peers =
            [&system::ORTHANC, &system::DCMTK, &system::PYTHON, &system::PEBBLE, &system::XMLSEC1];
        if peers.into_iter().all(has) {
            command.env("NEGATOSCOPE_REQUIRE_PEERS", "1");
        }
        if has(&system::SOFTWARE_GPU) {
            command.env("NEGATOSCOPE_REQUIRE_GPU", "1");
        }
        if let Some(folder) = &self.real_dicom {
            command.env("NEGATOSCOPE_REAL_DICOM", folder);
        }
        if let Some(folder) = &self.report_checkers {
            command.env("NEGATOSCOPE_REPORT_CHECKERS", folder);
        }
        if let Some(folder) = &self.highdicom {
            command.env("NEGATOSCOPE_HIGHDICOM", folder);
        }
        if let Some(folder) = &self.identity {
            command.env("NEGATOSCOPE_IDENTITY_PEER", folder);
        }
    }
}
