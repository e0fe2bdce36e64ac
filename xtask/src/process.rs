//! Running other programs: what is run is named, failures carry the command and its output.

use std::fmt::Display;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// Runs a command with its output on the terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    command.stdin(Stdio::null());
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a command silently; its whole output becomes part of the error when it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    output_of(command).map(drop)
}

/// Standard output of a command as text; everything it said becomes part of the error when it fails.
pub(crate) fn output_of(command: &mut Command) -> Result<String> {
    command.stdin(Stdio::null());
    let output = command.output().with_context(|| format!("cannot start {}", shown(command)))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("{} ended with {}\n{stdout}{stderr}", shown(command), output.status);
    }
    Ok(stdout)
}

/// The command as one would type it (without its environment).
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Does a step and says so, with the seconds it took.
pub(crate) fn step<T>(title: impl Display, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("· {title}");
    // Tools write on the terminal directly; our line must come first.
    std::io::stderr().flush()?;
    let started = Instant::now();
    let done = work().with_context(|| title.to_string())?;
    let seconds = started.elapsed().as_secs_f64();
    if seconds >= 1.0 {
        eprintln!("  {title}: {seconds:.1} s");
    }
    Ok(done)
}
