//! The `negatoscope` program; see `negatoscope --help`.

use std::process::ExitCode;

use clap::Parser;
use negatoscope_server::cli::{Arguments, exit_code, run};

#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Each thread that has a moment's work would be given two megabytes at a time: more than twice the memory while a series of 1300
    // slices comes from another centre (docs/adr/0043). Where the system does not know such pages, nothing is lost.
    #[cfg(target_os = "linux")]
    let _unknown = rustix::thread::disable_transparent_huge_pages(true);
    start()
}

#[tokio::main]
async fn start() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("negatoscope: {error:#}");
            exit_code(&error)
        }
    }
}
