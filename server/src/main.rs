//! The `negatoscope` program; see `negatoscope --help`.

use std::process::ExitCode;

use clap::Parser;
use negatoscope_server::cli::{Arguments, exit_code, run};

#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("negatoscope: {error:#}");
            exit_code(&error)
        }
    }
}
