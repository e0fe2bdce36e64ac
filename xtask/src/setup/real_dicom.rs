//! Real DICOM files for the tests: those that pydicom and pydicom-data carry, pinned by digest.

use std::path::PathBuf;

use anyhow::Result;

use super::python;
use crate::workspace::Workspace;

/// The folder with the files; fetched with pip into the cache when it is not there.
pub(crate) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    python::ensure_packages(workspace, "real-dicom")
}
