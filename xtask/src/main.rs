//! `cargo xtask`: set-up, build, demo, tests, size, benchmarks and architecture checks.
//!
//! Every command sets up what it needs by itself and says what it does; a second run is fast.
#![forbid(unsafe_code)]

mod arch;
mod bench;
mod build;
mod conformance;
mod demo;
mod deny;
mod doctor;
mod fuzz;
mod lint;
mod process;
mod setup;
mod size;
mod stand;
mod test;
mod wasm_decode;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Builds, runs and checks Négatoscope.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds the viewer (WebGPU, WebGL2 and decode modules, style sheet) into `target/site`.
    Build(build::Options),
    /// Sets everything up and shows an exam: prints a report link to click.
    Demo(demo::Options),
    /// Sets everything up and passes every test.
    Test(test::Options),
    /// Pictures of every screen for `docs/PICTURES.md`, taken in Chromium.
    Pictures(test::PictureOptions),
    /// Bytes on the wire until the first image, held against the budgets.
    Size(size::Options),
    /// First image, scrolling, memory, measured in Chromium; or the decoders beside others (`codecs`).
    Bench(bench::Options),
    /// Formatting, dependencies, clippy (also for the browser), documentation.
    Lint,
    /// Licences, sources and known vulnerabilities of what we depend on.
    Deny,
    /// Lists what this machine has and lacks, with the command that installs it.
    Doctor,
    /// Checks who depends on whom, module layers, file lengths, licences, the conformance statement,
    /// the security checklist.
    Arch,
    Conformance(conformance::Options),
    Fuzz(fuzz::Options),
    WasmDecode(wasm_decode::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match Workspace::locate().and_then(|workspace| run(&workspace, arguments.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(workspace: &Workspace, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Build(options) => build::run(workspace, &options).map(drop),
        Command::Demo(options) => demo::run(workspace, &options),
        Command::Test(options) => test::run(workspace, &options),
        Command::Pictures(options) => test::pictures(workspace, &options),
        Command::Size(options) => size::run(workspace, options),
        Command::Bench(options) => bench::run(workspace, &options),
        Command::Lint => lint::run(workspace),
        Command::Deny => deny::run(workspace),
        Command::Doctor => {
            doctor::run(workspace);
            Ok(())
        }
        Command::Arch => arch::run(workspace),
        Command::Fuzz(options) => fuzz::run(workspace, &options),
        Command::Conformance(options) => conformance::run(workspace, &options),
        Command::WasmDecode(options) => wasm_decode::run(workspace, &options),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Arguments;

    /// Clap finds some mistakes only when the command they are in is used.
    #[test]
    fn every_command_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
