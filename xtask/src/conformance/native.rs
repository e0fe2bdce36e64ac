//! Files through the `negatoscope` program, one process each: a crash costs one file.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::manifest::Row;
use super::outcome::Ended;
use super::samples::Summary;

/// A process that takes longer than this is ended.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a process took, as it says itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Took {
    pub(super) seconds: f64,
    /// 0 where the system does not tell.
    pub(super) peak_bytes: u64,
}

/// Decodes all frames of a file.
pub(super) fn decode(program: &Path, file: &Path, row: &Row) -> Result<(Ended, Took)> {
    let mut command = Command::new(program);
    command.arg("decode").arg(file).args(["--output", "-", "--measure"]);
    let mut summary = Summary::new(row);
    let (status, said) = run(&mut command, |bytes| summary.update(bytes))?;
    let took = took(&said);
    Ok((ended(status, &said, summary), took))
}

fn ended(status: Option<i32>, said: &str, summary: Summary) -> Ended {
    // The program's own line, without its name and the file's.
    let cause = said.lines().find(|line| line.starts_with("negatoscope: ")).unwrap_or(said).trim();
    let cause = ["unsupported: ", "malformed: "]
        .iter()
        .find_map(|word| cause.split_once(word))
        .map_or(cause, |(_, cause)| cause)
        .to_owned();
    match status {
        Some(0) => Ended::Decoded(Box::new(summary)),
        Some(3) => Ended::Unsupported(cause),
        Some(4) => Ended::Malformed(cause),
        Some(code) => Ended::Broken(format!("exit status {code}: {cause}")),
        None => Ended::Broken(format!("ended by a signal: {cause}")),
    }
}

/// Runs a command, giving what it writes to `output`; returns its exit status and what it said on
/// standard error. It is ended when it takes too long.
pub(super) fn run(
    command: &mut Command,
    mut output: impl FnMut(&[u8]),
) -> Result<(Option<i32>, String)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("cannot start the program")?;
    let mut stdout = child.stdout.take().context("standard output is a pipe")?;
    let mut stderr = child.stderr.take().context("standard error is a pipe")?;
    let waiting = thread::spawn(move || wait(&mut child));
    let talking = thread::spawn(move || {
        let mut said = Vec::new();
        stderr.read_to_end(&mut said).map(|_length| said)
    });
    let mut piece = vec![0; 1 << 16];
    loop {
        match stdout.read(&mut piece)? {
            0 => break,
            length => output(&piece[..length]),
        }
    }
    let said = talking.join().ok().context("a reader stopped")??;
    let status = waiting.join().ok().context("a waiter stopped")??;
    Ok((status, String::from_utf8_lossy(&said).into_owned()))
}

fn wait(child: &mut Child) -> Result<Option<i32>> {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.code());
        }
        if began.elapsed() > PATIENCE {
            child.kill()?;
            return Ok(child.wait()?.code());
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Reads `measured: 0.012 s, 14520 kB`.
fn took(said: &str) -> Took {
    let line = said.lines().find_map(|line| line.strip_prefix("measured: ")).unwrap_or_default();
    let (seconds, memory) = line.split_once(" s").unwrap_or((line, ""));
    let kilobytes: u64 =
        memory.trim_matches([',', ' ']).trim_end_matches(" kB").parse().unwrap_or(0);
    Took { seconds: seconds.parse().unwrap_or(0.0), peak_bytes: kilobytes * 1024 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measure_is_read_among_other_lines() {
        let found = took("negatoscope: x\nmeasured: 0.250 s, 14520 kB\n");
        assert_eq!(found, Took { seconds: 0.25, peak_bytes: 14520 * 1024 });
        assert_eq!(took("measured: 1.5 s"), Took { seconds: 1.5, peak_bytes: 0 });
        assert_eq!(took("nothing"), Took::default());
    }

    #[test]
    fn exit_statuses_are_told_apart() {
        let of = |status| {
            ended(status, "negatoscope: a.dcm: unsupported: why", Summary::new(&Row::default()))
        };
        assert!(matches!(of(Some(0)), Ended::Decoded(_)));
        assert!(matches!(of(Some(3)), Ended::Unsupported(cause) if cause == "why"));
        assert!(matches!(of(Some(4)), Ended::Malformed(_)));
        assert!(matches!(of(Some(101)), Ended::Broken(_)));
        assert!(matches!(of(None), Ended::Broken(_)));
    }
}
