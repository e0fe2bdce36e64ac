//! Identity providers for the tests: npm's oidc-provider with our people and faults, pinned by a lock file.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::npm;
use crate::build::digest::hex_digest;
use crate::workspace::Workspace;

const FILES: [&str; 5] =
    ["package.json", "package-lock.json", "main.mjs", "provider.mjs", "faults.mjs"];

/// The folder with the program and its packages, in the cache; a new one for every change of the files.
pub(crate) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    let sources = workspace.root.join("server/tests/peers/identity");
    let mut everything = Vec::new();
    for file in FILES {
        let path = sources.join(file);
        everything
            .extend(fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    let folder = workspace.cache.join(format!("identity-peer-{}", &hex_digest(&everything)[..16]));
    fs::create_dir_all(&folder)?;
    for file in FILES {
        fs::copy(sources.join(file), folder.join(file))?;
    }
    npm::ensure_packages(&folder)?;
    Ok(folder)
}
