//! Where things are: the clone, cargo's target directory, the cache shared by all clones.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The directories every command works with.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    /// The clone: the folder with the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target directory (`CARGO_TARGET_DIR`, else `target` in the clone).
    pub(crate) target: PathBuf,
    /// Downloaded tools and test data, shared by all clones of this user.
    pub(crate) cache: PathBuf,
}

impl Workspace {
    /// Finds them from the environment that cargo runs this program in.
    ///
    /// Not from the place it was built at: clones may share a target directory, and what one of them built
    /// must not go to work in another.
    pub(crate) fn locate() -> Result<Self> {
        let crate_folder =
            env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&crate_folder)
            .parent()
            .context("xtask is expected in a folder of the workspace")?
            .to_owned();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(directory) => env::current_dir()?.join(directory),
            None => root.join("target"),
        };
        let cache = cache_directory().unwrap_or_else(|| target.join("cache"));
        Ok(Self { root, target, cache })
    }

    /// The cargo that runs this program.
    pub(crate) fn cargo() -> PathBuf {
        env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
    }
}

/// `$XDG_CACHE_HOME/negatoscope` or `~/.cache/negatoscope`; `None` where there is no home.
fn cache_directory() -> Option<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME").filter(|value| !value.is_empty()) {
        Some(cache) => PathBuf::from(cache),
        None => {
            PathBuf::from(env::var_os("HOME").filter(|value| !value.is_empty())?).join(".cache")
        }
    };
    Some(base.join("negatoscope"))
}

/// The program `name` on `PATH`, or `None`.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
