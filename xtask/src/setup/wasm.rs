//! A compiler for `wasm32-unknown-unknown`: rustup's target, else Debian's `rustc-web`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::apt;
use crate::process;
use crate::workspace::{Workspace, find_program};

/// The target triple of the browser modules.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";

/// How to compile for the browser on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The compiler in use has the target's standard library.
    Target,
    /// Debian's compiler builds the standard library along, linked with this `wasm-ld`.
    Debian {
        /// Path of `wasm-ld-NN`.
        linker: PathBuf,
    },
}

impl Toolchain {
    /// A cargo call (`build`, `clippy` …) for the browser with these compiler flags.
    pub(crate) fn cargo(&self, subcommand: &str, rustflags: &[String]) -> Command {
        let mut command = match self {
            Self::Target => Command::new(Workspace::cargo()),
            Self::Debian { linker } => debian_cargo(linker),
        };
        command.arg(subcommand).args(["--target", TARGET]);
        if let Self::Debian { .. } = self {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        // Set in any case: flags of the caller's environment are meant for native code.
        command.env("CARGO_ENCODED_RUSTFLAGS", rustflags.join("\u{1f}")).env_remove("RUSTFLAGS");
        command
    }

    /// A name for target directories: two compilers must not share one.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Target => "wasm",
            Self::Debian { .. } => "wasm-debian",
        }
    }
}

fn debian_cargo(linker: &Path) -> Command {
    let mut command = Command::new(DEBIAN_CARGO);
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", DEBIAN_RUSTC)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("RUSTUP_HOME");
    command
}

/// What is there already, without installing anything.
pub(crate) fn find() -> Option<Toolchain> {
    if has_target() { Some(Toolchain::Target) } else { find_debian() }
}

/// What is there, or what can be installed: first by rustup, then by apt.
pub(crate) fn ensure() -> Result<Toolchain> {
    if let Some(toolchain) = find() {
        return Ok(toolchain);
    }
    if find_program("rustup").is_some() {
        let added = process::step(format!("rustup target add {TARGET}"), || {
            process::run_quietly(Command::new("rustup").args(["target", "add", TARGET]))
        });
        match added {
            Ok(()) if has_target() => return Ok(Toolchain::Target),
            Ok(()) => eprintln!("  the compiler in use is not the one rustup manages"),
            Err(error) => eprintln!("  rustup could not add the target: {}", first_line(&error)),
        }
    }
    eprintln!("  using Debian's compiler for the browser modules instead");
    apt::install(&debian_packages().iter().map(String::as_str).collect::<Vec<_>>())?;
    find_debian().context("Debian's rustc-web is installed but not complete")
}

fn first_line(error: &anyhow::Error) -> String {
    let text = format!("{:#}", error.root_cause());
    text.lines()
        .find(|line| line.contains("error"))
        .or(text.lines().next())
        .unwrap_or("")
        .to_owned()
}

/// The packages of the fallback, with the newest lld there is.
pub(crate) fn debian_packages() -> Vec<String> {
    let linker = newest_lld_package().unwrap_or_else(|| "lld".to_owned());
    vec!["rustc-web".to_owned(), "cargo-web".to_owned(), "rust-web-src".to_owned(), linker]
}

fn newest_lld_package() -> Option<String> {
    let search = || {
        process::output_of(Command::new("apt-cache").args([
            "search",
            "--names-only",
            "^lld-[0-9]+$",
        ]))
    };
    let listed = search().ok()?;
    let versions = listed.lines().filter_map(|line| lld_version(line.split(' ').next()?));
    versions.max().map(|version| format!("lld-{version}"))
}

fn lld_version(package: &str) -> Option<u32> {
    package.strip_prefix("lld-")?.parse().ok()
}

/// Whether the compiler that cargo would use has the target's standard library.
fn has_target() -> bool {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let asked =
        Command::new(compiler).args(["--print", "target-libdir", "--target", TARGET]).output();
    let Ok(folder) = asked.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    else {
        return false;
    };
    let Ok(mut files) = fs::read_dir(folder) else { return false };
    files.any(|file| {
        file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libcore-"))
    })
}

fn find_debian() -> Option<Toolchain> {
    let complete = [DEBIAN_RUSTC, DEBIAN_CARGO].iter().all(|file| Path::new(file).is_file());
    let sysroot =
        process::output_of(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"])).ok()?;
    let sources = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/std").is_dir();
    let linker = newest_linker()?;
    (complete && sources).then_some(Toolchain::Debian { linker })
}

/// The newest `wasm-ld-NN` in `/usr/bin`.
fn newest_linker() -> Option<PathBuf> {
    let files = fs::read_dir("/usr/bin").ok()?;
    let linkers = files.filter_map(|file| {
        let name = file.ok()?.file_name().into_string().ok()?;
        Some((name.strip_prefix("wasm-ld-")?.parse::<u32>().ok()?, name))
    });
    linkers.max().map(|(_, name)| Path::new("/usr/bin").join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lld_packages_are_compared_by_number() {
        assert_eq!(lld_version("lld-22"), Some(22));
        assert_eq!(lld_version("lld-9"), Some(9));
        assert_eq!(lld_version("lld"), None);
        assert_eq!(lld_version("lld-22-dev"), None);
    }
}
