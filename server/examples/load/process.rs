//! Child processes on a processor of their own, and what the system knows of them.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};

/// The processor of the servers; this client uses the others.
const SERVERS: &str = "0";
/// Units of processor time in `/proc` (`USER_HZ`, the same on every Linux).
const TICKS_PER_SECOND: f64 = 100.0;

/// A program that ends with us.
pub(crate) struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Program {
    /// Starts it on the servers' processor; the rest of the first line on standard error that has `sign` in it. An error tells what
    /// the program said.
    pub(crate) fn start(program: &Path, arguments: &[&str], sign: &str) -> Result<(Self, String)> {
        let mut child = Command::new("taskset")
            .args(["--cpu-list", SERVERS])
            .arg(program)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("taskset")?;
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut words = Vec::new();
        let said = loop {
            let Some(Ok(line)) = lines.next() else {
                drop(child.wait());
                bail!(
                    "{} {}: it ended and said: {}",
                    program.display(),
                    arguments.join(" "),
                    words.join("; ")
                );
            };
            if let Some((_, rest)) = line.split_once(sign) {
                break rest.to_owned();
            }
            words.push(line);
        };
        // What it says from now on is read, so that it never waits for somebody to listen.
        std::thread::spawn(move || lines.for_each(drop));
        Ok((Self(child), said))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

/// Processor time of a process so far.
pub(crate) fn processor_time(process: u32) -> Duration {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, fields) = text.rsplit_once(')').unwrap();
    let ticks = |index: usize| -> f64 {
        fields.split_whitespace().nth(index).and_then(|field| field.parse().ok()).unwrap()
    };
    Duration::from_secs_f64((ticks(11) + ticks(12)) / TICKS_PER_SECOND)
}

/// The most memory a process ever held, bytes.
pub(crate) fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kibibytes: u64 = line.split_whitespace().next().unwrap().parse().unwrap();
    kibibytes * 1024
}
