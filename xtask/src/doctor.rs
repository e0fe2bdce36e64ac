//! `cargo xtask doctor`: what is there, what is missing, and the command that brings it.

use std::process::Command;

use crate::process;
use crate::setup::{apt, system, wasm};
use crate::workspace::{Workspace, find_program};

/// One line of the report.
struct Finding {
    name: &'static str,
    purpose: &'static str,
    /// What was found, or the command that installs it.
    state: Result<String, String>,
}

/// Prints the report. Nothing is installed.
pub(crate) fn run(workspace: &Workspace) {
    let findings = findings();
    let width = findings.iter().map(|finding| finding.name.len()).max().unwrap_or_default();
    for finding in &findings {
        match &finding.state {
            Ok(found) => println!("ok       {:width$}  {found}", finding.name),
            Err(command) => {
                println!("missing  {:width$}  for: {}", finding.name, finding.purpose);
                println!("         {:width$}  {command}", "");
            }
        }
    }
    let missing = findings.iter().filter(|finding| finding.state.is_err()).count();
    println!("\ncache: {}", workspace.cache.display());
    println!("{missing} missing; the other commands install what they need where they may");
}

fn findings() -> Vec<Finding> {
    let mut findings = vec![rustc(), wasm_target(), nextest()];
    let tools = [&system::COMPILER, &system::NODE].into_iter().chain(system::FOR_TESTS);
    findings.extend(tools.map(|tool| Finding {
        name: tool.name,
        purpose: tool.purpose,
        state: (tool.find)().ok_or_else(|| apt::install_command(tool.packages)),
    }));
    findings
}

fn rustc() -> Finding {
    let version = process::output_of(Command::new("rustc").arg("--version"));
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    let state = match version {
        Ok(version) => Ok(version.trim().to_owned()),
        Err(_) => Err(format!("install Rust {oldest} or newer with rustup")),
    };
    Finding { name: "Rust", purpose: "everything", state }
}

fn wasm_target() -> Finding {
    let state = match wasm::find() {
        Some(wasm::Toolchain::Target) => Ok(format!("{} of the compiler in use", wasm::TARGET)),
        Some(wasm::Toolchain::Debian { linker }) => {
            Ok(format!("Debian's rustc-web with {}", linker.display()))
        }
        None if find_program("rustup").is_some() => {
            Err(format!("rustup target add {}", wasm::TARGET))
        }
        None => {
            let packages = wasm::debian_packages();
            Err(apt::install_command(&packages.iter().map(String::as_str).collect::<Vec<_>>()))
        }
    };
    Finding { name: "WebAssembly compiler", purpose: "the viewer", state }
}

fn nextest() -> Finding {
    let state = match find_program("cargo-nextest") {
        Some(path) => Ok(path.display().to_string()),
        None => {
            Ok("not there, cargo test is used (cargo install cargo-nextest --locked)".to_owned())
        }
    };
    Finding { name: "cargo-nextest (optional)", purpose: "quicker tests", state }
}
