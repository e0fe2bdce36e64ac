//! Programs and libraries that the system's package manager brings.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{apt, npm};
use crate::process;
use crate::workspace::find_program;

/// Something that is installed with Debian packages.
pub(crate) struct SystemTool {
    /// What it is called here.
    pub(crate) name: &'static str,
    /// What it is needed for.
    pub(crate) purpose: &'static str,
    /// The Debian packages that bring it.
    pub(crate) packages: &'static [&'static str],
    /// What there is: a path or version; `None` where it is missing.
    pub(crate) find: fn() -> Option<String>,
}

/// Needed to compile anything natively.
pub(crate) const COMPILER: SystemTool = SystemTool {
    name: "C compiler",
    purpose: "links programs, compiles SQLite and the TLS library",
    packages: &["gcc", "libc6-dev"],
    find: || found_program("cc"),
};

/// Needed for the optimiser and the browser tests.
pub(crate) const NODE: SystemTool = SystemTool {
    name: "Node and npm",
    purpose: "optimise the browser modules, run the browser tests",
    packages: &npm::NODE_PACKAGES,
    find: npm::node_version,
};

/// Needed by the browser tests and the benchmarks.
pub(crate) const CHROMIUM: SystemTool = SystemTool {
    name: "Chromium",
    purpose: "browser tests, benchmarks",
    packages: &["chromium"],
    find: || chromium().map(|path| path.display().to_string()),
};

/// Needed by tests against a real PACS.
pub(crate) const ORTHANC: SystemTool = SystemTool {
    name: "Orthanc with DICOMweb",
    purpose: "tests against a real PACS",
    packages: &["orthanc", "orthanc-dicomweb"],
    find: orthanc,
};

/// Needed by tests of imports.
pub(crate) const DCMTK: SystemTool = SystemTool {
    name: "DCMTK",
    purpose: "tests against another maker's PACS and worklist",
    packages: &["dcmtk"],
    find: || found_program("dcmqrscp"),
};

/// Needed by tests of the drawing code without a browser.
pub(crate) const SOFTWARE_GPU: SystemTool = SystemTool {
    name: "software GPU (Vulkan, EGL)",
    purpose: "tests of the drawing code without a browser",
    packages: &["mesa-vulkan-drivers", "libvulkan1", "libegl1", "libgles2"],
    find: software_gpu,
};

/// Needed by tests with an independent client, and to fetch real files.
pub(crate) const PYTHON: SystemTool = SystemTool {
    name: "Python with venv",
    purpose: "tests with an independent DICOMweb client, real DICOM files",
    packages: &["python3", "python3-venv"],
    find: python,
};

/// Needed by tests of certificates.
pub(crate) const PEBBLE: SystemTool = SystemTool {
    name: "pebble",
    purpose: "tests against a real certificate authority",
    packages: &["pebble"],
    find: || found_program("pebble"),
};

/// Needed by tests of signed lists.
pub(crate) const XMLSEC1: SystemTool = SystemTool {
    name: "xmlsec1",
    purpose: "tests against an independent verifier of XML signatures",
    packages: &["xmlsec1"],
    find: || found_program("xmlsec1"),
};

/// What tests need besides what the build needs.
pub(crate) const FOR_TESTS: [&SystemTool; 7] =
    [&CHROMIUM, &ORTHANC, &DCMTK, &SOFTWARE_GPU, &PYTHON, &PEBBLE, &XMLSEC1];

/// The browser of the tests.
pub(crate) fn chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(find_program)
}

fn found_program(name: &str) -> Option<String> {
    find_program(name).map(|path| path.display().to_string())
}

fn orthanc() -> Option<String> {
    let program = find_program("Orthanc").or_else(|| existing(&["/usr/sbin/Orthanc"]))?;
    existing(&["/usr/share/orthanc/plugins/libOrthancDicomWeb.so"])?;
    Some(program.display().to_string())
}

fn software_gpu() -> Option<String> {
    let vulkan = existing(&[
        "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json",
        "/usr/share/vulkan/icd.d/lvp_icd.aarch64.json",
        "/usr/share/vulkan/icd.d/lvp_icd.json",
    ])?;
    for library in ["libvulkan.so.1", "libEGL.so.1", "libGLESv2.so.2"] {
        existing_library(library)?;
    }
    Some(vulkan.display().to_string())
}

fn existing_library(name: &str) -> Option<PathBuf> {
    let folders =
        ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
    folders.iter().map(|folder| Path::new(folder).join(name)).find(|file| file.exists())
}

fn existing(paths: &[&str]) -> Option<PathBuf> {
    paths.iter().map(PathBuf::from).find(|path| path.exists())
}

fn python() -> Option<String> {
    let mut probe = Command::new("python3");
    let script = "import ensurepip, sys, venv; print(sys.version.split()[0])";
    let version = process::output_of(probe.args(["-c", script])).ok()?;
    Some(version.trim().to_owned())
}

/// Installs what is missing of `tools` in one go and returns the names of what is missing still.
pub(crate) fn ensure(tools: &[&SystemTool]) -> Vec<&'static str> {
    let missing = |tool: &&&SystemTool| (tool.find)().is_none();
    let packages: Vec<&str> =
        tools.iter().filter(missing).flat_map(|tool| tool.packages).copied().collect();
    if packages.is_empty() {
        return Vec::new();
    }
    if let Err(error) = apt::install(&packages) {
        eprintln!("  warning: {error:#}");
    }
    tools.iter().filter(missing).map(|tool| tool.name).collect()
}
