//! The server as a child process that ends with us.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::http;
use crate::process;
use crate::workspace::{Workspace, find_program};

/// How the server is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// With the checks of a debug build: for tests.
    Debug,
    /// As it is installed: for people and measurements.
    Release,
}

/// Has cargo choose the features of dependencies as for the tests of the whole workspace: then everything that
/// the tests were compiled with is there. (For that it has to be asked for the whole workspace and for an
/// example or a test.)
pub(crate) const TOGETHER_WITH_TESTS: [&str; 3] = ["--workspace", "--example", "render_reference"];

/// Compiles the server and returns the program.
pub(crate) fn compile(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let mut cargo = Command::new(Workspace::cargo());
    cargo.current_dir(&workspace.root);
    cargo.args(["build", "--locked", "--bin", "negatoscope"]);
    let folder = match profile {
        Profile::Debug => {
            cargo.args(TOGETHER_WITH_TESTS);
            "debug"
        }
        Profile::Release => {
            cargo.args(["--package", "server", "--release"]);
            "release"
        }
    };
    process::step("compile the server", || process::run(&mut cargo))?;
    Ok(workspace.target.join(folder).join("negatoscope"))
}

/// A program that gets a signal to end when we die, however that happens: a signal to us alone would leave it
/// running. Of util-linux, and so of every Debian.
fn ending_with_us(program: &Path) -> Command {
    let Some(setpriv) = find_program("setpriv") else { return Command::new(program) };
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "TERM"]).arg(program);
    command
}

/// A running server; dropping it stops it.
pub(crate) struct Server {
    child: Child,
    /// Where it listens on loopback.
    pub(crate) port: u16,
    log: PathBuf,
}

impl Server {
    /// Starts `negatoscope serve` and returns at once; what it says goes to `log`.
    pub(crate) fn start(program: &Path, config: &Path, port: u16, log: &Path) -> Result<Self> {
        let out = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = ending_with_us(program);
        command.arg("serve").arg("--config").arg(config).stdin(Stdio::null());
        command.stdout(out.try_clone()?).stderr(out);
        let child =
            command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Self { child, port, log: log.to_owned() })
    }

    /// Waits until these sites have indexed their exams, showing how far they are.
    pub(crate) fn wait_until_ready(&mut self, hosts: &[&str]) -> Result<()> {
        for host in hosts {
            self.wait_until_site_is_ready(host)?;
        }
        Ok(())
    }

    fn wait_until_site_is_ready(&mut self, host: &str) -> Result<()> {
        let mut told = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}:\n{}", self.last_words());
            }
            let state = http::get(host, self.port, "/health/ready");
            // A site that still indexes says how many files it has read.
            if matches!(&state, Ok((200, body)) if !body.contains("\"indexed\"")) {
                return Ok(());
            }
            if told.elapsed() > Duration::from_secs(2) {
                told = Instant::now();
                let state = state.map_or_else(|error| format!("{error:#}"), |(_, body)| body);
                eprintln!("  {host} is not ready yet: {state}");
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until it ends by itself (or by Ctrl-C, which reaches it too).
    pub(crate) fn wait(mut self) -> Result<()> {
        let status = self.child.wait()?;
        if !status.success() {
            bail!("the server ended with {status}:\n{}", self.last_words());
        }
        Ok(())
    }

    /// The end of its log.
    pub(crate) fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// Asks it to end, and insists after a while.
    fn stop(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        process::run_quietly(Command::new("kill").arg(self.child.id().to_string()))?;
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(5) {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!(
                "warning: the server with process id {} may still run: {error:#}",
                self.child.id()
            );
        }
    }
}
